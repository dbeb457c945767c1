import { describe, expect, it } from "vitest";
import { Arming } from "./confirm";

describe("a button that asks for a second press", () => {
  it("lets the second through, and then asks anew", () => {
    const arming = new Arming<string>();
    expect([0, 1_000, 2_000].map((at) => arming.press("no-show", at))).toEqual([false, true, false]);
  });
  it("has forgotten the first after five seconds", () => {
    const arming = new Arming<string>();
    expect([0, 5_000, 9_999].map((at) => arming.press("no-show", at))).toEqual([false, false, true]);
  });
  it("takes no press on another button for its own", () => {
    const arming = new Arming<string>();
    expect(["one", "other", "one"].map((button) => arming.press(button, 0))).toEqual([false, false, false]);
  });
  it("asks anew once disarmed", () => {
    const arming = new Arming<string>();
    arming.press("no-show", 0);
    arming.disarm();
    expect(arming.press("no-show", 1)).toBe(false);
  });
});
