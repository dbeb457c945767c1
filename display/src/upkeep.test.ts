import { describe, expect, it } from "vitest";
import { drift, reloadDue, type Condition } from "./upkeep";

const HOUR = 3_600_000;

function condition(changes: Partial<Condition> = {}): Condition {
  return { now: 30 * HOUR, loadedAt: 0, lastCallAt: 0, live: true, hour: 12, buildAtLoad: "a", build: "a", ...changes };
}

describe("reload", () => {
  it("is not due by day on the same build", () => {
    expect(reloadDue(condition())).toBe(false);
  });
  it("is due at night after a long day", () => {
    expect(reloadDue(condition({ hour: 3 }))).toBe(true);
    expect(reloadDue(condition({ hour: 3, loadedAt: 29 * HOUR }))).toBe(false);
  });
  it("is due when a new build is out", () => {
    expect(reloadDue(condition({ build: "b" }))).toBe(true);
  });
  it("waits for a quiet moment", () => {
    expect(reloadDue(condition({ build: "b", lastCallAt: 30 * HOUR - 30_000 }))).toBe(false);
  });
  it("never happens while the server is away", () => {
    expect(reloadDue(condition({ build: "b", hour: 3, live: false }))).toBe(false);
  });
  it("does not chase builds right after a reload", () => {
    expect(reloadDue(condition({ build: "b", loadedAt: 30 * HOUR - 60_000 }))).toBe(false);
  });
});

describe("drift", () => {
  it("stays within four pixels and comes back", () => {
    const steps = Array.from({ length: 8 }, (_, index) => drift(index * 180_000));
    expect(steps.flat().every((pixels) => Math.abs(pixels) <= 4)).toBe(true);
    expect(drift(8 * 180_000)).toEqual(steps[0]);
  });
});
