/** What a wall that runs for months needs: a fresh page now and then, and a little drift. Pure. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** With two servers on different builds, a reload may give either; do not chase them. */
const NEW_BUILD_AFTER_MS = 10 * MINUTE_MS;
const NIGHTLY_AFTER_MS = 20 * HOUR_MS;
const NIGHT_HOUR = 3;
const QUIET_MS = 2 * MINUTE_MS;

export interface Condition {
  now: number;
  loadedAt: number;
  lastCallAt: number;
  live: boolean;
  /** The office's hour of the day. */
  hour: number;
  buildAtLoad: string | null;
  build: string | null;
}

/** Whether to load the page anew: never while the server is away, never just after a call. */
export function reloadDue(condition: Condition): boolean {
  const { now, loadedAt, lastCallAt, live, hour, buildAtLoad, build } = condition;
  if (!live || now - lastCallAt < QUIET_MS) return false;
  const age = now - loadedAt;
  if (age > NIGHTLY_AFTER_MS && hour === NIGHT_HOUR) return true;
  return age > NEW_BUILD_AFTER_MS && build !== null && buildAtLoad !== null && build !== buildAtLoad;
}

const DRIFT_EVERY_MS = 3 * MINUTE_MS;
const DRIFT_STEPS = [[0, 0], [2, 1], [4, 0], [2, -2], [0, -4], [-2, -1], [-4, 0], [-2, 2]] as const;

/** The picture moves a few pixels every few minutes, so that no edge burns into the panel. */
export function drift(now: number): readonly [number, number] {
  const step = Math.floor(now / DRIFT_EVERY_MS) % DRIFT_STEPS.length;
  return DRIFT_STEPS[step] ?? [0, 0];
}
