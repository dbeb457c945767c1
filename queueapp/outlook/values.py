"""What a forecast is: plain values that can be written as JSON and read back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

WEEKS, USUAL_WEEKS = 8, 4
"""So far ahead the forecast goes, and so far it is shown where nobody asks for more."""

COVERED = 0.8
"""The share of outcomes that the ranges are made for."""

Basis = Literal["model", "last-week", "four-weeks", "weekday-mean", "nothing"]
"""What an office's forecast stands on: the regression, one of its two simple rivals, for want of
history the mean of each weekday, or nothing at all.
"""


@dataclass(frozen=True, slots=True)
class DayCount:
    """So many tickets were issued at ``office`` on a local day, in an hour of the clock (0-23), to
    visitors whose first language is ``language``.
    """

    day: dt.date
    office: str
    hour: int
    language: str
    visits: int


@dataclass(frozen=True, slots=True)
class Expected:
    """How many visits are likely (the mean), and the range that four of five outcomes lie in."""

    visits: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class DayOutlook:
    """One office on one day. ``hours``: the likely visits by hour of the clock, which sum to the
    day's. A closed day has none. ``expected`` is None where nothing can be said. ``holiday``: its
    name in each language of staff pages.
    """

    day: dt.date
    open: bool
    holiday: Mapping[str, str] | None
    expected: Expected | None
    hours: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class LanguageWeek:
    """One office in the seven days from ``first``, and one language."""

    first: dt.date
    language: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class PastError:
    """How one way to forecast an office's days has missed in the last weeks.

    ``mean_absolute``: visits per open day. ``share``: the sum of the misses as a share of the
    visits (WAPE). ``covered``: the share of the days within the range that would have been told.
    """

    basis: Basis
    days: int
    mean_absolute: float
    share: float
    covered: float


@dataclass(frozen=True, slots=True)
class OfficeOutlook:
    """One office's forecast. ``since``: the first day with a visit; None where there is none.

    ``languages``: for each weekday (1 is Monday) the share of the visits in each first language.
    ``services``: the share of the visits for each service.
    """

    office: str
    basis: Basis
    since: dt.date | None
    errors: tuple[PastError, ...]
    days: tuple[DayOutlook, ...]
    weeks: tuple[LanguageWeek, ...]
    languages: Mapping[int, Mapping[str, float]]
    services: Mapping[str, float]

    def cells(self, day: DayOutlook) -> dict[tuple[int, str], float]:
        """The likely visits of the day by hour and language; they sum to the day's.

        For the planner and the rota. Never shown: so fine, it might tell of a single person.
        """
        shares = self.languages.get(day.day.isoweekday(), {})
        return {
            (hour, language): visits * share
            for hour, visits in day.hours.items()
            for language, share in shares.items()
        }


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of every configured office, from ``first`` (the day it was made) on."""

    first: dt.date
    offices: tuple[OfficeOutlook, ...]

    def of(self, office: str) -> OfficeOutlook | None:
        """That office's; None where it was not configured when the forecast was made."""
        return next((one for one in self.offices if one.office == office), None)
