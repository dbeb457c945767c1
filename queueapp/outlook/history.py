"""What was known before a day: each office's daily visits, and how they are shared out."""

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from queueapp.outlook.calendar import ONE_DAY, Calendar
from queueapp.outlook.values import DayCount

# An office with more visits a day than this never has a day without any: then it was closed, for
# whatever reason, and the day says nothing about those when it is open.
NEVER_EMPTY = 8.0
# After eight weeks without any visit, nothing says that they will come again.
SILENT_DAYS = 56

Part = TypeVar("Part", int, str)
OfDay = Mapping[dt.date, int]


@dataclass(frozen=True)
class History:
    """The visits of days before ``today``, by day, at the ``offices`` that are configured now."""

    calendar: Calendar
    offices: tuple[str, ...]
    today: dt.date
    counts: tuple[DayCount, ...]

    @classmethod
    def of(
        cls, calendar: Calendar, offices: Iterable[str], today: dt.date, counts: Iterable[DayCount]
    ) -> "History":
        """Only days that the office would be open by today's configuration teach anything."""
        known = tuple(offices)
        told = (
            one
            for one in counts
            if one.office in known and one.day < today and calendar.open(one.office, one.day)
        )
        return cls(calendar, known, today, tuple(sorted(told, key=_day)))

    def before(self, day: dt.date) -> "History":
        """What was known on the morning of ``day``."""
        end = bisect_left(self.counts, day, key=_day)
        return History(self.calendar, self.offices, day, self.counts[:end])

    def since(self, office: str) -> dt.date | None:
        """The first day with a visit there; None where there is none."""
        return min(self.totals[office], default=None)

    def weeks(self, office: str) -> int:
        """How many whole weeks the office's history is long; none where it has ended."""
        days = self.totals[office]
        if not days or (self.today - max(days)).days > SILENT_DAYS:
            return 0
        return (self.today - min(days)).days // 7

    @cached_property
    def totals(self) -> dict[str, OfDay]:
        """The visits of every day when the office was open, also of those without any."""
        found: dict[str, Counter[dt.date]] = {office: Counter() for office in self.offices}
        for one in self.counts:
            found[one.office][one.day] += one.visits
        return {office: self._with_empty_days(office, days) for office, days in found.items()}

    def _with_empty_days(self, office: str, days: Counter[dt.date]) -> OfDay:
        if not days or days.total() / len(days) > NEVER_EMPTY:
            return dict(days)
        first = min(days)
        whole = (first + n * ONE_DAY for n in range((self.today - first).days))
        return {day: days[day] for day in whole if self.calendar.open(office, day)}

    @cached_property
    def by_language(self) -> dict[tuple[str, dt.date], Counter[str]]:
        """The visits of each office and day by first language."""
        found: dict[tuple[str, dt.date], Counter[str]] = defaultdict(Counter)
        for one in self.counts:
            found[one.office, one.day][one.language] += one.visits
        return found

    def tally(
        self, part: Callable[[DayCount], Part], days: int
    ) -> dict[tuple[str, int], Counter[Part]]:
        """The visits of the last ``days``, by office and weekday, and a ``part`` of the counts."""
        found: dict[tuple[str, int], Counter[Part]] = defaultdict(Counter)
        begin = bisect_left(self.counts, self.today - days * ONE_DAY, key=_day)
        for one in self.counts[begin:]:
            found[one.office, one.day.isoweekday()][part(one)] += one.visits
        return found


def _day(one: DayCount) -> dt.date:
    return one.day
