import { isLit, MAX_CALLS, type Call } from "../state";
import type { View } from "../view";
import { MAIN_LANGUAGE, say } from "../words";
import { Arrow } from "./Arrow";
import { Both } from "./Both";
import { Sign, signLength } from "./Sign";

const PLACES = MAX_CALLS - 1;
/** A wide screen has one row of this many; the second row comes only when so many are called at once. */
const FIRST_ROW = 3;

/** The calls before the newest. Free places are kept, so that nothing jumps about as calls come and go. */
export function Earlier({ view }: { view: View }) {
  const calls = view.state.shown?.calls ?? [];
  if (calls.length === 0) return null;
  const earlier = calls.slice(1).map((call) => ({ call, lit: isLit(view.state, call, view.now) }));
  const crowded = earlier.slice(FIRST_ROW).some(({ lit }) => lit);
  const free = Array.from({ length: PLACES - earlier.length });
  return (
    <section class="earlier" aria-labelledby="earlier-title">
      <h2 id="earlier-title" class="earlier__title">
        <Both text="earlier" other={view.other} />
      </h2>
      <ul class={crowded ? "places places--crowded" : "places"}>
        {earlier.map(({ call, lit }) => (
          <EarlierCall call={call} lit={lit} />
        ))}
        {free.map(() => (
          <li class="place place--free" aria-hidden="true" />
        ))}
      </ul>
    </section>
  );
}

function EarlierCall({ call, lit }: { call: Call; lit: boolean }) {
  const long = call.number.length + signLength(call) > 5;
  return (
    <li class={["place", lit && "place--lit", long && "place--long"].filter(Boolean).join(" ")}>
      <span class="number">{call.number}</span>
      <Arrow />
      <span class="visually-hidden">, {say(MAIN_LANGUAGE, call.room ? "room" : "counter")} </span>
      <Sign call={call} />
    </li>
  );
}
