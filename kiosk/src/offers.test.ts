import { expect, it } from "vitest";
import type { Quote } from "./api";
import { offersOf } from "./offers";

const quote = (given: Partial<Quote>): Quote => ({
  way: "here",
  office: "skogas",
  office_name: "Skogås",
  address: "Skogås centrum",
  language: "ar",
  staffed: true,
  in_time: true,
  ahead: 0,
  wait: { low_s: 0, high_s: 600, likely_s: 300 },
  available_at: null,
  ...given,
});

it("two languages for the same way are one offer, since they would give the same ticket", () => {
  const offers = offersOf([quote({ language: "ar", staffed: false }), quote({ language: "sv" })]);
  expect(offers).toHaveLength(1);
  expect(offers[0]).toMatchObject({ languages: ["ar", "sv"], staffed: true });
});

it("another office and a booking are told about, not offered: no number for them is taken here", () => {
  const offers = offersOf([quote({}), quote({ way: "office", office: "varby" }), quote({ way: "booking" })]);
  expect(offers.map((offer) => offer.takeable)).toEqual([true, false, false]);
});

it("whoever goes home before it is one's turn counts no more than nobody on duty", () => {
  const offers = offersOf([quote({ in_time: false }), quote({ way: "video" })]);
  expect(offers.map((offer) => offer.way)).toEqual(["video", "here"]);
});

it("a way with somebody on duty comes before one without, and ways to take a number before advice", () => {
  const offers = offersOf([
    quote({ staffed: false }),
    quote({ way: "office", office: "varby" }),
    quote({ way: "video" }),
  ]);
  expect(offers.map((offer) => offer.way)).toEqual(["video", "here", "office"]);
});
