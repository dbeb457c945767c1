/** The texts of a screen that shows several languages at once; Swedish is always among them. */
import i18next from "i18next";

export const MAIN_LANGUAGE = "sv";

type Key<Texts> = Exclude<keyof Texts & string, "direction">;

export interface Words<Texts> {
  say(language: string, key: Key<Texts>, values?: Record<string, string>): string;
  direction(language: string): "ltr" | "rtl";
  /** The languages shown besides Swedish, in the order given; those without texts are left out. */
  others(configured: readonly string[]): string[];
}

/** `files` are the catalogues by path, as Vite finds them: a language is added by adding its file. */
export function wordsOf<Texts extends { direction: string }>(files: Record<string, Texts>): Words<Texts> {
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
  return {
    say: (language, key, values = {}) => words.t(key as string, { ...values, lng: language }),
    direction: (language) => (texts[language]?.direction === "rtl" ? "rtl" : "ltr"),
    others: (configured) =>
      [...new Set(configured)].filter((language) => language !== MAIN_LANGUAGE && language in texts),
  };
}
