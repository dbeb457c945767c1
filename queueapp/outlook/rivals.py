"""The simple ways to forecast that the regression has to beat, and what must do without it."""

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import islice

from queueapp.outlook.calendar import ONE_DAY
from queueapp.outlook.history import History, OfDay
from queueapp.outlook.values import Basis

LOOK_BACK_WEEKS = 53


def last_week(known: OfDay, day: dt.date) -> float:
    """As many as on the same weekday when the office was open then last."""
    return _latest(known, day, 1)


def four_weeks(known: OfDay, day: dt.date) -> float:
    """The mean of the last four such days."""
    return _latest(known, day, 4)


def weekday_mean(known: OfDay, day: dt.date) -> float:
    """The mean of all such days, leaning on all days with the weight of one."""
    whole = sum(known.values()) / len(known)
    same = [visits for other, visits in known.items() if other.weekday() == day.weekday()]
    return (sum(same) + whole) / (len(same) + 1)


RIVALS: Mapping[Basis, Callable[[OfDay, dt.date], float]] = {
    "last-week": last_week,
    "four-weeks": four_weeks,
}


def told(history: History, basis: Basis, office: str, days: list[dt.date]) -> list[float]:
    """The likely visits of open days by one of the simple ways."""
    way = RIVALS.get(basis, weekday_mean)
    return [way(history.totals[office], day) for day in days]


def _latest(known: OfDay, day: dt.date, number: int) -> float:
    earlier = (day - 7 * weeks * ONE_DAY for weeks in range(1, LOOK_BACK_WEEKS))
    same = list(islice((known[other] for other in earlier if other in known), number))
    if not same:  # a weekday on which the office has not been open
        return sum(known.values()) / len(known)
    return sum(same) / len(same)
