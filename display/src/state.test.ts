import { describe, expect, it } from "vitest";
import {
  applyEvent,
  applySnapshot,
  EMPTY,
  HIGHLIGHT_MS,
  isLit,
  MAX_CALLS,
  serverTime,
  type Call,
  type LiveEvent,
  type Snapshot,
  type State,
} from "./state";

const NOW = Date.parse("2024-11-25T10:00:00+01:00");

function call(number: string, at = "2024-11-25T09:59:50+01:00", extra: Partial<Call> = {}): Call {
  return { number, counter: "skogas-1", counter_name: "Lucka 1", called_at: at, ...extra };
}

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    seq: 10,
    office: "skogas",
    office_name: "Skogås",
    municipality: "Huddinge",
    calls: [call("A10")],
    waiting: 3,
    wait: { low_s: 300, high_s: 900 },
    staffed: true,
    ask_staff: [],
    open: true,
    trial: false,
    invented: false,
    languages: ["sv", "en"],
    now: "2024-11-25T10:00:00+01:00",
    ...changes,
  };
}

function event(changes: Partial<LiveEvent> = {}): LiveEvent {
  return { seq: 11, prev: 10, type: "ticket-issued", waiting: 4, ...changes };
}

function shown(changes: Partial<Snapshot> = {}): State {
  return applySnapshot(EMPTY, snapshot(changes), NOW).state;
}

describe("snapshot", () => {
  it("is shown as it is the first time, without telling of calls made before", () => {
    const step = applySnapshot(EMPTY, snapshot(), NOW);
    expect(step.state.shown).toEqual(snapshot());
    expect(step.fresh).toEqual([]);
  });

  it("tells of recent calls made while the connection was away, oldest first", () => {
    const step = applySnapshot(shown(), snapshot({ seq: 14, calls: [call("A12"), call("A11"), call("A10")] }), NOW);
    expect(step.fresh.map((each) => each.number)).toEqual(["A11", "A12"]);
    expect(isLit(step.state, call("A12"), NOW + 1)).toBe(true);
  });

  it("does not chime for a call missed long ago", () => {
    const old = call("A11", "2024-11-25T09:40:00+01:00");
    const step = applySnapshot(shown(), snapshot({ seq: 14, calls: [old, call("A10")] }), NOW);
    expect(step.fresh).toEqual([]);
    expect(step.state.shown?.calls).toHaveLength(2);
  });

  it("older than what is shown changes nothing and asks again", () => {
    const step = applySnapshot(shown(), snapshot({ seq: 9, waiting: 99 }), NOW);
    expect(step.state.shown?.waiting).toBe(3);
    expect(step.ask).toBe(true);
  });

  it("older three times in a row is followed: the server was restored", () => {
    let state = shown();
    for (let turn = 0; turn < 3; turn += 1) state = applySnapshot(state, snapshot({ seq: 2, waiting: 0 }), NOW).state;
    expect(state.shown?.seq).toBe(2);
  });

  it("of the same number brings what events do not carry", () => {
    const step = applySnapshot(shown(), snapshot({ open: false }), NOW);
    expect(step.state.shown?.open).toBe(false);
  });

  it("sets the clock by the server's", () => {
    const state = applySnapshot(EMPTY, snapshot(), NOW - 3_600_000).state;
    expect(serverTime(state, NOW - 3_600_000 + 5)).toBe(NOW + 5);
  });

  it("keeps no more calls than are shown", () => {
    const calls = Array.from({ length: 30 }, (_, index) => call(`A${index}`));
    expect(shown({ calls }).shown?.calls).toHaveLength(MAX_CALLS);
  });
});

describe("event", () => {
  it("before any snapshot only asks for one", () => {
    expect(applyEvent(EMPTY, event(), NOW)).toEqual({ state: EMPTY, fresh: [], ask: true });
  });

  it("replaces the parts it carries", () => {
    const step = applyEvent(shown(), event({ waiting: 7 }), NOW);
    expect(step.state.shown?.waiting).toBe(7);
    expect(step.state.shown?.office_name).toBe("Skogås");
    expect(step.state.shown?.seq).toBe(11);
  });

  it("with a number already seen is ignored", () => {
    const state = shown();
    expect(applyEvent(state, event({ seq: 10, prev: 9, waiting: 1 }), NOW).state).toBe(state);
  });

  it("of a call lights it and tells of it", () => {
    const made = call("A11");
    const step = applyEvent(shown(), event({ type: "ticket-called", call: made, calls: [made, call("A10")] }), NOW);
    expect(step.fresh).toEqual([made]);
    expect(isLit(step.state, made, NOW + HIGHLIGHT_MS - 1)).toBe(true);
    expect(isLit(step.state, made, NOW + HIGHLIGHT_MS)).toBe(false);
    expect("call" in (step.state.shown as object)).toBe(false);
  });

  it("leaves an earlier call lit when another follows at once", () => {
    const first = call("A11");
    const second = call("A12");
    const one = applyEvent(shown(), event({ type: "ticket-called", call: first, calls: [first] }), NOW);
    const two = applyEvent(one.state, event({ seq: 12, prev: 11, call: second, calls: [second, first] }), NOW + 500);
    expect(two.state.shown?.calls[0]?.number).toBe("A12");
    expect(isLit(two.state, first, NOW + 5_000)).toBe(true);
  });

  it("calling again lights the same number anew", () => {
    const again = call("A10", undefined, { again: true });
    const step = applyEvent(shown(), event({ type: "ticket-called-again", call: again, calls: [again] }), NOW);
    expect(step.fresh).toEqual([again]);
  });

  it("after a gap is drawn, asks for the snapshot and tells of the calls that were missed", () => {
    const calls = [call("A12"), call("A11"), call("A10")];
    const step = applyEvent(shown(), event({ seq: 15, prev: 13, call: calls[0], calls }), NOW);
    expect(step.ask).toBe(true);
    expect(step.state.shown?.calls[0]?.number).toBe("A12");
    expect(step.fresh.map((each) => each.number)).toEqual(["A11", "A12"]);
  });

  it("with no known predecessor is no gap", () => {
    expect(applyEvent(shown(), event({ seq: 40, prev: null }), NOW).ask).toBe(false);
  });

  it("forgets highlights that have ended", () => {
    const made = call("A11");
    const lit = applyEvent(shown(), event({ call: made }), NOW).state;
    const later = applyEvent(lit, event({ seq: 12, prev: 11 }), NOW + HIGHLIGHT_MS + 1).state;
    expect(later.lit).toEqual({});
  });
});
