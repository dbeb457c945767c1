/** Times that pass: waits in minutes, and the clock of the visitor at the counter. */
import { fill } from "./dom";

const SECOND_MS = 1_000;

/** "0:07", "12:34", "1:02:03". */
export function clock(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

export const minutes = (seconds: number, text: string) => fill(text, { minutes: Math.round(seconds / 60) });

/** Keeps the page's times going by the server's clock, since this computer's may be wrong. */
export function startClocks(serverNow: string, minutesText: string): { secondsSince(moment: string): number; tick(): void } {
  const ahead = Date.now() - Date.parse(serverNow);

  function secondsSince(moment: string): number {
    return Math.max(0, Math.floor((Date.now() - ahead - Date.parse(moment)) / SECOND_MS));
  }

  function tick(): void {
    for (const place of document.querySelectorAll<HTMLElement>("[data-clock-since]")) {
      const since = place.dataset["clockSince"];
      if (since) place.textContent = clock(secondsSince(since));
    }
    for (const place of document.querySelectorAll<HTMLElement>("[data-minutes-since]")) {
      const since = place.dataset["minutesSince"];
      if (!since) continue;
      const text = minutes(secondsSince(since), place.dataset["minutesText"] ?? minutesText);
      if (place.textContent !== text) place.textContent = text;
    }
  }

  setInterval(tick, SECOND_MS);
  tick();
  return { secondsSince, tick };
}
