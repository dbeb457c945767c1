import type { Quote } from "./api";

/** One way to be served, as it is offered: what the visitor chooses between. */
export interface Offer extends Quote {
  languages: string[];
  /** A number can be taken here for it; otherwise it is told about, not offered. */
  takeable: boolean;
}

const TAKEABLE = ["here", "interpreter", "video"];

/** Whether somebody on duty can help, and will still be there when it is the visitor's turn. */
export const promised = (told: Pick<Quote, "staffed" | "in_time">) => told.staffed && told.in_time;

const likely = (quote: Quote) => quote.wait?.likely_s ?? Infinity;

/** The better of two quotes for the same way: somebody on duty first, then the shorter wait. */
function better(one: Quote, other: Quote): boolean {
  if (promised(one) !== promised(other)) return promised(one);
  return likely(one) < likely(other);
}

/**
 * Quotes as offers. A ticket names a way and all the languages that the visitor accepts, so two
 * quotes that differ in language only would give the same ticket: they are one offer.
 */
export function offersOf(quotes: Quote[]): Offer[] {
  const offers = new Map<string, Offer>();
  for (const quote of quotes) {
    const key = `${quote.way} ${quote.office}`;
    const had = offers.get(key);
    const languages = [...(had?.languages ?? []), ...(quote.language ? [quote.language] : [])];
    const best = had && !better(quote, had) ? had : quote;
    const takeable = TAKEABLE.includes(quote.way);
    offers.set(key, { ...best, languages: [...new Set(languages)], takeable });
  }
  return [...offers.values()].sort((one, other) => place(one) - place(other));
}

/** What can be had now comes first, then what must be waited for, and last what is only told about. */
function place(offer: Offer): number {
  if (!offer.takeable) return 2;
  return promised(offer) ? 0 : 1;
}
