import { describe, expect, it } from "vitest";
import { clock, localTime, opening, signOf, waitFigure, zoneOf } from "./times";

const NOW = Date.parse("2024-11-25T10:04:00+01:00"); // a Monday

describe("clock", () => {
  it("shows the office's time whatever zone the screen believes in", () => {
    expect(clock(localTime(NOW, zoneOf("2024-11-25T10:00:00+01:00")))).toBe("10:04");
    expect(clock(localTime(NOW, zoneOf("2024-11-25T14:30:00+05:30")))).toBe("14:34");
  });
});

describe("expected wait", () => {
  it("is a range in minutes", () => {
    expect(waitFigure({ low_s: 430, high_s: 1210 })).toEqual({ text: "7–25 min", unit: "minutes" });
  });
  it("of nothing is at most a minute", () => {
    expect(waitFigure({ low_s: 0, high_s: 0 }).text).toBe("0–1 min");
  });
  it("whose ends are the same is one figure", () => {
    expect(waitFigure({ low_s: 900, high_s: 900 }).text).toBe("15 min");
  });
  it("long is given in hours", () => {
    expect(waitFigure({ low_s: 5_000, high_s: 9_100 })).toEqual({ text: "1–3 h", unit: "hours" });
  });
});

describe("opening", () => {
  const at = (time: string, language = "sv") => opening(time, NOW, 60, language);
  it("later today", () => {
    expect(at("2024-11-25T13:00:00+01:00")).toMatchObject({ key: "opens_today", values: { time: "13:00" } });
  });
  it("tomorrow", () => {
    expect(at("2024-11-26T08:00:00+01:00")?.key).toBe("opens_tomorrow");
  });
  it("another day of the week, in the reader's language", () => {
    expect(at("2024-11-28T08:00:00+01:00")?.values.day).toBe("torsdag");
    expect(at("2024-11-28T08:00:00+01:00", "fi")?.values.day).toBe("torstai");
    expect(at("2024-11-28T08:00:00+01:00")?.key).toBe("opens_weekday");
  });
  it("after a long holiday, with the date", () => {
    expect(at("2024-12-27T08:00:00+01:00")).toMatchObject({ key: "opens_date", values: { date: "27 december" } });
  });
  it("already passed is not promised", () => {
    expect(at("2024-11-25T08:00:00+01:00")).toBeNull();
  });
});

describe("the sign to go to", () => {
  const sign = (counter: string, counter_name?: string) =>
    signOf({ number: "A1", called_at: "", counter, ...(counter_name ? { counter_name } : {}) });
  it("is the video room's number where the call is to a video room", () => {
    const call = { number: "A1", called_at: "", counter: "sjodalsvagen-3", room: "varby-video-1", counter_name: "1" };
    expect(signOf(call)).toBe("1");
  });
  it("is the number alone", () => {
    expect(sign("skogas-3")).toBe("3");
    expect(sign("skogas-3", "Lucka 3")).toBe("3");
    expect(sign("skogas-3", "3")).toBe("3");
  });
  it("is the name where that is not the number", () => {
    expect(sign("skogas-3", "Rum B")).toBe("Rum B");
  });
});
