import type { View } from "../view";
import { AskStaff } from "./AskStaff";
import { Earlier } from "./Earlier";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { Newest } from "./Newest";

/** The whole display. A pure picture of the view: no state of its own, no effects. */
export function Wall({ view }: { view: View }) {
  return (
    <div class={view.attended ? "wall" : "wall wall--unattended"}>
      <Header view={view} />
      <main class="middle">
        <Newest view={view} />
        <Earlier view={view} />
        <AskStaff view={view} />
        <div class="visually-hidden" aria-live="assertive">
          {view.announcements.map((each) => (
            <p key={each.id}>{each.text}</p>
          ))}
        </div>
      </main>
      <Footer view={view} />
    </div>
  );
}
