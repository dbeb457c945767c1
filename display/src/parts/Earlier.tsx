import { isLit, type Call } from "../state";
import { counterSign } from "../times";
import type { View } from "../view";
import { MAIN_LANGUAGE, say } from "../words";
import { Arrow } from "./Arrow";
import { Both } from "./Both";

/** The calls before the newest. Places stay where they are when a visit ends, so that nothing jumps about. */
export function Earlier({ view }: { view: View }) {
  const calls = view.state.shown?.calls ?? [];
  if (calls.length === 0) return null;
  const earlier = calls.slice(1);
  const places = earlier.length <= 3 ? 3 : 6;
  const free = Array.from({ length: places - earlier.length }, (_, index) => index);
  return (
    <section class="earlier" aria-labelledby="earlier-title">
      <h2 id="earlier-title" class="earlier__title">
        <Both text="earlier" other={view.other} />
      </h2>
      <div class={`earlier__places earlier__places--${places}`}>
        <ul class="earlier__calls">
          {earlier.map((call) => (
            <EarlierCall call={call} lit={isLit(view.state, call, view.now)} />
          ))}
        </ul>
        {free.map(() => (
          <div class="place place--free" />
        ))}
      </div>
    </section>
  );
}

function EarlierCall({ call, lit }: { call: Call; lit: boolean }) {
  const sign = counterSign(call);
  const long = call.number.length + sign.length > 5;
  return (
    <li class={["place", lit && "place--lit", long && "place--long"].filter(Boolean).join(" ")}>
      <span class="number">{call.number}</span>
      <Arrow />
      <span class="visually-hidden">, {say(MAIN_LANGUAGE, "counter")} </span>
      <span class="number sign">{sign}</span>
    </li>
  );
}
