"""What can be done: one verb, one function, each in one transaction on the held line.

A function either does all of it and records what happened, or raises a
:class:`~queueapp.core.ticket.Refusal` and changes nothing. ``at`` is the time, in seconds since
1970; who may ask is decided before, in ``web``.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    and_,
    bindparam,
    cast,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from queueapp import checks, configuration, journeys, screens, standing
from queueapp.core import discipline, estimate, events
from queueapp.core import ticket as rules
from queueapp.core.matching import Way, Wish
from queueapp.core.ticket import State, Verb
from queueapp.mirror import mirror
from queueapp.models import COUNTERS_NOW, Counter, Numbering, Ticket, db
from queueapp.municipality import (
    OTHER_DISTRICT,
    UNDISCLOSED_DISTRICT,
    Municipality,
    Unknown,
)
from queueapp.write import Line, line

t = Ticket.__table__
c = Counter.__table__
n = Numbering.__table__
Body = dict[str, Any]
# Built once: building a statement costs more than running it. The columns set are the parameters.
_TICKET = select(t).where(t.c.id == bindparam("ticket"))
_CHANGE = update(t).where(t.c.id == bindparam("ticket")).returning(t)
_COUNTER = (
    select(c, t.c.id.label("ticket"))
    .select_from(COUNTERS_NOW)
    .where(c.c.code == bindparam("counter"))
)


# The columns of a new ticket but its number.
_NEW = (
    "request_key", "token", "day", "state", "class_key", "office", "service", "languages", "way",
    "channel", "district", "priority", "credit_s", "leg", "arrived_at", "invented",
)  # fmt: skip


def _numbered_ticket(insert: Any) -> tuple[Any, Any]:
    """One more on an office's day, and a ticket with that number, unless its request key has one.

    No step needs the other's answer, so both travel with the lock.
    """
    one: ColumnElement[int] = literal_column("1")
    one_more = insert(n).values(office=bindparam("office"), day=bindparam("day"), last=one)
    at_office = and_(n.c.office == bindparam("numbered_at"), n.c.day == bindparam("numbered_on"))
    last = select(n.c.last).where(at_office).scalar_subquery()
    number = bindparam("prefix", type_=String) + cast(last, String)
    values = {name: bindparam(name, type_=t.c[name].type) for name in _NEW}
    return (
        one_more.on_conflict_do_update(
            index_elements=["office", "day"], set_={"last": n.c.last + one}
        ),
        insert(t)
        .values(number=number, **values)
        .on_conflict_do_nothing(index_elements=["request_key"])
        .returning(t),
    )


_NUMBERED_TICKET = {
    "postgresql": _numbered_ticket(postgresql.insert),
    "sqlite": _numbered_ticket(sqlite.insert),
}


# --- issue ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody who takes a ticket asks for. ``request_key`` makes a repeat harmless."""

    request_key: str
    office: str
    service: str
    languages: tuple[str, ...]
    channel: str
    way: str = Way.HERE
    district: str | None = None
    priority: str | None = None
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """The ticket, whether this request made it, and the wait promised with it."""

    ticket: Row[Any]
    created: bool
    forecast: estimate.Forecast
    municipality: Municipality


def issue(order: Order, at: float, *, any_hour: bool = False) -> Issued:
    """Give a ticket, or the same ticket again for the same request key.

    ``any_hour`` lets staff issue one when the office is closed.
    """
    try:
        return _issue(order, at, any_hour)
    except (rules.Refusal, Unknown):
        # What was given before stays given: the office may have closed since. Looked for only
        # now, so that a ticket costs no question more.
        if again := _issued_before(order.request_key, at):
            return again
        raise


def _issue(order: Order, at: float, any_hour: bool) -> Issued:
    told = _foretold(order, at)
    while True:
        municipality = configuration.current()
        wish = _check_order(municipality, order, at, any_hour)
        with line(at, *_new_ticket(municipality, order, wish, at)) as held:
            if held.municipality is not municipality:
                continue  # it has just been replaced: nothing is kept, and all is asked by the new
            *_, tickets = held.answers
            for row in tickets:
                held.record(_issued(order, row, told, at))
        if tickets:
            return Issued(tickets[0], True, told.forecast, municipality)
        if again := _issued_before(order.request_key, at):
            return again


def _foretold(order: Order, at: float) -> estimate.Quote:
    """The wait, told before the line is held: nobody who calls has to wait for it."""
    municipality = configuration.current()
    wish = _wish(municipality, order)
    [told] = mirror().standing(municipality, at).forecasts(wish)
    return told


def _check_order(municipality: Municipality, order: Order, at: float, any_hour: bool) -> Wish:
    municipality.office(order.office)
    if not any_hour and not screens.is_open(municipality, order.office, at):
        raise _closed(municipality, order.office, at)
    wish = _wish(municipality, order)
    if order.district not in {None, OTHER_DISTRICT, UNDISCLOSED_DISTRICT}:
        checks.known("district", municipality.district, order.district)
    return wish


def _closed(municipality: Municipality, office: str, at: float) -> rules.OfficeClosed:
    opens_at = screens.opens_at(municipality, office, at)
    return rules.OfficeClosed(office=municipality.office(office).name, opens_at=opens_at)


def _wish(municipality: Municipality, order: Order) -> Wish:
    """What is asked for, where all of it exists."""
    municipality.office(order.office)
    credit_s = _credit_s(municipality, order.priority)
    wish = Wish(order.office, order.service, order.languages, Way(order.way), credit_s)
    checks.wish(municipality, wish)
    return wish


def _credit_s(municipality: Municipality, priority: str | None) -> int:
    if priority is None:
        return 0
    return int(checks.known("priority", municipality.priority, priority).minutes) * 60


def _new_ticket(
    municipality: Municipality, order: Order, wish: Wish, at: float
) -> list[journeys.Step]:
    """The steps that give the office's next number of the day to a new ticket."""
    values = {
        "request_key": order.request_key,
        "token": secrets.token_urlsafe(16),
        "day": screens.day_of(municipality, at),
        "state": State.WAITING,
        "class_key": wish.key,
        "office": wish.office,
        "service": wish.service,
        "languages": list(wish.languages),
        "way": wish.way,
        "channel": order.channel,
        "district": order.district,
        "priority": order.priority,
        "credit_s": wish.credit_s,
        "leg": 1,
        "arrived_at": at,
        "invented": order.invented,
    }
    office, day = wish.office, values["day"]
    prefix = municipality.office(office).number_prefix
    numbered = {"prefix": prefix, "numbered_at": office, "numbered_on": day}
    one_more, ticket = _NUMBERED_TICKET[db.engine.dialect.name]
    return [(one_more, {"office": office, "day": day}), (ticket, values | numbered)]


def _issued(order: Order, row: Row[Any], told: estimate.Quote, at: float) -> events.TicketIssued:
    return events.TicketIssued(
        at=at,
        office=order.office,
        ticket=row.id,
        invented=order.invented,
        number=row.number,
        service=order.service,
        languages=list(order.languages),
        way=order.way,
        channel=order.channel,
        district=order.district,
        priority=order.priority,
        promised=list(asdict(told.forecast.wait).values()) if told.forecast.promised else [],
        staffed=told.forecast.staffed,
        signs=[round(sign, 3) for sign in told.signs],
    )


def _issued_before(request_key: str, at: float) -> Issued | None:
    """The ticket that the request key has already; None where it has none."""
    with screens.reading(at) as now:
        asked = select(t).where(t.c.request_key == request_key)
        row = now.connection.execute(asked).one_or_none()
        if row is None:
            return None
        told = standing.of_tickets(now.connection, now.municipality, [row.id], at)
        forecast = told[row.id].forecast if told else _NOTHING_LEFT
        return Issued(row, False, forecast, now.municipality)


# Of a ticket that does not wait any more.
_NOTHING_LEFT = estimate.Forecast(estimate.Wait(0, 0, 0), ahead=0, staffed=True)


# --- counter ----------------------------------------------------------------------------------


def set_counter(code: str, state: str, staff: str, at: float, *, invented: bool = False) -> None:
    """Open the counter, pause it or close it, for ``staff``.

    Opening again what one has open changes nothing. A colleague's counter can be taken over
    once it has no visitor.
    """
    with line(at) as held:
        office = held.municipality.office_of_counter(code).code
        if office not in held.municipality.offices_of(staff):
            raise rules.NotAllowed(office=office)
        row = _counter(held, code)
        if row.state == state and (row.staff == staff or state == "closed"):
            return
        if state != "open" and row.state == "closed":
            raise rules.CounterNotOpen(counter=code)
        if row.ticket is not None:
            raise rules.CounterBusy(counter=code)
        if state != "open" and row.staff != staff:
            raise rules.CounterTaken(counter=code)
        _change_counter(held, code, office, state, staff, invented)


_COUNTER_EVENTS: dict[str, type[events.Event]] = {
    "open": events.CounterOpened,
    "break": events.CounterPaused,
    "closed": events.CounterClosed,
}


def _change_counter(
    held: Line, code: str, office: str, state: str, staff: str | None, invented: bool = False
) -> None:
    held.connection.execute(
        update(c)
        .where(c.c.code == code)
        .values(state=state, staff=None if state == "closed" else staff, since=held.at)
    )
    changed = _COUNTER_EVENTS[state]
    held.record(changed(at=held.at, office=office, counter=code, invented=invented))


def _counter(held: Line, code: str) -> Row[Any]:
    """The counter's row, with the ticket that is there now (``ticket``, or None)."""
    held.municipality.office_of_counter(code)
    return held.connection.execute(_COUNTER, {"counter": code}).one()


@dataclass(frozen=True, slots=True)
class Called:
    """Whom the counter called, and why."""

    ticket: Row[Any]
    choice: discipline.Choice
    municipality: Municipality


def call_next(code: str, staff: str, at: float) -> Called | None:
    """Call the visitor that ``choose_next`` names; None when nobody the counter can serve waits."""
    heads = standing.HEADS[db.engine.dialect.name]
    with line(at, (standing.COUNTERS, {}), (heads, {})) as held:
        held.municipality.office_of_counter(code)
        counters, waiting = held.answers
        duty = standing.OnDuty(held.municipality, counters)
        able = duty.server(code)
        if able is None:
            raise rules.CounterNotOpen(counter=code)
        if duty.staff[code] != staff:
            raise rules.CounterTaken(counter=code)
        if code in duty.busy:
            raise rules.CounterBusy(counter=code)
        choice = discipline.choose_next(standing.heads(waiting), able, duty.duty, at)
        if choice is None:
            return None
        room = _room(choice, duty)
        invented = next(row.invented for row in waiting if row.id == choice.head.ticket)
        held.change_late(_CHANGE, **_call(held, choice, code, room))
        held.record(_called(held, choice, code, room, invented))
    [row] = held.changed
    return Called(row, choice, held.municipality)


def _room(choice: discipline.Choice, duty: standing.OnDuty) -> str | None:
    """The video room, where the visitor is to be served from another office."""
    return duty.free_rooms(choice.head.wish.office)[0] if choice.match.way is Way.VIDEO else None


def _call(held: Line, choice: discipline.Choice, code: str, room: str | None) -> Body:
    """What the call changes of the ticket."""
    return {
        "ticket": choice.head.ticket,
        "state": rules.move(State.WAITING, Verb.CALL),
        "counter": code,
        "room": room,
        "meeting": room and _meeting(held.municipality, room),
        "called_at": held.at,
        "served_way": choice.match.way,
        "served_language": choice.match.language,
    }


def _called(
    held: Line, choice: discipline.Choice, code: str, room: str | None, invented: bool
) -> events.TicketCalled:
    head = choice.head
    return events.TicketCalled(
        at=held.at,
        office=head.wish.office,
        ticket=head.ticket,
        counter=code,
        invented=invented,
        number=head.number,
        way=choice.match.way,
        language=choice.match.language,
        room=room,
    )


def _meeting(municipality: Municipality, room: str) -> str:
    """The address of this visit's own video meeting."""
    return municipality.meeting(room).replace("{key}", secrets.token_urlsafe(12))


# --- ticket -----------------------------------------------------------------------------------


def _about(row: Row[Any], at: float) -> Body:
    return {
        "at": at,
        "office": row.office,
        "ticket": row.id,
        "counter": row.counter,
        "invented": row.invented,
    }


def _ticket(held: Line, ticket: int) -> Row[Any]:
    row = held.connection.execute(_TICKET, {"ticket": ticket}).one_or_none()
    if row is None:
        raise rules.NotFound(kind="ticket", code=str(ticket))
    return row


def _change(held: Line, row: Row[Any], verb: Verb, **values: Any) -> Row[Any]:
    state = rules.move(State(row.state), verb)
    return held.connection.execute(_CHANGE, {"ticket": row.id, "state": state, **values}).one()


_LEAVES_COUNTER: Body = {
    "counter": None,
    "room": None,
    "meeting": None,
    "called_at": None,
    "started_at": None,
    "served_way": None,
    "served_language": None,
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A ticket after the change."""

    ticket: Row[Any]
    municipality: Municipality


def call_again(ticket: int, at: float) -> Changed:
    """Call once more: the displays show it as new."""
    with line(at) as held:
        row = _change(held, _ticket(held, ticket), Verb.CALL_AGAIN, called_at=at)
        held.record(events.TicketCalledAgain(**_about(row, at), number=row.number, room=row.room))
        return Changed(row, held.municipality)


def start(ticket: int, at: float) -> Changed:
    """The visitor has come to the counter."""
    with line(at) as held:
        row = _change(held, _ticket(held, ticket), Verb.START, started_at=at)
        held.record(events.ServiceStarted(**_about(row, at)))
        return Changed(row, held.municipality)


@dataclass(frozen=True, slots=True)
class Errand:
    """A matter handled in a visit. ``language`` and ``interpreter`` default to the call's."""

    service: str
    outcome: str
    language: str | None = None
    interpreter: bool | None = None


def finish(ticket: int, errands: list[Errand], at: float) -> Changed:
    """End the visit with its errands. None recorded is allowed, and counted as not coded."""
    with line(at) as held:
        before = _ticket(held, ticket)
        row = _change(held, before, Verb.FINISH)
        handled = [_handled(held.municipality, before, errand) for errand in errands]
        held.record(events.TicketFinished(**_about(row, at), errands=handled))
        return Changed(row, held.municipality)


def _handled(municipality: Municipality, row: Row[Any], errand: Errand) -> Body:
    service = checks.known("errands.service", municipality.service, errand.service)
    language = errand.language or row.served_language
    checks.known("errands.language", municipality.language, language)
    if errand.outcome not in list(rules.Outcome):
        raise rules.BadInput(field="errands.outcome", reason="unknown", value=errand.outcome)
    interpreter = (
        row.served_way == Way.INTERPRETER if errand.interpreter is None else errand.interpreter
    )
    return {
        "service": errand.service,
        "owner": service.owner,
        "outcome": errand.outcome,
        "language": language,
        "interpreter": interpreter,
    }


def no_show(ticket: int, at: float) -> Changed:
    """The visitor was called and did not come."""
    with line(at) as held:
        row = _change(held, _ticket(held, ticket), Verb.NO_SHOW)
        held.record(events.TicketNoShow(**_about(row, at)))
        return Changed(row, held.municipality)


def return_(ticket: int, at: float) -> Changed:
    """Back to the line, with the place that the original arrival gives."""
    with line(at) as held:
        before = _ticket(held, ticket)
        row = _change(held, before, Verb.RETURN, **_LEAVES_COUNTER)
        held.record(events.TicketReturned(**_about(before, at)))
        return Changed(row, held.municipality)


def park(ticket: int, at: float) -> Changed:
    """The visitor fetches something; the counter is free for the next."""
    with line(at) as held:
        row = _change(held, _ticket(held, ticket), Verb.PARK)
        held.record(events.TicketParked(**_about(row, at)))
        return Changed(row, held.municipality)


def resume(ticket: int, at: float) -> Changed:
    """Back from parking: waits again, with the place that the original arrival gives."""
    with line(at) as held:
        row = _change(held, _ticket(held, ticket), Verb.RESUME, **_LEAVES_COUNTER)
        held.record(events.TicketResumed(**_about(row, at)))
        return Changed(row, held.municipality)


def transfer(
    ticket: int,
    at: float,
    *,
    office: str | None = None,
    service: str | None = None,
    languages: tuple[str, ...] | None = None,
) -> Changed:
    """Move the visit to another service, office or language: a new leg, the same arrival.

    An office that is closed takes nobody over, unless somebody still sits at a counter there.
    """
    with line(at) as held:
        before = _ticket(held, ticket)
        rules.move(State(before.state), Verb.TRANSFER)
        # What the visitor agreed to was for the office they came to.
        moved = office not in {None, before.office}
        wish = Wish(
            office or before.office,
            service or before.service,
            tuple(dict.fromkeys(languages or before.languages)),
            Way.HERE if moved else Way(before.way),
            before.credit_s,
        )
        checks.known("office", held.municipality.office, wish.office)
        checks.wish(held.municipality, wish)
        if moved and not _receives(held, wish.office):
            raise _closed(held.municipality, wish.office, at)
        row = _change(
            held,
            before,
            Verb.TRANSFER,
            class_key=wish.key,
            office=wish.office,
            service=wish.service,
            languages=list(wish.languages),
            way=wish.way,
            leg=before.leg + 1,
            **_LEAVES_COUNTER,
        )
        held.record(
            events.TicketTransferred(
                **_about(row, at) | {"counter": before.counter},
                from_office=before.office,
                service=wish.service,
                languages=list(wish.languages),
            )
        )
        return Changed(row, held.municipality)


def _receives(held: Line, office: str) -> bool:
    """Whether a visitor who is sent to the office finds it open, or somebody who works late."""
    if screens.is_open(held.municipality, office, held.at):
        return True
    late = select(c.c.code).where(c.c.office == office, c.c.state == "open").limit(1)
    return held.connection.execute(late).first() is not None


def widen(
    token: str, at: float, *, way: str | None = None, languages: tuple[str, ...] | None = None
) -> Changed:
    """The visitor, still waiting, accepts another way or other languages and keeps the place."""
    with line(at) as held:
        before = screens.ticket_of_token(held.connection, token)
        rules.move(State(before.state), Verb.WIDEN)
        wish = replace(
            screens.wish_of(before),
            way=Way(way or before.way),
            languages=languages or tuple(before.languages),
        )
        checks.wish(held.municipality, wish)
        if wish == screens.wish_of(before):
            return Changed(before, held.municipality)
        row = _change(
            held,
            before,
            Verb.WIDEN,
            class_key=wish.key,
            way=wish.way,
            languages=list(wish.languages),
        )
        held.record(
            events.TicketWidened(**_about(row, at), way=wish.way, languages=list(wish.languages))
        )
        return Changed(row, held.municipality)


def leave(token: str, at: float) -> Changed:
    """The visitor leaves the line."""
    with line(at) as held:
        before = screens.ticket_of_token(held.connection, token)
        row = _change(held, before, Verb.LEAVE)
        held.record(events.TicketLeft(**_about(row, at), reason="visitor"))
        return Changed(row, held.municipality)


# What needs nothing but the ticket, by the name the contract and the counter page give it.
PLAIN_VERBS: dict[str, Callable[[int, float], Changed]] = {
    Verb.CALL_AGAIN: call_again,
    Verb.START: start,
    Verb.NO_SHOW: no_show,
    Verb.RETURN: return_,
    Verb.PARK: park,
    Verb.RESUME: resume,
}


# --- close of day -----------------------------------------------------------------------------


def close_day(office: str, at: float, *, before_day: str | None = None) -> int:
    """End the day at ``office``; gives how many visits it ended.

    Whoever waits, was called or is parked is recorded as having left at closing. A visit still
    being served is finished without errands: it was served, and what it was about is unknown.
    The counters are closed, but for one that serves another office's visitor. With
    ``before_day``, only visits of earlier days are ended and no counter is touched.
    """
    with line(at) as held:
        held.municipality.office(office)
        query = select(t).where(t.c.office == office, t.c.state.in_(rules.OPEN)).order_by(t.c.id)
        if before_day is not None:
            query = query.where(t.c.day < before_day)
        rows = held.connection.execute(query).all()
        for row in rows:
            _end_at_closing(held, row)
        if before_day is None:
            _close_counters(held, office)
        return len(rows)


def _end_at_closing(held: Line, row: Row[Any]) -> None:
    if row.state == State.SERVING:
        _change(held, row, Verb.FINISH)
        held.record(events.TicketFinished(**_about(row, held.at), reason="closing"))
    else:
        _change(held, row, Verb.LEAVE)
        held.record(events.TicketLeft(**_about(row, held.at), reason="closing"))


def _close_counters(held: Line, office: str) -> None:
    query = (
        select(c.c.code)
        .select_from(COUNTERS_NOW)
        # Whoever is still there came to another office, whose day goes on.
        .where(c.c.office == office, c.c.state != "closed", t.c.id.is_(None))
    )
    for code in held.connection.execute(query).scalars().all():
        _change_counter(held, code, office, "closed", None)


def close_forgotten(code: str, at: float) -> None:
    """Close a counter that somebody left open, unless a visitor is there."""
    with line(at) as held:
        row = _counter(held, code)
        if row.state != "closed" and row.ticket is None:
            _change_counter(held, code, row.office, "closed", None)
