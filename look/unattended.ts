/** What a screen without anybody at it needs: its own token, a page that can be renewed, no sleep. */

/**
 * The device's token, kept under `name`. It arrives once in the address (`#token=…`), is stored,
 * and is taken out of the address at once, so that nobody reads it off the screen or finds it in
 * the history.
 */
export function deviceToken(name: string): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    localStorage.setItem(name, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return localStorage.getItem(name);
}

/** Loads the page anew only if it can be had: a browser's own error page would stay on the wall. */
export async function reloadIfServed(): Promise<void> {
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    if (answer.ok) location.reload();
  } catch {
    // Next time, then.
  }
}

/** Asks the machine not to blank the screen, and again each time the page comes back into view. */
export function stayAwake(): void {
  const request = () => {
    if (document.visibilityState === "visible") void navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", request);
  request();
}
