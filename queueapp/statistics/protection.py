"""Which figures of an answer may be shown, so that nobody can be singled out.

The rule is :mod:`queueapp.core.disclosure`'s. Here it gets what it needs to know: how many came in
each year, month and day around the midnights of a question, of every value of its dimensions and
not only of those it chose, so that a choice never shows what the whole table hides.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import add

from queueapp.core import disclosure
from queueapp.core.disclosure import (
    FEWEST,
    FEWEST_FOR_QUANTILES,
    Boundary,
    Counts,
    Period,
    Place,
    Vector,
)
from queueapp.core.matching import Way
from queueapp.core.measures import FIGURES, QUANTILES, Kind
from queueapp.statistics import cube, tallies
from queueapp.statistics.cube import Numbers
from queueapp.statistics.engine import Tables, aside
from queueapp.statistics.question import AT_ONCE, Question

Cell = disclosure.Cell
Vectors = dict[Cell, dict[int, Vector]]
"""Per cell: how many came in each period that anybody came in, in all and of each part."""

MONTHS, DAYS = 12, 31
"""Of a year, and of a month at most."""

WHOLE = ""
"""The split of a figure that divides nothing."""

# How the visits are divided where figures could be subtracted from each other. Each part is the
# SQL of a count; they exclude each other. Where two figures together tell of a part of both, their
# split has it: who left after a call are the called without the served and those who did not come.
OUTCOME, FATE, CALLING, SOON = "outcome", "fate", "calling", "soon"
SERVED, PROMISED, OWN = "served or not", "promised", "own errands"
CODED = "coded visits"
"""No split but other visits to decide by: those that have errands."""

_SERVED, _NO_SHOW = tallies.true("served"), tallies.true("no_show")
_LEFT_CALLED = tallies.true("left_called")
_OPEN_CALLED = f"({tallies.true('called')} - {_SERVED} - {_NO_SHOW} - {_LEFT_CALLED})"
_PROMISED, _OWN = tallies.known("promise_kept"), tallies.known("resolved_own")
_LEFT, _OPEN, _SOON = tallies.true("left"), tallies.true("open"), tallies.true("within_soon")
_SPLITS: Mapping[str, Sequence[str]] = {
    OUTCOME: (_SERVED, _NO_SHOW, _LEFT, _OPEN),
    FATE: (
        _SERVED,
        _NO_SHOW,
        _LEFT_CALLED,
        f"{_LEFT} - {_LEFT_CALLED}",
        _OPEN_CALLED,
        f"{_OPEN} - {_OPEN_CALLED}",
    ),
    CALLING: (_SOON, tallies.true("late")),
    SOON: (_SOON, f"{tallies.known('within_soon')} - {_SOON}"),
    SERVED: (_SERVED,),
    # Who was called without having been promised a wait, and who came with other errands than the
    # municipality's own.
    PROMISED: (_PROMISED, f"{tallies.true('called')} - {_PROMISED}"),
    OWN: (_OWN, f"{tallies.true('coded')} - {_OWN}"),
}
_UNFINISHED = {OUTCOME: (3,), FATE: (4, 5), SOON: (2,)}
"""Which parts of a split are visits that are not over."""

_NEEDED_BY_FIGURE = {
    "called": (FATE, CALLING),
    # It is the prices by how many were interpreted, by how many were served.
    "cost_per_visit": (SERVED, "interpreter"),
    # How many were served by video is decided by way; the share tells how many were served at all.
    "by_video": (WHOLE,),
    "video_share": (SERVED,),
    # Its denominator is the served and the no-shows, and who left after a call is in neither.
    "no_show_share": (OUTCOME, SERVED),
}
# An interval tells its denominator, which divides other visits in turn: the served are those coded
# and those not. So what several figures tell is decided by the same split in each of them.
_NEEDED_BY_COLUMN = {
    "served": (SERVED,),
    **dict.fromkeys(("unserved", "no_show", "left", "open"), (OUTCOME, SERVED)),
    **{column: (column, SERVED) for column in ("coded", "interpreter")},
    **{
        column: (column, "coded", SERVED)
        for column in ("resolved", "first_language", "other_language")
    },
    "resolved_own": ("resolved_own", OWN, "coded", SERVED),
    "promise_kept": ("promise_kept", PROMISED),
    "within_soon": (SOON,),
}


def splits_of(name: str) -> tuple[str, ...]:
    """How a figure divides the visits: its value tells how many are on which side.

    It shows where each of the splits may be known.
    """
    figure = FIGURES[name]
    if figure.kind is Kind.ERRANDS:
        return WHOLE, CODED
    if name in _NEEDED_BY_FIGURE:
        return _NEEDED_BY_FIGURE[name]
    if figure.kind not in {Kind.COUNT, Kind.SHARE} or figure.column == "arrived":
        return (WHOLE,)
    return _NEEDED_BY_COLUMN.get(figure.column, (figure.column,))


def _parts(split: str) -> list[str]:
    """The SQL of how many are in each part of a split; the last are those in none of the others."""
    if split == CODED:
        return [f"sum({tallies.true('coded')})"]
    own = _SPLITS.get(split)
    if own is None:
        true = tallies.true(split)
        own = (true, f"{tallies.known(split)} - {true}")
    rest = " - ".join([tallies.EVERY, *(f"({part})" for part in own)])
    return [f"sum({part})" for part in (*own, rest)]


@dataclass
class Guard:
    """Says of each figure of a question whether it shows."""

    tables: Tables
    question: Question
    _years: range = field(init=False)
    _last: dt.date | None = None
    _months: Vectors = field(init=False)
    _whole_years: Vectors = field(init=False)
    _days: dict[dt.date, Vectors] = field(default_factory=dict)
    _boundaries: dict[tuple[dt.date, str], Boundary] = field(default_factory=dict)
    _known_parts: dict[str, list[int]] = field(default_factory=dict)
    _shown: dict[tuple[object, ...], bool] = field(default_factory=dict)
    _by_way: "Guard | None" = None

    def __post_init__(self) -> None:
        needed = {split for name in self.question.figures for split in splits_of(name)}
        self.splits = sorted(needed - {WHOLE})
        self._years = range(0)
        if days := self.tables.days():
            first, self._last = days
            self._years = range(first.year, self._last.year + 1)
        # A report asks the same of several periods.
        kept = ("months", self.question.dimensions, *self.splits)
        self._months = self.tables.kept_today.once(kept, self._read_months)
        self._whole_years = {cell: _summed(came) for cell, came in self._months.items()}

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the question's dimensions that ever had a visit."""
        return sorted(self._months)

    def covers(self, day: dt.date) -> bool:
        """Whether a period that begins on that day may hold anything."""
        return self._last is not None and day <= self._last

    def anybody(self, first: dt.date, end: dt.date) -> bool:
        """Whether anybody at all came in that time, also of those that were not chosen."""
        if not self._years:
            return False
        return self._boundary(first, WHOLE).place != self._boundary(end, WHOLE).place

    def shows(
        self, name: str, values: Mapping[str, str], first: dt.date, end: dt.date, numbers: Numbers
    ) -> bool:
        """Whether the figure shows of the visits with these ``values`` in that time."""
        return self._enough(name, numbers) and self._in_period(name, values, first, end)

    @staticmethod
    def _enough(name: str, numbers: Numbers) -> bool:
        """Whether there are enough of those that the figure itself is about."""
        figure = FIGURES[name]
        if figure.kind is Kind.ERRANDS:
            return numbers.errands >= FEWEST or not (numbers.errands or numbers.visits)
        if figure.kind not in {Kind.MEAN, *QUANTILES}:
            return True
        known = numbers.said[figure.column].known
        return known == 0 or known >= (FEWEST_FOR_QUANTILES if figure.kind in QUANTILES else FEWEST)

    def _in_period(
        self, name: str, values: Mapping[str, str], first: dt.date, end: dt.date
    ) -> bool:
        if not self._years:
            return True
        if not all(self._once(split, values, first, end) for split in splits_of(name)):
            return False
        return FIGURES[name].column != "video" or self._served_by_video(values, first, end)

    def _served_by_video(self, values: Mapping[str, str], first: dt.date, end: dt.date) -> bool:
        """Whether those served by video show; so do the served where that way is chosen.

        With the way they would be of one dimension too many where there are three others. Where
        another way is chosen there are none, by definition.
        """
        asked = self.question
        ways = [values["way"]] if "way" in values else asked.where.get("way", (Way.VIDEO,))
        if Way.VIDEO not in ways:
            return True
        if self._by_way is None:
            where = {**asked.where, "way": (str(Way.VIDEO),)}
            asked = replace(asked, where=where, figures=("served",))
            if len(asked.dimensions) > AT_ONCE:
                return False
            self._by_way = Guard(self.tables, asked)
        return self._by_way._in_period("served", {**values, "way": Way.VIDEO}, first, end)

    def _once(self, split: str, values: Mapping[str, str], first: dt.date, end: dt.date) -> bool:
        asked = (split, *values.items(), first, end)
        if asked not in self._shown:
            self._shown[asked] = self._of_split(split, values, first, end)
        return self._shown[asked]

    def _of_split(
        self, split: str, values: Mapping[str, str], first: dt.date, end: dt.date
    ) -> bool:
        chosen = {
            place: [values[dimension]] if dimension in values else self.question.where[dimension]
            for place, dimension in enumerate(self.question.dimensions)
            if dimension in values or dimension in self.question.where
        }
        period = Period(self._boundary(first, split), self._boundary(end, split))
        return period.shows(chosen, len(self._parts(split)) > 1)

    def _boundary(self, day: dt.date, split: str) -> Boundary:
        """What may be known at the midnight before ``day``."""
        if (day, split) not in self._boundaries:
            place = self._place(day)
            counts = self._counts(place, split)
            unfinished = self._unfinished(split)
            self._boundaries[day, split] = aside(disclosure.boundary, counts, place, unfinished)
        return self._boundaries[day, split]

    def _place(self, day: dt.date) -> Place:
        """Where the midnight before ``day`` lies in the log."""
        if day.year not in self._years:
            return (len(self._years),) if day.year >= self._years.stop else ()
        steps = [day.year - self._years.start, day.month - 1, day.day - 1]
        while steps and steps[-1] == 0:
            steps.pop()
        return tuple(steps)

    # --- what it rests on -----------------------------------------------------------------------

    def _counts(self, place: Place, split: str) -> dict[Cell, Counts]:
        """How many came of each cell, as far as the rule asks at ``place``."""
        parts = self._parts(split)
        years = range(len(self._years))
        months = range(MONTHS * place[0], MONTHS * (place[0] + 1)) if len(place) > 1 else range(0)
        days, of_days = {}, range(0)
        if len(place) > 2:
            days, of_days = self._days_of(self._years.start + place[0], place[1] + 1), range(DAYS)
        return {
            cell: Counts(
                _row(self._whole_years[cell], years, parts),
                _row(came, months, parts),
                _row(days.get(cell, {}), of_days, parts),
            )
            for cell, came in self._months.items()
        }

    def _parts(self, split: str) -> list[int]:
        """The places of the split's parts among the counts, without those that nobody is in."""
        if split not in self._known_parts:
            self._known_parts[split] = self._find_parts(split)
        return self._known_parts[split]

    def _find_parts(self, split: str) -> list[int]:
        if split == WHOLE:
            return [0]
        first = self._first(split)
        places = range(first, first + len(_parts(split)))
        if split == CODED:
            return list(places)
        found = self._whole_years.values()
        return [
            place
            for place in places
            if any(vector[place] for cell in found for vector in cell.values())
        ]

    def _unfinished(self, split: str) -> list[int]:
        """Which of the split's parts are the visits that are not over.

        Days that are over have none, so only today's outcomes depend on them.
        """
        unfinished = {self._first(split) + place for place in _UNFINISHED.get(split, ())}
        return [n for n, place in enumerate(self._parts(split)) if place in unfinished]

    def _first(self, split: str) -> int:
        """The place of the split's first part among the counts; that of all visits is 0."""
        others = self.splits[: self.splits.index(split)]
        return 1 + sum(len(_parts(other)) for other in others)

    def _read_months(self) -> Vectors:
        """How many came in each month, counted from the January of the log's first year."""
        if not self._years:
            return {}
        first, end = dt.date(self._years.start, 1, 1), dt.date(self._years.stop, 1, 1)
        number = f"{MONTHS} * (year(day) - {first.year}) + month(day) - 1"
        return self._read(first, end, "month", number)

    def _days_of(self, year: int, month: int) -> Vectors:
        """How many came on each day of a month."""
        first = dt.date(year, month, 1)
        if first not in self._days:
            end = (first + dt.timedelta(days=DAYS)).replace(day=1)
            self._days[first] = self._read(first, end, "day", "day(day) - 1")
        return self._days[first]

    def _read(self, first: dt.date, end: dt.date, unit: str, number: str) -> Vectors:
        """How many came in each day or month (``unit``), which ``number`` numbers in SQL."""
        by = self.question.dimensions
        keys = [f"k{place}" for place in range(len(by))]
        sums = [f"sum({tallies.EVERY})", *(part for one in self.splits for part in _parts(one))]
        named = ", ".join([*keys, f"{number} AS period", *(f"({one})::BIGINT" for one in sums)])
        past, today = (
            f"SELECT {named} FROM ({rows}) GROUP BY {', '.join([*keys, 'period'])}" if rows else ""  # noqa: S608
            for rows in cube.counts(self.tables, by, first, end, unit)
        )
        vectors: Vectors = {}
        for row in self.tables.of_past_and_today(past, today):
            cell, period, parts = row[: len(by)], row[len(by)], row[len(by) + 1 :]
            periods = vectors.setdefault(cell, {})
            periods[period] = _added(periods[period], parts) if period in periods else parts
        return vectors


def _added(one: Vector, other: Vector) -> Vector:
    return tuple(map(add, one, other))


def _summed(months: Mapping[int, Vector]) -> dict[int, Vector]:
    """The years' counts from those of their months."""
    years: dict[int, Vector] = {}
    for month, parts in months.items():
        year = month // MONTHS
        years[year] = _added(years[year], parts) if year in years else parts
    return years


def _row(came: Mapping[int, Vector], periods: range, parts: Sequence[int]) -> list[Vector]:
    nobody = (0,) * len(parts)
    return [
        tuple([came[period][part] for part in parts]) if period in came else nobody
        for period in periods
    ]
