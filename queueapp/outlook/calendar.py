"""Which days each office is open, and what is special about a day.

The library of holidays makes this too slow to load into the serving process for nothing: only the
process that works out the forecast imports it.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property, lru_cache

from holidays import HolidayBase, country_holidays
from holidays.constants import DE_FACTO, PUBLIC

from queueapp.municipality import Municipality

Span = tuple[dt.time, dt.time]
ONE_DAY = dt.timedelta(days=1)
COUNTRY = "SE"
LANGUAGES = {"sv": "sv", "en": "en_US"}
"""The languages of staff pages, as the library calls them."""


class Calendar:
    """The municipality's open days. A public holiday, or an eve that the law makes its equal
    (semesterlagen 1977:480, 7 §), is a closed day also where the configuration has not listed it
    yet, unless it gives that date opening hours of its own.
    """

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality

    @lru_cache(maxsize=20_000)  # noqa: B019 - a calendar lives as long as its process
    def opening(self, office: str, day: dt.date) -> tuple[Span, ...]:
        """From when to when the office is open on that day; nothing where it is closed."""
        place = self._municipality.office(office)
        special = any(one.date == day for one in place.exceptions)
        return () if self.holiday(day) and not special else tuple(place.opening(day))

    def open_hours(self, office: str, day: dt.date) -> tuple[int, ...]:
        """The hours of the clock in which the office is open for any time at all."""
        return _hours_of(self.opening(office, day))

    def usual_hours(self, office: str, weekday: int) -> tuple[int, ...]:
        """The same on an ordinary day of the week, 1 being Monday."""
        weekly = self._municipality.office(office).opening_hours
        return _hours_of((one.opens, one.closes) for one in weekly if one.weekday == weekday)

    def open(self, office: str, day: dt.date) -> bool:
        """Whether the office takes visitors on that day."""
        return bool(self.opening(office, day))

    def holiday(self, day: dt.date) -> dict[str, str] | None:
        """The holiday's name in each language of staff pages."""
        if day not in self._names["sv"]:
            return None
        return {language: names[day] for language, names in self._names.items()}

    @lru_cache(maxsize=4000)  # noqa: B019 - a calendar lives as long as its process
    def special(self, day: dt.date) -> tuple[bool, ...]:
        """Whether it is after or before a weekday that is a holiday, between two closed days, or
        around Christmas: then more or fewer come than on other days.
        """
        after = self._free(day - ONE_DAY) or (day.weekday() == 0 and self._free(day - 3 * ONE_DAY))
        before = self._free(day + ONE_DAY)
        between = (self._free(day - ONE_DAY) and day.weekday() == 4) or (
            before and day.weekday() == 0
        )
        christmas = (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 6)
        return after, before, between, christmas

    def _free(self, day: dt.date) -> bool:
        return day.weekday() < 5 and self.holiday(day) is not None

    @cached_property
    def _names(self) -> dict[str, HolidayBase]:
        return {
            own: country_holidays(COUNTRY, categories=(PUBLIC, DE_FACTO), language=theirs)
            for own, theirs in LANGUAGES.items()
        }


def _hours_of(spans: Iterable[Span]) -> tuple[int, ...]:
    known = tuple(spans)
    return tuple(
        hour
        for hour in range(24)
        if any(opens < dt.time(hour, 59, 59) and closes > dt.time(hour) for opens, closes in known)
    )
