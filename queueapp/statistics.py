"""Event rows → ``core.measures``, for any span of local days and any dimensions."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from queueapp import screens
from queueapp.core import measures
from queueapp.core.measures import Key, Visit
from queueapp.core.ticket import BadInput
from queueapp.models import TicketEvent, read_event
from queueapp.municipality import Municipality

_event = TicketEvent.__table__

CALENDAR = {
    "hour": "%H",
    "weekday": "%u",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
    "year": "%Y",
}
DIMENSIONS = (*measures.KEYS, *CALENDAR)


@dataclass(frozen=True, slots=True)
class Question:
    """What to show: local days from ``first`` to ``last``, grouped ``by``, with ``figures``.

    ``offices``: only visits whose ticket was issued at one of them; all visits where empty.
    """

    first: dt.date
    last: dt.date
    by: tuple[str, ...]
    figures: tuple[str, ...]
    offices: tuple[str, ...] = ()


def ask(
    now: screens.Moment,
    *,
    first: str | None = None,
    last: str | None = None,
    by: str = "office",
    figures: str | None = None,
    offices: str | None = None,
) -> Question:
    """The question that request parameters mean; :class:`BadInput` names the one that is bad."""
    end = _day("to", last) or today(now)
    begin = _day("from", first) or end - dt.timedelta(days=29)
    if begin > end:
        raise BadInput(field="from", reason="from-after-to")
    return Question(
        begin,
        end,
        _names("by", by, DIMENSIONS),
        _names("figure", figures, tuple(measures.FIGURES)) or tuple(measures.FIGURES),
        _names("office", offices, tuple(office.code for office in now.municipality.offices)),
    )


def _day(field: str, text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadInput(field=field, reason="no-date") from None


def _names(field: str, text: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for name in (text or "").split(",") if name))
    if unknown := [name for name in names if name not in known]:
        raise BadInput(field=field, reason="unknown", value=", ".join(unknown))
    return names


def today(now: screens.Moment) -> dt.date:
    """The local date."""
    return dt.datetime.fromtimestamp(now.at, now.municipality.zone).date()


def answer(now: screens.Moment, question: Question) -> dict[str, Any]:
    """The figures, as the API gives them and the page shows them."""
    visits = _visits(now, question)
    keys = [_key(now.municipality, name) for name in question.by]
    groups = measures.tabulate(visits, keys)
    whole = measures.tabulate(visits, []).get((), measures.Group())
    return {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "office": list(question.offices),
        "by": list(question.by),
        "definitions": {name: measures.DEFINITIONS[name] for name in question.figures},
        "rows": [
            {
                "group": dict(zip(question.by, values, strict=True)),
                "figures": measures.figures(group, question.figures),
            }
            for values, group in groups.items()
        ],
        "total": measures.figures(whole, question.figures),
        "invented_visits": sum(visit.invented for visit in visits),
    }


def _visits(now: screens.Moment, question: Question) -> list[Visit]:
    """The visits issued in the period at the offices, each with all that followed until now."""
    begin = _midnight(question.first, now.municipality)
    end = _midnight(question.last + dt.timedelta(days=1), now.municipality)
    rows = now.connection.execute(select(_event).where(_event.c.at >= begin).order_by(_event.c.seq))
    visits = measures.fold(read_event(row) for row in rows)
    # After the fold: the events of a visit that was moved belong to more than one office.
    return [
        visit
        for visit in visits
        if visit.issued_at < end and (not question.offices or visit.office in question.offices)
    ]


def _midnight(day: dt.date, municipality: Municipality) -> float:
    return dt.datetime.combine(day, dt.time(), municipality.zone).timestamp()


def _key(municipality: Municipality, name: str) -> Key:
    if name in measures.KEYS:
        return measures.KEYS[name]
    form = CALENDAR[name]
    zone = municipality.zone
    return lambda visit, _: dt.datetime.fromtimestamp(visit.issued_at, zone).strftime(form)
