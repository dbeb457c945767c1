/** A wait as one says it: exact up to ten minutes, then in fives, and never narrower than promised. */
import { fill } from "./dom";

export interface Wait {
  low_s: number;
  high_s: number;
}

export interface WaitTexts {
  about: Record<string, string>;
  between: Record<string, string>;
  up_to: Record<string, string>;
  short: string;
  unknown: string;
}

const down = (minutes: number) => (minutes > 10 ? Math.floor(minutes / 5) * 5 : minutes);
const up = (minutes: number) => (minutes > 10 ? Math.ceil(minutes / 5) * 5 : minutes);

export function waitText(wait: Wait | null, texts: WaitTexts, plural: Intl.PluralRules): string {
  if (!wait) return texts.unknown;
  const low = down(Math.floor(wait.low_s / 60));
  const num = up(Math.ceil(wait.high_s / 60));
  const form = (forms: Record<string, string>) => fill(forms[plural.select(num)] ?? forms["other"] ?? "", { num, low });
  if (num <= 1) return texts.short;
  if (low === num) return form(texts.about);
  return form(low ? texts.between : texts.up_to);
}
