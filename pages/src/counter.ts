/** The counter page made live: its forms without reload, its parts drawn from each push. */
import htmx from "htmx.org";
import { startClocks } from "./clocks";
import { startConfirming } from "./confirm";
import { type Counter, draw, modeOf, type Texts } from "./desk";
import { fill } from "./dom";
import { watch } from "../../look/live";
import { showMeeting } from "./meeting";
import { startShortcuts } from "./shortcuts";

interface HtmxDetail {
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
}

const deskNow = () => document.getElementById("desk") as HTMLElement;
const first = deskNow();
const texts = JSON.parse(first.dataset["texts"] ?? "{}") as Texts;
const clocks = startClocks(first.dataset["now"] ?? "", texts.minutes);

// --- what happened, for those who do not see it ------------------------------------------------

const announcement = document.getElementById("announcement") as HTMLElement;

function announce(text: string): void {
  // The same words twice are read twice only when the place was empty in between.
  announcement.textContent = "";
  window.setTimeout(() => (announcement.textContent = text), 50);
}

const confirming = startConfirming(announce);

function complain(text: string): void {
  const place = deskNow().querySelector(".desk__messages");
  const message = document.createElement("p");
  message.className = "banner banner--warn message";
  message.dataset["complaint"] = "";
  message.textContent = text;
  place?.replaceChildren(message);
  announce(text);
}

// --- the forms ---------------------------------------------------------------------------------

/** Where the hands are needed next: the outcome while serving, else the button that leads on. */
function focusNext(): void {
  const desk = deskNow();
  const wanted = desk.dataset["mode"] === "serving" ? ".outcome input" : "[data-when]:not([hidden]) > .button--large";
  const found = [...desk.querySelectorAll<HTMLElement>(wanted)].find((one) => one.getClientRects().length > 0);
  (found ?? document.querySelector<HTMLElement>("main"))?.focus({ preventScroll: true });
}

const isBusy = () => deskNow().hasAttribute("data-busy");

/** While an answer is under way its form must stay where it is, so pushes wait for it. */
function busy(is: boolean): void {
  deskNow().toggleAttribute("data-busy", is);
  deskNow().setAttribute("aria-busy", String(is));
  if (is || !held) return;
  const body = held;
  held = undefined;
  redraw(body);
}

// The second click of a double click would meet the button that has come in place of the first.
document.addEventListener(
  "click",
  (event) => {
    const onButton = event.target instanceof Element && event.target.closest("#desk button");
    if (!onButton || (event.detail <= 1 && !isBusy())) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

document.body.addEventListener("htmx:beforeRequest", () => busy(true));

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const detail = (event as CustomEvent<HtmxDetail>).detail;
  const answered = new URL(detail.xhr.responseURL || location.href);
  // The counter was closed, or the session has ended: the answer is another page.
  if (detail.xhr.status < 400 && answered.pathname !== location.pathname) {
    detail.shouldSwap = false;
    location.assign(answered);
  }
});

document.body.addEventListener("htmx:afterSwap", () => {
  clocks.tick();
  showMeeting();
  busy(false);
  focusNext();
  const told = [...deskNow().querySelectorAll("[data-message]")].map((one) => one.textContent).join(" ");
  if (told) announce(told);
});

document.body.addEventListener("htmx:responseError", (event) => {
  const { status } = (event as CustomEvent<HtmxDetail>).detail.xhr;
  busy(false);
  // Not signed in any more, or a form from before: the page itself knows where to go.
  if (status === 400 || status === 401) location.reload();
  else complain(texts.failed);
});

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
  document.body.addEventListener(name, () => {
    busy(false);
    complain(texts.failed);
  });
}

// --- the live parts ----------------------------------------------------------------------------

let known: number[] | undefined;
let held: Counter | undefined;

/** Says that somebody has come, to one who sits without a visitor. */
function tellOfArrival(body: Counter): void {
  const ids = body.line.map((entry) => entry.id);
  const arrived = known && body.line.find((entry) => !known?.includes(entry.id));
  // Where a colleague is better placed, it is they who are told.
  if (arrived && !body.better_placed && known?.length === 0 && modeOf(body, deskNow().dataset["me"] ?? "") === "free") {
    announce(fill(texts.arrived, { number: arrived.number }));
  }
  known = ids;
}

function redraw(body: Counter): void {
  const desk = deskNow();
  if (body.seq < Number(desk.dataset["seq"])) return;
  const { mode: before, ticket } = desk.dataset;
  const inside = desk.querySelector(".desk__now")?.contains(document.activeElement);
  draw(desk, body, texts, clocks.secondsSince);
  showMeeting();
  if (desk.dataset["mode"] !== before || desk.dataset["ticket"] !== ticket) confirming.disarm();
  htmx.process(desk);
  clocks.tick();
  tellOfArrival(body);
  if (before === desk.dataset["mode"]) return;
  // What was told is about another state now, and what had the focus may be hidden.
  desk.querySelector(".desk__messages")?.replaceChildren();
  if (inside) focusNext();
}

const lost = document.getElementById("lost") as HTMLElement;
const counter = first.dataset["counter"] ?? "";

watch<Counter>({ what: { counter }, address: `/api/v1/counters/${encodeURIComponent(counter)}` }, {
  draw(body) {
    if (isBusy()) held = body;
    else redraw(body);
  },
  connection(live) {
    if (live && !lost.hidden) announce(texts.found);
    if (live) deskNow().querySelector("[data-complaint]")?.remove();
    lost.hidden = live;
  },
  refused() {
    location.reload();
  },
});

startShortcuts();
