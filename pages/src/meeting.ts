/**
 * The video call beside the counter. It stands outside #desk, which every action draws anew, so
 * that the call goes on from the call to the finish. #desk says which meeting it is to be.
 */
export function showMeeting(): void {
  const meeting = document.getElementById("desk")?.dataset["meeting"] ?? "";
  const place = document.getElementById("meeting");
  if (!place || place.dataset["meeting"] === meeting) return;
  place.dataset["meeting"] = meeting;
  place.hidden = !meeting;
  place.querySelector("a")?.setAttribute("href", meeting);
  // A new frame each time: another address in the old one would be a step back in the history.
  place.querySelector("iframe")?.remove();
  const frame = meeting ? newFrame() : undefined;
  if (!frame) return;
  frame.src = meeting;
  place.append(frame);
}

/** A copy of the server's own markup. */
function newFrame(): HTMLIFrameElement | undefined {
  const template = document.getElementById("meeting-frame") as HTMLTemplateElement | null;
  const copy = template?.content.firstElementChild?.cloneNode(true);
  return copy instanceof HTMLIFrameElement ? copy : undefined;
}
