/** Texts that depend on a number, in the forms that the server has translated. */
import { rounded, type Form, type Unit, type Wait } from "../../look/waits";
import { fill } from "./dom";

/** A text for each of the language's plural categories. */
export type Forms = Record<string, string>;

export type WaitTexts = Record<Unit, Record<Exclude<Form, "short">, Forms>> & {
  short: string;
  unknown: string;
};

export function counted(forms: Forms, plural: Intl.PluralRules, num: number, more: Record<string, number> = {}): string {
  return fill(forms[plural.select(num)] ?? forms["other"] ?? "", { num, ...more });
}

export function waitText(wait: Wait | null, texts: WaitTexts, plural: Intl.PluralRules): string {
  if (!wait) return texts.unknown;
  const { form, unit, low, high } = rounded(wait);
  return form === "short" ? texts.short : counted(texts[unit][form], plural, high, { low });
}
