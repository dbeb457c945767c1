"""How a day's visits are shared out over its hours and over languages.

Each weekday of an office leans on the whole office, and an office on all of them, the more the
fewer visits it has itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from queueapp.outlook.history import History, Part
from queueapp.outlook.values import DayCount

RECENT_DAYS = 26 * 7
TRUST = 50.0
"""The visits that what is leaned on counts for."""

WEEKDAYS = range(1, 8)


class Shares:
    """The shares of hours and languages, by what was known at the end of ``history``."""

    def __init__(self, history: History) -> None:
        self._calendar = history.calendar
        self._hours = _leaning(history, lambda one: one.hour)
        self._languages = _leaning(history, lambda one: one.language)

    def languages(self, office: str, weekday: int) -> dict[str, float]:
        """The share of each first language; they sum to one where there is any history."""
        return self._languages[office, weekday]

    def hours(self, office: str, weekday: int, open_hours: Iterable[int]) -> dict[int, float]:
        """The share of each hour that the office is open in; they sum to one."""
        known = {hour: self._hours[office, weekday].get(hour, 0.0) for hour in open_hours}
        whole = sum(known.values())
        # Hours that nobody has ever come in, as where they are new: all alike.
        return {hour: share / whole if whole else 1 / len(known) for hour, share in known.items()}

    def kept(self, office: str, weekday: int, open_hours: Iterable[int]) -> float:
        """The part of an ordinary day's visits that falls within these hours of the clock."""
        usual = self._calendar.usual_hours(office, weekday)
        if not usual:
            return 1.0
        shares = self.hours(office, weekday, {*usual, *open_hours})
        return sum(shares[hour] for hour in open_hours) / (
            sum(shares[hour] for hour in usual) or 1.0
        )


def _leaning(
    history: History, part: Callable[[DayCount], Part]
) -> dict[tuple[str, int], dict[Part, float]]:
    tally = history.tally(part, RECENT_DAYS)
    everywhere = lean(sum(tally.values(), Counter()), {})
    found = {}
    for office in history.offices:
        own = [tally.get((office, weekday), Counter()) for weekday in WEEKDAYS]
        whole = lean(sum(own, Counter()), everywhere)
        for weekday, counts in zip(WEEKDAYS, own, strict=True):
            found[office, weekday] = lean(counts, whole)
    return found


def lean(
    counts: Mapping[Part, int], above: Mapping[Part, float], trust: float = TRUST
) -> dict[Part, float]:
    """The shares of ``counts``, leaning on the shares ``above`` with the weight of ``trust``."""
    weight = trust if above else 0.0
    whole = sum(counts.values()) + weight
    found: dict[Part, float] = {}
    for part in chain(counts, above):
        found[part] = (counts.get(part, 0) + weight * above.get(part, 0.0)) / whole
    return found
