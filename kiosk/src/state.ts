/**
 * Where a visit to the kiosk stands. Pure: no clock, no network, no randomness; the app carries
 * out what the state says (an attempt that is "sending" is sent) and reports what came of it.
 */
import type { Problem, Ticket } from "./api";

export type Step = "language" | "service" | "languages" | "district" | "ways" | "ticket";

export interface Attempt {
  key: string;
  way: string;
  /** "refused" is final; "waiting" is between two tries. */
  status: "sending" | "waiting" | "refused";
  failures: number;
  problem: Problem | null;
}

export interface State {
  step: Step;
  language: string;
  service: string | null;
  /** The languages that the visitor accepts, the preferred one first. Never filled in for them. */
  languages: string[];
  /** null: not asked or skipped. */
  district: string | null;
  attempt: Attempt | null;
  ticket: Ticket | null;
}

export type Event =
  | { type: "language"; code: string }
  | { type: "service"; code: string }
  | { type: "languages"; codes: string[] }
  | { type: "district"; code: string | null }
  | { type: "change-languages" }
  | { type: "take"; way: string; key: string }
  | { type: "issued"; key: string; ticket: Ticket }
  | { type: "unreachable"; key: string }
  | { type: "refused"; key: string; problem: Problem }
  | { type: "retry"; key: string }
  | { type: "back" }
  | { type: "restart" };

/** The steps that this office asks for, in order. */
export function stepsOf(office: { languages: unknown[]; districts: unknown[] }): Step[] {
  return [
    "language",
    "service",
    ...(office.languages.length > 1 ? (["languages"] as const) : []),
    ...(office.districts.length > 0 ? (["district"] as const) : []),
    "ways",
    "ticket",
  ];
}

export const DEFAULT_LANGUAGE = "sv";

export function start(): State {
  return {
    step: "language",
    language: DEFAULT_LANGUAGE,
    service: null,
    languages: [],
    district: null,
    attempt: null,
    ticket: null,
  };
}

function beside(steps: Step[], step: Step, by: 1 | -1): Step {
  return steps[steps.indexOf(step) + by] ?? step;
}

/** Whether going back is possible: not from the ends, and not while an answer is awaited. */
export function canGoBack(state: State): boolean {
  const awaiting = state.attempt !== null && state.attempt.status !== "refused";
  return state.step !== "language" && state.step !== "ticket" && !awaiting;
}

function back(state: State, steps: Step[]): State {
  if (!canGoBack(state)) return state;
  // After a refusal, back means back to the ways, not past them.
  if (state.attempt) return { ...state, attempt: null };
  const step = beside(steps, state.step, -1);
  return step === "language" ? start() : { ...state, step };
}

/** An event that belongs to another step than the present one is a late touch: nothing happens. */
export function next(state: State, event: Event, steps: Step[]): State {
  switch (event.type) {
    case "restart":
      return start();
    case "back":
      return back(state, steps);
    case "language":
      if (state.step !== "language") return state;
      return { ...state, step: "service", language: event.code, languages: [event.code] };
    case "service":
      if (state.step !== "service") return state;
      return { ...state, step: beside(steps, "service", 1), service: event.code };
    case "languages":
      if (state.step !== "languages" || event.codes.length === 0) return state;
      return { ...state, step: beside(steps, "languages", 1), languages: event.codes };
    case "district":
      if (state.step !== "district") return state;
      return { ...state, step: beside(steps, "district", 1), district: event.code };
    case "change-languages":
      if (state.step !== "ways" || state.attempt || !steps.includes("languages")) return state;
      return { ...state, step: "languages" };
    case "take":
      // The first touch makes the attempt; a second one finds it made.
      if (state.step !== "ways" || state.attempt) return state;
      return {
        ...state,
        attempt: { key: event.key, way: event.way, status: "sending", failures: 0, problem: null },
      };
    default:
      return answered(state, event);
  }
}

type Answer = Extract<Event, { type: "issued" | "unreachable" | "refused" | "retry" }>;

/** What came of an attempt. Answers to one that was given up (another key) are not for us. */
function answered(state: State, event: Answer): State {
  const { attempt } = state;
  if (!attempt || attempt.key !== event.key) return state;
  switch (event.type) {
    case "issued":
      return { ...state, step: "ticket", attempt: null, ticket: event.ticket };
    case "unreachable": {
      const failures = attempt.failures + 1;
      return { ...state, attempt: { ...attempt, status: "waiting", failures } };
    }
    case "refused":
      return { ...state, attempt: { ...attempt, status: "refused", problem: event.problem } };
    case "retry":
      return attempt.status === "waiting"
        ? { ...state, attempt: { ...attempt, status: "sending" } }
        : state;
  }
}

/** How long to wait before try number `failures + 1`: 1, 2, 4, 8, then every 15 seconds. */
export function pauseMs(failures: number): number {
  return Math.min(15_000, 1000 * 2 ** Math.max(0, failures - 1));
}
