"""The process's own picture of who waits and who serves, from which newcomers are told their wait.

The log says which tickets and counters have changed since the picture was last completed. Only
these are read again, as they now are, whatever happened to them. So a promise costs one small
reading, however many wait and serve. Nobody is chosen from the picture: whom a counter calls is
read from the tables while the line is held.
"""

import threading
import time
from collections import defaultdict
from math import inf
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Connection, and_, bindparam, literal_column, select

from queueapp import journeys, standing, write
from queueapp.core import estimate
from queueapp.models import IS_AT_COUNTER, IS_WAITING, Counter, Line, Ticket, TicketEvent
from queueapp.municipality import Municipality

# A picture that is further behind than this is taken anew.
MOST_CHANGES = 32
# However small the changes, it is taken anew so often: somebody may have changed tables by hand.
ANEW_AFTER_S = 60.0
# So long a reading serves those who come while changes queue.
SHARED_S = 0.02

c, e, t = Counter.__table__, TicketEvent.__table__, Ticket.__table__
_SEQ = select(Line.__table__.c.seq)
_WAITING = select(t.c.id, t.c.class_key, t.c.arrived_at).where(IS_WAITING)


def _waiting(column: str) -> ColumnElement[Any]:
    """What the ticket that an event names now waits with.

    Asked for row by row: joined, the database would rather read through all tickets.
    """
    waits = t.alias("waits")
    is_it = and_(waits.c.id == e.c.ticket, waits.c.state == literal_column("'waiting'"))
    return select(waits.c[column]).where(is_it).correlate(e).scalar_subquery().label(column)


# The next sequence numbers one by one, not all above: the database then knows beforehand how few
# rows come, and plans the statement once and not at each reading.
_NEXT: list[ColumnElement[int]] = [
    bindparam("seq", type_=e.c.seq.type) + literal_column(str(n))
    for n in range(1, MOST_CHANGES + 1)
]
_CHANGED = (
    select(
        e.c.ticket.label("changed_ticket"),
        e.c.counter.label("changed_counter"),
        _waiting("class_key"),
        _waiting("arrived_at"),
        *standing.ON_DUTY,
    )
    .select_from(e)
    .outerjoin(c, c.c.code == e.c.counter)
    .outerjoin(t, and_(t.c.counter == c.c.code, IS_AT_COUNTER))
    .where(e.c.seq.in_(_NEXT))
)


class Mirror:
    """The picture, and how far in the log it goes."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._asked_at = self._anew_at = -inf
        self._seq = 0
        self._class_of: dict[int, str] = {}
        self._arrivals: dict[str, dict[int, float]] = defaultdict(dict)
        self._lines: dict[str, estimate.Line] = {}
        self._counters: dict[str, Any] = {}

    def standing(self, municipality: Municipality, at: float) -> standing.Standing:
        """Who waits and who serves, with all that was in the log when this was called, or
        ``SHARED_S`` before while changes come faster than they can be made.
        """
        came_at = time.monotonic()
        with self._turn:
            # A reading that began while this one waited for its turn has seen enough. While
            # changes queue, so has one just before: what they will do is in no picture yet.
            if self._asked_at < came_at - (SHARED_S if write.busy() else 0.0):
                self._complete()
            duty = standing.OnDuty(municipality, [*self._counters.values()])
            return standing.Standing(municipality, duty, [*self._lines.values()], at)

    def _complete(self) -> None:
        asked_at = time.monotonic()
        with journeys.connect() as connection:
            if asked_at - self._anew_at > ANEW_AFTER_S or not self._catch_up(connection):
                self._anew_at = -inf  # until it is whole
                self._take_anew(connection)
                self._anew_at = asked_at
        self._asked_at = asked_at

    def _catch_up(self, connection: Connection) -> bool:
        """Read what has changed; false where that may be more than was asked for."""
        rows = journeys.ask(connection, _CHANGED, {"seq": self._seq})
        for row in rows:
            self._put_counter(row.changed_counter, row)
            self._put_ticket(row.changed_ticket, row.class_key, row.arrived_at)
        self._seq += len(rows)  # the log has no gaps
        return len(rows) < MOST_CHANGES

    def _take_anew(self, connection: Connection) -> None:
        # The number first: what changes meanwhile is read once more, and then as it is.
        self._seq = connection.execute(_SEQ).scalar_one()
        self._counters = {row.code: row for row in standing.counters(connection)}
        self._class_of.clear()
        self._arrivals.clear()
        self._lines.clear()
        for row in connection.execute(_WAITING):
            self._class_of[row.id] = row.class_key
            self._arrivals[row.class_key][row.id] = row.arrived_at
        for key in self._arrivals:
            self._draw(key)

    def _put_counter(self, counter: str | None, row: Any) -> None:
        """The counter as it now is; not in the picture where it is closed and nobody is there."""
        if row.state == "open" or row.room is not None:
            self._counters[row.code] = row
        elif counter is not None:
            self._counters.pop(counter, None)

    def _put_ticket(self, ticket: int | None, key: str | None, arrived_at: float) -> None:
        """The ticket in the class where it now waits; in none where it does not wait (no key)."""
        if ticket is None:
            return
        if before := self._class_of.pop(ticket, None):
            del self._arrivals[before][ticket]
            self._draw(before)
        if key is not None:
            self._class_of[ticket] = key
            self._arrivals[key][ticket] = arrived_at
            self._draw(key)

    def _draw(self, key: str) -> None:
        """What a forecast needs to know of the class."""
        arrivals = self._arrivals[key]
        if arrivals:
            first, last_at = min(arrivals, key=arrivals.__getitem__), max(arrivals.values())
            self._lines[key] = standing.counted(first, key, len(arrivals), arrivals[first], last_at)
        else:
            self._lines.pop(key, None)


def mirror() -> Mirror:
    """This process's own."""
    found: Mirror = current_app.extensions["mirror"]
    return found
