import type { View } from "../view";
import { MAIN_LANGUAGE, say } from "../words";
import { Both } from "./Both";

/** The numbers of those whom nobody on duty can serve as things are. Calm: the others need not mind. */
export function AskStaff({ view }: { view: View }) {
  const numbers = (view.state.shown?.ask_staff ?? []).join(", ");
  return (
    <>
      {/* Said once, in Swedish, and not again at every change of language. */}
      <p class="visually-hidden" role="status">
        {numbers && `${numbers}: ${say(MAIN_LANGUAGE, "ask_staff")}`}
      </p>
      {numbers && (
        <div class="ask">
          <p class="number">{numbers}</p>
          <p>
            <Both text="ask_staff" other={view.other} />
          </p>
        </div>
      )}
    </>
  );
}
