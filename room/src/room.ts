/** What a video room's screen is told, and what it says. Pure. */
import type { Body } from "../../look/live";
import { isolate, languageInSentence } from "../../look/locale";
import { direction, MAIN_LANGUAGE, others, say, type Key } from "./words";

export interface Visit {
  number: string;
  language: string;
  /** The language's own name. */
  language_name: string;
  /** The office where the one who helps sits. */
  from_office: string;
  meeting: string;
}

export interface Room extends Body {
  /** The number on the door. */
  room_name: string;
  office_name: string;
  languages: string[];
  visit: Visit | null;
  trial: boolean;
  invented: boolean;
}

/** A text with the language it is in. */
export interface Line {
  lang: string;
  dir: "ltr" | "rtl";
  text: string;
}

function line(lang: string, key: Key, values: Record<string, string> = {}): Line {
  return { lang, dir: direction(lang), text: say(lang, key, values) };
}

/** The text in Swedish and in each other language of the office. */
export function inEachLanguage(room: Room, key: Key, values: Record<string, string> = {}): Line[] {
  return [MAIN_LANGUAGE, ...others(room.languages)].map((lang) => line(lang, key, values));
}

/** In the language of the visit where the screen has it; and in Swedish, for whoever is beside. */
export function forVisit(visit: Visit, key: Key): Line[] {
  return [...others([visit.language]), MAIN_LANGUAGE].map((lang) =>
    line(lang, key, {
      language: languageInSentence(lang, visit.language, visit.language_name),
      office: isolate(visit.from_office),
    }),
  );
}
