"""Which figures of an answer may be shown, so that nobody can be singled out.

The rule is :mod:`queueapp.core.disclosure`'s. Here it gets what it needs to know: how many came in
each year, month and day around the midnights of a question, of every value of its dimensions and
not only of those it chose, so that a choice never shows what the whole table hides.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
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
"""The split of a figure that splits nothing."""


def split_of(name: str) -> str:
    """The column by which a figure divides the visits, since its value tells how many are which."""
    figure = FIGURES[name]
    tells = figure.kind in {Kind.COUNT, Kind.SHARE} and figure.column != "arrived"
    return figure.column if tells else WHOLE


@dataclass
class Guard:
    """Says of each figure of a question whether it shows."""

    tables: Tables
    question: Question
    _years: range = field(init=False)
    _levels: dict[tuple[int, ...], Vectors] = field(default_factory=dict)
    _boundaries: dict[tuple[dt.date, str], Boundary] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.splits = sorted({split_of(name) for name in self.question.figures} - {WHOLE})
        [(first, last)] = self.tables.rows("SELECT min(year(day)), max(year(day)) FROM visits")
        self._years = range(first, last + 1) if first else range(0)

    def shows(
        self, name: str, values: Mapping[str, str], first: dt.date, end: dt.date, numbers: Numbers
    ) -> bool:
        """Whether the figure shows of the visits with these ``values`` in that time."""
        if not numbers.visits and not numbers.errands:
            return True
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
        if split == WHOLE:
            return [0]
        first = 1 + 3 * self.splits.index(split)
        found = self._level(()).values()
        return [
            part
            for part in range(first, first + 3)
            if any(vector[part] for cell in found for vector in cell.values())
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
            parts = _parted(counts)
            periods[number] = (
                tuple(map(add, periods[number], parts)) if number in periods else parts
            )
        return vectors

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


def _counted(split: str) -> Iterator[str]:
    """The SQL of how many are, and of how many are or are not."""
    yield f'count(*) FILTER ("{split}")'
    yield f'count("{split}")'


def _parted(counts: Sequence[int]) -> tuple[int, ...]:
    """All visits, and for each split those that are, are not, and of whom it is not known."""
    every, *pairs = counts
    parts = [every]
    for true, known in zip(pairs[::2], pairs[1::2], strict=True):
        parts += [true, known - true, every - known]
    return tuple(parts)


def _row(
    vectors: Vectors, cell: Cell, periods: range, parts: Sequence[int]
) -> list[tuple[int, ...]]:
    nobody = (0,) * len(parts)
    came = vectors.get(cell, {})
    return [
        tuple([came[period][part] for part in parts]) if period in came else nobody
        for period in periods
    ]
