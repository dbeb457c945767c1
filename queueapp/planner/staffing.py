"""The fewest staff that keep a promise of waits: a solver proposes, the simulator judges.

The covering model (``rosters``) begins with what is needed in any case. Each schedule it proposes
is played through all the days by the live rule. Where the promise is broken, a row is added that
asks for one more in the part of the week where visitors waited longest, of those who speak the
language, or of all where all wait; and the model is solved again. So simulation and optimisation
take turns (Atlason, Epelman & Henderson 2004; Cezik & L'Ecuyer 2008). Once the promise is kept,
people are taken away again one by one, or given shorter weeks, as long as it is.

The rows are drawn from what was simulated, not proven, so the result is the best found; beside it
stands how many hours no schedule can do without.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from queueapp.core.disclosure import FEWEST
from queueapp.core.measures import Visit
from queueapp.core.simulation import Shift
from queueapp.municipality import Municipality
from queueapp.planner import rosters
from queueapp.planner.document import Staffing
from queueapp.planner.figures import DayTold
from queueapp.planner.rosters import Column, Half, Model, Roster
from queueapp.planner.visitors import HOME, Days
from queueapp.simulate import rota
from queueapp.statistics.rates import HOUR_S

MOST_TRIES = 40
USUAL_TRIES = 15
BUSIEST = 0.85
"""The share of their hours that the first proposal keeps people busy; the simulator corrects it."""

ASKED_DAILY = 1.0
"""A language that is asked for at least so often on a weekday has a speaker on duty then."""

Judge = Callable[[Municipality], list[DayTold]]
"""Plays all days with the staff of a municipality."""


@dataclass(frozen=True)
class Kept:
    """How a language's promise was kept: on how many of the days that had any visitor."""

    days: int
    kept: int
    worst_s: float

    @property
    def share(self) -> float:
        """Of the days."""
        return self.kept / self.days


@dataclass(frozen=True)
class Found:
    """What the search came to. ``roster`` is None where nobody can keep the promise."""

    roster: Roster | None
    kept: bool
    facts: dict[str, Any]


# --- the promise ----------------------------------------------------------------------------------


def waited_s(visit: Visit) -> float | None:
    """How long a visitor waited: until the call, or until they left."""
    if visit.wait_s is not None:
        return visit.wait_s
    return None if visit.ended_at is None else visit.ended_at - visit.issued_at


def judged(days: Sequence[DayTold], asked: Staffing) -> dict[str, Kept]:
    """The promise of each language, over the days that have any of its visitors.

    Languages with fewer than :data:`FEWEST` visits in all are not judged.
    """
    waits: dict[str, list[list[float]]] = defaultdict(list)
    for day in days:
        of_day: dict[str, list[float]] = defaultdict(list)
        for visit in day.visits:
            if (waited := waited_s(visit)) is not None:
                of_day[visit.languages[0]].append(waited)
        for language, found in of_day.items():
            waits[language].append(found)
    return {
        language: _kept(found, asked.minutes * 60.0)
        for language, found in sorted(waits.items())
        if sum(map(len, found)) >= FEWEST
    }


def _kept(waits: Sequence[Sequence[float]], most_s: float) -> Kept:
    means = [sum(of_day) / len(of_day) for of_day in waits]
    return Kept(len(means), sum(one <= most_s for one in means), max(means))


def _broken(promise: Mapping[str, Kept], asked: Staffing) -> list[str]:
    """The languages whose promise is broken, the worst first."""
    broken = [language for language, kept in promise.items() if kept.share < asked.days - 1e-9]
    return sorted(broken, key=lambda language: promise[language].share)


# --- the search -----------------------------------------------------------------------------------


@dataclass
class Search:
    """One question: the world to be staffed, its visitors, and who plays them."""

    municipality: Municipality
    days: Days
    asked: Staffing
    judge: Judge
    judged: list[Roster] = field(default_factory=list)
    model: Model = field(init=False)
    needed: Model = field(init=False)

    def __post_init__(self) -> None:
        counters = {office.code: office.counters for office in self.municipality.offices}
        columns = rosters.columns(self.municipality)
        self.model, self.needed = (Model(columns, counters) for _ in range(2))
        for model, busiest in ((self.model, BUSIEST), (self.needed, 1.0)):
            for counts, least in self._needs(busiest):
                model.require(counts, least)

    # What is needed in any case.

    def _needs(self, busiest: float) -> Iterator[tuple[rosters.Counts, float]]:
        """Somebody at every office, the asked languages, rights, and hours for the work."""
        for office, halves in rosters.halves(self.municipality).items():
            for half in halves:
                yield _at(half, office), 1.0
        for language, weekday in self._asked_daily():
            yield _speaks(language, weekday), 1.0
        for language in sorted(self.municipality.right_languages):
            yield _speaks(language), 1.0
        for weekday, hours in self._work_h().items():
            yield _hours_on(weekday), hours / busiest

    def _asked_daily(self) -> Iterator[tuple[str, int]]:
        """The languages that the pool speaks, and the weekdays they are asked for on."""
        pool = self._pool()
        dates = Counter(date.isoweekday() for date in self.days)
        asked = Counter(
            (arrival.languages[0], date.isoweekday())
            for date, came in self.days.items()
            for arrival in came
        )
        for (language, weekday), number in sorted(asked.items()):
            if language in pool and number / dates[weekday] >= ASKED_DAILY:
                yield language, weekday

    def _work_h(self) -> dict[int, float]:
        """The hours of work that a weekday's visitors bring, at least."""
        found: dict[int, list[float]] = defaultdict(list)
        for date, came in self.days.items():
            work = sum(arrival.own_language_s for arrival in came if arrival.comes)
            found[date.isoweekday()].append(work / 3600)
        return {weekday: sum(work) / len(work) for weekday, work in sorted(found.items())}

    def _pool(self) -> frozenset[str]:
        return frozenset().union(*(p.spoken for p in rosters.profiles(self.municipality)))

    def unspoken(self) -> dict[str, int]:
        """The visitors who accept no language that anybody in the pool speaks, by language."""
        known = self._pool() | {
            code for p in rosters.profiles(self.municipality) for code, _ in p.languages
        }
        found = Counter(
            arrival.languages[0]
            for came in self.days.values()
            for arrival in came
            if not known.intersection(arrival.languages)
        )
        return {code: number for code, number in sorted(found.items()) if number >= FEWEST}

    # Proposing and judging in turn.

    def run(self) -> Found:
        """The best schedule found, or why there is none."""
        if unspoken := self.unspoken():
            return Found(None, False, {"reason": "unspoken", "languages": unspoken})
        least = self.needed.solve()
        roster = self.model.solve()
        if least is None or roster is None:
            return Found(None, False, {"reason": "counters"})
        roster, promise, kept = self._rounds(roster)
        if kept:
            roster, promise = self._thinned(roster, promise)
        return Found(roster, kept, self._facts(roster, promise, least))

    def _rounds(self, roster: Roster) -> tuple[Roster, dict[str, Kept], bool]:
        """Ask for more until the promise is kept; else the one that broke it least."""
        best: tuple[float, Roster, dict[str, Kept]] | None = None
        proposed: Roster | None = roster
        while proposed is not None and len(self.judged) < MOST_TRIES:
            days = self._played(proposed)
            promise = judged(days, self.asked)
            broken = _broken(promise, self.asked)
            if not broken:
                return proposed, promise, True
            lack = sum(self.asked.days - promise[language].share for language in broken)
            if best is None or lack < best[0]:
                best = (lack, proposed, promise)
            proposed = self._asking_for_more(proposed, days, broken)
        assert best is not None  # noqa: S101 - at least one was judged
        return best[1], best[2], False

    def _played(self, roster: Roster) -> list[DayTold]:
        self.judged.append(roster)
        return self.judge(rosters.staffed(self.municipality, roster))

    def _asking_for_more(
        self, roster: Roster, days: Sequence[DayTold], broken: Sequence[str]
    ) -> Roster | None:
        """The next proposal; None where the counters do not allow any that is new."""
        common = self.municipality.default_language
        for language in broken:
            for half in _longest_waits(self.municipality, days, language, self.asked):
                everybody = common in broken or language == common
                counts = _at(half) if everybody else _speaks_at(language, half)
                self.model.require(counts, _sum(counts, roster) + 1, wished=True)
        proposed = self.model.solve()
        return None if proposed in self.judged else proposed

    def _thinned(self, roster: Roster, promise: dict[str, Kept]) -> tuple[Roster, dict[str, Kept]]:
        """Without whomever it does not take, or with shorter weeks: the longest are tried first."""
        for column in sorted(roster, key=lambda one: -one.length_h):
            found = True
            while found and column in roster and len(self.judged) < MOST_TRIES:
                found = False
                for shorter in self._shorter(roster, column):
                    told = judged(self._played(shorter), self.asked)
                    if not _broken(told, self.asked):
                        roster, promise, found = shorter, told, True
                        break
        return roster, promise

    def _shorter(self, roster: Roster, column: Column) -> Iterator[Roster]:
        """The schedule without one such person, then with half a week instead of a whole one.

        Only those that have what is needed in any case.
        """
        fewer = _without(roster, column)
        halves = [
            one
            for one in self.model.columns
            if column.pattern == "week" and one.pattern in {"first", "second"}
            if (one.office, one.profile) == (column.office, column.profile)
        ]
        for shorter in (fewer, *({**fewer, one: fewer.get(one, 0) + 1} for one in halves)):
            if self.needed.fulfilled(shorter) and len(self.judged) < MOST_TRIES:
                yield shorter

    def _facts(self, roster: Roster, promise: Mapping[str, Kept], least: Roster) -> dict[str, Any]:
        hours, bound = rosters.hours_a_week(roster), rosters.hours_a_week(least)
        return {
            "proven": hours <= bound * (1 + rosters.CLOSE_ENOUGH),
            "hours_a_week": hours,
            "needed_hours_a_week": min(bound, hours),
            "people": sum(roster.values()),
            "roster": [_told(column, number) for column, number in _ordered(roster)],
            "promise": [
                {
                    "language": language,
                    "days": kept.days,
                    "kept": kept.kept,
                    "share": kept.share,
                    "worst_s": kept.worst_s,
                }
                for language, kept in promise.items()
            ],
        }


def _without(roster: Roster, column: Column) -> Roster:
    left = {**roster, column: roster[column] - 1}
    return {one: number for one, number in left.items() if number}


def _ordered(roster: Roster) -> list[tuple[Column, int]]:
    return sorted(roster.items(), key=lambda one: (one[0].office, one[0].pattern, -one[1]))


def _told(column: Column, number: int) -> dict[str, Any]:
    return {
        "office": column.office,
        "languages": sorted(column.profile.spoken),
        "number": number,
        "pattern": column.pattern,
        "hours": [
            {"weekday": day, "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}
            for day, (opens, closes) in column.hours
        ],
        "hours_a_week": column.length_h,
    }


# --- where it hurts -------------------------------------------------------------------------------


def _longest_waits(
    municipality: Municipality, days: Sequence[DayTold], language: str, asked: Staffing
) -> list[Half]:
    """The parts of the week in which the language's visitors waited longest beyond the promise.

    The one where it was worst, and another where it was nearly as bad.
    """
    beyond: Counter[Half] = Counter()
    for day in days:
        for visit in day.visits:
            waited = waited_s(visit) if visit.languages[0] == language else None
            if waited is not None and visit.office != HOME:
                moment = dt.datetime.fromtimestamp(visit.issued_at, municipality.zone)
                half = rosters.half_of(municipality, visit.office, moment)
                beyond[half] += max(0, round(waited - 60 * asked.minutes))
    worst = beyond.most_common(2)
    return [half for half, seconds in worst if seconds and seconds >= worst[0][1] / 2]


def _sum(counts: rosters.Counts, roster: Mapping[Column, int]) -> float:
    return sum(counts(column) * number for column, number in roster.items())


def _at(half: Half, office: str | None = None) -> rosters.Counts:
    return lambda column: float(half in column.halves and office in {None, column.office})


def _speaks(language: str, weekday: int | None = None) -> rosters.Counts:
    def counts(column: Column) -> float:
        there = weekday is None or weekday in dict(column.hours)
        return float(there and language in column.profile.spoken)

    return counts


def _speaks_at(language: str, half: Half) -> rosters.Counts:
    return lambda column: float(half in column.halves and language in column.profile.spoken)


def _hours_on(weekday: int) -> rosters.Counts:
    return lambda column: sum(
        (span[1].hour - span[0].hour) + (span[1].minute - span[0].minute) / 60
        for day, span in column.hours
        if day == weekday
    )


# --- today, to compare with -----------------------------------------------------------------------


def hours_a_day(municipality: Municipality, dates: Collection[dt.date]) -> float:
    """The hours a day that the rota has at the counters on these dates, breaks included.

    A schedule and today's rota are compared on the same dates: where a holiday takes a weekday
    away, a whole week of one beside it would say nothing.
    """
    return sum(_hours_on_date(municipality, date) for date in dates) / len(dates)


def _hours_on_date(municipality: Municipality, date: dt.date) -> float:
    hours = rota.opening(municipality, date)
    shifts = [duty.shift for duty in rota.duties(municipality, date, hours)]
    return sum(_until_closing_s(shift, hours) for shift in shifts) / HOUR_S


def _until_closing_s(shift: Shift, hours: rota.Hours) -> float:
    return min(shift.ends, hours[shift.server.office][-1][1]) - shift.begins
