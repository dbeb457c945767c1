import { describe, expect, it } from "vitest";
import type { Ticket } from "./api";
import { canGoBack, next, pauseMs, start, stepsOf, type Event, type State } from "./state";

const all = stepsOf({ languages: ["sv", "ar"], districts: ["skogas"] });
const ticket: Ticket = { number: "A12", token: "t", url: "/t/t", way: "here", ahead: 0, wait: null, staffed: true, in_time: true };
const problem = { type: "/problems/office-closed", title: "Stängt", status: 409 };

const after = (events: Event[], steps = all, from = start()): State =>
  events.reduce((state, event) => next(state, event, steps), from);

const arabic: Event[] = [
  { type: "language", code: "ar" },
  { type: "service", code: "bygglov" },
];
const toWays: Event[] = [
  ...arabic,
  { type: "languages", codes: ["ar"] },
  { type: "district", code: null },
];
const taken: Event[] = [...toWays, { type: "take", way: "here", key: "k1" }];

describe("the languages a visitor accepts", () => {
  it("are the chosen one alone until the visitor says otherwise", () => {
    expect(after(arabic).languages).toEqual(["ar"]);
  });

  it("are never none", () => {
    expect(after([...arabic, { type: "languages", codes: [] }]).step).toBe("languages");
  });

  it("can be changed from the ways", () => {
    const state = after([...toWays, { type: "change-languages" }]);
    expect(state.step).toBe("languages");
    expect(state.service).toBe("bygglov");
  });
});

describe("the steps", () => {
  it("leave out what the office does not ask for", () => {
    const steps = stepsOf({ languages: ["sv"], districts: [] });
    expect(steps).toEqual(["language", "service", "ways", "ticket"]);
    expect(after(arabic, steps).step).toBe("ways");
  });

  it("ignore a late touch meant for the step before", () => {
    const state = after(arabic);
    expect(next(state, { type: "service", code: "bostad" }, all)).toBe(state);
  });

  it("go back one at a time, and forget everything at the start", () => {
    expect(after([...arabic, { type: "back" }]).step).toBe("service");
    expect(after([...arabic, { type: "back" }, { type: "back" }])).toEqual(start());
  });
});

describe("an attempt", () => {
  it("is made by the first touch; a second touch changes nothing", () => {
    const state = after(taken);
    expect(next(state, { type: "take", way: "here", key: "k2" }, all)).toBe(state);
  });

  it("keeps its key over every retry", () => {
    const state = after([...taken, { type: "unreachable", key: "k1" }, { type: "retry", key: "k1" }]);
    expect(state.attempt).toMatchObject({ key: "k1", status: "sending", failures: 1 });
  });

  it("keeps all choices while there is no connection", () => {
    const state = after([...taken, { type: "unreachable", key: "k1" }]);
    expect(state).toMatchObject({ service: "bygglov", languages: ["ar"], step: "ways" });
  });

  it("cannot be backed out of while its outcome is unknown", () => {
    const state = after([...taken, { type: "unreachable", key: "k1" }]);
    expect(canGoBack(state)).toBe(false);
    expect(next(state, { type: "back" }, all)).toBe(state);
  });

  it("gives the number", () => {
    const state = after([...taken, { type: "issued", key: "k1", ticket }]);
    expect(state).toMatchObject({ step: "ticket", attempt: null, ticket });
  });

  it("that was given up does not show its number to the next visitor", () => {
    const state = after([...taken, { type: "restart" }, { type: "issued", key: "k1", ticket }]);
    expect(state).toEqual(start());
  });

  it("that was refused goes back to the ways", () => {
    const refused = after([...taken, { type: "refused", key: "k1", problem }]);
    expect(refused.attempt?.problem).toEqual(problem);
    expect(next(refused, { type: "back" }, all)).toMatchObject({ step: "ways", attempt: null });
  });
});

describe("the pause between tries", () => {
  it("doubles, up to 15 seconds", () => {
    expect([1, 2, 3, 4, 5, 50].map(pauseMs)).toEqual([1000, 2000, 4000, 8000, 15000, 15000]);
  });
});
