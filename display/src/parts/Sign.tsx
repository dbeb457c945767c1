import type { Call } from "../state";
import { signOf } from "../times";

/** A plate like the one to go to: the number over a counter, or a camera and the number of a video room. */
export function Sign({ call, class: extra = "" }: { call: Call; class?: string }) {
  return (
    <span class={`number sign ${extra}`}>
      {call.room && <Camera />}
      {signOf(call)}
    </span>
  );
}

/** How many characters wide the plate is; the camera takes the room of two. */
export function signLength(call: Call): number {
  return signOf(call).length + (call.room ? 2 : 0);
}

function Camera() {
  return (
    <svg class="sign__camera" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 6h10a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2zm13.5 4.5L22 7.8v8.4l-4.5-2.7z" />
    </svg>
  );
}
