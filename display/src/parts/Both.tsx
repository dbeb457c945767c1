import { direction, MAIN_LANGUAGE, say, type Key } from "../words";

interface Props {
  text: Key;
  other: string | null;
  values?: Record<string, string>;
}

/** A text in Swedish and, beside or below it, in the language whose turn it is. */
export function Both({ text, other, values }: Props) {
  return (
    <span class="both">
      <span>{say(MAIN_LANGUAGE, text, values)}</span>
      {other && <Other language={other}>{say(other, text, values)}</Other>}
    </span>
  );
}

export function Other({ language, children }: { language: string; children: string }) {
  return (
    <span class="both__other" key={language} lang={language} dir={direction(language)}>
      {children}
    </span>
  );
}
