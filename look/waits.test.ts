import { expect, it } from "vitest";
import cases from "../tests/waits.json";
import { rounded } from "./waits";

it.each(cases)("a wait of $low_s–$high_s s is said $form $low–$high $unit", ({ low_s, high_s, ...said }) => {
  expect(rounded({ low_s, high_s })).toEqual(said);
});
