"""The counter page: the forms work without script, and without reload where there is one.

Each button is a form that posts to :func:`act`, which calls one operation and shows the page
again. With script, htmx sends the same forms and takes over the part ``#desk`` of the answer.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from queueapp import configuration, operations, screens
from queueapp.core.ticket import NotFound, State
from queueapp.models import COUNTERS_NOW, Counter, Ticket
from queueapp.web import reasons, words
from queueapp.web.access import access, caller
from queueapp.web.meetings import with_meetings
from queueapp.web.site import attempt, current_language, in_staff_language, pages

ERRANDS_AT_MOST = 4

c = Counter.__table__
t = Ticket.__table__
Form = MultiDict[str, str]


# --- choosing a counter -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seat:
    """A counter, who sits there, and whether a visitor is there too."""

    code: str
    office: str
    number: int
    state: str
    staff: str | None
    staff_name: str
    busy: bool


def seats(now: screens.Moment) -> list[Seat]:
    """Every counter of the municipality, in order."""
    query = select(c.c.code, c.c.state, c.c.staff, t.c.id.label("ticket")).select_from(COUNTERS_NOW)
    rows = {row.code: row for row in now.connection.execute(query)}
    municipality = now.municipality
    names = words.Names(municipality, current_language())
    return [
        Seat(
            code,
            office.code,
            municipality.counter_number(code),
            rows[code].state,
            rows[code].staff,
            names.staff(rows[code].staff),
            rows[code].ticket is not None,
        )
        for office in municipality.offices
        for code in municipality.counters(office.code)
        if code in rows
    ]


@pages.get("/counter")
@access("staff")
@in_staff_language
def counters() -> Any:
    """On to the counter where one sits, else to choose one."""
    with screens.reading(time.time()) as now:
        for seat in seats(now):
            if seat.staff == caller().name:
                return redirect(url_for("pages.desk", office=seat.office, number=seat.number))
        return _choice(now, [office.code for office in now.municipality.offices])


@pages.get("/counter/<office>")
@access("staff")
@in_staff_language
def choose_counter(office: str) -> Any:
    """The office's counters: which are free, and who sits at the others."""
    with screens.reading(time.time()) as now:
        return _choice(now, [now.municipality.office(office).code])


def _choice(now: screens.Moment, offices: list[str]) -> str:
    found = seats(now)
    allowed = now.municipality.offices_of(caller().name)
    places = [
        {
            "office": now.municipality.office(code),
            "allowed": code in allowed,
            "seats": [seat for seat in found if seat.office == code],
        }
        for code in offices
    ]
    return render_template("counter/choose.html", places=places, **now.banners)


# --- the page ---------------------------------------------------------------------------------


@pages.get("/counter/<office>/<int:number>")
@access("staff")
@with_meetings
@in_staff_language
def desk(office: str, number: int) -> Any:
    """The visitor at the counter, what can be done, and who comes next."""
    with screens.reading(time.time()) as now:
        place = now.municipality.office(office)
        body = screens.counter(now, f"{office}-{number}")
        names = words.Names(now.municipality, current_language())
        face = mode(body, caller().name)
        return render_template(
            "counter/desk.html",
            office=place,
            number=number,
            body=body,
            mode=face,
            meeting=meeting(body, face),
            names=names,
            reason=reasons.sentence,
            reason_template=reasons.template,
            minutes=words.minutes,
            outcomes=words.OUTCOMES,
            errands=ERRANDS_AT_MOST,
            now_at=screens.rfc3339(now.at, now.municipality),
            seconds_since=lambda moment: _seconds_since(now, moment),
            texts=_texts(names),
            **now.banners,
        )


def mode(body: dict[str, Any], me: str) -> str:
    """Which of its faces the page shows; ``desk.ts`` decides in the same way."""
    if body["state"] == "closed":
        return "closed"
    if body["staff"] != me:
        return "taken"
    if body["state"] == "break":
        return "break"
    return str(body["ticket"]["state"]) if body["ticket"] else "free"


def meeting(body: dict[str, Any], face: str) -> str | None:
    """The address of the meeting with the visitor, for the one who serves and nobody else."""
    return body["ticket"]["meeting"] if face in {State.CALLED, State.SERVING} else None


def _seconds_since(now: screens.Moment, moment: str) -> float:
    at = dt.datetime.fromisoformat(moment).timestamp()
    return max(0.0, now.at - at)


def _texts(names: words.Names) -> dict[str, Any]:
    """What the page needs to draw itself from a push: names for codes, and its sentences."""
    municipality = names.municipality
    return {
        "services": {one.code: names.service(one.code) for one in municipality.services},
        "languages": {one.code: names.language(one.code) for one in municipality.languages},
        "staff": {one.name: one.display_name for one in municipality.staff},
        "priorities": {one.code: names.priority(one.code) for one in municipality.priorities},
        "offices": {one.code: one.name for one in municipality.offices},
        "matches": {way: str(text) for way, text in words.MATCHES.items()},
        "eases": gettext("%(office)s – you ease their line"),
        "eases_room": gettext("%(office)s, video room %(room)s – you ease their line"),
        "better": gettext(
            "Counter %(counter)s, %(office)s, is free and suits the next visitor better. Leave it "
            "to them for a moment."
        ),
        "minutes": gettext("%(minutes)s min"),
        "reasons": {reason: str(text) for reason, text in reasons.SENTENCES.items()},
        "sits_here": gettext("%(name)s sits here"),
        "arrived": gettext("%(number)s is now in the line. You can call."),
        "lost": gettext("No contact with the server. What you see may be old."),
        "failed": gettext("The server did not answer. Look at the page before you try again."),
        "found": gettext("Contact again."),
    }


# --- what can be done -------------------------------------------------------------------------

Act = Callable[[str, Form], str | None]
ACTS: dict[str, Act] = {}


def act_named(verb: str) -> Callable[[Act], Act]:
    """The function that a button's form leads to; what it gives is told to the person."""

    def register(function: Act) -> Act:
        ACTS[verb] = function
        return function

    return register


@pages.post("/counter/<office>/<int:number>/<verb>")
@access("staff")
@in_staff_language
def act(office: str, number: int, verb: str) -> Any:
    """One button: do what it says, tell how it went, and show the page again."""
    code = f"{office}-{number}"
    configuration.current().office_of_counter(code)
    if verb not in ACTS:
        raise NotFound(kind="verb", code=verb)
    done = attempt(lambda: ACTS[verb](code, request.form))
    if verb == "close" and done:
        return redirect(url_for("pages.choose_counter", office=office), 303)
    return redirect(url_for("pages.desk", office=office, number=number), 303)


@pages.post("/counter/<office>/close-day")
@access("manager")
@in_staff_language
def close_day(office: str) -> Any:
    """End the day at the office, for everybody there."""
    ended = operations.close_day(office, time.time())
    told = ngettext(
        "The day is closed. %(num)s visit was still open and was ended.",
        "The day is closed. %(num)s visits were still open and were ended.",
        ended,
    )
    flash(told, "done")
    return redirect(url_for("pages.choose_counter", office=office), 303)


@act_named("open")
def _open(code: str, form: Form) -> str | None:
    with screens.reading(time.time()) as now:
        elsewhere = [one for one in seats(now) if one.staff == caller().name and one.code != code]
    for seat in elsewhere:
        if seat.busy:
            told = gettext(
                "You still have a visitor at counter %(number)s. Finish there first.",
                number=seat.number,
            )
            flash(told, "problem")
            return None
        # Nobody sits at two counters: the displays would say that both are staffed.
        operations.set_counter(seat.code, "closed", caller().name, time.time())
    operations.set_counter(code, "open", caller().name, time.time())
    return str(gettext("The counter is open."))


@act_named("break")
def _break(code: str, form: Form) -> str | None:
    operations.set_counter(code, "break", caller().name, time.time())
    return str(gettext("The counter is on a break. Nobody is called here."))


@act_named("close")
def _close(code: str, form: Form) -> str | None:
    operations.set_counter(code, "closed", caller().name, time.time())
    return str(gettext("The counter is closed."))


@act_named("next")
def _next(code: str, form: Form) -> str | None:
    called = operations.call_next(code, caller().name, time.time())
    if called is None:
        return str(gettext("Nobody is waiting for you right now."))
    if called.ticket.room:
        return _called_to_room(called)
    number = called.municipality.counter_number(code)
    return str(
        gettext(
            "%(number)s is called to counter %(counter)s.",
            number=called.ticket.number,
            counter=number,
        )
    )


def _called_to_room(called: operations.Called) -> str:
    municipality, ticket = called.municipality, called.ticket
    return str(
        gettext(
            "%(number)s is called to video room %(room)s at %(office)s.",
            number=ticket.number,
            room=municipality.room_number(ticket.room),
            office=municipality.office(ticket.office).name,
        )
    )


def _ticket(form: Form) -> int:
    """The ticket the button was about: never another that has come to the counter since."""
    number = form.get("ticket", "")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound(kind="ticket", code=number)
    return int(number)


_BACK = _("%(number)s is back in the line, in the same place.")
_PLAIN_VERBS_TOLD = {
    "call-again": _("%(number)s is called again."),
    "start": _("%(number)s is at the counter."),
    "no-show": _("%(number)s is marked as a no-show."),
    "return": _BACK,
    "park": _("%(number)s is parked."),
    "resume": _BACK,
}


def _plain(verb: str) -> Act:
    def do(code: str, form: Form) -> str | None:
        changed = operations.PLAIN_VERBS[verb](_ticket(form), time.time())
        return str(_PLAIN_VERBS_TOLD[verb]) % {"number": changed.ticket.number}

    return do


ACTS.update({verb: _plain(verb) for verb in operations.PLAIN_VERBS})


@act_named("finish")
def _finish(code: str, form: Form) -> str | None:
    errands = [] if "uncoded" in form else _errands(form)
    changed = operations.finish(_ticket(form), errands, time.time())
    told = ngettext(
        "%(number)s is finished, with %(num)s errand.",
        "%(number)s is finished, with %(num)s errands.",
        len(errands),
        number=changed.ticket.number,
    )
    return str(told)


def _errands(form: Form) -> list[operations.Errand]:
    """The errands whose outcome was chosen; the form has room for more."""
    return [
        operations.Errand(
            service=form.get(f"service-{index}", ""),
            outcome=form[f"outcome-{index}"],
            language=form.get(f"language-{index}") or None,
            interpreter=f"interpreter-{index}" in form,
        )
        for index in range(ERRANDS_AT_MOST)
        if f"outcome-{index}" in form
    ]


@act_named("transfer")
def _transfer(code: str, form: Form) -> str | None:
    before = [one for one in form.get("languages-before", "").split(",") if one]
    chosen = form.getlist("languages")
    # The visitor's own order of preference stays; languages that are added come after.
    languages = [one for one in before if one in chosen]
    languages += [one for one in chosen if one not in before]
    changes: dict[str, Any] = {
        "office": form.get("office") or None,
        "service": form.get("service") or None,
        "languages": tuple(languages) if languages and languages != before else None,
    }
    if not any(changes.values()):
        return str(gettext("Choose what to change: office, service or languages."))
    changed = operations.transfer(_ticket(form), time.time(), **changes)
    names = words.Names(changed.municipality, current_language())
    return str(
        gettext(
            "%(number)s now waits at %(office)s for %(service)s.",
            number=changed.ticket.number,
            office=names.office(changed.ticket.office),
            service=names.service(changed.ticket.service),
        )
    )
