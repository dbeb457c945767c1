/** The waiting-room display: the state, what changes it, and when it is drawn. */
import { render } from "preact";
import "../../look/look.css";
import { reloadIfServed, stayAwake } from "../../look/unattended";
import "./display.css";
import { Chime } from "./chime";
import { connect } from "./live";
import { Wall } from "./parts/Wall";
import { applyEvent, applySnapshot, EMPTY, MAX_CALLS, serverTime, type Call, type Step } from "./state";
import { signOf, localTime, zoneOf } from "./times";
import { drift, reloadDue } from "./upkeep";
import type { Announcement } from "./view";
import { MAIN_LANGUAGE, otherLanguages, say } from "./words";

const TICK_MS = 1_000;
const LOST_AFTER_MS = 3_000;
const LANGUAGE_TURN_MS = 8_000;
const ATTENDED_MS = 6_000;
const ANNOUNCED_MS = 15_000;
const RELOAD_CHECK_MS = 60_000;

const root = document.getElementById("app") as HTMLElement;
const office = root.dataset.office ?? "";

let state = EMPTY;
let lostSince: number | null = now();
let refused = false;
let announcements: Announcement[] = [];
let announced = 0;
let lastCallAt = 0;
let buildAtLoad: string | null = root.dataset.build ?? null;
let pausedOn: string | null = null;
let attendedUntil = 0;
const loadedAt = now();
const chime = new Chime(() => draw());

/** Milliseconds that never jump when somebody sets the machine's clock. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

const connection = connect(office, {
  snapshot(snapshot) {
    refused = false;
    buildAtLoad ??= snapshot.build ?? null;
    take(applySnapshot(state, snapshot, now()), "soon");
  },
  event(event) {
    take(applyEvent(state, event, now()), "now");
  },
  connection(live) {
    if (live) lostSince = null;
    else lostSince ??= now();
    draw();
  },
  refused() {
    refused = true;
    draw();
  },
});

function take(step: Step, ask: "now" | "soon"): void {
  state = step.state;
  announce(step.fresh);
  draw();
  // Only after the picture: the sound must not delay it.
  for (const _call of step.fresh) chime.ring();
  if (step.ask) connection.ask(ask);
}

function announce(calls: Call[]): void {
  if (calls.length === 0) return;
  lastCallAt = now();
  const until = lastCallAt + ANNOUNCED_MS;
  const added = calls.map((call) => {
    announced += 1;
    const text = call.room ? "called_room" : "called";
    return { id: announced, until, text: say(MAIN_LANGUAGE, text, { number: call.number, sign: signOf(call) }) };
  });
  announcements = [...announcements, ...added].slice(-MAX_CALLS);
}

/** The language whose turn it is. Taken from the clock, so that screens side by side agree. */
function otherLanguage(others: string[]): string | null {
  if (pausedOn !== null && others.includes(pausedOn)) return pausedOn;
  const turn = Math.floor(serverTime(state, now()) / LANGUAGE_TURN_MS);
  return others[turn % others.length] ?? null;
}

function draw(): void {
  const at = now();
  const others = otherLanguages(state.shown?.languages ?? []);
  const other = otherLanguage(others);
  announcements = announcements.filter((each) => each.until > at);
  render(
    <Wall
      view={{
        state,
        now: at,
        other,
        rotating: { possible: others.length > 1, paused: pausedOn !== null },
        lost: lostSince !== null && at - lostSince >= LOST_AFTER_MS,
        refused,
        sound: chime.sound,
        attended: attendedUntil > at,
        announcements,
        turnSound: (on) => (on ? chime.turnOn() : chime.turnOff()),
        pauseRotation(paused) {
          pausedOn = paused ? other : null;
          draw();
        },
      }}
    />,
    root,
  );
}

function tick(): void {
  const [x, y] = drift(now());
  root.style.setProperty("--drift-x", `${x}px`);
  root.style.setProperty("--drift-y", `${y}px`);
  if (state.shown) document.title = `${say(MAIN_LANGUAGE, "title")} – ${state.shown.office_name}`;
  draw();
}

function reloadWhenDue(): void {
  const { shown } = state;
  if (!shown) return;
  const hour = localTime(serverTime(state, now()), zoneOf(shown.now)).getUTCHours();
  const build = shown.build ?? null;
  if (reloadDue({ now: now(), loadedAt, lastCallAt, live: lostSince === null, hour, buildAtLoad, build })) {
    void reloadIfServed();
  }
}

for (const kind of ["pointermove", "pointerdown", "keydown", "focusin"]) {
  addEventListener(kind, () => {
    const wasAttended = attendedUntil > now();
    attendedUntil = now() + ATTENDED_MS;
    if (!wasAttended) draw();
  });
}

setInterval(tick, TICK_MS);
setInterval(reloadWhenDue, RELOAD_CHECK_MS);
stayAwake();
tick();
