"""How far off are the promised waits where competences overlap: in the simulated municipality?

Simulated days are replayed event by event. At each ticket the product's own estimator is asked
with what had happened by then, and what it knows it has learned from the events before, as in the
live system. Scored are the visitors of the later days who had to wait and were called.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from statistics import fmean

from bench.figures import table, verdict
from bench.worlds import anchor
from queueapp.core import estimate
from queueapp.core import events as e
from queueapp.core.discipline import Head, choose_next
from queueapp.core.experience import Experience
from queueapp.core.matching import Server, Way, Wish
from queueapp.core.simulation import Policy, World, live_wish, simulate

LOAD = 0.80
LEARN_DAYS, SCORED_DAYS = 30, 150
FIRST_SEED = 3_000_000
DAY_S = 86_400.0
ERROR_TARGET = 0.35  # ÷ mean wait
COVERAGE_TARGET = (0.78, 0.83)
ENOUGH = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was told, and what came of it, in seconds."""

    language: str
    told: estimate.Wait
    waited_s: float

    @property
    def held(self) -> bool:
        return self.told.low_s <= self.waited_s <= self.told.high_s


class Hall:
    """The state of a day as its events have told it so far."""

    def __init__(self, world: World) -> None:
        self._servers = {shift.server.counter: shift.server for shift in world.shifts}
        self._rooms = world.rooms
        self.waiting: dict[int, Head] = {}
        self.posts: dict[str, estimate.Post] = {}

    def present(self, now: float) -> estimate.Present:
        lines: dict[Wish, list[Head]] = defaultdict(list)
        for head in sorted(self.waiting.values(), key=lambda one: one.arrived_at):
            lines[head.wish].append(head)
        shown = [estimate.Line(line, len(line)) for line in lines.values()]
        hour = f"hour {int(now % DAY_S) // 3600}"
        posts = list(self.posts.values())
        return estimate.Present(now, shown, posts, groups=(hour,), rooms=self._rooms)

    def take(self, event: e.Event) -> None:
        match event:
            case e.CounterOpened(counter=str(code)):
                self.posts[code] = estimate.Post(self._server(code), event.at)
            case e.CounterPaused(counter=str(code)) | e.CounterClosed(counter=str(code)):
                self.posts.pop(code, None)
            case e.TicketIssued(ticket=int(ticket)):
                self.waiting[ticket] = Head(ticket, event.number, wish_of(event), event.at)
            case e.TicketWidened(ticket=int(ticket)) if ticket in self.waiting:
                head = self.waiting[ticket]
                wider = replace(head.wish, way=Way(event.way), languages=tuple(event.languages))
                self.waiting[ticket] = replace(head, wish=wider)
            case e.TicketLeft(ticket=int(ticket)):
                self.waiting.pop(ticket, None)
            case e.TicketCalled(ticket=int(ticket), counter=str(code)):
                doing = (self.waiting.pop(ticket).wish.service, event.language)
                self.posts[code] = estimate.Post(self._server(code), event.at, doing)
            case e.TicketFinished(counter=str(code)) | e.TicketNoShow(counter=str(code)):
                self.posts[code] = estimate.Post(self._server(code), event.at)

    def _server(self, counter: str) -> Server:
        return self._servers[counter]


def wish_of(event: e.TicketIssued) -> Wish:
    return Wish(event.office, event.service, tuple(event.languages), Way(event.way))


def play(world: World, days: Iterable[int], experience: Experience) -> list[Outcome]:
    """The outcomes of those days; learns from each event as it comes."""
    outcomes: list[Outcome] = []
    for day in days:
        events = simulate(
            replace(world, midnight=day * DAY_S), Policy("ours", live_wish), FIRST_SEED + day
        )
        outcomes += _day(Hall(world), events, experience, day * 1_000_000)
    return outcomes


def _day(
    hall: Hall, events: Iterable[e.Event], experience: Experience, first_ticket: int
) -> list[Outcome]:
    promised: dict[int, tuple[e.TicketIssued, estimate.Wait]] = {}
    outcomes = []
    for event in events:
        known = event
        if isinstance(event, e.TicketIssued):
            known, told = _promise(hall, event, experience)
            promised[event.ticket or 0] = event, told
        elif isinstance(event, e.TicketCalled):
            issued, told = promised[event.ticket or 0]
            outcomes.append(Outcome(issued.languages[0], told, event.at - issued.at))
        hall.take(event)
        # Tickets of different days must not be taken for one another.
        experience.take(replace(known, ticket=known.ticket and known.ticket + first_ticket))
    return [outcome for outcome in outcomes if outcome.waited_s > 0]


def _promise(
    hall: Hall, event: e.TicketIssued, experience: Experience
) -> tuple[e.TicketIssued, estimate.Wait]:
    present = hall.present(event.at)
    [quote] = estimate.quotes(present, [wish_of(event)], experience.known, choose_next)
    told = quote.forecast
    signs = list(quote.signs)
    promised = list(astuple(told.wait))
    return replace(event, staffed=told.staffed, signs=signs, promised=promised), told.wait


def error(outcomes: Sequence[Outcome]) -> float:
    """Mean absolute error of the likely wait ÷ mean wait."""
    off = fmean(abs(one.waited_s - one.told.likely_s) for one in outcomes)
    return off / fmean(one.waited_s for one in outcomes)


def coverage(outcomes: Sequence[Outcome]) -> float:
    """The share whose wait fell within the range told."""
    return fmean(one.held for one in outcomes)


def main() -> None:
    world = anchor(LOAD)
    experience = Experience({}, lambda at: f"hour {int(at % DAY_S) // 3600}")
    play(world, range(1, LEARN_DAYS + 1), experience)
    outcomes = play(world, range(LEARN_DAYS + 1, LEARN_DAYS + SCORED_DAYS + 1), experience)
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.language].append(outcome)
    low, high = COVERAGE_TARGET
    rows = [
        (
            name,
            str(len(some)),
            f"{fmean(one.waited_s for one in some) / 60:.1f}",
            f"{error(some):.2f}",
            f"{coverage(some):.1%}",
            verdict(low <= coverage(some) <= high) if len(some) >= ENOUGH else "too few",
        )
        for name, some in [("all", outcomes), *sorted(groups.items(), key=lambda g: -len(g[1]))]
    ]
    table(
        f"Promise against outcome in the simulated municipality, load {LOAD:.2f}",
        ("language", "waited", "mean, min", "error ÷ mean wait", "80 % range holds", "78–83 %"),
        rows,
        [
            f"Error ÷ mean wait ≤ {ERROR_TARGET}: {verdict(error(outcomes) <= ERROR_TARGET)}. "
            f"Learned on {LEARN_DAYS} days, scored on the {SCORED_DAYS} that follow. "
            "What the best of all forecasts would be off by: python -m bench least_error."
        ],
    )


if __name__ == "__main__":
    main()
