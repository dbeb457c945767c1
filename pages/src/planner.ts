/** A plan that is being played: the page is taken anew until it is done. */
import htmx from "htmx.org";

const plan = document.getElementById("plan") as HTMLElement;
// What a strict content security policy forbids: it would write style attributes.
htmx.config.attributesToSettle = [];
htmx.process(plan);

/** Said once, when the plan is done, to those who hear the page. */
document.body.addEventListener("htmx:afterSwap", () => {
  const now = document.getElementById("plan");
  const said = document.getElementById("plan-said");
  if (said && now && now.dataset["state"] !== "waiting" && now.dataset["state"] !== "playing") {
    said.textContent = now.dataset["said"] ?? "";
  }
});
