/** The kiosk's own texts, and how times, lists and names are said in each language. */
import i18next, { type TFunction } from "i18next";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { isolate, locale } from "../../look/locale";
import { rounded, type Wait } from "../../look/waits";
import ar from "./texts/ar.json";
import en from "./texts/en.json";
import fi from "./texts/fi.json";
import sv from "./texts/sv.json";

const catalogues: Record<string, object> = { sv, en, fi, ar };

export const catalogued = Object.keys(catalogues);

const texts = i18next.createInstance();
void texts.init({
  fallbackLng: "sv",
  resources: Object.fromEntries(
    Object.entries(catalogues).map(([code, translation]) => [code, { translation }]),
  ),
  initAsync: false,
  // Preact escapes by itself.
  interpolation: { escapeValue: false },
});

/** The language that the texts are in when a visitor chose `code`. */
export function textLanguage(code: string): string {
  return catalogued.includes(code) ? code : "sv";
}

export interface Words {
  lang: string;
  t: TFunction;
}

export function wordsIn(code: string): Words {
  const lang = textLanguage(code);
  return { lang, t: texts.getFixedT(lang) };
}

export const WordsContext = createContext<Words>(wordsIn("sv"));
export const useWords = () => useContext(WordsContext);

export function waitText({ t }: Words, wait: Wait | null): string {
  if (!wait) return t("wait.unknown");
  const { form, unit, low, high } = rounded(wait);
  return form === "short" ? t("wait.short") : t(`wait.${unit}.${form}`, { count: high, low });
}

export function anyOf(lang: string, names: string[]): string {
  return new Intl.ListFormat(lang, { type: "disjunction" }).format(names.map(isolate));
}

/** The time on the office's own clock, whatever zone the device believes it is in. */
export function whenText(lang: string, rfc3339: string): string {
  const local = new Date(`${rfc3339.slice(0, 19)}Z`);
  if (Number.isNaN(local.getTime())) return "";
  return new Intl.DateTimeFormat(locale(lang), {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: "UTC",
  }).format(local);
}
