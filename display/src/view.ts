/** What one drawing is made from. */
import type { Sound } from "./chime";
import type { State } from "./state";

export interface View {
  state: State;
  now: number;
  /** The language shown beside Swedish at this moment; null where only Swedish is configured. */
  other: string | null;
  rotating: { possible: boolean; paused: boolean };
  /** The connection has been away long enough to say so. */
  lost: boolean;
  refused: boolean;
  sound: Sound;
  /** Someone is at the screen with a mouse or a keyboard: show what can be set. */
  attended: boolean;
  announcements: readonly Announcement[];
  turnSound(on: boolean): void;
  pauseRotation(paused: boolean): void;
}

export interface Announcement {
  id: number;
  text: string;
  until: number;
}
