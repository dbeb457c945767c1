"""The least error that a promised wait can have in the simulated municipality.

Asked is somebody who knows everything but the future: who waits, who serves whom since when, how
long services take, how many come, and the rule. On the days of bench/world_waits.py, at some of the
tickets that had to wait, the day is played again many times: what has happened stays, and what is
still open is drawn anew by the very laws that the day was drawn by. The median of those waits has
the least mean absolute error of all forecasts, save for the few futures it is taken from.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean, median

from bench.figures import table
from bench.world_waits import DAY_S, FIRST_SEED, LEARN_DAYS, LOAD, SCORED_DAYS
from bench.worlds import SERVICE, anchor
from queueapp.core import events as e
from queueapp.core.arrivals import Arrival, ServiceTime, invent
from queueapp.core.matching import Match, own_language_s
from queueapp.core.simulation import Policy, World, live_wish, play

FUTURES = 25
ASKED = 1 / 8  # of the tickets
ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Known:
    """The wait of one ticket, and the median of what could have become of it, in seconds."""

    language: str
    waited_s: float
    likely_s: float


class Past:
    """A day as far as it had come at ``at``."""

    def __init__(self, arrivals: Sequence[Arrival], events: Sequence[e.Event], at: float) -> None:
        self.at = at
        self.came = [arrival for arrival in arrivals if arrival.at <= at]
        self.serving: dict[int, tuple[float, Match]] = {}
        self.done: set[int] = set()
        for event in events:
            if event.at <= at:
                self._take(event)

    def _take(self, event: e.Event) -> None:
        match event:
            case e.TicketCalled(ticket=int(ticket)):
                first = self.came[ticket - 1].languages[0]
                self.serving[ticket] = event.at, Match.logged(event.way, event.language, first)
            case e.TicketFinished(ticket=int(ticket)):
                self.done.add(ticket)

    def again(self, time: ServiceTime, rng: Random) -> Iterator[Arrival]:
        """Those who came, with what is still open about them drawn anew."""
        for ticket, arrival in enumerate(self.came, 1):
            if ticket in self.done:
                yield arrival
            else:
                yield replace(arrival, own_language_s=self._own_language_s(ticket, time, rng))

    def _own_language_s(self, ticket: int, time: ServiceTime, rng: Random) -> float:
        if ticket not in self.serving:
            return time.draw(rng)
        since, found = self.serving[ticket]
        so_far_s = own_language_s(self.at - since, found)
        return so_far_s + time.law.remaining(rng.random(), so_far_s)


def day(number: int) -> list[Known]:
    """What could be known of some of that day's tickets that had to wait."""
    world, rng = replace(anchor(LOAD), midnight=number * DAY_S), Random(number)
    arrivals = list(invent(world.demand, world.midnight, Random(FIRST_SEED + number)))
    events = play(world, Policy("ours", live_wish), arrivals)
    called = {event.ticket: event.at for event in events if isinstance(event, e.TicketCalled)}
    return [
        _known(world, Past(arrivals, events, arrival.at), called[ticket], rng)
        for ticket, arrival in enumerate(arrivals, 1)
        if called[ticket] > arrival.at and rng.random() < ASKED
    ]


def _known(world: World, past: Past, called_at: float, rng: Random) -> Known:
    futures = [_wait_s(world, past, rng) for _ in range(FUTURES)]
    return Known(past.came[-1].languages[0], called_at - past.at, median(futures))


def _wait_s(world: World, past: Past, rng: Random) -> float:
    """The wait of the last who came, in one of the days that this one could have become."""
    visitors = list(past.again(world.demand.services[SERVICE], rng))
    later = [one for one in invent(world.demand, world.midnight, rng) if one.at > past.at]
    events = play(world, Policy("ours", live_wish), visitors + later)
    ticket = len(visitors)
    return next(
        event.at - past.at
        for event in events
        if isinstance(event, e.TicketCalled) and event.ticket == ticket
    )


def error(known: Sequence[Known]) -> float:
    """Mean absolute error ÷ mean wait."""
    off = fmean(abs(one.waited_s - one.likely_s) for one in known)
    return off / fmean(one.waited_s for one in known)


def main() -> None:
    days = range(LEARN_DAYS + 1, LEARN_DAYS + SCORED_DAYS + 1)
    with ProcessPoolExecutor() as pool:
        known = [one for some in pool.map(day, days) for one in some]
    groups: dict[str, list[Known]] = defaultdict(list)
    for one in known:
        groups[one.language].append(one)
    many = [(name, some) for name, some in groups.items() if len(some) >= ENOUGH]
    rows = [
        (
            name,
            str(len(some)),
            f"{fmean(one.waited_s for one in some) / 60:.1f}",
            f"{error(some):.2f}",
        )
        for name, some in [("all", known), *sorted(many, key=lambda group: -len(group[1]))]
    ]
    table(
        f"The least error of a promised wait in the simulated municipality, load {LOAD:.2f}",
        ("language", "asked", "mean, min", "error ÷ mean wait"),
        rows,
        [f"The median of {FUTURES} futures each, drawn from all that could be known."],
    )


if __name__ == "__main__":
    main()
