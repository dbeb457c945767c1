"""What each screen shows, read from the database in one moment.

Every screen that shows an order asks ``core.discipline``; every wait comes from
``core.estimate``. Nothing here writes.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, select

from queueapp import configuration, standing
from queueapp.core import discipline, estimate
from queueapp.core.matching import Way, Wish
from queueapp.core.ticket import AT_A_COUNTER, NotFound, State
from queueapp.models import IS_AT_COUNTER, IS_PARKED, IS_WAITING, Counter, Line, Ticket, db
from queueapp.municipality import Municipality, Unknown
from queueapp.standing import Standing

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


def place_name(municipality: Municipality, counter: str | None, room: str | None) -> str | None:
    """The number on the sign where the visitor goes: above the counter, or at the video room."""
    if room is not None:
        return str(municipality.room_number(room))
    return None if counter is None else str(municipality.counter_number(counter))


# --- office, kiosk, display -------------------------------------------------------------------


def _of_office(present: Standing, office: str) -> Body:
    """How many wait at the office, and the wait of a typical visitor there.

    Where no counter is open (``staffed`` is false) it is the wait if one were opened now.
    """
    municipality = present.municipality
    services = municipality.services_at(office)
    usual = sorted(services, key=lambda service: service.typical_minutes)[len(services) // 2]
    [told] = present.forecasts(Wish(office, usual.code, (municipality.default_language,)))
    return {
        "waiting": present.count(present.at_office(office)),
        "wait": asdict(told.forecast.wait),
        "staffed": any(one.office == office for one in present.duty.servers),
    }


def _present(now: Moment) -> Standing:
    return standing.read(now.connection, now.municipality, now.at)


def offices(now: Moment) -> list[Body]:
    """Every office, as anybody may know it."""
    present = _present(now)
    return [_office(now, office.code, present) for office in now.municipality.offices]


def _office(now: Moment, code: str, present: Standing) -> Body:
    office = now.municipality.office(code)
    return {
        "code": code,
        "name": office.name,
        "kind": office.kind,
        "district": office.district,
        "address": office.address,
        "open": is_open(now.municipality, code, now.at),
        "opens_at": opens_at(now.municipality, code, now.at),
        "opening_hours": [
            {
                "weekday": hours.weekday,
                "opens": f"{hours.opens:%H:%M}",
                "closes": f"{hours.closes:%H:%M}",
            }
            for hours in office.opening_hours
        ],
        "phone_tickets": office.phone_tickets,
        **_of_office(present, code),
        **now.banners,
    }


def opens_at(municipality: Municipality, office: str, at: float) -> str | None:
    """When a closed office opens next; None while it is open, or where it never will."""
    if is_open(municipality, office, at):
        return None
    opens = municipality.opens_next(office, dt.datetime.fromtimestamp(at, dt.UTC))
    return opens.isoformat() if opens else None


def display(now: Moment, office: str) -> Body:
    """The waiting room's display: numbers and counters, never what anybody came for."""
    place = now.municipality.office(office)
    present = _present(now)
    return {
        "seq": now.seq,
        "office": office,
        "office_name": place.name,
        "municipality": now.municipality.name.get("sv")[0],
        "languages": list(place.display_languages),
        "open": is_open(now.municipality, office, now.at),
        "opens_at": opens_at(now.municipality, office, now.at),
        "now": rfc3339(now.at, now.municipality),
        "build": current_app.config["BUILD"],
        "calls": _latest_calls(now, office),
        "ask_staff": _numbers(now, present.unserved(office)),
        **_of_office(present, office),
        **now.banners,
    }


def _numbers(now: Moment, wishes: set[Wish]) -> list[str]:
    """Who waits in these classes, the longest first: nobody on duty can serve them."""
    if not wishes:
        return []
    keys = [wish.key for wish in wishes]
    rows = now.connection.execute(
        select(t.c.number)
        .where(IS_WAITING, t.c.class_key.in_(keys))
        .order_by(t.c.arrived_at, t.c.id)
        .limit(LATEST_CALLS)
    )
    return list(rows.scalars())


def _latest_calls(now: Moment, office: str) -> list[Body]:
    rows = now.connection.execute(
        select(t.c.number, t.c.counter, t.c.room, t.c.called_at)
        .where(
            t.c.office == office,
            t.c.called_at > midnight(now.municipality, now.at),
            t.c.state.in_((State.CALLED, State.SERVING, State.FINISHED)),
        )
        .order_by(t.c.called_at.desc())
        .limit(LATEST_CALLS)
    )
    return [
        call(now.municipality, row.number, row.counter, row.room, row.called_at)
        for row in rows
        if _has_sign(now.municipality, row)
    ]


def _has_sign(municipality: Municipality, row: Any) -> bool:
    """Whether the place of the call is still there: it may have been taken away since."""
    try:
        return place_name(municipality, row.counter, row.room) is not None
    except Unknown:
        return False


def call(
    municipality: Municipality, number: str, counter: str, room: str | None, at: float
) -> Body:
    """One call, as displays show it: to a counter here, or to a video room (``room``)."""
    return {
        "number": number,
        "counter": counter,
        "room": room,
        "counter_name": place_name(municipality, counter, room),
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
    ticket_of_token(now.connection, token)
    return tickets(now, [token])[token]


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
        "room": row.room if at_counter else None,
        "counter_name": place_name(now.municipality, row.counter, row.room) if at_counter else None,
        "meeting": row.meeting if at_counter else None,
        "called_at": rfc3339(row.called_at, now.municipality) if at_counter else None,
        "issued_at": rfc3339(row.arrived_at, now.municipality),
        "ahead": told.ahead if told else 0,
        "wait": asdict(told.wait) if told else None,
        "staffed": told.staffed if told else True,
        "in_time": told.in_time if told else True,
        **now.banners,
    }


def tickets(now: Moment, tokens: Sequence[str]) -> dict[str, Body]:
    """The views of several tickets, by token, from one reading of the line."""
    rows = now.connection.execute(select(t).where(t.c.token.in_(tokens))).all()
    waiting = [row.id for row in rows if row.state == State.WAITING]
    told = standing.of_tickets(now.connection, now.municipality, waiting, now.at) if waiting else {}
    return {
        row.token: visitor_view(now, row, told[row.id].forecast if row.id in told else None)
        for row in rows
    }


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
        "room": row.room,
        "room_name": place_name(municipality, None, row.room),
        "meeting": row.meeting,
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
    line = standing.fronts(now.connection, LINE_SHOWN)
    present = _present(now)
    next_up: list[discipline.Choice] = []
    mine: set[Wish] = set()
    able: set[Wish] = set()
    if row.state != "closed":
        server, duty = now.municipality.server(code, row.staff), present.duty.duty
        next_up = discipline.order(line, server, duty, now.at, LINE_SHOWN)
        mine = discipline.may_call((first for first, *_ in line), server, duty, now.at)
        able = present.for_server(server)
    here = present.at_office(office)
    unserved = present.unserved(office) - able
    return {
        "seq": now.seq,
        "counter": code,
        "counter_name": place_name(now.municipality, code, None),
        "office": office,
        "state": row.state,
        "staff": row.staff,
        "since": rfc3339(row.since, now.municipality),
        "ticket": _at_counter(now, code),
        "parked": _parked(now, office, code),
        "waiting": present.count(here),
        "waiting_for_you": present.count(mine),
        "waiting_for_colleagues": present.count(here - mine - unserved),
        "waiting_unserved": present.count(unserved),
        "line": [_line_entry(now, choice) for choice in next_up],
        "better_placed": _better_placed(now, code, present.duty, next_up),
        **now.banners,
    }


def _better_placed(
    now: Moment, code: str, on_duty: standing.OnDuty, next_up: list[discipline.Choice]
) -> Body | None:
    """The idle counter that should rather call the first of ``next_up`` than this idle one."""
    server = on_duty.server(code)
    if not next_up or server is None or code in on_duty.busy:
        return None
    idle = on_duty.idle_beside(code)
    better = discipline.better_placed(next_up[0], server, idle, on_duty.duty)
    if better is None:
        return None
    name = place_name(now.municipality, better.counter, None)
    return {"office": better.office, "counter_name": name}


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
        "only_speaker": choice.only_speaker,
        "arrived_at": rfc3339(choice.head.arrived_at, now.municipality),
        "waited_s": round(choice.waited_s),
    }


def room(now: Moment, code: str) -> Body:
    """The screen of a video room: the visitor called there, and the meeting to open."""
    office = now.municipality.office_of_room(code)
    row = now.connection.execute(select(t).where(t.c.room == code, IS_AT_COUNTER)).one_or_none()
    return {
        "seq": now.seq,
        "room": code,
        "room_name": place_name(now.municipality, None, code),
        "office": office.code,
        "office_name": office.name,
        "languages": list(office.display_languages),
        "visit": _video_visit(now, row) if row else None,
        **now.banners,
    }


def _video_visit(now: Moment, row: TicketRow) -> Body:
    other = now.municipality.office_of_counter(row.counter)
    return {
        "number": row.number,
        "state": row.state,
        "language": row.served_language,
        "language_name": now.municipality.language(row.served_language).name,
        "from_office": other.name,
        "meeting": row.meeting,
        "called_at": rfc3339(row.called_at, now.municipality),
    }


def _at_counter(now: Moment, code: str) -> Body | None:
    row = now.connection.execute(select(t).where(t.c.counter == code, IS_AT_COUNTER)).one_or_none()
    return staff_view(now.municipality, row) if row else None


def _parked(now: Moment, office: str, code: str) -> list[Body]:
    """The office's own, and those of other offices whom this counter served by video."""
    rows = now.connection.execute(
        select(t)
        .where(IS_PARKED, (t.c.office == office) | (t.c.counter == code))
        .order_by(t.c.arrived_at, t.c.id)
    )
    return [staff_view(now.municipality, row) for row in rows]
