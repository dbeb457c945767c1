"""The period of a report: a year, a half year, a quarter or two dates; and those before it."""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass

from queueapp import screens
from queueapp.core.ticket import BadInput
from queueapp.statistics import engine
from queueapp.statistics import question as questions

ONE_DAY = dt.timedelta(days=1)
MONTHS = {"Y": 12, "H": 6, "Q": 3}
MOST_EARLIER = 5
YEARS_OFFERED = 10

_CODE = re.compile(r"(20\d\d)(?:-([HQ])([1-4]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from ``first`` to ``last``. ``code``: 2025, 2025-H1, 2025-Q3; or "" for dates.

    ``whole`` is false where a year, half or quarter is not over yet: ``last`` is then today.
    """

    first: dt.date
    last: dt.date
    code: str = ""
    whole: bool = True

    @property
    def end(self) -> dt.date:
        """The day after the last."""
        return self.last + ONE_DAY


def begin(now: screens.Moment) -> dt.date | None:
    """The first day of the first month that has visits; None where there are none."""
    with engine.opened(now) as tables:
        days = tables.days()
    return days[0].replace(day=1) if days else None


def usual(today: dt.date, began: dt.date | None) -> Period:
    """The last calendar year that is over and had visits from its January on; else the last
    twelve whole months; else what there is."""
    year = of_code(str(today.year - 1), today)
    twelve = dt.date(today.year - 1, today.month, 1), today.replace(day=1) - ONE_DAY
    if began is None:
        return Period(today.replace(day=1), today)
    if began <= year.first:
        return year
    return Period(*twelve) if began <= twelve[0] else Period(began, today)


def chosen(
    now: screens.Moment,
    began: dt.date | None,
    *,
    code: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> Period:
    """The period that request parameters mean: dates before a code; :class:`BadInput`."""
    today = questions.today(now)
    if first or last:
        asked = questions.ask(now, first=first, last=last)
        return Period(asked.first, asked.last)
    return of_code(code, today) if code else usual(today, began)


def of_code(code: str, today: dt.date) -> Period:
    """The year, half year or quarter of that name, as far as it has gone; :class:`BadInput`."""
    found = _CODE.fullmatch(code)
    if found is None:
        raise BadInput(field="period", reason="unknown", value=code)
    kind = found[2] or "Y"
    months = MONTHS[kind]
    number = int(found[3] or 1)
    if number * months > MONTHS["Y"]:
        raise BadInput(field="period", reason="unknown", value=code)
    first = dt.date(int(found[1]), (number - 1) * months + 1, 1)
    if first > today:
        raise BadInput(field="period", reason="not-begun")
    last = shifted(first, months) - ONE_DAY
    return Period(first, min(last, today), code, last <= today)


def choices(today: dt.date, began: dt.date | None) -> Iterator[str]:
    """The codes that can be chosen among, the latest year first."""
    earliest = max((began or today).year, today.year - YEARS_OFFERED + 1)
    for year in range(today.year, earliest - 1, -1):
        for code in (str(year), *(f"{year}-H{n}" for n in (1, 2)), *_quarters(year)):
            first = dt.date(year, 1, 1) if len(code) == 4 else _begins(code)
            if first <= today and (began is None or shifted(first, _months(code)) > began):
                yield code


def _quarters(year: int) -> Iterator[str]:
    return (f"{year}-Q{number}" for number in (1, 2, 3, 4))


def _begins(code: str) -> dt.date:
    year, part = code.split("-")
    return dt.date(int(year), (int(part[1]) - 1) * MONTHS[part[0]] + 1, 1)


def _months(code: str) -> int:
    return MONTHS[code[5]] if len(code) > 4 else MONTHS["Y"]


def shifted(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def earlier(period: Period, began: dt.date | None) -> list[Period]:
    """The periods of the same length before, as far as the log goes back; the oldest first.

    A part of a year is followed back by its own length, so that nothing is left out between.
    """
    found: list[Period] = []
    while began and len(found) < MOST_EARLIER:
        before = _before(period, len(found) + 1)
        if before.first < began:
            break
        found.append(before)
    return found[::-1]


def _before(period: Period, times: int) -> Period:
    if months := _whole_months(period):
        first = shifted(period.first, -months * times)
        end = shifted(period.end, -months * times)
        code = str(first.year) if len(period.code) == 4 and period.whole else ""
        return Period(first, end - ONE_DAY, code)
    back = (period.end - period.first) * times
    return Period(period.first - back, period.last - back)


def _whole_months(period: Period) -> int:
    """How many months the period lasts; 0 where they are not whole."""
    if period.code:
        return _months(period.code)
    if period.first.day != 1 or period.end.day != 1:
        return 0
    end, first = period.end, period.first
    return (end.year - first.year) * 12 + end.month - first.month
