"""What is asked of the figures: a period, which visits, grouped by what. Bad parameters by name."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from queueapp import screens
from queueapp.core import measures
from queueapp.core.matching import Way
from queueapp.core.ticket import BadInput
from queueapp.municipality import OTHER_DISTRICT, UNDISCLOSED_DISTRICT, Municipality

PLACES = ("office", "district", "service", "language", "channel", "way")
"""The dimensions that one can also choose among."""

CLOCK = ("hour", "weekday")
PERIODS = ("day", "week", "month", "year")
DIMENSIONS = (*PLACES, *CLOCK, *PERIODS)

CHANNELS = ("kiosk", "phone", "staff", "booking")
UNKNOWN_DISTRICT = "unknown"

AT_ONCE = 3
"""Dimensions to group by or choose among at once; with more, nearly all cells would be small."""

PERIODS_AT_ONCE = 400
LONGEST_YEARS = 30
YEARS = range(1900, 2200)
"""Dates outside are slips of the pen."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to show: local days from ``first`` to ``last``, grouped ``by``, with ``figures``.

    ``where``: only visits with one of these values; a dimension not named has them all. An office
    is the one that issued the ticket.
    """

    first: dt.date
    last: dt.date
    by: tuple[str, ...]
    figures: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def offices(self) -> tuple[str, ...]:
        """The offices chosen; all where empty."""
        return self.where.get("office", ())

    @property
    def end(self) -> dt.date:
        """The day after the last."""
        return self.last + dt.timedelta(days=1)

    @property
    def groups(self) -> tuple[str, ...]:
        """What it groups by besides periods."""
        return tuple(name for name in self.by if name not in PERIODS)

    @property
    def period(self) -> str | None:
        """The period that each row is of; None where a row is of the whole time."""
        return next((name for name in self.by if name in PERIODS), None)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """All that it groups by or chooses among, besides periods, in one order for all."""
        asked = {*self.groups, *self.where}
        return tuple(name for name in DIMENSIONS if name in asked)


def values(municipality: Municipality) -> dict[str, tuple[str, ...]]:
    """The values of each dimension that one can choose among."""
    districts = tuple(district.code for district in municipality.districts)
    return {
        "office": tuple(office.code for office in municipality.offices),
        "district": (*districts, OTHER_DISTRICT, UNDISCLOSED_DISTRICT, UNKNOWN_DISTRICT),
        "service": tuple(service.code for service in municipality.services),
        "language": tuple(language.code for language in municipality.languages),
        "channel": CHANNELS,
        "way": (Way.HERE, Way.VIDEO, Way.INTERPRETER),
    }


def ask(
    now: screens.Moment,
    *,
    first: str | None = None,
    last: str | None = None,
    by: str = "office",
    figures: str | None = None,
    where: Mapping[str, str | None] | None = None,
) -> Question:
    """The question that request parameters mean; :class:`BadInput` names the one that is bad.

    Without dates, of this month and the whole one before: a period that begins within a month
    has to hide much more (:mod:`queueapp.core.disclosure`).
    """
    end = day_of("to", last) or today(now)
    begin = day_of("from", first) or last_month(end)[0]
    if begin > end:
        raise BadInput(field="from", reason="from-after-to")
    if end.year - begin.year > LONGEST_YEARS:
        raise BadInput(field="from", reason="period-too-long", most=LONGEST_YEARS)
    known = values(now.municipality)
    chosen = {name: names(name, text, known[name]) for name, text in (where or {}).items()}
    return checked(
        Question(
            begin,
            end,
            names("by", by, DIMENSIONS),
            names("figure", figures, tuple(measures.FIGURES)) or tuple(measures.FIGURES),
            {name: found for name, found in chosen.items() if found},
        )
    )


def last_month(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the month before the one of that day."""
    last = day.replace(day=1) - dt.timedelta(days=1)
    return last.replace(day=1), last


def checked(question: Question) -> Question:
    """The same, where it can be answered without telling of single visitors, and be read."""
    if sum(name in PERIODS for name in question.by) > 1:
        raise BadInput(field="by", reason="two-periods")
    if len(question.dimensions) > AT_ONCE:
        raise BadInput(field="by", reason="too-many-dimensions", most=AT_ONCE)
    if question.period and len(spans(question)) > PERIODS_AT_ONCE:
        raise BadInput(field="by", reason="too-many-periods", most=PERIODS_AT_ONCE)
    return question


def spans(question: Question) -> list[tuple[str, dt.date, dt.date]]:
    """The periods of the rows, each with its first day and the day after its last.

    The first and the last are cut off where the question begins and ends.
    """
    if question.period is None:
        return [("", question.first, question.end)]
    found: list[tuple[str, dt.date, dt.date]] = []
    day = question.first
    while day <= question.last:
        end = min(_next(day, question.period), question.end)
        found.append((name_of(day, question.period), day, end))
        day = end
    return found


def _next(day: dt.date, period: str) -> dt.date:
    """The first day of the next period."""
    match period:
        case "week":
            return day + dt.timedelta(days=8 - day.isoweekday())
        case "month":
            return (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
        case "year":
            return dt.date(day.year + 1, 1, 1)
    return day + dt.timedelta(days=1)


_FORMS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}


def name_of(day: dt.date, period: str) -> str:
    """The period that holds the day, as codes call it: 2026-11-25, 2026-W48, 2026-11, 2026."""
    return day.strftime(_FORMS[period])


def other(question: Question, first: dt.date, last: dt.date) -> Question:
    """The same question of another time."""
    return checked(replace(question, first=first, last=last))


def day_of(name: str, text: str | None) -> dt.date | None:
    """The date that a parameter writes; None where it is empty; :class:`BadInput`."""
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadInput(field=name, reason="no-date") from None
    if day.year not in YEARS:
        raise BadInput(field=name, reason="no-date")
    return day


def names(name: str, text: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """The codes in ``text``, separated by commas; :class:`BadInput` names the unknown ones."""
    found = tuple(dict.fromkeys(one for one in (text or "").split(",") if one))
    if unknown := [one for one in found if one not in known]:
        raise BadInput(field=name, reason="unknown", value=", ".join(unknown))
    return found


def today(now: screens.Moment) -> dt.date:
    """The local date."""
    return dt.datetime.fromtimestamp(now.at, now.municipality.zone).date()


def parameters(question: Question) -> dict[str, Any]:
    """The question as the parameters of an address."""
    asked = {"from": question.first.isoformat(), "to": question.last.isoformat()}
    return (
        asked | {"by": list(question.by)} | {name: list(of) for name, of in question.where.items()}
    )
