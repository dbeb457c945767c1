/** The display's own texts. A language is added by adding its file to texts/. */
import i18next from "i18next";
import type sv from "./texts/sv.json";

export type Key = Exclude<keyof typeof sv, "direction">;
type Texts = typeof sv;

export const MAIN_LANGUAGE = "sv";

const files = import.meta.glob<Texts>("./texts/*.json", { eager: true, import: "default" });
const texts: Record<string, Texts> = Object.fromEntries(
  Object.entries(files).map(([path, content]) => [path.replace(/^.*\/|\.json$/g, ""), content]),
);

const words = i18next.createInstance();
void words.init({
  lng: MAIN_LANGUAGE,
  fallbackLng: MAIN_LANGUAGE,
  initAsync: false,
  keySeparator: false,
  resources: Object.fromEntries(
    Object.entries(texts).map(([language, translation]) => [language, { translation }]),
  ),
  interpolation: { escapeValue: false }, // Preact escapes what it draws
});

export function say(language: string, key: Key, values: Record<string, string> = {}): string {
  return words.t(key, { ...values, lng: language });
}

export function direction(language: string): "ltr" | "rtl" {
  return texts[language]?.direction === "rtl" ? "rtl" : "ltr";
}

/** The languages shown beside Swedish, in the order of the configuration; those without texts are left out. */
export function otherLanguages(configured: readonly string[]): string[] {
  return [...new Set(configured)].filter((language) => language !== MAIN_LANGUAGE && language in texts);
}
