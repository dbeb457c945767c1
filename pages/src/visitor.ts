/** The visitor's page made live: place, wait, and above all the call. */
import type { Wait } from "../../look/waits";
import { fill, show, showFor, write } from "./dom";
import { type Body, watch } from "./live";
import { counted, type Forms, waitText, type WaitTexts } from "./wait";

interface Ticket extends Body {
  number: string;
  state: string;
  office_name: string;
  counter_name: string | null;
  called_at: string | null;
  ahead: number;
  wait: Wait | null;
  staffed: boolean;
}

type Texts = WaitTexts & {
  ahead: Forms;
  nobody_ahead: string;
  counter: string;
  serving: string;
  title_called: string;
};

const CALL_PATTERN_MS = [400, 200, 400, 200, 800];

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
  const counter = ticket.counter_name ?? "";
  page.dataset["state"] = ticket.state;
  write(page, "number", ticket.number);
  write(page, "office", ticket.office_name);
  write(page, "counter", fill(texts.counter, { counter }));
  write(page, "serving", fill(texts.serving, { counter }));
  write(page, "ahead", aheadText(ticket.ahead));
  write(page, "wait", waitText(ticket.wait, texts, plural));
  showFor(page, ticket.state);
  show(page, "wait_row", ticket.staffed);
  show(page, "unstaffed", ticket.state === "waiting" && !ticket.staffed);
  document.title = ticket.state === "called" ? fill(texts.title_called, { counter }) : usualTitle;
  notice(ticket);
}

const token = page.dataset["token"] ?? "";
if (page.dataset["state"] === "called") {
  document.title = page.querySelector('[data-slot="counter"]')?.textContent ?? usualTitle;
}

watch<Ticket>({ ticket: token }, `/api/v1/tickets/${encodeURIComponent(token)}`, {
  draw,
  connection(live) {
    if (lost) lost.hidden = live;
  },
  refused() {
    if (lost) lost.hidden = false;
  },
});
