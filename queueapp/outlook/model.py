"""How many visits an office's days will have: a Poisson regression on the calendar.

One regression for all offices: the season and what a holiday does are learned from all of them,
while each has its own level, weekdays and growth, held to the common ones by the penalty.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor

from queueapp.outlook.calendar import Calendar

Totals = Mapping[str, Mapping[dt.date, int]]
"""The visits of each office on each day that counts as open."""

Floats = NDArray[np.float64]

YEAR = 365.25
WAVES = 6  # per year: the rush of August and September takes about two months
# How freely an office's own weekday and growth may leave the common ones, and the growth itself
# a level: what is multiplied by less is held back more by the same penalty.
OWN, GROWTH = 0.5, 0.3
PENALTY = 1e-2
# With less history than this, season and growth cannot be told apart, nor told at all: the level
# of the last weeks must do.
SEASON_FROM_DAYS = 340
# A year ago a day says half as much about what people do now.
HALF_LIFE_DAYS = 365.0
# The level of the last weeks, against what the regression says of them, with the weight of so
# many visits on "no difference".
LEVEL_DAYS, LEVEL_TRUST = 42, 100.0


class Model:
    """The regression, fitted on what was known before ``today``."""

    def __init__(self, calendar: Calendar, totals: Totals, today: dt.date) -> None:
        self._calendar, self._today = calendar, today
        self._offices = tuple(totals)
        seen = [
            (office, day, visits)
            for office, days in totals.items()
            for day, visits in days.items()
            if day < today
        ]
        age = np.array([(today - day).days for _, day, _ in seen])
        self._seasons = bool(age.max() >= SEASON_FROM_DAYS)
        known = self._features((office, day) for office, day, _ in seen)
        visits = np.array([number for *_, number in seen], dtype=float)
        self._fitted = PoissonRegressor(alpha=PENALTY, solver="newton-cholesky", max_iter=50).fit(
            known, visits, sample_weight=0.5 ** (age / HALF_LIFE_DAYS)
        )
        self._level = _levels(seen, age, self._fitted.predict(known))

    def mean(self, office: str, days: Sequence[dt.date]) -> list[float]:
        """The likely visits of open days at an office that has a history."""
        told = self._fitted.predict(self._features((office, day) for day in days))
        return [float(one) * self._level.get(office, 1.0) for one in told]

    def _features(self, wanted: Iterable[tuple[str, dt.date]]) -> Floats:
        offices, days = zip(*wanted, strict=True)
        years = np.array([(day - self._today).days for day in days]) / YEAR
        weekday = _one_of([day.weekday() for day in days], 7)
        office = _one_of([self._offices.index(code) for code in offices], len(self._offices))
        own = [OWN * here[:, None] * weekday for here in office.T]
        special = np.array([self._calendar.special(day) for day in days], dtype=float)
        fixed = [weekday, special, office, *own]
        if not self._seasons:
            return np.hstack(fixed)
        growth = GROWTH * years[:, None] * np.hstack([np.ones((len(days), 1)), OWN * office])
        return np.hstack([*fixed, growth, _season(days)])


def _one_of(places: Sequence[int], number: int) -> Floats:
    return np.eye(number)[list(places)]


def _season(days: Sequence[dt.date]) -> Floats:
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / YEAR
    waves = np.outer(turn, np.arange(1, WAVES + 1))
    return np.hstack([np.sin(waves), np.cos(waves)])


def _levels(
    seen: Sequence[tuple[str, dt.date, int]], age: NDArray[np.int64], told: Floats
) -> dict[str, float]:
    """By how much each office's last weeks were above what the regression says of them."""
    sums: dict[str, list[float]] = {}
    for (office, _, visits), days, mean in zip(seen, age, told, strict=True):
        if days <= LEVEL_DAYS:
            was, said = sums.setdefault(office, [LEVEL_TRUST, LEVEL_TRUST])
            sums[office] = [was + visits, said + float(mean)]
    return {office: was / said for office, (was, said) in sums.items()}
