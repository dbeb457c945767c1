import { describe, expect, it } from "vitest";
import { clock } from "./clocks";
import { type Counter, matchText, modeOf, type Texts } from "./desk";
import { fill } from "./dom";
import { waitText } from "./wait";

const counter = (changes: Partial<Counter>): Counter => ({
  seq: 1, state: "open", staff: "anna", since: "", ticket: null, parked: [], waiting: 0, waiting_for_you: 0, line: [], ...changes,
});

describe("the counter page's mode", () => {
  it("is closed whoever looks", () => expect(modeOf(counter({ state: "closed", staff: null }), "anna")).toBe("closed"));
  it("is taken where a colleague sits, on a break or not", () =>
    expect(modeOf(counter({ state: "break" }), "amira")).toBe("taken"));
  it("is free without a visitor", () => expect(modeOf(counter({}), "anna")).toBe("free"));
});

describe("texts", () => {
  it("leave a gap standing that nobody fills", () => expect(fill("%(a)s %(b)s", { a: 1 })).toBe("1 %(b)s"));
  it("say when an interpreter is needed", () => {
    const texts = { languages: { so: "somaliska" }, interpreter: "%(language)s, med tolk" } as unknown as Texts;
    expect(matchText({ way: "interpreter", language: "so" }, texts)).toBe("somaliska, med tolk");
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
