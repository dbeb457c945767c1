/** The live connection: the present state at once, then every change, for a page that draws itself. */
import { io } from "socket.io-client";

const FETCH_EVERY_MS = 60_000;
const FETCH_TIMEOUT_MS = 10_000;
/** A connection that is back this soon is not worth a word. */
const QUIET_MS = 2_000;

export interface Body {
  seq: number;
}

/** What to watch: what the server is asked for, and where the same body can be fetched. */
export interface Watched {
  what: object;
  address: string;
  /** A device's own token. People's pages have their session instead. */
  token?: string;
}

export interface Screen<T extends Body> {
  /** Draw the state; every snapshot and every event carries the whole of it. */
  draw(body: T): void;
  /** Whether what is seen is up to date. */
  connection(live: boolean): void;
  /** The server does not let this page watch (any more). */
  refused(): void;
}

/**
 * An event brings the whole state, so the newest drawn is always right: what is older than that
 * is passed over, and nothing needs to be fetched when an event in between was missed.
 */
export function watch<T extends Body>({ what, address, token }: Watched, screen: Screen<T>): void {
  const headers: HeadersInit = token ? { Authorization: `Bearer ${token}` } : {};
  const socket = io("/live", {
    path: "/socket.io",
    transports: ["websocket"],
    auth: token ? { token } : {},
    reconnectionDelay: 500,
    reconnectionDelayMax: 3_000,
  });
  let newest = 0;
  let quiet: number | undefined;

  function take(body: T): void {
    if (body.seq < newest) return;
    newest = body.seq;
    screen.draw(body);
  }

  function found(): void {
    clearTimeout(quiet);
    quiet = undefined;
    screen.connection(true);
  }

  function lost(): void {
    quiet ??= window.setTimeout(() => screen.connection(false), QUIET_MS);
  }

  async function fetchRegardless(): Promise<void> {
    try {
      const answer = await fetch(address, { headers, cache: "no-store", signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
      if (answer.ok) take((await answer.json()) as T);
      else if (answer.status === 401 || answer.status === 403) screen.refused();
    } catch {
      // The socket notices by itself that the network is gone, and says so.
    }
  }

  socket.on("connect", () => socket.emit("watch", what));
  socket.on("snapshot", (body: T) => {
    // Where the log was set back (a restored backup), what was newest is not any more.
    newest = 0;
    take(body);
    found();
  });
  socket.on("event", take);
  socket.on("refused", () => screen.refused());
  socket.on("disconnect", lost);
  socket.on("connect_error", lost);

  setInterval(() => void fetchRegardless(), FETCH_EVERY_MS);
  // A phone that was in a pocket, or a page that came back from the browser's cache.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void fetchRegardless();
  });
}
