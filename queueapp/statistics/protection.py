"""Which figures of an answer may be shown, so that nobody can be singled out.

It follows from what may be known (:mod:`.known`) at both ends of a period: of every value of the
question's dimensions and not only of those it chose, so that a choice never shows what the whole
table hides.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from queueapp.core.disclosure import FEWEST, FEWEST_FOR_QUANTILES, Boundary, Cell, Period
from queueapp.core.matching import Way
from queueapp.core.measures import FIGURES, QUANTILES, Kind
from queueapp.statistics import known, splits
from queueapp.statistics.cube import Numbers
from queueapp.statistics.engine import Tables
from queueapp.statistics.question import AT_ONCE, Question


@dataclass
class Guard:
    """Says of each figure of a question whether it shows."""

    tables: Tables
    question: Question
    _shown: dict[tuple[object, ...], bool] = field(default_factory=dict)
    _by_way: "Guard | None" = None

    def __post_init__(self) -> None:
        needed = {split for name in self.question.figures for split in splits.of(name)}
        self._known = known.of(self.tables, tuple(self.question.dimensions), frozenset(needed))

    @property
    def cells(self) -> list[Cell]:
        """Every combination of the question's dimensions that ever had a visit."""
        return self._known.cells

    def covers(self, day: dt.date) -> bool:
        """Whether a period that begins on that day may hold anything."""
        return self._known.last is not None and day <= self._known.last

    def anybody(self, first: dt.date, end: dt.date) -> bool:
        """Whether anybody at all came in that time, also of those that were not chosen."""
        if not self._known.years:
            return False
        places = [self._boundary(day, splits.WHOLE).place for day in (first, end)]
        return places[0] != places[1]

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
        if not self._known.years:
            return True
        if not all(self._once(split, values, first, end) for split in splits.of(name)):
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
        return period.shows(chosen, self._known.is_divided(split))

    def _boundary(self, day: dt.date, split: str) -> Boundary:
        return self._known.boundary(self.tables, day, split)
