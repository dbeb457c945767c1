"""A hand-made log for the report: visits with exactly the waits and outcomes that a test names."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from queueapp import configuration, write
from queueapp.core import events as e

_tickets = count(1)


@dataclass(frozen=True)
class Visits:
    """``number`` visits at an office on one day, a minute apart, the waits in turn, in minutes."""

    number: int
    office: str = "varby"
    waits: tuple[float, ...] = (5,)
    language: str = "sv"
    served_in: str = ""
    district: str | None = "varby"
    coded: bool = True
    invented: bool = False


def write_day(date: dt.date, *visits: Visits) -> None:
    """Write a day with these visits to the application's log."""
    zone = configuration.current().zone
    nine = dt.datetime.combine(date, dt.time(9), zone).timestamp()
    log = [event for some in visits for event in _events(some, nine)]
    log.sort(key=lambda event: event.at)
    with write.line(log[-1].at) as held:
        for event in log:
            held.record(event)


def _events(some: Visits, nine: float) -> Iterator[e.Event]:
    for place in range(some.number):
        yield from _visit(some, nine + place * 60, some.waits[place % len(some.waits)] * 60)


def _visit(some: Visits, at: float, wait_s: float) -> Iterator[e.Event]:
    ticket = next(_tickets)
    about: dict[str, Any] = {"office": some.office, "ticket": ticket, "invented": some.invented}
    here = about | {"counter": f"{some.office}-1"}
    yield e.TicketIssued(
        at=at,
        **about,
        number=f"M{ticket}",
        service="bygglov",
        languages=[some.language],
        way="here",
        channel="kiosk",
        district=some.district,
        priority=None,
        promised=[0, 300, 1200],
    )
    called = at + wait_s
    yield e.TicketCalled(at=called, **here, number=f"M{ticket}", way="here", language=some.language)
    yield e.ServiceStarted(at=called + 10, **here)
    errand = {
        "service": "bygglov",
        "owner": "municipal",
        "outcome": "resolved",
        "language": some.served_in or some.language,
        "interpreter": False,
    }
    yield e.TicketFinished(at=called + 310, **here, errands=[errand] if some.coded else [])
