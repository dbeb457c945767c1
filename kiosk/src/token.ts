/** A request key: the same on every retry of one attempt, so that they all give one ticket. */
export function requestKey(): string {
  // randomUUID exists only in secure contexts; a kiosk on a local network may be on plain HTTP.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
