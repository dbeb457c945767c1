/** The connection: pushes over Socket.IO, and the snapshot fetched whenever a push may have been missed. */
import { io } from "socket.io-client";
import type { LiveEvent, Snapshot } from "./state";

const FETCH_EVERY_MS = 60_000;
const FETCH_TIMEOUT_MS = 5_000;
const ASK_AGAIN_MS = 2_000;
const WATCH_TIMEOUT_MS = 4_000;
const WATCH_AGAIN_MS = 15_000;
const OPEN_TIMEOUT_MS = 3_000;
/** While away: how often to knock, spread so that many screens do not all knock at one instant. */
const KNOCK_MS = [400, 700] as const;
const KNOCK_TIMEOUT_MS = 2_500;
/** When the server answers, but not as it should (no such office, too many requests), there is no hurry. */
const KNOCK_CALMLY_MS = [3_000, 5_000] as const;
const MOST_CALM = 4;

export interface Listener {
  snapshot(snapshot: Snapshot): void;
  event(event: LiveEvent): void;
  /** True once connected and told the present state; false from the moment the connection is gone. */
  connection(live: boolean): void;
  /** The server knows no such office, or does not let this screen watch it. */
  refused(): void;
}

export interface Connection {
  /** Something is missing: fetch the snapshot now, or soon where an answer that is too old was just given. */
  ask(when: "now" | "soon"): void;
}

type Answer = "snapshot" | "refused" | "failing" | "nothing";

/**
 * While the server is away the screen knocks with ordinary requests and opens the socket only
 * when one is answered. Retrying the socket itself would look simpler, but Chromium holds back
 * WebSockets, by up to five seconds each, after a few minutes of failures to open one. The answer
 * to the knock is the snapshot, so that the picture is right even before the socket is open.
 */
export function connect(office: string, listener: Listener): Connection {
  const address = `/api/v1/offices/${encodeURIComponent(office)}/display`;
  const socket = io("/live", {
    path: "/socket.io",
    transports: ["websocket"],
    timeout: OPEN_TIMEOUT_MS,
    reconnection: false,
    autoConnect: false,
  });
  let knocks = new AbortController();
  let failedOpens = 0;
  let nextKnock: number | undefined;
  let nextWatch: number | undefined;
  let nextFetch: number | undefined;

  async function fetchSnapshot(signal: AbortSignal): Promise<Answer> {
    try {
      const answer = await fetch(address, { cache: "no-store", signal });
      if (answer.ok) {
        listener.snapshot((await answer.json()) as Snapshot);
        return "snapshot";
      }
      if (answer.status === 404) listener.refused();
      return answer.status < 500 ? "refused" : "failing";
    } catch {
      return "nothing";
    }
  }

  /** Several knocks may be under way at once: one that is lost must not hold up the next. */
  async function knock(): Promise<void> {
    if (socket.active) return;
    knockIn(KNOCK_MS);
    const answer = await fetchSnapshot(AbortSignal.any([knocks.signal, AbortSignal.timeout(KNOCK_TIMEOUT_MS)]));
    if (socket.active) return;
    if (answer === "snapshot") open();
    else if (answer === "refused") knockIn(KNOCK_CALMLY_MS);
  }

  function knockIn([least, most]: readonly [number, number]): void {
    clearTimeout(nextKnock);
    nextKnock = window.setTimeout(() => void knock(), least + Math.random() * (most - least));
  }

  function open(): void {
    clearTimeout(nextKnock);
    // An answer to a knock that is still under way would arrive after newer events.
    knocks.abort();
    knocks = new AbortController();
    socket.connect();
    watchIn(gone, OPEN_TIMEOUT_MS + 1_000);
  }

  /** A connection that answers nothing would show old numbers for ever: then it is opened anew. */
  function watch(): void {
    socket.emit("watch", { office });
    watchIn(gone, WATCH_TIMEOUT_MS);
  }

  function watchIn(then: () => void, after: number): void {
    clearTimeout(nextWatch);
    nextWatch = window.setTimeout(then, after);
  }

  function gone(): void {
    clearTimeout(nextWatch);
    socket.disconnect();
    listener.connection(false);
    knocks.abort();
    knocks = new AbortController();
    void knock();
  }

  async function fetchRegardless(): Promise<void> {
    if (!socket.connected) return;
    const answer = await fetchSnapshot(AbortSignal.timeout(FETCH_TIMEOUT_MS));
    // A cable that was pulled leaves a socket that looks alive; not reaching the server says otherwise.
    if (answer === "nothing" && socket.connected) gone();
  }

  socket.on("connect", () => {
    failedOpens = 0;
    watch();
  });
  socket.on("connect_error", () => {
    // The server answers requests but opens no socket: each knock still brings the snapshot.
    clearTimeout(nextWatch);
    socket.disconnect();
    failedOpens = Math.min(failedOpens + 1, MOST_CALM);
    knockIn([failedOpens * 800, failedOpens * 1_200]);
  });
  socket.on("snapshot", (snapshot: Snapshot) => {
    clearTimeout(nextWatch);
    listener.snapshot(snapshot);
    listener.connection(true);
  });
  socket.on("event", (event: LiveEvent) => listener.event(event));
  socket.on("refused", () => {
    listener.refused();
    watchIn(watch, WATCH_AGAIN_MS);
  });
  socket.on("disconnect", (reason) => {
    if (reason !== "io client disconnect") gone();
  });

  // The network is back or has changed: what was under way before may hang.
  addEventListener("online", gone);
  setInterval(() => void fetchRegardless(), FETCH_EVERY_MS);
  void knock();

  return {
    ask(when) {
      clearTimeout(nextFetch);
      if (when === "now") void fetchRegardless();
      else nextFetch = window.setTimeout(() => void fetchRegardless(), ASK_AGAIN_MS);
    },
  };
}
