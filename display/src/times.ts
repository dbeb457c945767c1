/** Times and durations as the display shows them. Pure. */
import type { Call, Wait } from "./state";

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_MS = 86_400_000;

/** Minutes east of UTC in a timestamp like 2024-11-25T10:00:00+01:00; null where it does not say. */
export function zoneOf(timestamp: string): number | null {
  const match = /([+-])(\d\d):(\d\d)$/.exec(timestamp);
  if (!match) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

/**
 * A date whose UTC fields are the office's local time. The office's zone comes from the server,
 * because a screen's own zone is often wrong and nobody notices until the clock changes.
 */
export function localTime(now: number, zone: number | null): Date {
  return new Date(now + (zone ?? -new Date(now).getTimezoneOffset()) * 60_000);
}

export function clock(local: Date): string {
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
}

export interface WaitRange {
  text: string;
  unit: "minutes" | "hours";
}

/** A wait as a range, rounded outwards: a promise of 7–13 minutes claims to know more than it does. */
export function waitRange(wait: Wait): WaitRange {
  if (wait.high_s > 2 * HOUR_S) {
    return { text: `${range(wait, HOUR_S / 2, 0.5)} h`, unit: "hours" };
  }
  const step = wait.high_s > 10 * MINUTE_S ? 5 : 1;
  return { text: `${range(wait, step * MINUTE_S, step)} min`, unit: "minutes" };
}

function range(wait: Wait, step_s: number, step: number): string {
  const low = Math.floor(wait.low_s / step_s) * step;
  const high = Math.max(Math.ceil(wait.high_s / step_s), 1) * step;
  return low >= high ? decimal(high) : `${decimal(low)}–${decimal(high)}`;
}

export interface Opening {
  key: "opens_today" | "opens_tomorrow" | "opens_weekday" | "opens_date";
  values: { time: string; day: string; date: string };
}

export function opening(opensAt: string, now: number, zone: number | null, language: string): Opening | null {
  const opens = Date.parse(opensAt);
  if (Number.isNaN(opens) || opens <= now) return null;
  const then = localTime(opens, zone);
  const days = Math.floor(then.getTime() / DAY_MS) - Math.floor(localTime(now, zone).getTime() / DAY_MS);
  return {
    key: days === 0 ? "opens_today" : days === 1 ? "opens_tomorrow" : days < 7 ? "opens_weekday" : "opens_date",
    values: {
      time: clock(then),
      day: format(then, language, { weekday: "long" }),
      date: format(then, language, { day: "numeric", month: "long" }),
    },
  };
}

/** What stands on the sign over the counter: its number, or its name where it is not just a number. */
export function counterSign(call: Call): string {
  const number = /(\d+)$/.exec(call.counter)?.[1];
  const name = call.counter_name?.trim();
  if (!number) return name || call.counter;
  if (!name || name.split(/\s+/).at(-1) === number) return number;
  return name;
}

function format(local: Date, language: string, fields: Intl.DateTimeFormatOptions): string {
  // Latin figures also in Arabic: they are what stands on the ticket.
  return new Intl.DateTimeFormat(`${language}-u-nu-latn`, { ...fields, timeZone: "UTC" }).format(local);
}

function decimal(value: number): string {
  return String(value).replace(".", ",");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
