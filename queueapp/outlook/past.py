"""The last weeks forecast anew, each time from what was known then, and held against what came."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from queueapp.outlook.calendar import ONE_DAY
from queueapp.outlook.history import History
from queueapp.outlook.spread import Miss, Misses
from queueapp.outlook.teller import Teller
from queueapp.outlook.values import Basis, PastError

PLAYED_WEEKS = 8
WEEKS_AHEAD = 4
# Of fewer days compared, chance would choose.
FEWEST_DAYS = 20
WAYS: tuple[Basis, ...] = ("model", "four-weeks", "last-week")


@dataclass
class Past:
    """The misses of each office and way: of its days, and of its languages in a week."""

    days: dict[tuple[str, Basis], list[Miss]] = field(default_factory=lambda: defaultdict(list))
    languages: dict[tuple[str, Basis], list[Miss]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def best(self, office: str) -> Basis:
        """The way that has missed least there; the regression where too little is known to say."""
        if len(self.days[office, "model"]) < FEWEST_DAYS:
            return "model"
        return min(WAYS, key=lambda way: sum(_off(miss) for miss in self.days[office, way]))

    def errors(self, office: str) -> tuple[PastError, ...]:
        """How each way has missed at the office, the best first."""
        found = [self._error(office, way) for way in WAYS if self.days[office, way]]
        return tuple(sorted(found, key=lambda error: error.mean_absolute))

    def _error(self, office: str, way: Basis) -> PastError:
        own, others = self.split(office, way, self.days)
        covered = own.covered(others)
        return PastError(way, len(own), own.mean_absolute, own.share, covered)

    @staticmethod
    def split(
        office: str, way: Basis, misses: dict[tuple[str, Basis], list[Miss]]
    ) -> tuple[Misses, list[Misses]]:
        """The office's own misses of a way, and those of all others."""
        others = [
            Misses(theirs) for (other, w), theirs in misses.items() if other != office and w == way
        ]
        return Misses(misses[office, way]), others


def _off(miss: Miss) -> float:
    return abs(miss.likely - miss.visits)


def play(history: History) -> Past:
    """Forecast each of the last weeks from one, two, three and four weeks before it."""
    past = Past()
    for weeks_ago in range(1, PLAYED_WEEKS + WEEKS_AHEAD):
        begin = history.today - 7 * weeks_ago * ONE_DAY
        teller = Teller(history.before(begin))
        for office in teller.learnable:
            for ahead in range(WEEKS_AHEAD):
                week = weeks_ago - ahead
                if 1 <= week <= PLAYED_WEEKS:
                    _compare(past, history, teller, office, week)
    return past


def _compare(past: Past, history: History, teller: Teller, office: str, week: int) -> None:
    days = list(_days(history, office, week))
    if not days:
        return
    came = [history.totals[office][day] for day in days]
    spoken = sum((history.by_language[office, day] for day in days), Counter())
    for way in WAYS:
        means = teller.means(way, office, days)
        past.days[office, way] += [
            Miss(mean, visits, week) for mean, visits in zip(means, came, strict=True)
        ]
        past.languages[office, way] += [
            Miss(likely, spoken[language], week)
            for language, likely in teller.by_language(office, days, means).items()
        ]


def _days(history: History, office: str, week: int) -> Iterator[dt.date]:
    """The days of the week so many weeks ago when the office was open."""
    begin = history.today - 7 * week * ONE_DAY
    whole = (begin + n * ONE_DAY for n in range(7))
    return (day for day in whole if day in history.totals[office])
