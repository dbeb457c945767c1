/** Two soft tones when somebody is called, made on the spot: nothing to download, nothing to license. */

const STORE_KEY = "display-sound";
const TONES_HZ = [659.26, 523.25];
const TONE_GAP_S = 0.42;
const TONE_LENGTH_S = 1.6;
const LOUDNESS = 0.4;
/** Calls in quick succession ring one after the other … */
const CHIME_EVERY_S = 1.5;
/** … but a row of bells longer than this would ring for calls that everybody has seen. */
const LONGEST_ROW_S = 4.5;

/** off: silenced here by hand. blocked: the browser wants a touch first. none: the browser has no sound. */
export type Sound = "on" | "off" | "blocked" | "none";

export class Chime {
  private context: AudioContext | null = null;
  private wanted = stored() !== "off";
  private freeAt = 0;

  constructor(private readonly changed: () => void) {
    if (this.wanted) this.open();
    // Any touch or key counts as the consent that browsers ask for before a page may sound.
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => this.wake());
  }

  get sound(): Sound {
    if (!this.wanted) return "off";
    if (!this.context) return "none";
    return this.context.state === "running" ? "on" : "blocked";
  }

  turnOn(): void {
    this.remember(true);
    this.open();
    this.wake();
    this.ring();
  }

  turnOff(): void {
    this.remember(false);
  }

  ring(): void {
    const { context } = this;
    if (!this.wanted || !context) return;
    if (context.state !== "running") {
      this.wake();
      return;
    }
    const start = Math.max(context.currentTime + 0.02, this.freeAt);
    if (start - context.currentTime > LONGEST_ROW_S) return;
    this.freeAt = start + CHIME_EVERY_S;
    TONES_HZ.forEach((tone, index) => strike(context, tone, start + index * TONE_GAP_S));
  }

  private open(): void {
    if (this.context || typeof AudioContext === "undefined") return;
    this.context = new AudioContext();
    this.context.onstatechange = this.changed;
  }

  private wake(): void {
    if (this.wanted && this.context?.state !== "running") void this.context?.resume().catch(() => undefined);
  }

  private remember(wanted: boolean): void {
    this.wanted = wanted;
    store(wanted ? "on" : "off");
    this.changed();
  }
}

/** One tone like a struck bar: quick to begin, slow to fade, with a faint overtone for warmth. */
function strike(context: AudioContext, tone: number, at: number): void {
  for (const [multiple, share] of [[1, 1], [3, 0.12]] as const) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = tone * multiple;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(LOUDNESS * share, at + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + TONE_LENGTH_S / multiple);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + TONE_LENGTH_S);
  }
}

// A browser may forbid storage (private window, policy); the display works without it.
function stored(): string | null {
  try {
    return localStorage.getItem(STORE_KEY);
  } catch {
    return null;
  }
}

function store(value: string): void {
  try {
    localStorage.setItem(STORE_KEY, value);
  } catch {
    // Then the choice holds until the page is opened again.
  }
}
