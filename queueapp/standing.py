"""Who serves and who waits at this moment, at all offices, and the waits that follow from it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal_column, or_, select

from queueapp import forecasts
from queueapp.core import discipline, estimate
from queueapp.core.matching import Server, Wish, match
from queueapp.models import COUNTERS_NOW, IS_WAITING, Counter, Ticket
from queueapp.municipality import Municipality

t = Ticket.__table__
c = Counter.__table__


# --- who waits --------------------------------------------------------------------------------


def _heads_sqlite() -> Select[Any]:
    """The first of each class, found by hopping from one key of the partial index to the next."""
    first = select(func.min(t.c.class_key).label("key")).where(IS_WAITING)
    hop = first.cte("hop", recursive=True)
    after = select(func.min(t.c.class_key)).where(IS_WAITING, t.c.class_key > hop.c.key)
    hop = hop.union_all(select(after.scalar_subquery()).where(hop.c.key.is_not(None)))
    inner = t.alias("inner_ticket")
    front = (
        select(inner.c.id)
        .where(inner.c.state == literal_column("'waiting'"), inner.c.class_key == hop.c.key)
        .order_by(inner.c.arrived_at, inner.c.id)
        .limit(literal_column("1"))
        .correlate(hop)
        .scalar_subquery()
    )
    return select(*_HEAD).select_from(hop).join(t, t.c.id == front)


def _heads_postgresql() -> Select[Any]:
    """The same, each hop taking the whole row: a join afterwards may be planned as a full scan."""
    first = (
        select(*_HEAD)
        .where(IS_WAITING)
        .order_by(t.c.class_key, t.c.arrived_at, t.c.id)
        .limit(literal_column("1"))
    )
    hop = first.cte("hop", recursive=True)
    following = first.where(t.c.class_key > hop.c.class_key).lateral("following")
    return select(hop.union_all(select(following).select_from(hop, following)))


def _fronts() -> Select[Any]:
    """The first ``each`` of every class, for screens that show a line."""
    place = func.row_number().over(partition_by=t.c.class_key, order_by=(t.c.arrived_at, t.c.id))
    line = select(*_HEAD, place.label("place")).where(IS_WAITING).subquery()
    return (
        select(line)
        .where(line.c.place <= bindparam("each"))
        .order_by(line.c.class_key, line.c.place)
    )


# Built once: building a statement costs more than running it.
_HEAD = (t.c.id, t.c.number, t.c.class_key, t.c.arrived_at, t.c.invented)
# The cost of both follows the number of classes, not the length of the line.
HEADS = {"postgresql": _heads_postgresql(), "sqlite": _heads_sqlite()}
_FRONTS = _fronts()
_CLASSES = (
    select(
        t.c.class_key,
        func.count().label("number"),
        func.min(t.c.arrived_at).label("first_at"),
        func.max(t.c.arrived_at).label("last_at"),
    )
    .where(IS_WAITING)
    .group_by(t.c.class_key)
)
_CLASSES_AHEAD = _CLASSES.where(t.c.arrived_at - t.c.credit_s < bindparam("before"))
_EVERYBODY = select(*_HEAD).where(IS_WAITING).order_by(t.c.class_key, t.c.arrived_at, t.c.id)


def _head(row: Any) -> discipline.Head:
    return discipline.Head(row.id, row.number, Wish.of_key(row.class_key), row.arrived_at)


def heads(rows: Iterable[Any]) -> list[discipline.Head]:
    """The first of each class that waits, from the rows of ``HEADS``: one of them is next."""
    return [_head(row) for row in rows]


def fronts(connection: Connection, each: int) -> list[list[discipline.Head]]:
    """The first ``each`` of every class that waits, by arrival."""
    return _by_class(connection.execute(_FRONTS, {"each": each}))


def _by_class(rows: Iterable[Any]) -> list[list[discipline.Head]]:
    lines: dict[str, list[discipline.Head]] = defaultdict(list)
    for row in rows:
        lines[row.class_key].append(_head(row))
    return list(lines.values())


def _classes(connection: Connection, before: float | None) -> list[estimate.Line]:
    """Each class by how many wait and since when: what a forecast needs, at little cost.

    Its first visitor is somebody of each class's own, though not known by the ticket's number.
    """
    rows = (
        connection.execute(_CLASSES)
        if before is None
        else connection.execute(_CLASSES_AHEAD, {"before": before})
    )
    return [
        counted(place, row.class_key, row.number, row.first_at, row.last_at)
        for place, row in enumerate(rows, start=1)
    ]


def counted(first: int, key: str, number: int, first_at: float, last_at: float) -> estimate.Line:
    """A class of which only the first (a ticket's id or another number of its own) is known."""
    return estimate.Line([discipline.Head(first, "", Wish.of_key(key), first_at)], number, last_at)


def _everybody(connection: Connection) -> list[estimate.Line]:
    return [estimate.Line(line, len(line)) for line in _by_class(connection.execute(_EVERYBODY))]


# --- who serves -------------------------------------------------------------------------------

# What there is to know of a counter, and of the ticket there where there is one.
ON_DUTY = (
    c.c.code,
    c.c.state,
    c.c.staff,
    c.c.since,
    t.c.id,
    t.c.office,
    t.c.room,
    t.c.service,
    t.c.served_language,
    t.c.called_at,
    t.c.started_at,
)
# By some mishap a counter that is not open may have a visitor: the video room is taken even so.
COUNTERS = (
    select(*ON_DUTY)
    .select_from(COUNTERS_NOW)
    .where(or_(c.c.state == literal_column("'open'"), t.c.room.is_not(None)))
)


class OnDuty:
    """The municipality's open counters: who sits there, which have a visitor, and where."""

    def __init__(self, municipality: Municipality, rows: Sequence[Any]) -> None:
        self._municipality = municipality
        self._rows = [row for row in rows if row.state == "open"]
        self._rooms_taken = {row.room for row in rows}
        self.servers = tuple(municipality.server(row.code, row.staff) for row in self._rows)
        self.staff = {row.code: row.staff for row in self._rows}
        self.busy = frozenset(row.code for row in self._rows if row.id is not None)

    def server(self, counter: str) -> Server | None:
        """The open counter of that code; None where it is not open."""
        return next((one for one in self.servers if one.counter == counter), None)

    def free_rooms(self, office: str) -> list[str]:
        """The office's video rooms where nobody is."""
        rooms = self._municipality.video_rooms(office)
        return [room for room in rooms if room not in self._rooms_taken]

    @property
    def rooms(self) -> dict[str, int]:
        """How many video rooms are free in each office."""
        offices = self._municipality.offices
        return {office.code: len(self.free_rooms(office.code)) for office in offices}

    @property
    def duty(self) -> discipline.Duty:
        """What the discipline needs to know."""
        return forecasts.forecaster().duty(self.servers, self.rooms)

    def idle_beside(self, counter: str) -> list[Server]:
        """The other open counters where nobody is."""
        away = self.busy | {counter}
        return [one for one in self.servers if one.counter not in away]

    def posts(self, at: float) -> list[estimate.Post]:
        """What the estimate needs to know."""
        now = dt.datetime.fromtimestamp(at, dt.UTC)
        ends = [self._municipality.off_duty(row.staff, now) for row in self._rows]
        known = [end.timestamp() for end in ends if end]
        # Whoever is the last to go stays until those who wait have been called.
        last = max(known, default=at) if len(known) == len(ends) else inf
        return [
            _post(one, row, end.timestamp() if end and end.timestamp() < last else inf)
            for one, row, end in zip(self.servers, self._rows, ends, strict=True)
        ]


def _post(able: Server, row: Any, until: float) -> estimate.Post:
    if row.id is None:
        return estimate.Post(able, row.since, until=until)
    since = row.started_at or row.called_at
    room = row.office if row.room else None
    doing = (row.service, row.served_language)
    return estimate.Post(able, since, doing, room=room, until=until)


def counters(connection: Connection) -> Sequence[Any]:
    """The rows of :class:`OnDuty`, of all offices: competence is pooled."""
    return connection.execute(COUNTERS).all()


def on_duty(connection: Connection, municipality: Municipality) -> OnDuty:
    """Who is on duty now."""
    return OnDuty(municipality, counters(connection))


# --- both, and the waits that follow ------------------------------------------------------------


class Standing:
    """Who serves and who waits at this moment."""

    def __init__(
        self,
        municipality: Municipality,
        duty: OnDuty,
        lines: list[estimate.Line],
        at: float,
        came_at: float | None = None,
    ) -> None:
        self.municipality, self.duty, self.lines = municipality, duty, lines
        hour = dt.datetime.fromtimestamp(at, municipality.zone).hour
        self.present = estimate.Present(
            at,
            lines,
            duty.posts(at),
            groups=(f"hour {hour}",),
            rooms=duty.rooms,
            came_at=came_at,
        )

    def forecasts(self, *wishes: Wish) -> list[estimate.Quote]:
        """What the one who asks would be told of each of the wishes."""
        return forecasts.forecaster().newcomers(self.present, wishes)

    def ahead_of(self, connection: Connection, came_at: float, credit_s: int) -> "Standing":
        """The same for one who came at ``came_at``: with only those in line ahead of them."""
        lines = _classes(connection, came_at - credit_s)
        return Standing(self.municipality, self.duty, lines, self.present.now, came_at)

    @property
    def classes(self) -> dict[Wish, int]:
        """How many wait of each class."""
        return {line.heads[0].wish: line.count for line in self.lines}

    def count(self, wishes: Iterable[Wish]) -> int:
        """How many wait in those classes."""
        classes = self.classes
        return sum(classes[wish] for wish in wishes)

    def at_office(self, office: str) -> set[Wish]:
        """The classes that wait at the office."""
        return {wish for wish in self.classes if wish.office == office}

    def for_server(self, able: Server) -> set[Wish]:
        """The classes that the counter can serve."""
        return {wish for wish in self.classes if match(wish, able)}

    def unserved(self, office: str) -> set[Wish]:
        """The classes that wait at the office and that nobody on duty can serve."""
        servers = self.duty.servers
        return {
            wish for wish in self.at_office(office) if not any(match(wish, one) for one in servers)
        }


def read(connection: Connection, municipality: Municipality, at: float) -> Standing:
    """The standing at this moment."""
    duty = on_duty(connection, municipality)
    return Standing(municipality, duty, _classes(connection, None), at)


def of_tickets(
    connection: Connection, municipality: Municipality, tickets: Sequence[int], at: float
) -> dict[int, estimate.Quote]:
    """What each of those tickets that wait would be told of the rest of its wait."""
    standing = Standing(municipality, on_duty(connection, municipality), _everybody(connection), at)
    asked = set(tickets)
    watched = [head for line in standing.lines for head in line.heads if head.ticket in asked]
    told = forecasts.forecaster().waiting(standing.present, watched)
    return {head.ticket: quote for head, quote in zip(watched, told, strict=True)}
