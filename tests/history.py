"""A log to plan from: days of invented visitors, as the simulator leaves them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from sqlalchemy import insert, update

from queueapp import configuration, write
from queueapp.core import events as e
from queueapp.core.simulation import Policy, live_wish, play
from queueapp.models import Line, TicketEvent
from queueapp.municipality import Municipality
from queueapp.planner.document import Invented
from queueapp.planner.visitors import invented
from queueapp.simulate.scenario import Scenario

FIRST = dt.date(2026, 11, 2)  # a Monday


def log_of(
    municipality: Municipality, days: int = 5, first: dt.date = FIRST, per_day: int = 60
) -> list[e.Event]:
    """The events of so many open days; visitors say which district they live in."""
    asked = Invented(first=first, days=days, per_day=per_day)
    scenario, found, tickets = Scenario(municipality), list[e.Event](), 0
    for date, came in invented(municipality, asked, seed=7).items():
        day = scenario.day(date, came)
        log = play(day.world, Policy("live", live_wish), day.arrivals(Random(1)))
        found += [replace(x, ticket=x.ticket and x.ticket + tickets) for x in log]
        tickets += max(x.ticket or 0 for x in log)
    return found


def write_log(log: Iterable[e.Event]) -> None:
    """Put the events in the log, as the live system would have."""
    rows = [
        {
            "seq": seq,
            "type": event.type,
            "data": event.data,
            **{n: getattr(event, n) for n in ("at", "office", "ticket", "counter", "invented")},
        }
        for seq, event in enumerate(log, start=1)
    ]
    with write.transaction() as connection:
        connection.execute(insert(TicketEvent.__table__), rows)
        connection.execute(update(Line.__table__).values(seq=len(rows), invented=True))


def make(days: int = 5, per_day: int = 60, first: dt.date = FIRST) -> None:
    """A log of so many days in the database of the application."""
    write_log(log_of(configuration.current(), days, first, per_day))
