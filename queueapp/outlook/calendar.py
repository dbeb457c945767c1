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
        self.opening = lru_cache(maxsize=None)(self._opening)

    def _opening(self, office: str, day: dt.date) -> tuple[Span, ...]:
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
