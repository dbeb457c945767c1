/** The locale for dates. Latin digits everywhere: ticket numbers are identifiers, and signs show them so. */
export function locale(language: string): string {
  // English alone would mean American: month before day.
  return language === "en" ? "en-GB" : `${language}-u-nu-latn`;
}
