"""A question → figures per group, each with its interval, or with why it is not shown."""

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

from queueapp import screens
from queueapp.core import measures, uncertainty
from queueapp.core.measures import ENOUGH_CODED, FIGURES, QUANTILES, Kind
from queueapp.core.uncertainty import Interval
from queueapp.statistics import cube, engine, protection, rates
from queueapp.statistics.cube import Duty, Group, Numbers, Said
from queueapp.statistics.engine import Tables
from queueapp.statistics.question import Question, spans, today
from queueapp.statistics.rates import Span

AT_ONCE = 2
"""Questions that are answered at a time."""

SMALL = "small"
UNCODED = "uncoded"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it may be shown: its value and 95 % interval, or a ``note`` why there is none.

    ``note`` is None also where there is simply nothing to measure. ``facts`` fill its text.
    """

    value: float | None = None
    interval: Interval | None = None
    note: str | None = None
    facts: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A group of visits: the values of its dimensions, its time, and its figures by name."""

    values: Mapping[str, str]
    first: dt.date
    end: dt.date
    figures: Mapping[str, Shown]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Visits that the total per inhabitant does not count; ``visits`` is None where how many is
    not told."""

    visits: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question is answered with. ``total`` is of all its visits together.

    ``invented``: whether any of the log's visits in that time are invented, chosen or not: of the
    chosen ones it would tell none from a few. ``invented_visits``: how many of the chosen; None
    where it would tell how many are not. ``anybody``: whether anybody at all came then, also of
    those that were not chosen; that nobody was of those chosen is hidden like a few. ``began``: the
    first day in the log, where the question asks of days before it. ``left_out``: those of whose
    home district no inhabitants are known, where the total per inhabitant is by home district.
    """

    question: Question
    rows: Sequence[Row]
    total: Row
    visits: int
    invented: bool = False
    invented_visits: int | None = 0
    anybody: bool = True
    began: dt.date | None = None
    left_out: LeftOut | None = None

    @property
    def empty(self) -> bool:
        """Whether there are no visits in the period at all."""
        return not self.anybody


def answer(now: screens.Moment, question: Question) -> Answer:
    """The figures that ``question`` asks for, as far as they may be shown."""
    with engine.opened(now) as opened:
        return _Answering(now, opened, rates.costs(now.connection), question).answer()


def several(now: screens.Moment, questions: Sequence[Question]) -> list[Answer]:
    """The answers to the questions, worked out side by side: while the engine reads for one, the
    interpreter is free for another.
    """
    with engine.opened(now) as opened, ThreadPoolExecutor(AT_ONCE) as pool:
        costs = rates.costs(now.connection)

        def found(question: Question) -> Answer:
            return _Answering(now, opened.beside(), costs, question).answer()

        return list(pool.map(found, questions))


class _Answering:
    """One question being answered: what all of its figures need, read once.

    It may be in a thread of its own, so it never asks the log's database.
    """

    def __init__(
        self,
        now: screens.Moment,
        opened: Tables,
        costs: Mapping[rates.Where, rates.Costs],
        question: Question,
    ) -> None:
        self.now, self.opened, self.costs, self.question = now, opened, costs, question
        self.log = self._log(today(now))
        self.rates = rates.Rates(now.municipality, question, self.log, costs, self._used())
        self.guard = protection.Guard(opened, question)

    def _log(self, last: dt.date) -> Span:
        """The days from the first visit that there ever was until ``last``."""
        days, end = self.opened.days(), last + dt.timedelta(days=1)
        return (days[0] if days else end), end

    def _used(self) -> dict[rates.Where, rates.Used]:
        """What each office used in each year; read only where costs are asked for."""
        parts = set(self.question.dimensions) - {"office"}
        if "cost_per_visit" not in self.question.figures or parts:
            return {}
        by = ("office", "year")
        asked = replace(self.question, figures=("by_interpreter",))
        found = cube.numbers(self.opened, asked, by)
        worked = cube.duty(self.opened, asked, by)
        idle = Duty(0.0, 0.0, 0.0)
        return {
            (office, int(year)): rates.Used(
                worked.get((office, year), idle).staff_s, _interpreted(found.get((office, year)))
            )
            for office, year in {*found, *worked} - {cube.WHOLE}
        }

    @property
    def _of_duty(self) -> bool:
        """Whether a figure asked for is by staff time."""
        return not rates.OF_DUTY.isdisjoint(self.question.figures)

    def answer(self) -> Answer:
        question = self.question
        by = question.by
        found = cube.numbers(self.opened, question, by)
        worked = cube.duty(self.opened, question, by) if self._of_duty else {}
        when = {name: (first, end) for name, first, end in spans(question)}
        whole, nothing = found[cube.WHOLE], cube.nothing(question)
        anybody = self.guard.anybody(question.first, question.end)
        rows = [
            self._row(dict(zip(by, group, strict=True)), when, found.get(group, nothing), worked)
            for group in (self._groups({*found} - {cube.WHOLE}) if anybody else ())
        ]
        total = self._row({}, {"": (question.first, question.end)}, whole, None)
        invented = cube.invented(self.opened, question.first, question.end)[1] > 0
        told = Answer(
            question,
            rows,
            total,
            whole.visits,
            invented,
            self._invented_visits(whole) if invented else 0,
            anybody,
            self.log[0] if self.opened.days() and question.first < self.log[0] else None,
        )
        return self._by_inhabitants(told)

    def _invented_visits(self, whole: Numbers) -> int | None:
        """How many are invented: in a log in which some are not, that would tell of those."""
        visits, invented = cube.invented(self.opened, *self.log)
        span = self.question.first, self.question.end
        shows = visits == invented and self.guard.shows("visits", {}, *span, whole)
        return whole.visits if shows else None

    def _by_inhabitants(self, found: Answer) -> Answer:
        """The same, with a total per inhabitant by home district of those who have one.

        It is that of the districts whose inhabitants are known, as when they are chosen.
        """
        question, name = self.question, "visits_per_1000"
        if name not in question.figures or "district" not in question.dimensions:
            return found
        span = question.first, question.end
        came, populated = self._districts(), self.rates.populated(span)
        counted, others = sorted(came.intersection(populated)), sorted(came.difference(populated))
        lived = self.rates.living_in(populated, span)
        if not counted or not lived:
            return found
        shown = _times(self._visits_of(counted), rates.PER_INHABITANTS / lived)
        total = replace(found.total, figures={**found.total.figures, name: shown})
        left_out = LeftOut(self._visits_of(others).value) if others else None
        return replace(found, total=total, left_out=left_out)

    def _districts(self) -> set[str]:
        """The home districts, and what stands for one, that any of the chosen ever came from."""
        place = self.question.dimensions.index("district")
        every = {cell[place] for cell in self.guard.cells}
        return every.intersection(self.question.where.get("district", every))

    def _visits_of(self, districts: Sequence[str]) -> Shown:
        """How many of the visits are from these home districts, as where they are chosen."""
        where = {**self.question.where, "district": tuple(districts)}
        asked = replace(self.question, by=(), where=where, figures=("visits",))
        return _Answering(self.now, self.opened, self.costs, asked).answer().total.figures["visits"]

    def _groups(self, found: set[Group]) -> list[Group]:
        """The groups to show: all that there ever were, so that a missing one tells nothing."""
        question = self.question
        periods = [name for name, first, _ in spans(question) if self.guard.covers(first)]
        cells = [dict(zip(question.dimensions, cell, strict=True)) for cell in self.guard.cells]
        every = {
            tuple(period if name == question.period else cell[name] for name in question.by)
            for cell in cells
            if all(cell[name] in chosen for name, chosen in question.where.items())
            for period in periods
        }
        return sorted((every if question.by else set()) | found)

    def _row(
        self,
        values: dict[str, str],
        when: Mapping[str, Span],
        numbers: Numbers,
        worked: Mapping[Group, Duty] | None,
    ) -> Row:
        period = self.question.period if values else None
        first, end = when[values[period] if period else ""]
        duty = self._duty(values, worked)
        places = {name: value for name, value in values.items() if name != period}
        figures = {
            name: self._shown(name, places, (first, end), numbers, duty)
            for name in self.question.figures
        }
        return Row(values, first, end, figures)

    def _duty(self, values: Mapping[str, str], worked: Mapping[Group, Duty] | None) -> Duty | None:
        if worked is None:
            whole = cube.duty(self.opened, self.question, ()) if self._of_duty else {}
            return whole.get(cube.WHOLE)
        return worked.get(tuple(v for name, v in values.items() if name in cube.OF_DUTY))

    def _shown(
        self,
        name: str,
        places: Mapping[str, str],
        span: Span,
        numbers: Numbers,
        duty: Duty | None,
    ) -> Shown:
        figure = FIGURES[name]
        if not self.guard.shows(name, places, *span, numbers):
            return Shown(note=SMALL)
        if figure.coded and not _enough_coded(numbers):
            return Shown(note=UNCODED)
        if figure.kind is Kind.RATE:
            return self._rate(name, places, span, numbers, duty)
        return Shown(cube.value(name, numbers), interval(name, numbers))

    def _rate(
        self,
        name: str,
        places: Mapping[str, str],
        span: Span,
        numbers: Numbers,
        duty: Duty | None,
    ) -> Shown:
        try:
            above, below = self.rates.of(name, places, span, numbers, duty)
        except rates.Missing as missing:
            return Shown(note=missing.note, facts=missing.facts)
        if not below:
            return Shown()
        counted = name.startswith("visits_")
        around = uncertainty.of_count(numbers.visits) if counted else None
        scale = above / numbers.visits / below if counted and numbers.visits else 0.0
        within = (around[0] * scale, around[1] * scale) if around and scale else None
        return Shown(above / below, within)


def _times(shown: Shown, scale: float) -> Shown:
    """A figure and its interval, so many times as large."""
    if shown.value is None:
        return shown
    around = shown.interval
    return Shown(shown.value * scale, around and (around[0] * scale, around[1] * scale))


def _interpreted(numbers: Numbers | None) -> int:
    return numbers.said["interpreter"].true if numbers else 0


def _enough_coded(numbers: Numbers) -> bool:
    coded = numbers.said["coded"]
    return not coded.known or coded.true / coded.known >= ENOUGH_CODED


def interval(name: str, numbers: Numbers) -> Interval | None:
    """The 95 % interval of a figure that comes from its column alone."""
    figure = FIGURES[name]
    if figure.kind is Kind.ERRANDS:
        return uncertainty.of_count(numbers.errands)
    said = numbers.said.get(figure.column, Said(0))
    if figure.kind in QUANTILES:
        quantile = said.quantiles.get(figure.kind)
        return (quantile.low, quantile.high) if quantile else None
    of_kind = {
        Kind.COUNT: uncertainty.of_count(said.true),
        Kind.SHARE: uncertainty.of_share(said.true, said.known),
        Kind.MEAN: _whole_seconds(
            uncertainty.of_mean(said.mean or 0.0, said.deviation or 0.0, said.known)
        ),
    }
    return of_kind.get(figure.kind)


def _whole_seconds(around: Interval | None) -> Interval | None:
    """The interval widened to whole seconds: its middle would tell the mean's fraction."""
    return (float(floor(around[0])), float(ceil(around[1]))) if around else None


def document(found: Answer) -> dict[str, Any]:
    """The answer as the API gives it: durations in seconds, shares from 0 to 1."""
    question, total = found.question, _told(found.total)
    return {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "office": list(question.offices),
        "where": {name: list(values) for name, values in question.where.items()},
        "by": list(question.by),
        "definitions": {name: measures.DEFINITIONS[name] for name in question.figures},
        "rows": [{"group": dict(row.values), **_told(row)} for row in found.rows],
        "total": total["figures"],
        "total_intervals": total["intervals"],
        "total_notes": total["notes"],
        "invented_visits": found.invented_visits,
        "without_inhabitants": found.left_out and {"visits": found.left_out.visits},
    }


def _told(row: Row) -> dict[str, Any]:
    shown = row.figures.items()
    return {
        "figures": {name: one.value for name, one in shown},
        "intervals": {name: list(one.interval) for name, one in shown if one.interval},
        "notes": {name: one.note for name, one in shown if one.note},
    }
