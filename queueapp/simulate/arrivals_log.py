"""The visitors of past days, from the event log, to be played again."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from queueapp.core import events as e
from queueapp.core.arrivals import Arrival, demand_of
from queueapp.models import TicketEvent, read_event
from queueapp.municipality import Municipality
from queueapp.simulate import rota

_event = TicketEvent.__table__
ONE_DAY = dt.timedelta(days=1)

VisitLog = tuple[e.TicketIssued, list[e.Event]]
"""A visit's issue, and all its events."""


@dataclass
class Logged:
    """The visitors of each day that has any.

    ``strange``: how many visits were left out, because the configuration no longer has their
    office, or their service there.
    """

    days: dict[dt.date, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    strange: int = 0


def read(
    connection: Connection, municipality: Municipality, first: dt.date, last: dt.date
) -> Logged:
    """The visits issued on the local days from ``first`` to ``last``."""
    visits = _visits(connection, municipality, first, last)
    offered = {
        (office.code, service.code)
        for office in municipality.offices
        for service in municipality.services_at(office.code)
    }
    found = Logged()
    for issued, log in visits:
        if (issued.office, issued.service) in offered:
            arrival = _arrival(municipality, issued, log)
            date = dt.datetime.fromtimestamp(arrival.at, municipality.zone).date()
            found.days[date].append(arrival)
        else:
            found.strange += 1
    return found


def _visits(
    connection: Connection, municipality: Municipality, first: dt.date, last: dt.date
) -> list[VisitLog]:
    begin = rota.midnight(municipality, first)
    end = rota.midnight(municipality, last + ONE_DAY)
    # An office closes its day, so that no visit ends later than the day after.
    until = rota.midnight(municipality, last + 2 * ONE_DAY)
    rows = connection.execute(
        select(_event).where(_event.c.at >= begin, _event.c.at < until).order_by(_event.c.seq)
    )
    visits: dict[int | None, VisitLog] = {}
    for event in map(read_event, rows):
        if isinstance(event, e.TicketIssued) and event.at < end:
            visits[event.ticket] = (event, [event])
        elif event.ticket in visits:
            visits[event.ticket][1].append(event)
    return list(visits.values())


def _arrival(municipality: Municipality, issued: e.TicketIssued, log: list[e.Event]) -> Arrival:
    (arrival,) = demand_of(log, municipality.typical_s)
    minutes = {priority.code: priority.minutes for priority in municipality.priorities}
    # A reason that is configured no more was worth something then, but nothing now.
    return replace(arrival, credit_s=60 * minutes.get(issued.priority or "", 0))
