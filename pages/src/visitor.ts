/** The visitor's page made live: place, wait, and above all the call. */
import type { Wait } from "../../look/waits";
import { fill, show, showFor, slots, write } from "./dom";
import { type Body, watch } from "../../look/live";
import { counted, type Forms, waitText, type WaitTexts } from "./wait";

interface Ticket extends Body {
  number: string;
  state: string;
  office_name: string;
  way: string;
  room: string | null;
  /** The number of the counter, or of the video room. */
  counter_name: string | null;
  meeting: string | null;
  called_at: string | null;
  ahead: number;
  wait: Wait | null;
  staffed: boolean;
  in_time: boolean;
}

/** What is said of a place to go to. */
interface PlaceTexts {
  called: string;
  serving: string;
  title: string;
}

type Texts = WaitTexts & {
  ahead: Forms;
  nobody_ahead: string;
  counter: PlaceTexts;
  room: PlaceTexts;
  ways: Record<string, string>;
};

const CALL_PATTERN_MS = [400, 200, 400, 200, 800];
const OFFERS_EVERY_MS = 60_000;
const OFFERS_TIMEOUT_MS = 10_000;

const page = document.getElementById("ticket") as HTMLElement;
const lost = page.querySelector<HTMLElement>("[data-lost]");
const texts = JSON.parse(page.dataset["texts"] ?? "{}") as Texts;
const usualTitle = document.title;
const plural = new Intl.PluralRules(document.documentElement.lang);

function aheadText(ahead: number): string {
  return ahead === 0 ? texts.nobody_ahead : counted(texts.ahead, plural, ahead);
}

/** A phone that lies on a table should be noticed; not every phone, and not every visitor, lets us. */
function notice(ticket: Ticket): void {
  const called = ticket.called_at ?? "";
  if (ticket.state === "called" && called !== page.dataset["called"]) navigator.vibrate?.(CALL_PATTERN_MS);
  page.dataset["called"] = called;
}

function draw(ticket: Ticket): void {
  page.dataset["state"] = ticket.state;
  write(page, "number", ticket.number);
  write(page, "office", ticket.office_name);
  write(page, "ahead", aheadText(ticket.ahead));
  write(page, "wait", waitText(ticket.wait, texts, plural));
  write(page, "way", texts.ways[ticket.way] ?? "");
  showFor(page, ticket.state);
  const promised = ticket.staffed && ticket.in_time;
  show(page, "wait_row", promised);
  show(page, "unstaffed", ticket.state === "waiting" && !ticket.staffed);
  show(page, "too_late", ticket.state === "waiting" && ticket.staffed && !ticket.in_time);
  drawPlace(ticket);
  drawOffers(ticket.state !== "waiting" || promised);
  notice(ticket);
}

/** Where to go: a counter, or a video room with its meeting. */
function drawPlace(ticket: Ticket): void {
  const place = ticket.room ? texts.room : texts.counter;
  const number = ticket.counter_name ?? "";
  write(page, "called", fill(place.called, { number }));
  write(page, "serving", fill(place.serving, { number }));
  show(page, "meeting_row", ticket.meeting !== null);
  for (const link of slots(page, "meeting")) link.setAttribute("href", ticket.meeting ?? "");
  document.title = ticket.state === "called" ? fill(place.title, { number }) : usualTitle;
}

const offers = page.querySelector<HTMLDetailsElement>("[data-offers]");
let promised = offers?.open !== true;

/** When the last one who could help has gone, or will in a moment, the other ways are shown without being asked for. */
function drawOffers(now: boolean): void {
  if (!offers || now === promised) return;
  promised = now;
  if (!promised && !offers.open) offers.open = true;
  else void refreshOffers();
}

/** The server draws the other ways, with waits of this moment; the page takes that part anew. */
async function refreshOffers(): Promise<void> {
  const place = document.getElementById("offers");
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(OFFERS_TIMEOUT_MS) });
    if (!answer.ok || !place) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("offers");
    // Not under somebody's finger, and not under the eyes of one who moves by keyboard.
    if (fresh && !place.contains(document.activeElement)) place.replaceChildren(...fresh.childNodes);
  } catch {
    // What is there stays; the next minute tries again.
  }
}

offers?.addEventListener("toggle", () => {
  if (offers.open) void refreshOffers();
});
setInterval(() => {
  if (offers?.open && !offers.hidden) void refreshOffers();
}, OFFERS_EVERY_MS);

const token = page.dataset["token"] ?? "";
if (page.dataset["state"] === "called") {
  document.title = page.querySelector('[data-slot="called"]')?.textContent ?? usualTitle;
}

watch<Ticket>({ what: { ticket: token }, address: `/api/v1/tickets/${encodeURIComponent(token)}` }, {
  draw,
  connection(live) {
    if (lost) lost.hidden = live;
  },
  refused() {
    if (lost) lost.hidden = false;
  },
});
