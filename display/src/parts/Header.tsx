import { serverTime, type Snapshot } from "../state";
import { clock, localTime, zoneOf } from "../times";
import type { View } from "../view";
import { Both } from "./Both";

export function Header({ view }: { view: View }) {
  const { shown } = view.state;
  return (
    <header class="top">
      {shown && <Banners shown={shown} other={view.other} />}
      <div class="top__bar">
        <Mark />
        <div class="top__names">
          <h1 class="top__office">{shown?.office_name ?? "Kölapp"}</h1>
          {shown && <p class="top__municipality">{municipalityName(shown)}</p>}
        </div>
        {shown && <Clock view={view} shown={shown} />}
      </div>
    </header>
  );
}

function Banners({ shown, other }: { shown: Snapshot; other: string | null }) {
  if (!shown.trial && !shown.invented) return null;
  return (
    <div class="notice-bar banners">
      {shown.trial && <Both text="trial" other={other} />}
      {shown.invented && <Both text="invented" other={other} />}
    </div>
  );
}

function Clock({ view, shown }: { view: View; shown: Snapshot }) {
  const time = clock(localTime(serverTime(view.state, view.now), zoneOf(shown.now)));
  return (
    <time class="top__clock" dateTime={time}>
      {time}
    </time>
  );
}

function municipalityName({ municipality }: Snapshot): string {
  return typeof municipality === "string" ? municipality : municipality.name;
}

function Mark() {
  return (
    <svg class="top__mark" viewBox="0 0 40 40" aria-hidden="true">
      <path d="M4 6a4 4 0 0 1 4-4h24a4 4 0 0 1 4 4v9.5a4.5 4.5 0 0 0 0 9V34a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4v-9.5a4.5 4.5 0 0 0 0-9z" />
      <circle cx="13.5" cy="27.5" r="3" />
      <circle cx="20" cy="20" r="3" />
      <circle class="top__mark-last" cx="26.5" cy="12.5" r="3" />
    </svg>
  );
}
