"""The HTTP contract: each view parses, calls one operation, and answers."""

import time
from dataclasses import asdict
from typing import Annotated, Any

from flask import Response, current_app, jsonify, make_response
from flask_babel import get_locale
from flask_openapi import APIBlueprint
from pydantic import Field
from sqlalchemy import select

from queueapp import configuration, operations, screens
from queueapp import quotes as advice
from queueapp.core.ticket import NotAllowed, NotFound, Refusal
from queueapp.models import TicketEvent, read_event
from queueapp.municipality import Municipality
from queueapp.outlook import current
from queueapp.outlook import question as forecasting
from queueapp.statistics import answer, comparison, question
from queueapp.web import shapes, words
from queueapp.web.access import access, caller
from queueapp.web.limits import public_limit
from queueapp.web.reasons import sentence

KIOSK_IDLE_S = 45
# WCAG 2.2.1 asks for at least twenty seconds in which to say that one is still there.
KIOSK_WARN_S = 20
EVENTS_AT_ONCE = 1000

problems: dict[Any, Any] = {
    400: shapes.Problem,
    401: shapes.Problem,
    403: shapes.Problem,
    404: shapes.Problem,
    409: shapes.Problem,
    429: shapes.Problem,
}
api = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api/v1",
    abp_responses=problems,
    abp_security=[{"token": []}, {"session": []}],
)


class PhoneTicketsOff(Refusal):
    """The office gives out tickets at its kiosk only."""

    code = "phone-tickets-off"


# --- what anybody may know --------------------------------------------------------------------


@api.get("/offices", responses={200: shapes.Offices})
@access("public")
def offices() -> Any:
    """The offices: hours, whether open, how many wait and how long."""
    with screens.reading(time.time()) as now:
        return {"offices": screens.offices(now)}


@api.get("/offices/<office>/services", responses={200: shapes.Services})
@access("public")
def services(path: shapes.OfficePath, query: shapes.LangQuery) -> Any:
    """What one can come for there. Untranslated texts are in Swedish, and say so."""
    municipality = configuration.current()
    found = municipality.services_at(path.office)
    return {"services": [_service(municipality, service, query.lang) for service in found]}


def _service(municipality: Municipality, service: Any, lang: str) -> dict[str, Any]:
    name, used = service.name.get(lang)
    return {
        "code": service.code,
        "group": service.group,
        "group_name": municipality.group(service.group).name.get(lang)[0],
        "icon": service.icon,
        "name": name,
        "description": service.description.get(lang)[0],
        "lang": used,
        "fallback": used != lang,
    }


@api.get("/offices/<office>/kiosk", responses={200: shapes.Kiosk})
@access("public")
def kiosk(path: shapes.OfficePath, query: shapes.LangQuery) -> Any:
    """What a kiosk needs to begin, in one answer."""
    with screens.reading(time.time()) as now:
        municipality = now.municipality
        office = municipality.office(path.office)
        return {
            "office": {"code": office.code, "name": office.name},
            "municipality": {
                "code": municipality.code,
                "name": municipality.name.get(query.lang)[0],
            },
            "open": screens.is_open(municipality, office.code, now.at),
            "opens_at": screens.opens_at(municipality, office.code, now.at),
            "languages": [
                {"code": one.code, "name": one.name, "direction": one.direction}
                for one in municipality.languages
            ],
            "districts": [{"code": one.code, "name": one.name} for one in municipality.districts],
            "idle_s": KIOSK_IDLE_S,
            "warn_s": KIOSK_WARN_S,
            **now.banners,
        }


@api.get("/offices/<office>/display", responses={200: shapes.Display})
@access("public")
def display(path: shapes.OfficePath) -> Any:
    """The display's snapshot."""
    with screens.reading(time.time()) as now:
        return screens.display(now, path.office)


@api.post("/offices/<office>/quotes", responses={200: shapes.Quotes})
@access("public")
@public_limit("120/minute")
def quotes(path: shapes.OfficePath, body: shapes.QuoteAsked) -> Any:
    """The ways to be served, with their waits, before a ticket is taken."""
    with screens.reading(time.time()) as now:
        languages = tuple(dict.fromkeys(body.languages))
        found = advice.quotes(now, path.office, body.service, languages)
        return {
            "quotes": [_quote(now, one) for one in found],
            "at": screens.rfc3339(now.at, now.municipality),
        }


def _quote(now: screens.Moment, quote: advice.Quote) -> dict[str, Any]:
    at = screens.rfc3339(quote.available_at, now.municipality)
    return asdict(quote) | {"available_at": at}


# --- tickets ----------------------------------------------------------------------------------


@api.post("/offices/<office>/tickets", responses={200: shapes.Ticket, 201: shapes.Ticket})
@access("device", "staff", "public")
@public_limit("30/minute")
def issue(path: shapes.OfficePath, body: shapes.TicketAsked) -> Any:
    """Take a ticket; the same request key again gives the same ticket."""
    order = operations.Order(
        request_key=body.request_key,
        office=path.office,
        service=body.service,
        languages=tuple(dict.fromkeys(body.languages)),
        channel=_channel(path.office, body.channel),
        way=body.way,
        district=body.district,
        priority=_priority(body.priority),
        invented=caller().invented,
    )
    issued = operations.issue(order, time.time(), any_hour=caller().kind == "staff")
    return make_response(jsonify(_issued(issued)), 201 if issued.created else 200)


def _channel(office: str, asked: str | None) -> str:
    """The public takes tickets by phone where the office lets it, a device only at its office."""
    who = caller()
    place = configuration.current().office(office)
    if who.kind == "staff":
        return asked or "staff"
    if who.kind == "device":
        if who.office != office:
            raise NotAllowed(office=office)
        return asked or "kiosk"
    if not place.phone_tickets:
        raise PhoneTicketsOff(office=place.name)
    return "phone"


def _priority(asked: str | None) -> str | None:
    if asked is not None and caller().kind == "public":
        raise NotAllowed(field="priority")
    return asked


def _issued(issued: operations.Issued) -> dict[str, Any]:
    row = issued.ticket
    told = issued.forecast
    return {
        "id": row.id,
        "number": row.number,
        "token": row.token,
        "url": f"{current_app.config['SETTINGS'].address}/t/{row.token}",
        "state": row.state,
        "office": row.office,
        "service": row.service,
        "languages": row.languages,
        "way": row.way,
        "ahead": told.ahead,
        "wait": asdict(told.wait),
        "staffed": told.staffed,
        "in_time": told.in_time,
        "issued_at": screens.rfc3339(row.arrived_at, issued.municipality),
        "counter": row.counter,
        "invented": row.invented,
    }


@api.get("/tickets/<token>", responses={200: shapes.TicketSeen})
@access("public")
def ticket(path: shapes.TokenPath) -> Any:
    """That visitor's own view."""
    with screens.reading(time.time()) as now:
        return screens.ticket(now, path.token)


@api.get("/tickets/<token>/offers", responses={200: shapes.Quotes})
@access("public")
@public_limit("60/minute")
def offers(path: shapes.TokenPath) -> Any:
    """The other ways to be served for one who waits, keeping the place."""
    with screens.reading(time.time()) as now:
        row = screens.ticket_of_token(now.connection, path.token)
        return {
            "quotes": [_quote(now, one) for one in advice.offers(now, row)],
            "at": screens.rfc3339(now.at, now.municipality),
        }


@api.patch("/tickets/<token>", responses={200: shapes.TicketSeen})
@access("public")
@public_limit("30/minute")
def widen(path: shapes.TokenPath, body: shapes.WidenAsked) -> Any:
    """Accept another way or other languages, and keep the place in the line."""
    languages = tuple(dict.fromkeys(body.languages)) if body.languages else None
    operations.widen(path.token, time.time(), way=body.way, languages=languages)
    return ticket(path)


@api.delete("/tickets/<token>", responses={200: shapes.TicketSeen})
@access("public")
@public_limit("30/minute")
def leave(path: shapes.TokenPath) -> Any:
    """Leave the line."""
    operations.leave(path.token, time.time())
    return ticket(path)


# --- counters ---------------------------------------------------------------------------------


@api.get("/counters/<counter>", responses={200: shapes.Counter})
@access("staff")
def counter(path: shapes.CounterPath) -> Any:
    """What the one at the counter sees."""
    with screens.reading(time.time()) as now:
        return screens.counter(now, path.counter)


@api.put("/counters/<counter>", responses={200: shapes.Counter})
@access("staff")
def set_counter(path: shapes.CounterPath, body: shapes.CounterAsked) -> Any:
    """Sit down, pause or leave."""
    who = caller()
    operations.set_counter(path.counter, body.state, who.name, time.time(), invented=who.invented)
    return counter(path)


@api.post("/counters/<counter>/next", responses={200: shapes.TicketCalled, 204: None})
@access("staff")
def call_next(path: shapes.CounterPath) -> Any:
    """Call the next visitor; 204 when nobody this counter can serve waits."""
    called = operations.call_next(path.counter, caller().name, time.time())
    if called is None:
        return Response(status=204)
    return {
        **screens.staff_view(called.municipality, called.ticket),
        "reason": _reason(called),
    }


def _reason(called: operations.Called) -> str:
    choice = called.choice
    names = words.Names(called.municipality, str(get_locale()))
    return sentence(
        choice.reason, choice.only_speaker, choice.head.wish.languages[0], names, choice.waited_s
    )


def _changed(changed: operations.Changed) -> dict[str, Any]:
    return screens.staff_view(changed.municipality, changed.ticket)


class VerbPath(shapes.TicketPath):
    """A ticket, and what to do with it."""

    verb: Annotated[str, Field(json_schema_extra={"enum": [*sorted(operations.PLAIN_VERBS)]})]


@api.post("/tickets/<int:ticket>/<verb>", responses={200: shapes.TicketServed})
@access("staff")
def change(path: VerbPath) -> Any:
    """Call again, start, no-show, return, park or resume."""
    if path.verb not in operations.PLAIN_VERBS:
        raise NotFound(kind="verb", code=path.verb)
    return _changed(operations.PLAIN_VERBS[path.verb](path.ticket, time.time()))


@api.post("/tickets/<int:ticket>/finish", responses={200: shapes.TicketServed})
@access("staff")
def finish(path: shapes.TicketPath, body: shapes.FinishAsked) -> Any:
    """End the visit with its errands."""
    errands = [operations.Errand(**errand.model_dump()) for errand in body.errands]
    return _changed(operations.finish(path.ticket, errands, time.time()))


@api.post("/tickets/<int:ticket>/transfer", responses={200: shapes.TicketServed})
@access("staff")
def transfer(path: shapes.TicketPath, body: shapes.TransferAsked) -> Any:
    """A new leg of the visit, at another service, office or language."""
    changed = operations.transfer(
        path.ticket,
        time.time(),
        office=body.office,
        service=body.service,
        languages=tuple(body.languages) if body.languages else None,
    )
    return _changed(changed)


@api.post("/offices/<office>/close-day")
@access("manager")
def close_day(path: shapes.OfficePath) -> Any:
    """End the day: whoever is left is recorded as having left at closing."""
    return {"ended": operations.close_day(path.office, time.time())}


@api.get("/rooms/<room>", responses={200: shapes.Room})
@access("device")
def room(path: shapes.RoomPath) -> Any:
    """What the screen of a video room shows: for that screen alone."""
    with screens.reading(time.time()) as now:
        now.municipality.office_of_room(path.room)
        if caller().room != path.room:
            raise NotAllowed(room=path.room)
        return screens.room(now, path.room)


# --- figures and the log ----------------------------------------------------------------------


@api.get("/statistics", responses={200: shapes.Statistics})
@access("manager")
def figures(query: shapes.StatisticsQuery) -> Any:
    """Figures for a period, each with its definition, and beside another period's."""
    with screens.reading(time.time()) as now:
        asked = question.ask(
            now,
            first=query.from_,
            last=query.to,
            by=query.by,
            figures=query.figure,
            where={name: getattr(query, name) for name in question.PLACES},
        )
        compared = comparison.wanted(query.compare, query.at)
        if compared:
            found = comparison.document(comparison.compare(now, asked, compared))
        else:
            found = answer.document(answer.answer(now, asked))
        return {**found, **now.banners}


@api.get("/forecast", responses={200: shapes.Forecast, 503: shapes.Problem})
@access("manager")
def forecast(query: shapes.ForecastQuery) -> Any:
    """The visits of the coming weeks per office, day, hour and language, beside the rota."""
    with screens.reading(time.time()) as now:
        asked = forecasting.ask(now, str(query.weeks), query.office)
        outlook = current.at(now)
        look = forecasting.rota(now, outlook, asked)
        return forecasting.document(outlook, asked, look, str(get_locale()))


@api.get("/events", responses={200: shapes.Events})
@access("admin")
def events(query: shapes.EventsQuery) -> Any:
    """The event log as a feed."""
    table = TicketEvent.__table__
    with screens.reading(time.time()) as now:
        rows = now.connection.execute(
            select(table)
            .where(table.c.seq > query.after)
            .order_by(table.c.seq)
            .limit(EVENTS_AT_ONCE)
        ).all()
        found = [_logged(now.municipality, row) for row in rows]
    return {"events": found, "last": found[-1]["seq"] if found else query.after}


def _logged(municipality: Municipality, row: Any) -> dict[str, Any]:
    event = read_event(row)
    return {
        "seq": row.seq,
        "at": screens.rfc3339(row.at, municipality),
        "type": row.type,
        "office": row.office,
        "ticket": row.ticket,
        "counter": row.counter,
        "invented": row.invented,
        "data": event.data,
    }
