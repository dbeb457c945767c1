import { isLit, serverTime, type Call, type Snapshot } from "../state";
import { opening, zoneOf } from "../times";
import type { View } from "../view";
import { MAIN_LANGUAGE, say } from "../words";
import { Arrow } from "./Arrow";
import { Both, Other } from "./Both";
import { Sign, signLength } from "./Sign";

/** The newest call, as large as the wall allows; or why there is none. */
export function Newest({ view }: { view: View }) {
  const { shown } = view.state;
  const call = shown?.calls[0];
  const lit = call !== undefined && isLit(view.state, call, view.now);
  // data-seq and data-number change in the same drawing as the number itself: what measures the
  // time from call to picture watches them.
  return (
    <section
      class={lit ? "newest newest--lit" : "newest"}
      aria-label={say(MAIN_LANGUAGE, "newest")}
      data-seq={shown?.seq}
      data-number={call?.number}
    >
      {call ? <Called call={call} view={view} /> : <NoCall view={view} />}
    </section>
  );
}

function Called({ call, view }: { call: Call; view: View }) {
  const long = call.number.length + signLength(call) > 6;
  return (
    <div class={long ? "called called--long" : "called"} key={view.state.lit[call.number]}>
      <p class="called__label">
        <Both text="number" other={view.other} />
      </p>
      <p class="called__label called__label--counter">
        <Both text={call.room ? "room" : "counter"} other={view.other} />
      </p>
      <p class="number called__number">{call.number}</p>
      <Arrow />
      <Sign call={call} class="called__sign" />
    </div>
  );
}

function NoCall({ view }: { view: View }) {
  const { shown } = view.state;
  if (!shown) {
    return (
      <p class="newest__text">
        <Both text="connecting" other={view.other} />
      </p>
    );
  }
  return (
    <div class="newest__text">
      <p>
        <Both text={shown.open ? "nobody_called" : "closed"} other={view.other} />
      </p>
      <p class="newest__more">
        {shown.open ? <Both text="take_ticket" other={view.other} /> : <Opens view={view} shown={shown} />}
      </p>
    </div>
  );
}

function Opens({ view, shown }: { view: View; shown: Snapshot }) {
  const inLanguage = (language: string) => {
    const opens = opening(shown.opens_at ?? "", serverTime(view.state, view.now), zoneOf(shown.now), language);
    return opens && say(language, opens.key, opens.values);
  };
  const swedish = inLanguage(MAIN_LANGUAGE);
  if (!swedish) return null;
  return (
    <span class="both">
      <span>{swedish}</span>
      {view.other && <Other language={view.other}>{inLanguage(view.other) ?? ""}</Other>}
    </span>
  );
}
