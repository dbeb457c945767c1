"""How many visits an office's days will have: a Poisson regression on the calendar.

One regression for all offices: the season and what a holiday does are learned from all of them,
while each has its own level, weekdays and growth, held to the common ones by the penalty.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor

from queueapp.outlook.calendar import ONE_DAY, Calendar

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
        common = {}
        rows = []
        for office, day in wanted:
            if day not in common:
                common[day] = self._of_day(day)
            rows.append(common[day] + self._own(office, day))
        return np.array(rows)

    def _of_day(self, day: dt.date) -> list[float]:
        fixed = [*_one_of(7, day.weekday()), *self._special(day)]
        if not self._seasons:
            return fixed
        turn = 2 * pi * day.timetuple().tm_yday / YEAR
        waves = [wave(n * turn) for n in range(1, WAVES + 1) for wave in (sin, cos)]
        return [*fixed, *waves, GROWTH * self._years(day)]

    def _own(self, office: str, day: dt.date) -> list[float]:
        own: list[float] = []
        for one in self._offices:
            here = float(one == office)
            weekday = [OWN * here * is_it for is_it in _one_of(7, day.weekday())]
            growth = OWN * GROWTH * here * self._years(day) * self._seasons
            own += [here, growth, *weekday]
        return own

    def _years(self, day: dt.date) -> float:
        return (day - self._today).days / YEAR

    def _special(self, day: dt.date) -> list[float]:
        """After and before a weekday that was a holiday, between two closed days, at Christmas."""
        free_before = self._free(day - ONE_DAY)
        free_after = self._free(day + ONE_DAY)
        monday_after = day.weekday() == 0 and self._free(day - 3 * ONE_DAY)
        christmas = (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 6)
        between = (free_before and day.weekday() == 4) or (free_after and day.weekday() == 0)
        facts = (free_before or monday_after, free_after, between, christmas)
        return [float(fact) for fact in facts]

    def _free(self, day: dt.date) -> bool:
        return day.weekday() < 5 and self._calendar.holiday(day) is not None


def _one_of(number: int, index: int) -> list[float]:
    return [float(place == index) for place in range(number)]


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
