import { expect, it } from "vitest";
import { idleness } from "./idle";

it("asks after the quiet time, and is over after the warning", () => {
  expect(idleness(44_000, 45, 25)).toEqual({ kind: "active" });
  expect(idleness(45_000, 45, 25)).toEqual({ kind: "warning", left: 25 });
  expect(idleness(69_500, 45, 25)).toEqual({ kind: "warning", left: 1 });
  expect(idleness(70_000, 45, 25)).toEqual({ kind: "over" });
});

it("never gives less than 20 seconds to answer", () => {
  expect(idleness(45_000, 45, 5)).toEqual({ kind: "warning", left: 20 });
});
