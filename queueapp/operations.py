"""What can be done: one verb, one function, each in one transaction on the held line.

A function either does all of it and records what happened, or raises a
:class:`~queueapp.core.ticket.Refusal` and changes nothing. ``at`` is the time, in seconds since
1970; who may ask is decided before, in ``web``.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from queueapp import screens
from queueapp.core import discipline, estimate, events
from queueapp.core import ticket as rules
from queueapp.core.matching import Way, Wish, match
from queueapp.core.ticket import State, Verb
from queueapp.models import COUNTERS_NOW, Counter, Numbering, Ticket
from queueapp.municipality import OTHER_DISTRICT, UNDISCLOSED_DISTRICT, Municipality, Unknown
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


def _inserts(insert: Any) -> tuple[Any, Any]:
    """The next number of an office's day, and a ticket unless its request key has one."""
    number = insert(n).on_conflict_do_update(
        index_elements=["office", "day"], set_={"last": n.c.last + 1}
    )
    ticket = insert(t).on_conflict_do_nothing(index_elements=["request_key"])
    return number.returning(n.c.last), ticket.returning(t)


_INSERTS = {"postgresql": _inserts(postgresql.insert), "sqlite": _inserts(sqlite.insert)}


# --- quote ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quote:
    """A way to be served and its wait. ``staffed``: somebody on duty can do it now."""

    way: Way
    office: str
    office_name: str
    language: str
    staffed: bool
    ahead: int
    wait: estimate.Wait


def quote(
    now: screens.Moment, office: str, service: str, languages: tuple[str, ...]
) -> list[Quote]:
    """The ways to be served at and from ``office``, each with its wait.

    Being served here in an accepted language comes first, then here with an interpreter where
    nobody on duty speaks one, then the other offices that have somebody on duty who does.
    """
    municipality = now.municipality
    municipality.office(office)
    _check_service(municipality, office, service)
    _check_languages(municipality, languages)
    here = _standing(now, office)
    found = [_quote(now, Way.HERE, Wish(office, service, languages), *here)]
    if not found[0].staffed and languages != (municipality.default_language,):
        interpreted = Wish(office, service, languages, Way.INTERPRETER)
        found.append(_quote(now, Way.INTERPRETER, interpreted, *here))
    for other in municipality.offices:
        offered = {one.code for one in municipality.services_at(other.code)}
        if other.code != office and service in offered:
            wish = Wish(other.code, service, languages)
            there = _quote(now, Way.OFFICE, wish, *_standing(now, other.code))
            if there.staffed:
                found.append(there)
    return found


def _standing(now: screens.Moment, office: str) -> tuple[screens.OnDuty, dict[Wish, int]]:
    """Who serves at ``office`` and who waits there, read once for all its quotes."""
    duty = screens.on_duty(now.connection, now.municipality, office)
    return duty, screens.waiting(now.connection, office)


def _quote(
    now: screens.Moment, way: Way, wish: Wish, duty: screens.OnDuty, ahead: dict[Wish, int]
) -> Quote:
    told = duty.forecast(wish, ahead)
    spoken = [found.language for one in duty.servers if (found := match(wish, one))]
    language = next((one for one in wish.languages if one in spoken), wish.languages[0])
    office_name = now.municipality.office(wish.office).name
    return Quote(way, wish.office, office_name, language, told.staffed, told.ahead, told.wait)


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
    with line(at) as held:
        _check_order(held, order, any_hour)
        wish = Wish(
            order.office,
            order.service,
            order.languages,
            Way(order.way),
            _credit_s(held.municipality, order.priority),
        )
        told = screens.forecast(held.connection, held.municipality, wish)
        row = _insert_ticket(held, order, wish)
        if row is not None:
            held.record(_issued(order, row, told, at))
            return Issued(row, True, told, held.municipality)
    return _issued_before(order.request_key, at)


def _check_order(held: Line, order: Order, any_hour: bool) -> None:
    municipality = held.municipality
    office = municipality.office(order.office)
    if not any_hour and not screens.is_open(municipality, order.office, at=held.at):
        now = screens.Moment(held.connection, municipality, held.seq, False, held.at)
        raise rules.OfficeClosed(office=office.name, opens_at=screens.opens_at(now, office.code))
    _check_service(municipality, order.office, order.service)
    _check_languages(municipality, order.languages)
    if order.district not in {None, OTHER_DISTRICT, UNDISCLOSED_DISTRICT}:
        _known("district", municipality.district, order.district)


def _check_service(municipality: Municipality, office: str, service: str) -> None:
    _known("service", municipality.service, service)
    if service not in {offered.code for offered in municipality.services_at(office)}:
        raise rules.NotOffered(office=office, service=service)


def _check_languages(municipality: Municipality, languages: tuple[str, ...]) -> None:
    for language in languages:
        _known("languages", municipality.language, language)


def _known(field: str, lookup: Any, code: str | None) -> Any:
    """The thing that ``code`` names in a field of the request; a clear error where none does."""
    try:
        return lookup(code)
    except Unknown:
        raise rules.BadInput(field=field, reason="unknown", value=code) from None


def _credit_s(municipality: Municipality, priority: str | None) -> int:
    if priority is None:
        return 0
    return int(_known("priority", municipality.priority, priority).minutes) * 60


def _insert_ticket(held: Line, order: Order, wish: Wish) -> Row[Any] | None:
    """The new ticket's row, or None where its request key has one already."""
    number_one_more, insert_once = _INSERTS[held.connection.dialect.name]
    day = screens.day_of(held.municipality, held.at)
    number = held.connection.execute(
        number_one_more, {"office": order.office, "day": day, "last": 1}
    ).scalar_one()
    prefix = held.municipality.office(order.office).number_prefix
    return held.connection.execute(
        insert_once,
        {
            "request_key": order.request_key,
            "token": secrets.token_urlsafe(16),
            "number": f"{prefix}{number}",
            "day": day,
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
            "arrived_at": held.at,
            "invented": order.invented,
        },
    ).one_or_none()


def _issued(order: Order, row: Row[Any], told: estimate.Forecast, at: float) -> events.TicketIssued:
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
        promised=list(asdict(told.wait).values()),
    )


def _issued_before(request_key: str, at: float) -> Issued:
    with screens.reading(at) as now:
        row = now.connection.execute(select(t).where(t.c.request_key == request_key)).one()
        since = row.arrived_at - row.credit_s
        told = screens.forecast(now.connection, now.municipality, screens.wish_of(row), since)
        return Issued(row, False, told, now.municipality)


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
    with line(at) as held:
        counter = _counter(held, code)
        if counter.state != "open":
            raise rules.CounterNotOpen(counter=code)
        if counter.staff != staff:
            raise rules.CounterTaken(counter=code)
        if counter.ticket is not None:
            raise rules.CounterBusy(counter=code)
        able = screens.server(held.municipality, code, staff)
        choice = discipline.choose_next(screens.heads(held.connection), able, at)
        if choice is None:
            return None
        row = _call(held, choice, code)
        return Called(row, choice, held.municipality)


def _call(held: Line, choice: discipline.Choice, code: str) -> Row[Any]:
    row = held.connection.execute(
        _CHANGE,
        {
            "ticket": choice.head.ticket,
            "state": rules.move(State.WAITING, Verb.CALL),
            "counter": code,
            "called_at": held.at,
            "served_way": choice.match.way,
            "served_language": choice.match.language,
        },
    ).one()
    held.record(
        events.TicketCalled(
            **_about(row, held.at),
            number=row.number,
            way=choice.match.way,
            language=choice.match.language,
        )
    )
    return row


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
        held.record(events.TicketCalledAgain(**_about(row, at), number=row.number))
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
    service = _known("errands.service", municipality.service, errand.service)
    language = errand.language or row.served_language
    _known("errands.language", municipality.language, language)
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
    """Move the visit to another service, office or language: a new leg, the same arrival."""
    with line(at) as held:
        before = _ticket(held, ticket)
        rules.move(State(before.state), Verb.TRANSFER)
        wish = Wish(
            office or before.office,
            service or before.service,
            languages or tuple(before.languages),
            Way.HERE if languages or office else Way(before.way),
            before.credit_s,
        )
        _known("office", held.municipality.office, wish.office)
        _check_service(held.municipality, wish.office, wish.service)
        _check_languages(held.municipality, wish.languages)
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
    The counters are closed. With ``before_day``, only visits of earlier days are ended and no
    counter is touched.
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
    query = select(c.c.code).where(c.c.office == office, c.c.state != "closed")
    for code in held.connection.execute(query).scalars().all():
        _change_counter(held, code, office, "closed", None)


def close_forgotten(code: str, at: float) -> None:
    """Close a counter that somebody left open, unless a visitor is there."""
    with line(at) as held:
        row = _counter(held, code)
        if row.state != "closed" and row.ticket is None:
            _change_counter(held, code, row.office, "closed", None)
