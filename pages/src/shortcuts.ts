/** One key for each button of the counter page. They can be turned off (WCAG 2.1.4). */

const SETTING = "counter-shortcuts";

const isOn = () => localStorage.getItem(SETTING) !== "off";

function seen(element: HTMLElement): boolean {
  return element.getClientRects().length > 0;
}

/** Where letters are for writing, or for finding a line in a list. */
function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "submit", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

export function startShortcuts(): void {
  const help = document.getElementById("keys") as HTMLDialogElement;
  const box = document.getElementById("keys-on") as HTMLInputElement;
  const opener = document.querySelector<HTMLElement>('[data-open="keys"]');

  function apply(): void {
    document.documentElement.dataset["keys"] = isOn() ? "on" : "off";
    box.checked = isOn();
  }

  box.addEventListener("change", () => {
    localStorage.setItem(SETTING, box.checked ? "on" : "off");
    apply();
  });
  if (opener) opener.hidden = false;
  opener?.addEventListener("click", () => help.showModal());
  help.querySelector("[data-close]")?.addEventListener("click", () => help.close());
  apply();

  document.addEventListener("keydown", (event) => {
    const other = event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing;
    if (other || help.open) return;
    if (event.key === "Escape") return closeOpen();
    if (takesLetters(event.target)) return;
    if (!isOn()) return;
    if (event.key === "?") help.showModal();
    else if (/^[1-4]$/.test(event.key)) chooseOutcome(Number(event.key));
    else if (!press(event.key.toLowerCase())) return;
    event.preventDefault();
  });
}

function press(key: string): boolean {
  if (!/^[a-z]$/.test(key)) return false;
  const found = [...document.querySelectorAll<HTMLElement>(`#desk [data-key="${key}"]`)].find(seen);
  if (!found) return false;
  found.click();
  if (found instanceof HTMLElement && found.tagName === "SUMMARY") {
    found.parentElement?.querySelector<HTMLElement>("select, input:not([type=hidden])")?.focus();
  }
  return true;
}

/** For the errand that has the focus, or the first. */
function chooseOutcome(place: number): void {
  const errand = document.activeElement?.closest(".errand") ?? document.querySelector("#desk .errand");
  const outcome = errand?.querySelectorAll<HTMLInputElement>(":scope > .outcomes input")[place - 1];
  if (!outcome || !seen(outcome)) return;
  outcome.checked = true;
  outcome.focus();
}

function closeOpen(): void {
  const open = document.activeElement?.closest<HTMLDetailsElement>("#desk details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector<HTMLElement>("summary")?.focus();
}
