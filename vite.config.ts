import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const root = import.meta.dirname;

// One entry per screen. The server finds the hashed files through manifest.json, by these paths.
const sources = {
  kiosk: ["kiosk/src/main.tsx", "kiosk/src/main.ts"],
  room: ["room/src/main.tsx"],
  display: ["display/src/main.tsx", "display/src/main.ts"],
  pages: ["pages/src/main.ts"],
  report: ["pages/src/report-document.css"],
};
const entries = Object.fromEntries(
  Object.entries(sources).flatMap(([name, paths]) => {
    const path = paths.find((candidate) => existsSync(join(root, candidate)));
    return path ? [[name, path]] : [];
  }),
);

/** Puts every icon in one file, so that a server-rendered page can say <use href="…/icons.svg#school">. */
function iconSprite(): Plugin {
  const folder = join(root, "look/icons");
  const symbol = (file: string) =>
    readFileSync(join(folder, file), "utf8")
      .trim()
      .replace(/^<svg xmlns="[^"]*"/, `<symbol id="${basename(file, ".svg")}"`)
      .replace(/<\/svg>$/, "</symbol>");
  return {
    name: "icon-sprite",
    generateBundle() {
      const symbols = readdirSync(folder).filter((file) => file.endsWith(".svg")).sort().map(symbol);
      const source = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
      this.emitFile({ type: "asset", fileName: "icons.svg", source });
      const logo = readFileSync(join(root, "look/logo.svg"), "utf8");
      this.emitFile({ type: "asset", fileName: "logo.svg", source: logo });
    },
  };
}

export default defineConfig({
  root,
  base: "/static/built/",
  publicDir: false,
  plugins: [iconSprite()],
  build: {
    outDir: "queueapp/static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    // The content security policy allows nothing inline; no data: addresses, no preload helper.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: entries,
      // htmx carries an eval for features that we do not use and that the policy forbids anyway.
      checks: { eval: false },
    },
  },
  test: { include: ["look/*.test.ts", "{kiosk,display,room,pages}/src/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
