"""An invented municipality whose law of visits is known: three years of counts, by a seed."""

import datetime as dt
from collections.abc import Iterator, Sequence
from math import exp, pi, sin

import numpy as np

from queueapp.outlook.calendar import Calendar
from queueapp.outlook.values import DayCount

PER_DAY = {"sjodalsvagen": 140.0, "skogas": 45.0, "varby": 12.0}
WEEKDAYS = (1.3, 1.05, 0.95, 1.0, 0.8, 0.3, 0.3)
SPOKEN = {"sv": 0.55, "ar": 0.2, "fi": 0.1, "so": 0.15}
RUSH = (0.8, 1.6, 1.2, 0.9, 1.1, 1.3, 0.9, 0.7, 0.5, 0.4)
ONE_DAY = dt.timedelta(days=1)


def mean(calendar: Calendar, office: str, day: dt.date, today: dt.date) -> float:
    """The law: a weekday's habit, a season with its August rush, growth, the day after closing."""
    if not calendar.open(office, day):
        return 0.0
    of_year = day.timetuple().tm_yday
    season = 0.12 * sin(2 * pi * of_year / 365)
    august = 0.35 * exp(-(((of_year - 240) / 18) ** 2))
    july = -0.4 * exp(-(((of_year - 200) / 14) ** 2))
    growth = 0.08 * (day - today).days / 365
    after = 0.2 if day.weekday() in range(1, 5) and not calendar.open(office, day - ONE_DAY) else 0
    return PER_DAY[office] * WEEKDAYS[day.weekday()] * exp(season + august + july + growth + after)


def counts(
    calendar: Calendar,
    today: dt.date,
    seed: int,
    days: int = 3 * 365,
    offices: Sequence[str] = tuple(PER_DAY),
    dispersion: float = 0.01,
) -> Iterator[DayCount]:
    """Visits of the ``days`` before ``today``, with a little more chance than Poisson's."""
    chance = np.random.default_rng(seed)
    for back in range(days, 0, -1):
        day = today - back * ONE_DAY
        for office in offices:
            likely = mean(calendar, office, day, today)
            if likely:
                likely *= chance.gamma(1 / dispersion, dispersion)
                yield from _of_day(chance, calendar, office, day, likely)


def _of_day(
    chance: np.random.Generator, calendar: Calendar, office: str, day: dt.date, likely: float
) -> Iterator[DayCount]:
    hours = calendar.open_hours(office, day)
    rush = np.array([RUSH[min(hour - hours[0], len(RUSH) - 1)] for hour in hours])
    spoken = np.array(list(SPOKEN.values()))
    drawn = chance.poisson(likely * np.outer(rush / rush.sum(), spoken / spoken.sum()))
    for at, hour in enumerate(hours):
        for language, visits in zip(SPOKEN, drawn[at], strict=True):
            if visits:
                yield DayCount(day, office, hour, language, int(visits))
