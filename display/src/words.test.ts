import { describe, expect, it } from "vitest";
import { direction, otherLanguages, say } from "./words";
import ar from "./texts/ar.json";
import en from "./texts/en.json";
import fi from "./texts/fi.json";
import sv from "./texts/sv.json";

describe("texts", () => {
  it.each(Object.entries({ ar, en, fi }))("%s has every text that Swedish has", (_language, texts) => {
    expect(Object.keys(texts)).toEqual(Object.keys(sv));
    expect(Object.values(texts).every((text) => text.trim() !== "")).toBe(true);
  });
  it("are filled in", () => {
    expect(say("sv", "called", { number: "A12", sign: "3" })).toBe("Könummer A12, lucka 3.");
    expect(say("sv", "called_room", { number: "A12", sign: "1" })).toBe("Könummer A12, videorum 1.");
  });
  it("in Arabic run from the right", () => {
    expect(direction("ar")).toBe("rtl");
    expect(direction("fi")).toBe("ltr");
  });
  it("beside Swedish follow the configuration, and only where there are texts", () => {
    expect(otherLanguages(["sv", "fi", "xx", "ar", "fi"])).toEqual(["fi", "ar"]);
  });
});
