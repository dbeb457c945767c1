/** What the display knows, and how it changes. Pure: time is an argument, nothing is fetched or drawn here. */
import type { Wait } from "../../look/waits";

export interface Call {
  number: string;
  counter: string;
  /** The video room that the visitor is called to; else it is to the counter. */
  room?: string | null;
  /** The number on the sign: over the counter, or at the video room. */
  counter_name?: string | null;
  called_at: string;
  again?: boolean;
  call_id?: string | number;
}

export interface Snapshot {
  seq: number;
  office: string;
  office_name: string;
  municipality: string | { code: string; name: string };
  calls: Call[];
  waiting: number;
  wait: Wait | null;
  /** Whether any counter is open: where none is, a wait would be a promise that nobody keeps. */
  staffed: boolean;
  /** Numbers of visitors whom nobody on duty can serve as things are. */
  ask_staff: string[];
  open: boolean;
  opens_at?: string | null;
  trial: boolean;
  invented: boolean;
  languages: string[];
  now: string;
  build?: string | null;
}

export interface LiveEvent extends Partial<Omit<Snapshot, "seq">> {
  seq: number;
  prev: number | null;
  type: string;
  call?: Call;
}

export interface State {
  /** The last whole picture with every later event laid over it; null until the first answer. */
  shown: Snapshot | null;
  /** Server clock minus this machine's clock, so that a screen with a wrong clock still shows the right time. */
  clockOffset: number;
  /** Ticket number → when (this machine's clock, ms) its highlight ends. */
  lit: Readonly<Record<string, number>>;
  /** How many snapshots in a row were older than what is shown. */
  older: number;
}

/** What a change asks the rest of the program to do. */
export interface Step {
  state: State;
  /** Calls the room has not been told of yet, oldest first. */
  fresh: Call[];
  /** Something was missed: fetch the snapshot. */
  ask: boolean;
}

export const HIGHLIGHT_MS = 10_000;
/** The newest and six before it: what can be read from across a room. */
export const MAX_CALLS = 7;
/** A call found in a snapshot (not pushed) is told to the room only when it is this recent. */
const RECENT_CALL_MS = 60_000;
/** After this many older snapshots in a row the server's log itself was reset (a restored backup): follow it. */
const OLDER_BEFORE_FOLLOWING = 3;

export const EMPTY: State = { shown: null, clockOffset: 0, lit: {}, older: 0 };

export function applySnapshot(state: State, snapshot: Snapshot, now: number): Step {
  const before = state.shown;
  if (before && snapshot.seq < before.seq && state.older + 1 < OLDER_BEFORE_FOLLOWING) {
    return { state: { ...state, older: state.older + 1 }, fresh: [], ask: true };
  }
  const fresh = before ? unseen(before, snapshot, Date.parse(snapshot.now)) : [];
  const next: State = {
    shown: { ...snapshot, calls: snapshot.calls.slice(0, MAX_CALLS) },
    clockOffset: offset(snapshot.now, now, state.clockOffset),
    lit: light(state.lit, fresh, now),
    older: 0,
  };
  return { state: next, fresh, ask: false };
}

export function applyEvent(state: State, event: LiveEvent, now: number): Step {
  const before = state.shown;
  if (!before) return { state, fresh: [], ask: true };
  if (event.seq <= before.seq) return { state, fresh: [], ask: false };

  const gap = event.prev !== null && event.prev > before.seq;
  const { prev: _prev, type: _type, call, ...parts } = event;
  // The parts are complete replacements, so they are right even after a gap and are drawn at
  // once; what a gap may have hidden (open, a trial begun) comes with the snapshot asked for.
  const shown: Snapshot = { ...before, ...parts, seq: event.seq };
  shown.calls = shown.calls.slice(0, MAX_CALLS);
  const fresh = gap ? unseen(before, shown, serverTime(state, now)) : call ? [call] : [];
  const next: State = {
    shown,
    clockOffset: parts.now ? offset(parts.now, now, state.clockOffset) : state.clockOffset,
    lit: light(state.lit, fresh, now),
    older: 0,
  };
  return { state: next, fresh, ask: gap };
}

export function isLit(state: State, call: Call, now: number): boolean {
  return (state.lit[call.number] ?? 0) > now;
}

export function serverTime(state: State, now: number): number {
  return now + state.clockOffset;
}

/** Calls in the new picture that were not in the old one and are recent enough to tell, oldest first. */
function unseen(before: Snapshot, after: Snapshot, asOf: number): Call[] {
  const known = new Set(before.calls.map(identity));
  return after.calls
    .filter((call) => !known.has(identity(call)))
    .filter((call) => !(asOf - Date.parse(call.called_at) > RECENT_CALL_MS))
    .reverse();
}

function identity(call: Call): string {
  return `${call.number} ${call.counter} ${call.called_at} ${call.call_id ?? ""}`;
}

function light(lit: State["lit"], fresh: Call[], now: number): State["lit"] {
  const kept = Object.entries(lit).filter(([, until]) => until > now);
  const added = fresh.map((call) => [call.number, now + HIGHLIGHT_MS] as const);
  return Object.fromEntries([...kept, ...added]);
}

function offset(serverNow: string, now: number, fallback: number): number {
  const server = Date.parse(serverNow);
  return Number.isNaN(server) ? fallback : server - now;
}
