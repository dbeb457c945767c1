import type { View } from "../view";
import { MAIN_LANGUAGE, say, type Key } from "../words";

/**
 * What can be set at the screen itself. On an unattended wall nothing shows, except that the
 * sound waits for a touch where the browser demands one.
 */
export function Tools({ view }: { view: View }) {
  const { sound, rotating } = view;
  const asking = sound === "blocked";
  return (
    <div class={view.attended || asking ? "tools" : "tools tools--away"} role="group" aria-label={word("tools")}>
      {rotating.possible && (view.attended || !asking) && (
        <Tool
          text={rotating.paused ? "rotation_resume" : "rotation_pause"}
          act={() => view.pauseRotation(!rotating.paused)}
        />
      )}
      {(asking || sound === "off") && <Tool text="sound_activate" act={() => view.turnSound(true)} />}
      {sound === "on" && <Tool text="sound_off" act={() => view.turnSound(false)} />}
    </div>
  );
}

function Tool({ text, act }: { text: Key; act: () => void }) {
  return (
    <button type="button" class="button button--secondary tools__button" onClick={act}>
      {word(text)}
    </button>
  );
}

function word(text: Key): string {
  return say(MAIN_LANGUAGE, text);
}
