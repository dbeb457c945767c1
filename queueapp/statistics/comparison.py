"""A period's figures beside another's: each difference, its uncertainty, and whether it is chance.

Like is compared with like: the same weekdays, days that are over, and counts per day on which the
offices were open, so that a holiday more or a longer period is no difference.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from queueapp import screens
from queueapp.core import uncertainty
from queueapp.core.measures import FIGURES, Kind
from queueapp.core.ticket import BadInput
from queueapp.core.uncertainty import Interval
from queueapp.statistics import answer as answers
from queueapp.statistics import cube, engine
from queueapp.statistics.answer import Answer, Row, Shown
from queueapp.statistics.question import Question, checked, day_of, name_of, today

YEAR_OF_WEEKS = dt.timedelta(days=364)
ONE_DAY = dt.timedelta(days=1)

NOT_IN_BOTH = "not-in-both"
NO_OPEN_DAYS = "no-open-days"


class How(StrEnum):
    """What a period is compared with."""

    LAST_YEAR = "last-year"
    BEFORE_AFTER = "before-after"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The comparison asked for. ``at``: the first day after the change, where there is one."""

    how: How
    at: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """The later figure less the earlier one, with its 95 % interval.

    ``note`` says why there is none, and ``facts`` fill its text. The difference of a count is per
    open day.
    """

    value: float | None = None
    interval: Interval | None = None
    note: str | None = None
    facts: Mapping[str, object] | None = None

    @property
    def more_than_chance(self) -> bool | None:
        """Whether 0 lies outside the interval; None where that cannot be told."""
        if self.interval is None:
            return None
        low, high = self.interval
        return not low <= 0 <= high


@dataclass(frozen=True, slots=True)
class Pair:
    """A group in both periods. ``values`` are the later one's; a row is None where it has none."""

    values: Mapping[str, str]
    later: Row | None
    earlier: Row | None
    differences: Mapping[str, Difference]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers and their differences, group by group and in all."""

    how: How
    later: Answer
    earlier: Answer
    pairs: Sequence[Pair]
    total: Pair


def wanted(how: str | None, at: str | None) -> Wanted | None:
    """The comparison that request parameters mean; None for none; :class:`BadInput`."""
    if not how or how == "none":
        return None
    if how not in set(How):
        raise BadInput(field="compare", reason="unknown", value=how)
    if how == How.LAST_YEAR:
        return Wanted(How.LAST_YEAR)
    day = day_of("at", at)
    if day is None:
        raise BadInput(field="at", reason="no-date")
    return Wanted(How.BEFORE_AFTER, day)


def questions(now: screens.Moment, question: Question, asked: Wanted) -> tuple[Question, Question]:
    """The question of the later and of the earlier period. A day that is not over is left out."""
    last = min(question.last, today(now) - ONE_DAY)
    if last < question.first:
        raise BadInput(field="from", reason="not-over")
    whole = replace(question, last=last)
    if asked.at is None:
        first, end = (_moved(day, whole, -1) for day in (whole.first, whole.end))
        return whole, checked(replace(whole, first=first, last=end - ONE_DAY))
    if question.period:
        raise BadInput(field="by", reason="periods-before-after")
    if not whole.first < asked.at <= whole.last:
        raise BadInput(field="at", reason="outside-period")
    return replace(whole, first=asked.at), replace(whole, last=asked.at - ONE_DAY)


def by_date(question: Question) -> bool:
    """Whether last year is the same dates: of whole months, whose figures can all be shown.

    Otherwise it is the same weekdays, so that Mondays meet Mondays.
    """
    whole_months = question.first.day == question.end.day == 1
    return question.period in {"month", "year"} or (question.period is None and whole_months)


def _moved(day: dt.date, question: Question, years: int) -> dt.date:
    """The same day so many years later: by its date, or by its weekday."""
    if not by_date(question):
        return day + years * YEAR_OF_WEEKS
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)


def compare(now: screens.Moment, question: Question, asked: Wanted) -> Comparison:
    """The figures of both periods and their differences."""
    later, earlier = questions(now, question, asked)
    found = _Comparing(now, answers.answer(now, later), answers.answer(now, earlier))
    return Comparison(asked.how, found.later, found.earlier, found.pairs(), found.total())


class _Comparing:
    """Two answers being compared."""

    def __init__(self, now: screens.Moment, later: Answer, earlier: Answer) -> None:
        self.later, self.earlier = later, earlier
        with engine.opened(now) as opened:
            self.days = {
                answer.question.first: _OpenDays(
                    cube.open_days(opened, answer.question, answer.question.by),
                    cube.open_days(opened, answer.question, ()).get(cube.WHOLE, 0),
                )
                for answer in (later, earlier)
            }

    def total(self) -> Pair:
        return self._pair({}, self.later.total, self.earlier.total)

    def pairs(self) -> list[Pair]:
        ours = {_key(row.values): row for row in self.later.rows}
        theirs = {_key(self._as_later(row)): row for row in self.earlier.rows}
        keys = sorted({*ours, *theirs})
        return [self._pair(dict(key), ours.get(key), theirs.get(key)) for key in keys]

    def _as_later(self, row: Row) -> Mapping[str, str]:
        """The values of the later row that an earlier one is compared with."""
        period = self.later.question.period
        if period is None:
            return row.values
        return {**row.values, period: name_of(_moved(row.first, self.later.question, 1), period)}

    def _pair(self, values: Mapping[str, str], later: Row | None, earlier: Row | None) -> Pair:
        differences = {
            name: self._difference(name, later, earlier) for name in self.later.question.figures
        }
        return Pair(values, later, earlier, differences)

    def _difference(self, name: str, later: Row | None, earlier: Row | None) -> Difference:
        if later is None or earlier is None:
            return Difference(note=NOT_IN_BOTH)
        shown = later.figures[name], earlier.figures[name]
        if not is_count(name) or any(one.note for one in shown):
            return difference(*shown)
        days = (
            self.days[self.later.question.first].of(later.values),
            self.days[self.earlier.question.first].of(earlier.values),
        )
        if not all(days):
            return Difference(note=NO_OPEN_DAYS)
        one, other = (_per(day, of) for day, of in zip(days, shown, strict=True))
        return difference(one, other)


@dataclass(frozen=True, slots=True)
class _OpenDays:
    """On how many days the offices were open: per group of staff time, and in all."""

    groups: Mapping[cube.Group, int]
    whole: int

    def of(self, values: Mapping[str, str]) -> int:
        if not values:
            return self.whole
        own = tuple(value for name, value in values.items() if name in cube.OF_DUTY)
        return self.groups.get(own, 0)


def is_count(name: str) -> bool:
    """Whether the figure is a number of visits or errands, which is compared per open day."""
    return FIGURES[name].kind in {Kind.COUNT, Kind.ERRANDS}


def _per(days: int, shown: Shown) -> Shown:
    """A count, per day."""
    if shown.value is None:
        return shown
    interval = shown.interval and (shown.interval[0] / days, shown.interval[1] / days)
    return Shown(shown.value / days, interval)


def difference(later: Shown, earlier: Shown) -> Difference:
    """One figure less another, as far as both may be shown."""
    if kept := next((one for one in (later, earlier) if one.note), None):
        return Difference(note=kept.note, facts=kept.facts)
    if later.value is None or earlier.value is None:
        return Difference()
    interval = (
        uncertainty.of_difference(later.value, later.interval, earlier.value, earlier.interval)
        if later.interval and earlier.interval
        else None
    )
    return Difference(later.value - earlier.value, interval)


def _key(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(values.items())


# --- as the API gives it ------------------------------------------------------------------------


def document(found: Comparison) -> dict[str, Any]:
    """The later period's answer, and the comparison beside it."""
    earlier = found.earlier.question
    return {
        **answers.document(found.later),
        "comparison": {
            "how": str(found.how),
            "from": earlier.first.isoformat(),
            "to": earlier.last.isoformat(),
            "rows": [{"group": dict(pair.values), **_told(pair)} for pair in found.pairs],
            "total": _told(found.total),
        },
    }


def _told(pair: Pair) -> dict[str, Any]:
    earlier = pair.earlier.figures if pair.earlier else {}
    of = pair.differences
    return {
        "earlier": {name: earlier[name].value if earlier else None for name in of},
        "earlier_notes": {name: one.note for name, one in earlier.items() if one.note},
        "differences": {name: one.value for name, one in of.items()},
        "difference_intervals": {n: list(one.interval) for n, one in of.items() if one.interval},
        "difference_notes": {name: one.note for name, one in of.items() if one.note},
        "more_than_chance": {name: one.more_than_chance for name, one in of.items()},
    }
