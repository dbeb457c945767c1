"""What is likely, by what was known on one morning."""

import datetime as dt
from functools import cached_property

from queueapp.outlook import rivals
from queueapp.outlook.history import History
from queueapp.outlook.model import Model
from queueapp.outlook.shares import Shares
from queueapp.outlook.values import Basis

# Before that nothing can be said of an office, and before this only its weekdays' means.
FEWEST_WEEKS, ENOUGH_WEEKS = 2, 8


class Teller:
    """Tells the likely visits of days by any way to forecast."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.shares = Shares(history)

    @property
    def learnable(self) -> list[str]:
        """The offices whose history is long enough for the regression."""
        return [one for one in self.history.offices if self.history.weeks(one) >= ENOUGH_WEEKS]

    @cached_property
    def _model(self) -> Model:
        history = self.history
        totals = {office: history.totals[office] for office in self.learnable}
        return Model(history.calendar, totals, history.today)

    def means(self, basis: Basis, office: str, days: list[dt.date]) -> list[float]:
        """The likely visits of each of the days, on all of which the office is open."""
        if basis == "model":
            whole = self._model.mean(office, days)
        else:
            whole = rivals.told(self.history, basis, office, days)
        return [mean * self._kept(office, day) for mean, day in zip(whole, days, strict=True)]

    def _kept(self, office: str, day: dt.date) -> float:
        """The part of the day that is left, where it is shorter than its weekday usually is."""
        hours = self.history.calendar.open_hours(office, day)
        return self.shares.kept(office, day.isoweekday(), hours)

    def by_language(self, office: str, days: list[dt.date], means: list[float]) -> dict[str, float]:
        """The likely visits of those days in all, by first language."""
        found: dict[str, float] = {}
        for day, mean in zip(days, means, strict=True):
            for language, share in self.shares.languages(office, day.isoweekday()).items():
                found[language] = found.get(language, 0.0) + mean * share
        return found
