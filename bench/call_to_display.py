"""From the server's answer to call-next until a display in a real browser shows it.

The display is the real page in Debian's Chromium. With PostgreSQL and Redis it is connected to
the other process than the one that answers the call, the longer way. The line keeps its length:
after each call the visitor is marked as a no-show and a new ticket is issued, as on a day.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Page, sync_playwright

from bench.client import BadAnswer, Conversation, request, talk
from bench.figures import Row, ms, quantile, table
from bench.place import SERVICES, Place, installation
from tests.servers import chromium

LENGTHS = (50, 500)
CALLS = 200
BLOCKS = 4
PAUSE_S = 0.05
OFFICE, COUNTER = "skogas", "skogas-1"
SHOWN_WITHIN_S = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Notes when the page has a new number, and when the frame that holds it is drawn.
OBSERVE = """
window.shown = [];
new MutationObserver(() => {
  const newest = document.querySelector("[data-number]");
  const number = newest && newest.dataset.number;
  if (!number || (window.shown.length && window.shown.at(-1).number === number)) return;
  const note = {number, changed: performance.timeOrigin + performance.now(), drawn: null};
  window.shown.push(note);
  requestAnimationFrame(() => setTimeout(() => {
    note.drawn = performance.timeOrigin + performance.now();
  }));
}).observe(document, {subtree: true, childList: true, attributes: true,
                      attributeFilter: ["data-number"]});
"""


@dataclass
class Delays:
    """Seconds from the answer to the changed page, and to the drawn frame."""

    changed: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)


def measure(place: Place, page: Page, calls: int, delays: Delays) -> None:
    answered: dict[str, float] = {}

    def day() -> Conversation:
        for _ in range(calls):
            answer = yield request("POST", f"/api/v1/counters/{COUNTER}/next", place.token)
            now = time.time()
            if answer.status != 200:
                raise BadAnswer(answer)
            called = answer.json()
            answered[called["number"]] = now
            time.sleep(PAUSE_S)
            yield request("POST", f"/api/v1/tickets/{called['id']}/no-show", place.token)
            yield _ticket(place)
            time.sleep(PAUSE_S)

    page.evaluate("window.shown.length = 0")
    talk([(place.ports[0], day())])
    page.wait_for_function(
        f"window.shown.length >= {calls} && window.shown.at(-1).drawn",
        timeout=SHOWN_WITHIN_S * 1000,
    )
    for note in page.evaluate("window.shown"):
        # The push does not wait for the answer: the display may even be first.
        began = answered.pop(note["number"])
        delays.changed.append(max(0.0, note["changed"] / 1000 - began))
        delays.drawn.append(max(0.0, note["drawn"] / 1000 - began))
    assert not answered, f"never shown: {sorted(answered)}"


def _ticket(place: Place) -> bytes:
    asked = {
        "request_key": secrets.token_urlsafe(12),
        "service": SERVICES[0],
        "languages": ["sv"],
    }
    return request("POST", f"/api/v1/offices/{OFFICE}/tickets", place.token, asked)


@contextmanager
def display(place: Place) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.add_init_script(OBSERVE)
        page.goto(f"http://127.0.0.1:{place.ports[-1]}/display/{OFFICE}")
        page.wait_for_selector("[data-seq]")
        yield page
        browser.close()


def compare(place: Place) -> dict[int, Delays]:
    """The delays with each length of line, in alternating blocks."""
    delays = {length: Delays() for length in LENGTHS}
    place.open([COUNTER])
    with display(place) as page:
        for block in range(-1, BLOCKS):
            for length in LENGTHS:
                place.empty()
                place.fill(length, [OFFICE])
                warming_up = block < 0
                measure(
                    place,
                    page,
                    3 if warming_up else CALLS // BLOCKS,
                    Delays() if warming_up else delays[length],
                )
    return delays


def main() -> None:
    rows: list[Row] = []
    installations = {
        "PostgreSQL, Redis, display on the other process": {"scale": True, "processes": 2},
        "SQLite, one process": {"scale": False},
    }
    for name, kind in installations.items():
        with ExitStack() as stack:
            place = stack.enter_context(installation(**kind))
            for length, delays in compare(place).items():
                rows.append(
                    (
                        name,
                        str(length),
                        ms(quantile(delays.changed, 0.5)),
                        ms(quantile(delays.changed, 0.99)),
                        ms(quantile(delays.drawn, 0.5)),
                        ms(quantile(delays.drawn, 0.99)),
                    )
                )
    table(
        f"From the answer to call-next until the display shows it ({CALLS} calls each)",
        ("installation", "waiting", "in the page, p50", "p99", "drawn, p50", "p99"),
        rows,
    )


if __name__ == "__main__":
    main()
