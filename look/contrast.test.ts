import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const source = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");

function theme(selector: string): Record<string, string> {
  const block = source.slice(source.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]),
  );
}

/** Relative luminance, WCAG 2.x. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["ground", "surface", "surface-sunken"];
const states = ["good", "warn", "bad", "note"];

const least: [number, string, string[]][] = [
  [7, "ink", [...grounds, "primary-tint", "accent-tint", ...states.map((state) => `${state}-tint`)]],
  [4.5, "ink-soft", [...grounds, "primary-tint"]],
  [4.5, "link", grounds],
  [4.5, "primary", [...grounds, "primary-tint"]],
  [4.5, "primary-strong", ["primary-tint", "surface"]],
  [4.5, "on-primary", ["primary", "primary-strong"]],
  [4.5, "on-accent", ["accent"]],
  [3, "line-strong", grounds],
  ...states.flatMap((state): [number, string, string[]][] => [
    [4.5, state, [`${state}-tint`, "surface", "ground"]],
    [4.5, "on-state", [state]],
  ]),
];

describe.each([":root", '[data-theme="wall"]'])("contrast in %s", (selector) => {
  const colours = { ...theme(":root"), ...theme(selector) };
  const pairs = least.flatMap(([ratio, text, on]) => on.map((ground) => ({ text, ground, ratio })));

  it.each(pairs)("$text on $ground is at least $ratio:1", ({ text, ground, ratio }) => {
    expect(contrast(colours[text] ?? "", colours[ground] ?? "")).toBeGreaterThanOrEqual(ratio);
  });

  it.each(grounds)("one of the two focus rings shows on %s", (ground) => {
    const rings = ["focus-inner", "focus-outer"].map((ring) =>
      contrast(colours[ring] ?? "", colours[ground] ?? ""),
    );
    expect(Math.max(...rings)).toBeGreaterThanOrEqual(3);
  });
});
