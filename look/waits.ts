/**
 * How a wait is rounded before it is said, alike on the kiosk, the phone and the display.
 * `queueapp/web/words.py` rounds for the pages that the server draws; tests/waits.json holds both
 * to the same answers.
 */

/** A wait in seconds, as the server tells it. */
export interface Wait {
  low_s: number;
  high_s: number;
}

/** `short`: less than a minute. `up_to`: there is no lower end worth saying. */
export type Form = "short" | "about" | "between" | "up_to";
export type Unit = "minutes" | "hours";

export interface RoundedWait {
  form: Form;
  unit: Unit;
  low: number;
  high: number;
}

const MINUTE_S = 60;
const HOUR_S = 3600;
const LONGEST_IN_MINUTES_S = 2 * HOUR_S;
/** Exact up to ten minutes, then in fives: more would claim to know more than anybody does. */
const EXACT_UP_TO = 10;
const STEP = 5;

/** Rounded outwards, so never narrower than what was computed. */
export function rounded({ low_s, high_s }: Wait): RoundedWait {
  if (high_s > LONGEST_IN_MINUTES_S) {
    return named("hours", Math.floor(low_s / HOUR_S), Math.ceil(high_s / HOUR_S));
  }
  const high = up(Math.ceil(high_s / MINUTE_S));
  if (high <= 1) return { form: "short", unit: "minutes", low: 0, high: 1 };
  return named("minutes", down(Math.floor(low_s / MINUTE_S)), high);
}

function named(unit: Unit, low: number, high: number): RoundedWait {
  return { form: low === high ? "about" : low ? "between" : "up_to", unit, low, high };
}

function down(minutes: number): number {
  return minutes > EXACT_UP_TO ? Math.floor(minutes / STEP) * STEP : minutes;
}

function up(minutes: number): number {
  return minutes > EXACT_UP_TO ? Math.ceil(minutes / STEP) * STEP : minutes;
}
