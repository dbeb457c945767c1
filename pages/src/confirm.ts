/**
 * A press that cannot be taken back asks for a second one: the first only arms the button, which
 * then says so for a few seconds. A button asks for it with `data-again`, the text it shows meanwhile.
 */

const ARMED_MS = 5_000;

/** Which button is armed, and until when. Pure: time is an argument. */
export class Arming<Button> {
  private armed: { button: Button; until: number } | null = null;

  /** Whether the press goes through. One that does not arms the button. */
  press(button: Button, now: number): boolean {
    const again = this.armed?.button === button && now < this.armed.until;
    this.armed = again ? null : { button, until: now + ARMED_MS };
    return again;
  }

  disarm(): void {
    this.armed = null;
  }
}

export interface Confirming {
  /** What the armed button is about has changed: the next press is a first one again. */
  disarm(): void;
}

export function startConfirming(announce: (text: string) => void): Confirming {
  const arming = new Arming<Element>();
  let restore = () => {};
  let timer: number | undefined;

  function disarm(): void {
    clearTimeout(timer);
    arming.disarm();
    restore();
  }

  function arm(button: HTMLElement, text: string): void {
    restore();
    restore = showArmed(button, text);
    clearTimeout(timer);
    timer = window.setTimeout(disarm, ARMED_MS);
    announce(text);
  }

  document.addEventListener("click", (event) => {
    const button = asking(event);
    const text = button?.dataset["again"];
    if (!button || !text) return;
    if (arming.press(button, performance.now())) return disarm();
    event.preventDefault();
    arm(button, text);
  });
  // Enter held down presses a button over and over, which is one press all the same.
  document.addEventListener("keydown", (event) => {
    if (event.repeat && asking(event)) event.preventDefault();
  });
  return { disarm };
}

function asking(event: Event): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>("#desk [data-again]") : null;
}

/** Shows that the button is armed; gives what shows it as it was. */
function showArmed(button: HTMLElement, text: string): () => void {
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  label.textContent = text;
  button.classList.add("button--armed");
  return () => {
    label.textContent = before;
    button.classList.remove("button--armed");
  };
}
