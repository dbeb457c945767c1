/** The screen of a video room: it shows whose turn it is there, and opens the meeting. */
import { render } from "preact";
import { watch } from "../../look/live";
import "../../look/look.css";
import { deviceToken, reloadIfServed, stayAwake } from "../../look/unattended";
import type { Room } from "./room";
import "./room.css";
import { Screen } from "./screen";
import { MAIN_LANGUAGE, say } from "./words";

/** A screen runs for weeks: take in a new version of itself now and then, while nobody is there. */
const RENEW_AFTER_MS = 6 * 60 * 60 * 1000;
const LOOK_EVERY_MS = 60_000;

const root = document.getElementById("app") as HTMLElement;
const code = root.dataset["room"] ?? "";
const token = deviceToken("room-token");

let room: Room | null = null;
let lost = false;
let refused = token === null;

function draw(): void {
  render(<Screen code={code} room={room} lost={lost} refused={refused} />, root);
}

function drawRoom(told: Room): void {
  room = told;
  refused = false;
  document.title = `${say(MAIN_LANGUAGE, "room", { number: told.room_name })} – ${told.office_name}`;
  draw();
}

/** Never during a visit: the call would be cut. One that is not connected looks if it is by now. */
function renew(): void {
  const old = performance.now() > RENEW_AFTER_MS && !lost;
  if (!room?.visit && (old || (refused && token !== null))) void reloadIfServed();
}

if (token !== null) {
  const address = `/api/v1/rooms/${encodeURIComponent(code)}`;
  watch<Room>({ what: { room: code }, address, token }, {
    draw: drawRoom,
    connection(live) {
      lost = !live;
      draw();
    },
    refused() {
      // Whoever was here is not to be shown to a screen that may not see it.
      room = null;
      refused = true;
      draw();
    },
  });
}

setInterval(renew, LOOK_EVERY_MS);
stayAwake();
draw();
