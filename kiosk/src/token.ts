/** What the device keeps: its own token. And what it makes: one key per attempt. */

const NAME = "kiosk-token";

/**
 * The device's token. It arrives once in the address (`#token=…`), is stored, and is taken out
 * of the address at once, so that nobody reads it off the screen or finds it in the history.
 */
export function deviceToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    localStorage.setItem(NAME, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return localStorage.getItem(NAME);
}

/** A request key: the same on every retry of one attempt, so that they all give one ticket. */
export function requestKey(): string {
  // randomUUID exists only in secure contexts; a kiosk on a local network may be on plain HTTP.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
