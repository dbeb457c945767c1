"""What each screen shows, read from the database in one moment.

Every screen that shows an order asks ``core.discipline``; every wait comes from
``core.estimate``. Nothing here writes.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, Select, bindparam, func, literal_column, select

from queueapp import configuration
from queueapp.core import discipline, estimate
from queueapp.core.matching import Server, Way, Wish, match
from queueapp.core.ticket import AT_A_COUNTER, NotFound, State
from queueapp.models import COUNTERS_NOW, IS_AT_COUNTER, IS_WAITING, Counter, Line, Ticket, db
from queueapp.municipality import Municipality

t = Ticket.__table__
c = Counter.__table__
_LINE = select(Line.__table__)

LATEST_CALLS = 8
LINE_SHOWN = 8

Body = dict[str, Any]
TicketRow = Row[Any]


@dataclass(slots=True)
class Moment:
    """One consistent view of the line: the connection it is read on, and where the log stands."""

    connection: Connection
    municipality: Municipality
    seq: int
    invented: bool
    at: float

    @property
    def banners(self) -> Body:
        """What every page says of itself: trial opening, invented visitors."""
        return {"trial": current_app.config["SETTINGS"].trial, "invented": self.invented}


def moment(connection: Connection, at: float) -> Moment:
    """The present state, as ``connection``'s transaction sees it."""
    row = connection.execute(_LINE).one_or_none()
    if row is None:
        raise configuration.NotInitialised
    municipality = configuration.of_version(connection, row.configuration)
    return Moment(connection, municipality, row.seq, row.invented, at)


@contextmanager
def consistent() -> Iterator[Connection]:
    """A connection whose queries all see one moment; nothing is changed."""
    # A transaction on SQLite sees one moment as it is; PostgreSQL must be asked to.
    postgres = db.engine.dialect.name == "postgresql"
    options = {"isolation_level": "REPEATABLE READ"} if postgres else {}
    with db.engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def reading(at: float) -> Iterator[Moment]:
    """The line at this moment, to be drawn."""
    with consistent() as connection:
        yield moment(connection, at)


def rfc3339(at: float | None, municipality: Municipality) -> str | None:
    """A moment in the municipality's own time, with offset; None stays None."""
    if at is None:
        return None
    return dt.datetime.fromtimestamp(at, municipality.zone).isoformat(timespec="milliseconds")


def is_open(municipality: Municipality, office: str, at: float) -> bool:
    """Whether the office takes visitors now. In a trial it always does."""
    if current_app.config["SETTINGS"].trial:
        return True
    return municipality.is_open(office, dt.datetime.fromtimestamp(at, dt.UTC))


def counter_name(municipality: Municipality, counter: str | None) -> str | None:
    """What the sign above the counter says: its number."""
    return None if counter is None else str(municipality.counter_number(counter))


# --- the line -------------------------------------------------------------------------------


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
_HEAD = (t.c.id, t.c.number, t.c.class_key, t.c.arrived_at)
# The cost of both follows the number of classes, not the length of the line.
_HEADS = {"postgresql": _heads_postgresql(), "sqlite": _heads_sqlite()}
_FRONTS = _fronts()
_ON_DUTY = (
    select(c.c.code, c.c.staff, t.c.id)
    .select_from(COUNTERS_NOW)
    .where(c.c.office == bindparam("office"), c.c.state == "open")
)
_WAITING = (
    select(t.c.class_key, func.count())
    .where(IS_WAITING, t.c.office == bindparam("office"))
    .group_by(t.c.class_key)
)
_AHEAD = _WAITING.where(t.c.arrived_at - t.c.credit_s < bindparam("before"))


def _head(row: Any) -> discipline.Head:
    return discipline.Head(row.id, row.number, Wish.of_key(row.class_key), row.arrived_at)


def heads(connection: Connection) -> list[discipline.Head]:
    """The first of each class that waits: whoever is next is one of them."""
    return [_head(row) for row in connection.execute(_HEADS[connection.dialect.name])]


def fronts(connection: Connection, each: int) -> list[list[discipline.Head]]:
    """The first ``each`` of every class that waits, by arrival."""
    lines: dict[str, list[discipline.Head]] = defaultdict(list)
    for row in connection.execute(_FRONTS, {"each": each}):
        lines[row.class_key].append(_head(row))
    return list(lines.values())


def server(municipality: Municipality, counter: str, staff: str) -> Server:
    """The competence that sits at an open counter."""
    member = municipality.staff_member(staff)
    return Server(
        counter,
        municipality.office_of_counter(counter).code,
        municipality.services_of(staff),
        frozenset(member.languages),
    )


@dataclass(slots=True)
class OnDuty:
    """The open counters of an office, and which of them have a visitor."""

    servers: list[Server]
    busy: frozenset[str]
    typical_s: dict[str, float]

    def forecast(self, wish: Wish, ahead: Mapping[Wish, int]) -> estimate.Forecast:
        """The wait of one with that wish behind ``ahead``."""
        return estimate.forecast(wish, ahead, self.servers, self.busy, self.typical_s)


def on_duty(connection: Connection, municipality: Municipality, office: str) -> OnDuty:
    """Who can serve at ``office`` now."""
    rows = connection.execute(_ON_DUTY, {"office": office}).all()
    return OnDuty(
        [server(municipality, row.code, row.staff) for row in rows],
        frozenset(row.code for row in rows if row.id is not None),
        municipality.typical_s,
    )


def waiting(connection: Connection, office: str, before: float | None = None) -> dict[Wish, int]:
    """How many of each class wait at ``office``; with ``before``, only those ahead of it."""
    if before is None:
        rows = connection.execute(_WAITING, {"office": office})
    else:
        rows = connection.execute(_AHEAD, {"office": office, "before": before})
    return {Wish.of_key(key): number for key, number in rows}


def forecast(
    connection: Connection, municipality: Municipality, wish: Wish, before: float | None = None
) -> estimate.Forecast:
    """The wait of one with that wish who arrives now, or who came at ``before``."""
    duty = on_duty(connection, municipality, wish.office)
    return duty.forecast(wish, waiting(connection, wish.office, before))


# --- office, kiosk, display -------------------------------------------------------------------


def _office_wait(now: Moment, office: str, ahead: Mapping[Wish, int]) -> Body:
    """The wait of a typical visitor to the office: one whom every open counter can serve.

    Where no counter is open (``staffed`` is false) it is the wait if one were opened now.
    """
    services = now.municipality.services_at(office)
    usual = sorted(services, key=lambda service: service.typical_minutes)[len(services) // 2]
    wish = Wish(office, usual.code, (now.municipality.default_language,))
    duty = on_duty(now.connection, now.municipality, office)
    return {"wait": asdict(duty.forecast(wish, ahead).wait), "staffed": bool(duty.servers)}


def offices(now: Moment) -> list[Body]:
    """Every office, as anybody may know it."""
    return [_office(now, office.code) for office in now.municipality.offices]


def _office(now: Moment, code: str) -> Body:
    office = now.municipality.office(code)
    ahead = waiting(now.connection, code)
    return {
        "code": code,
        "name": office.name,
        "kind": office.kind,
        "district": office.district,
        "address": office.address,
        "open": is_open(now.municipality, code, now.at),
        "opens_at": opens_at(now, code),
        "opening_hours": [
            {
                "weekday": hours.weekday,
                "opens": f"{hours.opens:%H:%M}",
                "closes": f"{hours.closes:%H:%M}",
            }
            for hours in office.opening_hours
        ],
        "phone_tickets": office.phone_tickets,
        "waiting": sum(ahead.values()),
        **_office_wait(now, code, ahead),
        **now.banners,
    }


def opens_at(now: Moment, office: str) -> str | None:
    """When a closed office opens next; None while it is open, or where it never will."""
    if is_open(now.municipality, office, now.at):
        return None
    at = now.municipality.opens_next(office, dt.datetime.fromtimestamp(now.at, dt.UTC))
    return at.isoformat() if at else None


def display(now: Moment, office: str) -> Body:
    """The waiting room's display: numbers and counters, never what anybody came for."""
    place = now.municipality.office(office)
    ahead = waiting(now.connection, office)
    return {
        "seq": now.seq,
        "office": office,
        "office_name": place.name,
        "municipality": now.municipality.name.get("sv")[0],
        "languages": list(place.display_languages),
        "open": is_open(now.municipality, office, now.at),
        "opens_at": opens_at(now, office),
        "now": rfc3339(now.at, now.municipality),
        "build": current_app.config["BUILD"],
        "calls": _latest_calls(now, office),
        "waiting": sum(ahead.values()),
        **_office_wait(now, office, ahead),
        **now.banners,
    }


def _latest_calls(now: Moment, office: str) -> list[Body]:
    rows = now.connection.execute(
        select(t.c.number, t.c.counter, t.c.called_at)
        .where(
            t.c.office == office,
            t.c.called_at > midnight(now.municipality, now.at),
            t.c.state.in_((State.CALLED, State.SERVING, State.FINISHED)),
        )
        .order_by(t.c.called_at.desc())
        .limit(LATEST_CALLS)
    )
    return [call(now.municipality, row.number, row.counter, row.called_at) for row in rows]


def call(municipality: Municipality, number: str, counter: str, at: float) -> Body:
    """One call, as displays show it."""
    return {
        "number": number,
        "counter": counter,
        "counter_name": counter_name(municipality, counter),
        "called_at": rfc3339(at, municipality),
        "call_id": f"{number}@{round(at * 1000)}",
    }


def midnight(municipality: Municipality, at: float) -> float:
    """When the local day that holds ``at`` began."""
    local = dt.datetime.fromtimestamp(at, municipality.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def day_of(municipality: Municipality, at: float) -> str:
    """The local date, as YYYY-MM-DD."""
    return dt.datetime.fromtimestamp(at, municipality.zone).date().isoformat()


# --- ticket -----------------------------------------------------------------------------------


def ticket_of_token(connection: Connection, token: str) -> TicketRow:
    """The ticket with that token; :class:`NotFound` where there is none."""
    row = connection.execute(select(t).where(t.c.token == token)).one_or_none()
    if row is None:
        raise NotFound(kind="ticket", code=token)
    return row


def wish_of(row: Any) -> Wish:
    """What the visitor with this ticket asks for."""
    return Wish(row.office, row.service, tuple(row.languages), Way(row.way), row.credit_s)


def ticket(now: Moment, token: str) -> Body:
    """A visitor's own view: nothing about anybody else."""
    row = ticket_of_token(now.connection, token)
    told = None
    if row.state == State.WAITING:
        told = forecast(
            now.connection, now.municipality, wish_of(row), row.arrived_at - row.credit_s
        )
    return visitor_view(now, row, told)


def visitor_view(now: Moment, row: TicketRow, told: estimate.Forecast | None) -> Body:
    """The visitor's view of a ticket whose forecast is known."""
    at_counter = row.state in AT_A_COUNTER
    return {
        "seq": now.seq,
        "number": row.number,
        "state": row.state,
        "office": row.office,
        "office_name": now.municipality.office(row.office).name,
        "service": row.service,
        "languages": row.languages,
        "way": row.served_way if at_counter else row.way,
        "counter": row.counter if at_counter else None,
        "counter_name": counter_name(now.municipality, row.counter) if at_counter else None,
        "called_at": rfc3339(row.called_at, now.municipality) if at_counter else None,
        "issued_at": rfc3339(row.arrived_at, now.municipality),
        "ahead": told.ahead if told else 0,
        "wait": asdict(told.wait) if told else None,
        "staffed": told.staffed if told else True,
        **now.banners,
    }


def tickets(now: Moment, tokens: Sequence[str]) -> dict[str, Body]:
    """The views of several tickets, by token; those in one office share one reading of it."""
    rows = now.connection.execute(select(t).where(t.c.token.in_(tokens))).all()
    standings: dict[str, tuple[OnDuty, list[TicketRow]]] = {}
    views = {}
    for row in rows:
        told = None
        if row.state == State.WAITING:
            if row.office not in standings:
                standings[row.office] = _standing(now, row.office)
            duty, line = standings[row.office]
            since = row.arrived_at - row.credit_s
            ahead: dict[Wish, int] = defaultdict(int)
            for other in line:
                if other.since >= since:
                    break
                ahead[Wish.of_key(other.class_key)] += 1
            told = duty.forecast(wish_of(row), ahead)
        views[row.token] = visitor_view(now, row, told)
    return views


def _standing(now: Moment, office: str) -> tuple[OnDuty, list[TicketRow]]:
    since = (t.c.arrived_at - t.c.credit_s).label("since")
    line = now.connection.execute(
        select(t.c.class_key, since).where(IS_WAITING, t.c.office == office).order_by(since)
    ).all()
    return on_duty(now.connection, now.municipality, office), list(line)


def staff_view(municipality: Municipality, row: Any) -> Body:
    """A ticket as staff see it: what is needed to serve, and no identity."""
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "office": row.office,
        "service": row.service,
        "languages": row.languages,
        "way": row.way,
        "priority": row.priority,
        "leg": row.leg,
        "counter": row.counter,
        "arrived_at": rfc3339(row.arrived_at, municipality),
        "issued_at": rfc3339(row.arrived_at, municipality),
        "called_at": rfc3339(row.called_at, municipality),
        "started_at": rfc3339(row.started_at, municipality),
        "match": {"way": row.served_way, "language": row.served_language}
        if row.served_way
        else None,
        "invented": row.invented,
    }


# --- counter ----------------------------------------------------------------------------------


def counter(now: Moment, code: str) -> Body:
    """What the one at a counter sees: the visitor there, and who comes next and why."""
    office = now.municipality.office_of_counter(code).code
    row = now.connection.execute(select(c).where(c.c.code == code)).one()
    line = fronts(now.connection, LINE_SHOWN)
    next_up: list[discipline.Choice] = []
    if row.state != "closed":
        able = server(now.municipality, code, row.staff)
        next_up = discipline.order(line, able, now.at, LINE_SHOWN)
    ahead = waiting(now.connection, office)
    can_serve = sum(n for wish, n in ahead.items() if row.staff and match(wish, able))
    return {
        "seq": now.seq,
        "counter": code,
        "counter_name": counter_name(now.municipality, code),
        "office": office,
        "state": row.state,
        "staff": row.staff,
        "since": rfc3339(row.since, now.municipality),
        "ticket": _at_counter(now, code),
        "parked": _parked(now, office),
        "waiting": sum(ahead.values()),
        "waiting_for_you": can_serve,
        "line": [_line_entry(now, choice) for choice in next_up],
        **now.banners,
    }


def _line_entry(now: Moment, choice: discipline.Choice) -> Body:
    wish = choice.head.wish
    return {
        "id": choice.head.ticket,
        "number": choice.head.number,
        "office": wish.office,
        "service": wish.service,
        "languages": list(wish.languages),
        "match": asdict(choice.match),
        "reason": choice.reason,
        "arrived_at": rfc3339(choice.head.arrived_at, now.municipality),
        "waited_s": round(choice.waited_s),
    }


def _at_counter(now: Moment, code: str) -> Body | None:
    row = now.connection.execute(select(t).where(t.c.counter == code, IS_AT_COUNTER)).one_or_none()
    return staff_view(now.municipality, row) if row else None


def _parked(now: Moment, office: str) -> list[Body]:
    rows = now.connection.execute(
        select(t)
        .where(t.c.state == State.PARKED, t.c.office == office)
        .order_by(t.c.arrived_at, t.c.id)
    )
    return [staff_view(now.municipality, row) for row in rows]
