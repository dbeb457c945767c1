/** How dates, names and foreign pieces are said in the language of a text. */

/** The locale for dates. Latin digits everywhere: ticket numbers are identifiers, and signs show them so. */
export function locale(language: string): string {
  // English alone would mean American: month before day.
  return language === "en" ? "en-GB" : `${language}-u-nu-latn`;
}

/** Keeps a foreign piece from being turned round by the text that surrounds it. */
export const isolate = (text: string) => `\u2068${text}\u2069`;

/** "arabiska", as the language of the text calls it; null where it has no word for it. */
export function languageName(lang: string, code: string): string | null {
  try {
    const name = new Intl.DisplayNames([lang], { type: "language", fallback: "none" }).of(code);
    return name ?? null;
  } catch {
    return null;
  }
}

/**
 * The language's name for the midst of a sentence. A sign language and plain Swedish have no name
 * in other languages: then it is their own, which is Swedish and begins with a small letter there.
 */
export function languageInSentence(lang: string, code: string, own: string): string {
  return languageName(lang, code) ?? isolate(own.charAt(0).toLowerCase() + own.slice(1));
}
