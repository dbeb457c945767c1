import { describe, expect, it } from "vitest";
import { clock } from "./clocks";
import { type Counter, easesText, matchText, meetingOf, modeOf, type Texts, type Ticket } from "./desk";
import { fill } from "./dom";
import { waitText } from "./wait";

const counter = (changes: Partial<Counter>): Counter => ({
  seq: 1, state: "open", staff: "anna", since: "", ticket: null, parked: [], waiting: 0, waiting_for_you: 0,
  waiting_for_colleagues: 0, waiting_unserved: 0, line: [], better_placed: null, ...changes,
});

describe("the counter page's mode", () => {
  it("is closed whoever looks", () => expect(modeOf(counter({ state: "closed", staff: null }), "anna")).toBe("closed"));
  it("is taken where a colleague sits, on a break or not", () =>
    expect(modeOf(counter({ state: "break" }), "amira")).toBe("taken"));
  it("is free without a visitor", () => expect(modeOf(counter({}), "anna")).toBe("free"));
});

describe("the meeting", () => {
  const ticket = { state: "called", meeting: "https://meet.example/m2" } as Ticket;
  it("is open for the one who called", () =>
    expect(meetingOf(counter({ ticket }), "called")).toBe("https://meet.example/m2"));
  it("is not open for a colleague who looks at the counter", () =>
    expect(meetingOf(counter({ ticket }), "taken")).toBe(""));
});

describe("texts", () => {
  it("leave a gap standing that nobody fills", () => expect(fill("%(a)s %(b)s", { a: 1 })).toBe("1 %(b)s"));
  it("say when an interpreter is needed, or a video call", () => {
    const matches = { interpreter: "%(language)s, med tolk", video: "%(language)s, med video" };
    const texts = { languages: { so: "somaliska" }, matches } as unknown as Texts;
    const say = (way: string) => matchText({ way, language: "so" }, texts);
    expect([say("interpreter"), say("video"), say("here")]).toEqual(["somaliska, med tolk", "somaliska, med video", "somaliska"]);
  });
  it("say whose line is eased, and in which room the visitor is", () => {
    const texts = { offices: { varby: "Vårby" }, eases: "%(office)s", eases_room: "%(office)s, %(room)s" } as unknown as Texts;
    expect([easesText("varby", null, texts), easesText("varby", "1", texts)]).toEqual(["Vårby", "Vårby, 1"]);
  });
  it("give clocks hours when they need them", () => expect([clock(7), clock(754), clock(3723)]).toEqual(["0:07", "12:34", "1:02:03"]));
  it("of a wait are in the form that its number takes", () => {
    const forms = (unit: string) => ({ one: `en ${unit}`, other: `%(low)s–%(num)s ${unit}` });
    const of = (unit: string) => ({ about: forms(unit), between: forms(unit), up_to: forms(unit) });
    const texts = { minutes: of("min"), hours: of("h"), short: "short", unknown: "?" };
    const say = (low_s: number, high_s: number) => waitText({ low_s, high_s }, texts, new Intl.PluralRules("sv"));
    expect([say(0, 50), say(130, 301), say(3600, 9000)]).toEqual(["short", "2–6 min", "1–3 h"]);
  });
});
