import { describe, expect, it } from "vitest";
import { forVisit, inEachLanguage, type Room, type Visit } from "./room";
import ar from "./texts/ar.json";
import en from "./texts/en.json";
import fi from "./texts/fi.json";
import sv from "./texts/sv.json";

const visit = (language: string, language_name = ""): Visit => ({
  number: "M2",
  language,
  language_name,
  from_office: "Servicecenter Huddinge centrum",
  meeting: "https://meet.example/m2",
});

const room: Room = {
  seq: 1,
  room_name: "1",
  office_name: "Servicecenter Vårby",
  languages: ["sv", "en", "so", "ar"],
  visit: null,
  trial: false,
  invented: false,
};

describe("a visit", () => {
  it("is told in its own language first and in Swedish under it", () => {
    const [own, swedish] = forVisit(visit("ar"), "visit");
    expect(own).toMatchObject({ lang: "ar", dir: "rtl" });
    expect(own?.text).toContain("العربية");
    expect(swedish?.text).toContain("på arabiska av");
  });
  it("in Swedish is told once", () => {
    expect(forVisit(visit("sv"), "visit").map(({ lang }) => lang)).toEqual(["sv"]);
  });
  it("in a language that the screen has no texts in is told in Swedish", () => {
    expect(forVisit(visit("so"), "visit").map(({ text }) => text)).toEqual([
      expect.stringContaining("på somaliska av"),
    ]);
  });
  it("in sign language has the language's own name", () => {
    expect(forVisit(visit("swl", "Svenskt teckenspråk"), "visit")[0]?.text).toMatch(/på \u2068?svenskt teckenspråk/);
  });
});

it("an empty room is told of in Swedish and the office's other languages that have texts", () => {
  expect(inEachLanguage(room, "idle").map(({ lang }) => lang)).toEqual(["sv", "en", "ar"]);
});

it.each([en, fi, ar])("every language says all that Swedish says", (catalogue) => {
  expect(Object.keys(catalogue)).toEqual(Object.keys(sv));
});
