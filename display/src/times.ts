/** Times and durations as the display shows them. Pure. */
import { locale } from "../../look/locale";
import { rounded, type Unit, type Wait } from "../../look/waits";
import type { Call } from "./state";

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

const UNIT_SIGNS: Record<Unit, string> = { minutes: "min", hours: "h" };

export interface WaitFigure {
  text: string;
  unit: Unit;
}

/** A wait in figures and a sign that every language reads, large enough for a wall. */
export function waitFigure(wait: Wait): WaitFigure {
  const { form, unit, low, high } = rounded(wait);
  const figures = form === "about" ? high : `${low}–${high}`;
  return { text: `${figures} ${UNIT_SIGNS[unit]}`, unit };
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

/** What stands on the sign to go to: its number, or its name where it is not just a number. */
export function signOf(call: Call): string {
  const number = /(\d+)$/.exec(call.room ?? call.counter)?.[1];
  const name = call.counter_name?.trim();
  if (!number) return name || call.counter;
  if (!name || name.split(/\s+/).at(-1) === number) return number;
  return name;
}

function format(local: Date, language: string, fields: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(language), { ...fields, timeZone: "UTC" }).format(local);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
