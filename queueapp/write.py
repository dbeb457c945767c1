"""The transaction boundary: the package's only commit.

The line's own row is updated first. That update is the lock that keeps two counters from the
same visitor, and it gives the next sequence number; everything is read after it. Without it,
eight threads called most of 200 tickets twice.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Executable, insert, update

from queueapp import configuration, journeys, push
from queueapp.core.events import Event
from queueapp.models import Line as LineTable
from queueapp.models import TicketEvent
from queueapp.municipality import Municipality

_line = LineTable.__table__
_event = TicketEvent.__table__
_LOCK = (
    update(_line)
    .values(seq=_line.c.seq + 1)
    .returning(_line.c.seq, _line.c.configuration, _line.c.invented)
)

_INSERT = insert(_event)
_COMMIT = "COMMIT"


class _Turns:
    """The writers of a process, one at a time in the order they came.

    SQLite would let all but one retry blindly; on PostgreSQL whoever holds the line would share
    its processor with those who only wait for it, and hold it longer for that. A plain lock
    starves: whoever has just left it is back before those who wait have woken.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    @property
    def awaited(self) -> bool:
        """Whether a writer waits for its turn."""
        return bool(self._waiting)

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            call = threading.Lock()
            call.acquire()
            self._waiting.append(call)
        call.acquire()

    def __exit__(self, *failure: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


_turns = _Turns()


def busy() -> bool:
    """Whether changes come faster to this process than they can be made."""
    return _turns.awaited


@dataclass(slots=True)
class Line:
    """The municipality's line while it is held: nobody else changes anything meanwhile.

    ``answers`` are the rows of the steps that it was taken with. ``invented``: whether the
    day has invented visitors. ``changed``: the row of each late change, once it is kept.
    """

    connection: Connection
    municipality: Municipality
    at: float
    seq: int
    invented: bool
    answers: list[journeys.Rows]
    events: list[Event] = field(default_factory=list)
    late: list[journeys.Step] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)

    def change_late(self, statement: Executable, **values: Any) -> None:
        """Make a change that nothing else has to wait for: it travels with the log."""
        self.late.append((statement, values))

    def record(self, event: Event) -> None:
        """Put ``event`` in the log when the transaction is kept."""
        self.events.append(event)


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction: what is done in it is kept whole, or not at all."""
    with _turn() as connection:
        journeys.begin(connection, [])
        yield connection
        connection.commit()


@contextmanager
def line(at: float, *steps: journeys.Step) -> Iterator[Line]:
    """Hold the line at the time ``at``; on leaving, keep the changes and tell the screens.

    ``steps`` are taken as soon as the line is held, in the same journey. Where nothing was
    recorded nothing is kept, and no sequence number is used up.
    """
    with _turn() as connection:
        locked, *answers = journeys.begin(connection, [(_LOCK, {}), *steps])
        if not locked:
            raise configuration.NotInitialised
        [row] = locked
        municipality = configuration.of_version(connection, row.configuration)
        held = Line(connection, municipality, at, row.seq, row.invented, answers)
        yield held
        if held.events:
            _append(held)
            # Already done on PostgreSQL, where nothing is left to do now.
            connection.commit()
    if held.events:
        push.ring()


@contextmanager
def _turn() -> Iterator[Connection]:
    """A connection with which it is this writer's turn; what is not committed is undone."""
    with journeys.connect() as connection, _turns:
        try:
            yield connection
        finally:
            # Nothing must be left of a failure when the next one's turn comes.
            journeys.undo(connection)


def _append(held: Line) -> None:
    """Put what was recorded in the log. On PostgreSQL the commit travels with it."""
    more = len(held.events) - 1
    invented = held.invented or any(event.invented for event in held.events)
    if more or invented != held.invented:
        held.connection.execute(update(_line).values(seq=_line.c.seq + more, invented=invented))
    logged = [(_INSERT, _row(event, seq)) for seq, event in enumerate(held.events, held.seq)]
    rows = journeys.end(held.connection, [*held.late, *logged], _COMMIT)
    held.changed = [row for [row] in rows[: len(held.late)]]


def _row(event: Event, seq: int) -> dict[str, Any]:
    shared = ("type", "at", "office", "ticket", "counter", "invented", "data")
    return {"seq": seq, **{name: getattr(event, name) for name in shared}}
