/** Draws the counter page from the state that a push carries. The server draws the same in desk.html. */
import { minutes } from "./clocks";
import { fill, show, showFor, slots, write } from "./dom";
import type { Body } from "../../look/live";

export interface Match {
  way: string;
  language: string;
}

export interface Ticket {
  id: number;
  number: string;
  state: "called" | "serving";
  office: string;
  service: string;
  languages: string[];
  priority: string | null;
  room_name: string | null;
  meeting: string | null;
  arrived_at: string;
  called_at: string | null;
  started_at: string | null;
  match: Match | null;
}

export interface Waiting {
  id: number;
  number: string;
  office: string;
  service: string;
  languages: string[];
  match: Match;
  reason: string;
  only_speaker: boolean;
  arrived_at: string;
}

export interface Counter extends Body {
  state: "open" | "break" | "closed";
  staff: string | null;
  since: string;
  ticket: Ticket | null;
  parked: Ticket[];
  waiting: number;
  waiting_for_you: number;
  waiting_for_colleagues: number;
  waiting_unserved: number;
  line: Waiting[];
  better_placed: { office: string; counter_name: string } | null;
}

export interface Texts {
  services: Record<string, string>;
  languages: Record<string, string>;
  staff: Record<string, string>;
  priorities: Record<string, string>;
  offices: Record<string, string>;
  matches: Record<string, string>;
  eases: string;
  eases_room: string;
  better: string;
  minutes: string;
  reasons: Record<string, string>;
  sits_here: string;
  arrived: string;
  lost: string;
  failed: string;
  found: string;
}

export type Mode = "closed" | "taken" | "break" | "free" | "called" | "serving";
export type SecondsSince = (moment: string) => number;

/** Which of its faces the page shows; the server's `mode` decides in the same way. */
export function modeOf(body: Counter, me: string): Mode {
  if (body.state === "closed") return "closed";
  if (body.staff !== me) return "taken";
  if (body.state === "break") return "break";
  return body.ticket ? body.ticket.state : "free";
}

const named = (names: Record<string, string>, code: string) => names[code] ?? code;
const languagesText = (codes: string[], texts: Texts) => codes.map((code) => named(texts.languages, code)).join(", ");

export function matchText(match: Match, texts: Texts): string {
  const language = named(texts.languages, match.language);
  return fill(texts.matches[match.way] ?? "%(language)s", { language });
}

/** Why somebody is next, the minutes still to be filled in; the server's `reasons.template` does the same. */
export function reasonText(entry: Waiting, texts: Texts): string {
  const only = entry.only_speaker ? texts.reasons[`${entry.reason}_only`] : undefined;
  const said = only ?? texts.reasons[entry.reason] ?? "";
  return said.replace("%(language)s", named(texts.languages, entry.languages[0] ?? ""));
}

/** Where a visitor of another office is, said so that one sees whose line it eases. */
export function easesText(office: string, room: string | null, texts: Texts): string {
  const said = room ? texts.eases_room : texts.eases;
  return fill(said, { office: named(texts.offices, office), room: room ?? "" });
}

/** A free counter that suits the next visitor better. */
function betterText({ office, counter_name }: { office: string; counter_name: string }, texts: Texts): string {
  return fill(texts.better, { counter: counter_name, office: named(texts.offices, office) });
}

/** The meeting with the visitor, for the one who serves and nobody else; the server's `meeting` does the same. */
export function meetingOf(body: Counter, mode: Mode): string {
  return mode === "called" || mode === "serving" ? (body.ticket?.meeting ?? "") : "";
}

export function draw(desk: HTMLElement, body: Counter, texts: Texts, since: SecondsSince): void {
  const mode = modeOf(body, desk.dataset["me"] ?? "");
  desk.dataset["mode"] = mode;
  desk.dataset["seq"] = String(body.seq);
  desk.dataset["meeting"] = meetingOf(body, mode);
  showFor(desk, mode);
  drawIdle(desk, body, texts);
  if (body.ticket) drawVisitor(desk, body.ticket, texts);
  drawLine(desk, body, texts, since);
  drawParked(desk, body.parked, texts);
}

function drawIdle(desk: HTMLElement, body: Counter, texts: Texts): void {
  write(desk, "sits_here", fill(texts.sits_here, { name: named(texts.staff, body.staff ?? "") }));
  show(desk, "taken_busy", body.ticket !== null);
  show(desk, "taken_free", body.ticket === null);
  show(desk, "someone", body.waiting_for_you > 0);
  show(desk, "nobody", body.waiting_for_you === 0);
  show(desk, "better", body.better_placed !== null);
  write(desk, "better", body.better_placed ? betterText(body.better_placed, texts) : "");
  const onBreak = desk.querySelector<HTMLElement>('[data-when="break"] [data-clock-since]');
  if (onBreak) onBreak.dataset["clockSince"] = body.since;
}

function drawVisitor(desk: HTMLElement, ticket: Ticket, texts: Texts): void {
  const visitor = desk.querySelector<HTMLElement>(".desk__visitor");
  if (!visitor) return;
  write(visitor, "number", ticket.number);
  write(visitor, "service", named(texts.services, ticket.service));
  write(visitor, "match", ticket.match ? matchText(ticket.match, texts) : "");
  write(visitor, "where", easesText(ticket.office, ticket.room_name, texts));
  show(visitor, "where", ticket.office !== desk.dataset["office"]);
  write(visitor, "languages", languagesText(ticket.languages, texts));
  write(visitor, "priority", ticket.priority ? named(texts.priorities, ticket.priority) : "");
  show(visitor, "priority", ticket.priority !== null);
  show(visitor, "has_priority", ticket.priority !== null);
  for (const slot of slots(visitor, "called_at")) slot.dataset["clockSince"] = ticket.called_at ?? "";
  for (const slot of slots(visitor, "started_at")) slot.dataset["clockSince"] = ticket.started_at ?? "";
  for (const slot of slots(visitor, "arrived_at")) slot.dataset["minutesSince"] = ticket.arrived_at;
  if (desk.dataset["ticket"] !== String(ticket.id)) prepareForms(desk, ticket);
}

/** Another visitor than the page knew: what was filled in for the one before must not be kept. */
function prepareForms(desk: HTMLElement, ticket: Ticket): void {
  desk.dataset["ticket"] = String(ticket.id);
  const now = desk.querySelector<HTMLElement>(".desk__now");
  for (const form of now?.querySelectorAll("form") ?? []) form.reset();
  for (const open of now?.querySelectorAll<HTMLDetailsElement>("details[open]") ?? []) open.open = false;
  for (const input of now?.querySelectorAll<HTMLInputElement>('[data-value="ticket"]') ?? []) input.value = String(ticket.id);
  const finish = desk.querySelector<HTMLFormElement>("[data-finish]");
  if (finish) {
    finish.id = `finish-${ticket.id}`;
    for (const select of finish.querySelectorAll<HTMLSelectElement>('[data-preset="service"]')) select.value = ticket.service;
    for (const select of finish.querySelectorAll<HTMLSelectElement>('[data-preset="language"]')) select.value = ticket.match?.language ?? "";
    for (const box of finish.querySelectorAll<HTMLInputElement>('[data-preset="interpreter"]')) box.checked = ticket.match?.way === "interpreter";
  }
  const transfer = desk.querySelector<HTMLFormElement>("[data-transfer]");
  if (transfer) {
    for (const input of transfer.querySelectorAll<HTMLInputElement>('[data-value="languages"]')) input.value = ticket.languages.join(",");
    for (const box of transfer.querySelectorAll<HTMLInputElement>('[name="languages"]')) box.checked = ticket.languages.includes(box.value);
  }
}

/** A copy of the server's own markup for a row. */
function row(id: string): HTMLElement | undefined {
  const template = document.getElementById(id) as HTMLTemplateElement | null;
  const copy = template?.content.firstElementChild?.cloneNode(true);
  return copy instanceof HTMLElement ? copy : undefined;
}

function drawLine(desk: HTMLElement, body: Counter, texts: Texts, since: SecondsSince): void {
  const list = desk.querySelector<HTMLElement>('[data-list="line"]');
  if (!list) return;
  const here = desk.dataset["office"] ?? "";
  list.replaceChildren(...body.line.map((entry, index) => lineRow(entry, index === 0, here, texts, since)));
  list.hidden = body.line.length === 0;
  show(desk, "empty", body.line.length === 0);
  write(desk, "waiting", String(body.waiting));
  write(desk, "waiting_for_you", String(body.waiting_for_you));
  write(desk, "others", String(body.waiting_for_colleagues));
  show(desk, "others_row", body.waiting_for_colleagues > 0);
  write(desk, "unserved", String(body.waiting_unserved));
  show(desk, "unserved_row", body.waiting_unserved > 0);
}

function lineRow(entry: Waiting, first: boolean, here: string, texts: Texts, since: SecondsSince): HTMLElement {
  const item = row("line-row") ?? document.createElement("li");
  const waited = since(entry.arrived_at);
  write(item, "number", entry.number);
  write(item, "service", named(texts.services, entry.service));
  write(item, "match", matchText(entry.match, texts));
  write(item, "where", easesText(entry.office, null, texts));
  show(item, "where", entry.office !== here);
  for (const reason of slots(item, "reason")) {
    reason.dataset["minutesSince"] = entry.arrived_at;
    const why = reasonText(entry, texts);
    reason.dataset["minutesText"] = why;
    reason.textContent = minutes(waited, why);
  }
  show(item, "reason", first || entry.reason !== "longest");
  for (const wait of slots(item, "wait")) {
    wait.dataset["minutesSince"] = entry.arrived_at;
    wait.textContent = minutes(waited, texts.minutes);
  }
  return item;
}

function drawParked(desk: HTMLElement, parked: Ticket[], texts: Texts): void {
  const list = desk.querySelector<HTMLElement>('[data-list="parked"]');
  const known = parked.map((ticket) => ticket.id).join();
  show(desk, "parked_row", parked.length > 0);
  // Drawn anew only when changed: somebody may have the focus on one of the buttons.
  if (!list || list.dataset["known"] === known) return;
  list.dataset["known"] = known;
  list.replaceChildren(...parked.map((ticket) => parkedRow(ticket, texts)));
}

function parkedRow(ticket: Ticket, texts: Texts): HTMLElement {
  const item = row("parked-row") ?? document.createElement("li");
  write(item, "number", ticket.number);
  write(item, "service", named(texts.services, ticket.service));
  write(item, "languages", languagesText(ticket.languages, texts));
  for (const input of item.querySelectorAll<HTMLInputElement>('[data-value="ticket"]')) input.value = String(ticket.id);
  return item;
}
