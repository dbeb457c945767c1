import { describe, expect, it } from "vitest";
import ar from "./texts/ar.json";
import en from "./texts/en.json";
import fi from "./texts/fi.json";
import sv from "./texts/sv.json";
import { textLanguage, waitText, whenText, wordsIn } from "./texts";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) =>
      typeof value === "string" ? { [prefix + key]: value } : flat(value, `${prefix}${key}.`),
    ),
  );
}

const catalogues: Record<string, Record<string, string>> = {
  sv: flat(sv),
  en: flat(en),
  fi: flat(fi),
  ar: flat(ar),
};
const plural = /_(zero|one|two|few|many|other)$/;
const stems = (keys: string[]) => new Set(keys.map((key) => key.replace(plural, "")));
/** Read by whoever looks after the kiosk: Swedish and English only. */
const technical = (key: string) => /^(unpaired|missing)\./.test(key);

describe.each(Object.keys(catalogues))("the catalogue %s", (lang) => {
  const own = catalogues[lang] ?? {};

  it("says everything that the Swedish one says", () => {
    const wanted = [...stems(Object.keys(catalogues["sv"] ?? {}))];
    const visitors = wanted.filter((key) => lang === "en" || !technical(key) || lang === "sv");
    expect([...stems(Object.keys(own))].sort()).toEqual(visitors.sort());
  });

  it("has every plural form of its language", () => {
    const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
    const counted = stems(Object.keys(own).filter((key) => plural.test(key)));
    const missing = [...counted].flatMap((stem) =>
      forms.map((form) => `${stem}_${form}`).filter((key) => !(key in own)),
    );
    expect(missing).toEqual([]);
  });
});

describe("waits", () => {
  const wait = (low: number, high: number) => ({ low_s: low, high_s: high, likely_s: high });

  it.each([
    ["sv", 0, 30, "mindre än 1 minut"],
    ["sv", 20, 170, "upp till 3 minuter"],
    ["sv", 600, 1200, "ca 10–20 minuter"],
    ["sv", 7000, 17000, "ca 1–5 timmar"],
    ["en", 300, 300, "about 5 minutes"],
    ["fi", 600, 9000, "enintään 3 tuntia"],
    ["fi", 600, 1200, "noin 10–20 minuuttia"],
    ["ar", 60, 120, "من دقيقة إلى دقيقتين تقريباً"],
    ["ar", 180, 540, "من 3 إلى 9 دقائق تقريباً"],
    ["ar", 600, 1200, "من 10 إلى 20 دقيقة تقريباً"],
    ["ar", 7000, 17000, "من 1 إلى 5 ساعات تقريباً"],
  ])("in %s, %d–%d s", (lang, low, high, text) => {
    expect(waitText(wordsIn(lang), wait(low, high))).toBe(text);
  });

  it("that nobody can tell are not told", () => {
    expect(waitText(wordsIn("sv"), null)).toContain("kan inte");
  });
});

describe("counting people", () => {
  it.each([
    ["sv", 0, "Ingen före dig"],
    ["sv", 1, "1 person före dig"],
    ["fi", 2, "2 henkilöä ennen sinua"],
    ["ar", 0, "لا أحد قبلك"],
    ["ar", 2, "شخصان قبلك"],
    ["ar", 3, "3 أشخاص قبلك"],
    ["ar", 11, "11 شخصاً قبلك"],
    ["ar", 100, "100 شخص قبلك"],
  ])("in %s: %d", (lang, count, text) => {
    expect(wordsIn(lang).t("ahead", { count })).toBe(text);
  });
});

describe("opening time", () => {
  it("is the office's own clock, in Latin digits", () => {
    expect(whenText("sv", "2026-11-24T08:00:00+01:00")).toBe("tisdag 24 november kl. 08:00");
    expect(whenText("ar", "2026-11-24T08:00:00+01:00")).toContain("08:00");
  });
});

it("a language without texts of its own is shown in Swedish", () => {
  expect(textLanguage("so")).toBe("sv");
});
