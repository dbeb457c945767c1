/** The screen of a video room. A pure picture of what is known: no state of its own, no effects. */
import mark from "../../look/mark.svg?raw";
import { forVisit, inEachLanguage, type Line, type Room, type Visit } from "./room";
import { MAIN_LANGUAGE, say } from "./words";

/** What the meeting may use of the machine, and nothing else. */
const LENT = "camera; microphone; display-capture; autoplay; fullscreen";

interface Props {
  code: string;
  room: Room | null;
  lost: boolean;
  /** The server does not know this screen's token, or there is none. */
  refused: boolean;
}

export function Screen({ code, room, lost, refused }: Props) {
  return (
    <div class={room?.visit ? "room room--taken" : "room"}>
      <Notices room={room} />
      <main class="room__main">{refused ? <NotConnected code={code} /> : <Shown room={room} />}</main>
      <footer>
        <p class={lost ? "room__lost" : "visually-hidden"} role="status">
          {lost && <Lost room={room} />}
        </p>
      </footer>
    </div>
  );
}

function Shown({ room }: { room: Room | null }) {
  if (!room) return <h1 class="room__wait">{say(MAIN_LANGUAGE, "connecting")}</h1>;
  return room.visit ? <Taken visit={room.visit} /> : <Idle room={room} />;
}

function Notices({ room }: { room: Room | null }) {
  if (!room?.trial && !room?.invented) return null;
  return (
    <header class="notice-bar">
      {room.trial && <span>{say(MAIN_LANGUAGE, "trial")}</span>}
      {room.invented && <span>{say(MAIN_LANGUAGE, "invented")}</span>}
    </header>
  );
}

function Idle({ room }: { room: Room }) {
  const names = inEachLanguage(room, "room", { number: room.room_name });
  const texts = inEachLanguage(room, "idle");
  return (
    <div class="idle">
      <div class="idle__head">
        <span class="idle__mark" aria-hidden="true" dangerouslySetInnerHTML={{ __html: mark }} />
        <h1 class="idle__room">{names[0]?.text}</h1>
        <p class="idle__office">{room.office_name}</p>
      </div>
      <p class="idle__main">{texts[0]?.text}</p>
      <ul class="idle__others">
        {texts.slice(1).map((text, index) => (
          <li class="idle__other" lang={text.lang} dir={text.dir} key={text.lang}>
            <strong>{names[index + 1]?.text}</strong>
            <span>{text.text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The meeting opens by itself, and stays the same frame however often the visit is drawn anew. */
function Taken({ visit }: { visit: Visit }) {
  const [name] = forVisit(visit, "meeting");
  return (
    <section class="visit">
      <div class="visit__head">
        <h1 class="visit__number">
          <span class="visually-hidden">{say(MAIN_LANGUAGE, "number")} </span>
          <span class="number">{visit.number}</span>
        </h1>
        <div class="visit__texts" role="status">
          <Lines lines={forVisit(visit, "visit")} class="visit__text" />
        </div>
        <a class="button button--secondary visit__link" href={visit.meeting} target="_blank" rel="noopener noreferrer">
          <Lines lines={forVisit(visit, "new_window")} class="visit__link-text" />
        </a>
      </div>
      <iframe class="visit__meeting" key={visit.meeting} src={visit.meeting} allow={LENT} title={name?.text} />
    </section>
  );
}

function Lines({ lines, class: name }: { lines: Line[]; class: string }) {
  return (
    <>
      {lines.map(({ lang, dir, text }) => (
        <span class={name} lang={lang} dir={dir} key={lang}>
          {text}
        </span>
      ))}
    </>
  );
}

function Lost({ room }: { room: Room | null }) {
  if (!room) return <>{say(MAIN_LANGUAGE, "lost")}</>;
  const lines = room.visit ? forVisit(room.visit, "lost") : inEachLanguage(room, "lost");
  return <Lines lines={lines} class="room__lost-line" />;
}

/** Somebody who looks after the screen must do something. Swedish and English. */
function NotConnected({ code }: { code: string }) {
  return (
    <div class="not-connected stack">
      {["sv", "en"].map((lang, index) => (
        <section class="stack stack--tight" lang={lang} key={lang}>
          {index === 0 ? <h1>{say(lang, "not_connected")}</h1> : <h2>{say(lang, "not_connected")}</h2>}
          <p>
            {say(lang, "remedy")} <code class="command">queueapp device add room {code}</code> {say(lang, "after")}
          </p>
        </section>
      ))}
    </div>
  );
}
