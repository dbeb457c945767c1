"""What may be known of a table of visits at its midnights, whoever asks and for whatever period.

The rule is :mod:`queueapp.core.disclosure`'s. Here it gets what it needs to know: how many came in
each year, month and day, of every value of the table's dimensions and in each part of its splits.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from operator import add

from queueapp.core import disclosure
from queueapp.core.disclosure import Boundary, Counts, Place, Vector
from queueapp.statistics import cube, splits, tallies
from queueapp.statistics.engine import Tables, aside

Cell = disclosure.Cell
Vectors = dict[Cell, dict[int, Vector]]
"""Per cell: how many came in each period that anybody came in, in all and of each part."""

MONTHS, DAYS = 12, 31
"""Of a year, and of a month at most."""


def of(tables: Tables, dimensions: tuple[str, ...], needed: frozenset[str]) -> "Known":
    """What may be known of the table over ``dimensions``, divided by the splits ``needed``.

    It is kept while the log stands: a report asks the same of several periods. Of one dimension
    it has all splits, so that whatever is asked next finds it.
    """
    wanted = tuple(splits.EVERY if len(dimensions) < 2 else sorted(needed - {splits.WHOLE}))
    asked = ("known", dimensions, wanted)
    return tables.kept_today.once(asked, lambda: Known(tables, dimensions, wanted))


class Known:
    """The counts of a table as the log stands, and what follows from them at each midnight.

    ``years``: those that the log has visits of; ``last``: its last day.
    """

    def __init__(self, tables: Tables, dimensions: tuple[str, ...], divided: Sequence[str]) -> None:
        self._by, self._splits = dimensions, divided
        self.years = range(0)
        self.last: dt.date | None = None
        if days := tables.days():
            first, self.last = days
            self.years = range(first.year, self.last.year + 1)
        # The count of all visits is the first of a vector, then come the parts of each split.
        self._first: dict[str, int] = {}
        width = 1
        for split in divided:
            self._first[split] = width
            width += len(splits.parts(split))
        self._months = self._read_months(tables)
        self._whole_years = {cell: _summed(came) for cell, came in self._months.items()}
        self._days: dict[dt.date, Vectors] = {}
        self._boundaries: dict[tuple[dt.date, str], Boundary] = {}
        self._parts: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._months.values()))

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the dimensions that ever had a visit."""
        return sorted(self._months)

    def boundary(self, tables: Tables, day: dt.date, split: str) -> Boundary:
        """What may be known at the midnight before ``day``, of the parts of ``split``."""
        if (day, split) not in self._boundaries:
            place = self._place(day)
            counts = self._counts(tables, place, split)
            unfinished = self._unfinished(split)
            self._boundaries[day, split] = aside(disclosure.boundary, counts, place, unfinished)
        return self._boundaries[day, split]

    def is_divided(self, split: str) -> bool:
        """Whether there are visits in more than one part of ``split``."""
        return len(self._parts_of(split)) > 1

    def _place(self, day: dt.date) -> Place:
        """Where the midnight before ``day`` lies in the log."""
        if day.year not in self.years:
            return (len(self.years),) if day.year >= self.years.stop else ()
        steps = [day.year - self.years.start, day.month - 1, day.day - 1]
        while steps and steps[-1] == 0:
            steps.pop()
        return tuple(steps)

    # --- what it rests on -----------------------------------------------------------------------

    def _counts(self, tables: Tables, place: Place, split: str) -> dict[Cell, Counts]:
        """How many came of each cell, as far as the rule asks at ``place``."""
        parts = self._parts_of(split)
        years = range(len(self.years))
        months = range(MONTHS * place[0], MONTHS * (place[0] + 1)) if len(place) > 1 else range(0)
        days: Vectors = {}
        of_days = range(0)
        if len(place) > 2:
            first = dt.date(self.years.start + place[0], place[1] + 1, 1)
            days, of_days = self._days_of(tables, first), range(DAYS)
        return {
            cell: Counts(
                _row(self._whole_years[cell], years, parts),
                _row(came, months, parts),
                _row(days.get(cell, {}), of_days, parts),
            )
            for cell, came in self._months.items()
        }

    def _parts_of(self, split: str) -> list[int]:
        """The places of the split's parts among the counts, without those that nobody is in."""
        if split not in self._parts:
            self._parts[split] = self._find_parts(split)
        return self._parts[split]

    def _find_parts(self, split: str) -> list[int]:
        if split == splits.WHOLE:
            return [0]
        first = self._first[split]
        places = range(first, first + len(splits.parts(split)))
        if split == splits.CODED:
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
        open_ones = splits.UNFINISHED.get(split, ())
        unfinished = {self._first[split] + place for place in open_ones}
        return [n for n, place in enumerate(self._parts_of(split)) if place in unfinished]

    def _read_months(self, tables: Tables) -> Vectors:
        """How many came in each month, counted from the January of the log's first year."""
        if not self.years:
            return {}
        first, end = dt.date(self.years.start, 1, 1), dt.date(self.years.stop, 1, 1)
        number = f"{MONTHS} * (year(day) - {first.year}) + month(day) - 1"
        return self._read(tables, first, end, "month", number)

    def _days_of(self, tables: Tables, first: dt.date) -> Vectors:
        """How many came on each day of the month that begins on ``first``."""
        if first not in self._days:
            end = (first + dt.timedelta(days=DAYS)).replace(day=1)
            self._days[first] = self._read(tables, first, end, "day", "day(day) - 1")
        return self._days[first]

    def _read(
        self, tables: Tables, first: dt.date, end: dt.date, unit: str, number: str
    ) -> Vectors:
        """How many came in each day or month (``unit``), which ``number`` numbers in SQL."""
        by = self._by
        keys = [f"k{place}" for place in range(len(by))]
        parts = [part for split in self._splits for part in splits.parts(split)]
        sums = [f"({one})::BIGINT" for one in (f"sum({tallies.EVERY})", *parts)]
        named = ", ".join([*keys, f"{number} AS period", *sums])
        past, today = (
            f"SELECT {named} FROM ({rows}) GROUP BY {', '.join([*keys, 'period'])}" if rows else ""  # noqa: S608
            for rows in cube.counts(tables, by, first, end, unit)
        )
        vectors: Vectors = {}
        for row in tables.of_past_and_today(past, today):
            cell, period, came = row[: len(by)], row[len(by)], row[len(by) + 1 :]
            periods = vectors.setdefault(cell, {})
            periods[period] = _added(periods[period], came) if period in periods else came
        return vectors


def _added(one: Vector, other: Vector) -> Vector:
    return tuple(map(add, one, other))


def _summed(months: Mapping[int, Vector]) -> dict[int, Vector]:
    """The years' counts from those of their months."""
    years: dict[int, list[Vector]] = {}
    for month, parts in months.items():
        years.setdefault(month // MONTHS, []).append(parts)
    return {year: tuple(map(sum, zip(*of_year, strict=True))) for year, of_year in years.items()}


def _row(came: Mapping[int, Vector], periods: range, parts: Sequence[int]) -> list[Vector]:
    nobody = (0,) * len(parts)
    return [
        tuple([came[period][part] for part in parts]) if period in came else nobody
        for period in periods
    ]
