"""Which figures of an answer may be shown, so that nobody can be singled out.

The rule is :mod:`queueapp.core.disclosure`'s. Here it gets what it needs to know: how many came in
each year, month and day around the midnights of a question, of every value of its dimensions and
not only of those it chose, so that a choice never shows what the whole table hides.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import add

from queueapp.core import disclosure
from queueapp.core.disclosure import FEWEST, FEWEST_FOR_QUANTILES, Boundary, Counts, Period, Place
from queueapp.core.measures import FIGURES, QUANTILES, Kind
from queueapp.statistics import cube
from queueapp.statistics.cube import Numbers
from queueapp.statistics.engine import Tables, aside
from queueapp.statistics.question import Question

Cell = disclosure.Cell
Vectors = dict[Cell, dict[int, tuple[int, ...]]]
"""Per cell: how many came in each period that anybody came in, in all and of each part."""

WHOLE = ""
"""The split of a figure that divides nothing."""

# How the visits are divided where figures could be subtracted from each other: what became of
# them, and how soon they were called. The conditions exclude each other.
_SPLITS = {
    "outcome": ('"served"', '"no_show"', '"left"', '"open"'),
    "calling": ('"within_soon"', '"called" AND "within_soon" IS NOT TRUE'),
}
_SPLIT_OF = {
    "served": "outcome",
    "unserved": "outcome",
    "no_show": "outcome",
    "left": "outcome",
    "open": "outcome",
    "called": "calling",
    "within_soon": "calling",
}


def split_of(name: str) -> str:
    """How a figure divides the visits: its value tells how many are on which side."""
    figure = FIGURES[name]
    if figure.kind not in {Kind.COUNT, Kind.SHARE} or figure.column == "arrived":
        return WHOLE
    return _SPLIT_OF.get(figure.column, figure.column)


def _counted(split: str) -> tuple[str, ...]:
    """The SQL of how many are in each part; who is in none of them makes up one more."""
    if split in _SPLITS:
        return tuple(cube.how_many(condition) for condition in _SPLITS[split])
    true = cube.how_many(f'"{split}"')
    return true, f'count("{split}") - {true}'


@dataclass
class Guard:
    """Says of each figure of a question whether it shows."""

    tables: Tables
    question: Question
    _last: dt.date | None = field(init=False)
    _years: range = field(init=False)
    _levels: dict[tuple[int, ...], Vectors] = field(default_factory=dict)
    _boundaries: dict[tuple[dt.date, str], Boundary] = field(default_factory=dict)
    _known_parts: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.splits = sorted({split_of(name) for name in self.question.figures} - {WHOLE})
        [(first, self._last)] = self.tables.rows("SELECT min(day), max(day) FROM visits")
        self._years = range(first.year, self._last.year + 1) if self._last else range(0)

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the question's dimensions that ever had a visit."""
        return sorted(self._level(()))

    def covers(self, day: dt.date) -> bool:
        """Whether a period that begins on that day may hold anything."""
        return self._last is not None and day <= self._last

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
            return not 0 < numbers.errands < FEWEST
        if figure.kind not in {Kind.MEAN, *QUANTILES}:
            return True
        known = numbers.said[figure.column].known
        return known == 0 or known >= (FEWEST_FOR_QUANTILES if figure.kind in QUANTILES else FEWEST)

    def _in_period(
        self, name: str, values: Mapping[str, str], first: dt.date, end: dt.date
    ) -> bool:
        if not self._years:
            return True
        split = split_of(name)
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
            self._boundaries[day, split] = aside(disclosure.boundary, counts, place)
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
        years = self._level(())
        months = self._level(place[:1]) if len(place) > 1 else {}
        days = self._level(place[:2]) if len(place) > 2 else {}
        parts = self._parts(split)
        return {
            cell: Counts(
                _row(years, cell, range(len(self._years)), parts),
                _row(months, cell, range(12), parts) if len(place) > 1 else (),
                _row(days, cell, range(31), parts) if len(place) > 2 else (),
            )
            for cell in years
        }

    def _parts(self, split: str) -> list[int]:
        """The places of the split's parts among the counts, without those that nobody is in."""
        if split not in self._known_parts:
            self._known_parts[split] = self._find_parts(split)
        return self._known_parts[split]

    def _find_parts(self, split: str) -> list[int]:
        if split == WHOLE:
            return [0]
        first = 1
        for other in self.splits[: self.splits.index(split)]:
            first += len(_counted(other)) + 1
        places = range(first, first + len(_counted(split)) + 1)
        found = self._level(()).values()
        return [
            place
            for place in places
            if any(vector[place] for cell in found for vector in cell.values())
        ]

    def _level(self, within: Place) -> Vectors:
        """How many came in each year of the log, month of a year, or day of a month."""
        if within not in self._levels:
            self._levels[within] = self._read(within)
        return self._levels[within]

    def _read(self, within: Place) -> Vectors:
        by = self.question.dimensions
        period, condition, values = self._span(within)
        sums = ", ".join(["count(*)", *(part for one in self.splits for part in _counted(one))])
        query = (
            f"SELECT {', '.join([*cube.named(by), 'period', 'counts'])} FROM ("  # noqa: S608
            f"SELECT {cube.raw(by)}{period} AS period, [{sums}] AS counts "
            f"FROM {{}}_visits {condition} GROUP BY ALL)"
        )
        vectors: Vectors = {}
        for *cell, number, counts in (
            *self.tables.of_past(query.format("past"), *values),
            *self.tables.rows(query.format("today"), *values),
        ):
            periods = vectors.setdefault(tuple(cell), {})
            parts = self._parted(counts)
            periods[number] = (
                tuple(map(add, periods[number], parts)) if number in periods else parts
            )
        return vectors

    def _parted(self, counts: Sequence[int]) -> tuple[int, ...]:
        """All visits, and for each split its parts and the rest."""
        every, *counted = counts
        parts = [every]
        for split in self.splits:
            number = len(_counted(split))
            own, counted = counted[:number], counted[number:]
            parts += [*own, every - sum(own)]
        return tuple(parts)

    def _span(self, within: Place) -> tuple[str, str, Sequence[dt.date]]:
        """The SQL of a period's number, and the condition for where it counts."""
        if not within:
            return f"year(day) - {self._years.start}", "", ()
        year = self._years.start + within[0]
        first = dt.date(year, within[1] + 1 if within[1:] else 1, 1)
        end = dt.date(year + 1, 1, 1)
        if within[1:]:
            end = (first + dt.timedelta(days=31)).replace(day=1)
        unit = "day(day)" if within[1:] else "month(day)"
        return f"{unit} - 1", "WHERE day >= ? AND day < ?", (first, end)


def _row(
    vectors: Vectors, cell: Cell, periods: range, parts: Sequence[int]
) -> list[tuple[int, ...]]:
    nobody = (0,) * len(parts)
    came = vectors.get(cell, {})
    return [
        tuple([came[period][part] for part in parts]) if period in came else nobody
        for period in periods
    ]
