import type { ComponentChildren } from "preact";
import type { Snapshot } from "../state";
import { waitFigure } from "../times";
import type { View } from "../view";
import { MAIN_LANGUAGE, say, type Key } from "../words";
import { Both } from "./Both";
import { Tools } from "./Tools";

/** How many wait and for how long; or, when that cannot be known, why. */
export function Footer({ view }: { view: View }) {
  const notice = noticeOf(view);
  return (
    <footer class={notice ? "bottom bottom--notice" : "bottom"}>
      {/* Said once, in Swedish: a status that is spoken anew at every change of language is noise. */}
      <p class="visually-hidden" role="status">
        {notice && say(MAIN_LANGUAGE, notice)}
      </p>
      <div class="bottom__content">
        {notice && (
          <p class="bottom__notice">
            <Warning />
            <Both text={notice} other={view.other} />
          </p>
        )}
        {!notice && view.state.shown && <Figures shown={view.state.shown} other={view.other} />}
      </div>
      <Tools view={view} />
    </footer>
  );
}

/** While the connection is away the figures are not shown at all: an old promise is worse than none. */
function noticeOf({ lost, refused }: View): Key | null {
  if (refused) return "refused";
  return lost ? "lost" : null;
}

function Figures({ shown, other }: { shown: Snapshot; other: string | null }) {
  if (!shown.open && shown.calls.length === 0 && shown.waiting === 0) return null;
  const why = noWaitBecause(shown);
  const wait = !why && shown.wait && waitFigure(shown.wait);
  return (
    <>
      <Figure value={String(shown.waiting)} label={<Both text="waiting" other={other} />} />
      {why && (
        <p class="bottom__text">
          <Both text={why} other={other} />
        </p>
      )}
      {wait && <Figure value={wait.text} label={<Both text={`wait_${wait.unit}`} other={other} />} />}
    </>
  );
}

/** What is said instead of a wait where nobody new is taken in, or nobody is there to call. */
function noWaitBecause({ open, staffed }: Snapshot): Key | null {
  if (!open) return "closed_serving";
  return staffed ? null : "unstaffed";
}

function Figure({ value, label }: { value: string; label: ComponentChildren }) {
  return (
    <p class="fact">
      <span class="number fact__value">{value}</span> <span class="fact__label">{label}</span>
    </p>
  );
}

function Warning() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 3.5 22 20.5H2zM12 10v5M12 17.6v.4" />
    </svg>
  );
}
