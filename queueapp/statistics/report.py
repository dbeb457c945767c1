"""The equality report: offices, districts and languages side by side, with the gap between the
best and the worst and how it has changed.

A gap is called more than chance where 0 lies outside of its interval, and that interval allows
for best and worst having been picked among all groups (``core.uncertainty.of_pairs``): so one
rule says both how large a gap is and whether there is one.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from queueapp import screens
from queueapp.core import uncertainty
from queueapp.core.measures import FIGURES, Kind
from queueapp.core.uncertainty import Interval
from queueapp.municipality import Municipality
from queueapp.statistics import answer as answers
from queueapp.statistics.answer import UNCODED, Answer, LeftOut, Row, Shown
from queueapp.statistics.periods import Period
from queueapp.statistics.question import Question

SIDES = ("office", "district", "language")
"""What is put side by side."""

ENOUGH_VISITS = 30
"""A group with fewer visits is shown but not called best or worst: it mostly tells of chance."""


class Better(StrEnum):
    """Which end of a figure is the good one."""

    LOW = "low"
    HIGH = "high"


BETTER: Mapping[str, Better] = {
    "wait_mean_s": Better.LOW,
    "wait_median_s": Better.LOW,
    "wait_p90_s": Better.LOW,
    "within_10_share": Better.HIGH,
    "left_share": Better.LOW,
    "no_show_share": Better.LOW,
    "resolved_share": Better.HIGH,
    "resolved_own_share": Better.HIGH,
    "first_language_share": Better.HIGH,
    "other_language_share": Better.LOW,
    "unserved_share": Better.LOW,
    "unmet_share": Better.LOW,
    "language_extra_wait_s": Better.LOW,
    "promise_kept_share": Better.HIGH,
    "coded_share": Better.HIGH,
}
"""The figures of which one can say that more is better or worse. Of visits, errands, costs, staff,
service time, video and interpreters one cannot: a short visit may be a good one or a poor one."""

FOLLOWED = ("visits", *BETTER)
"""What is asked of earlier periods."""

OF_WAYS = ("visits", "wait_mean_s", "within_10_share", "resolved_own_share")
"""What is asked of the ways to be served."""

WAITS = frozenset({"wait_mean_s", "wait_median_s", "wait_p90_s"})
"""The figures whose gap is also told as a ratio."""


class Why(StrEnum):
    """Why there is no gap."""

    NEUTRAL = "neutral"
    UNCODED = "uncoded"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Gap:
    """Between the ``best`` and the ``worst`` group: never below 0, with its 95 % interval.

    ``ratio``: the worst's wait by the best's, and its interval. ``among``: how many were compared.
    """

    best: str
    worst: str
    value: float
    interval: Interval
    among: int
    ratio: float | None = None
    around_ratio: Interval | None = None

    @property
    def certain(self) -> bool:
        """Whether it is more than chance."""
        return self.interval[0] > 0


Ends = tuple[str, str]
"""Two groups, the one with the lower value first."""

Wide = Mapping[str, tuple[float, Interval]]
"""The value of each group, with an interval that is right for all pairs at once."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The gaps of the periods, the oldest first and this one last, and the change from end to end.

    All of them among the same groups: those that could be compared in every period.
    """

    points: Sequence[tuple[Period, Gap]]
    change: float
    interval: Interval

    def of(self, gap: Gap) -> bool:
        """Whether it is that gap's: where best or worst could not be compared before, it is that
        of others."""
        last = self.points[-1][1]
        return (last.best, last.worst) == (gap.best, gap.worst)

    @property
    def certain(self) -> bool:
        """Whether the gap has changed by more than chance."""
        low, high = self.interval
        return not low <= 0 <= high


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of all groups of a side, by their codes; and of everybody (``total``).

    ``left_out``: those that came and are not compared, since too few of them are concerned.
    """

    figure: str
    side: str
    groups: Mapping[str, Shown]
    total: Shown
    gap: Gap | None
    why: Why | None
    trend: Trend | None
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report tells. ``sides``: the figures by side and name.

    ``began`` and ``left_out``: as :class:`.answer.Answer` tells them, the latter by district.
    """

    period: Period
    earlier: Sequence[Period]
    sides: Mapping[str, Mapping[str, Compared]]
    visits: Mapping[str, Mapping[str, Shown]]
    total: Mapping[str, Shown]
    by_way: Answer
    by_language_and_office: Answer
    invented: bool
    empty: bool
    began: dt.date | None
    left_out: LeftOut | None


def report(now: screens.Moment, period: Period, earlier: Sequence[Period]) -> Report:
    """The report of ``period``; ``earlier`` are the periods that its gaps are followed over."""
    asked = {
        **{(period, side): _asked(period, [side], FIGURES) for side in SIDES},
        (period, "way"): _asked(period, ["way"], OF_WAYS),
        (period, "both"): _asked(
            period, ["language", "office"], ["visits", "first_language_share"]
        ),
        **{(one, side): _asked(one, [side], FOLLOWED) for one in earlier for side in SIDES},
    }
    found = dict(zip(asked, answers.several(now, list(asked.values())), strict=True))
    present = {side: found[period, side] for side in SIDES}
    before = {side: [(one, found[one, side]) for one in earlier] for side in SIDES}
    whole = present["office"]
    return Report(
        period,
        earlier,
        {
            side: {
                name: compared(now.municipality, name, side, (period, present[side]), before[side])
                for name in FIGURES
            }
            for side in SIDES
        },
        {side: _column(present[side], side, "visits") for side in SIDES},
        whole.total.figures,
        found[period, "way"],
        found[period, "both"],
        whole.invented,
        whole.empty,
        whole.began,
        present["district"].left_out,
    )


def _asked(of: Period, by: Iterable[str], figures: Iterable[str]) -> Question:
    return Question(of.first, of.last, tuple(by), tuple(figures))


def compared(
    municipality: Municipality,
    figure: str,
    side: str,
    present: tuple[Period, Answer],
    before: Sequence[tuple[Period, Answer]],
) -> Compared:
    """A figure's groups side by side, with gap and trend where there are any."""
    answer = present[1]
    able = comparable(municipality, figure, side, answer)
    found = gap(figure, able)
    why = None
    if found is None:
        why = _why(figure, answer.total)
    trend = _trend(municipality, figure, side, [*before, present]) if before and found else None
    return Compared(
        figure,
        side,
        _column(answer, side, figure),
        answer.total.figures[figure],
        found,
        why,
        trend,
        _left_out(municipality, figure, side, answer, able),
    )


def _left_out(
    municipality: Municipality, figure: str, side: str, answer: Answer, able: Collection[str]
) -> list[str]:
    others = _own(municipality, side) - set(able)
    return [
        code
        for row in answer.rows
        if (code := row.values[side]) in others
        and (row.figures[figure].note or row.figures[figure].value is not None)
        and row.figures["visits"].value != 0
    ]


def _own(municipality: Municipality, side: str) -> set[str]:
    """The groups that are the municipality's: where visitors from elsewhere live is no district."""
    return {one.code for one in getattr(municipality, f"{side}s")}


def _why(figure: str, total: Row) -> Why:
    if figure not in BETTER:
        return Why.NEUTRAL
    return Why.UNCODED if total.figures[figure].note == UNCODED else Why.FEW


def _column(answer: Answer, side: str, figure: str) -> dict[str, Shown]:
    return {row.values[side]: row.figures[figure] for row in answer.rows}


def comparable(
    municipality: Municipality, figure: str, side: str, answer: Answer
) -> dict[str, Shown]:
    """The groups that may be called best or worst: of the municipality, and with enough visits."""
    own = _own(municipality, side)
    return {
        row.values[side]: row.figures[figure]
        for row in answer.rows
        if row.values[side] in own
        and (row.figures["visits"].value or 0) >= ENOUGH_VISITS
        and row.figures[figure].value is not None
        and row.figures[figure].interval is not None
    }


def gap(figure: str, groups: Mapping[str, Shown]) -> Gap | None:
    """Between the best and the worst of ``groups``; None for fewer than two, and where no end of
    the figure is the better one.

    The ends may be small groups of which little is sure. Then it is the largest difference that
    is certain, where there is one: the intervals are right for all pairs at once.
    """
    if figure not in BETTER or len(groups) < 2:
        return None
    times = uncertainty.of_pairs(len(groups))
    wide = {code: _wide(figure, shown, times) for code, shown in groups.items()}
    ordered = sorted(groups, key=lambda code: (wide[code][0], code))
    pairs = combinations(ordered, 2)
    return _between(figure, max(pairs, key=lambda ends: _certain_and_large(ends, wide)), wide)


def _certain_and_large(ends: Ends, wide: Wide) -> tuple[bool, float]:
    """How a difference ranks: those that are certain first, the larger the higher."""
    low, high = (wide[code] for code in ends)
    return uncertainty.of_difference(*high, *low)[0] > 0, high[0] - low[0]


def _between(figure: str, ends: Ends, wide: Wide) -> Gap:
    low, high = (wide[code] for code in ends)
    found = Gap(
        *(ends if BETTER[figure] is Better.LOW else ends[::-1]),
        high[0] - low[0],
        uncertainty.of_difference(*high, *low),
        len(wide),
    )
    if figure in WAITS and low[0] > 0:
        ratio = uncertainty.of_ratio(*high, *low)
        return replace(found, ratio=high[0] / low[0], around_ratio=ratio)
    return found


def _wide(figure: str, shown: Shown, times: float) -> tuple[float, Interval]:
    """The value with its interval, so much wider."""
    if shown.value is None or shown.interval is None:
        raise ValueError("a figure without a value cannot be compared")
    of_kind = FIGURES[figure].kind is Kind.SHARE
    wider = uncertainty.widened_share if of_kind else uncertainty.widened
    return shown.value, wider(shown.value, shown.interval, times)


def _trend(
    municipality: Municipality,
    figure: str,
    side: str,
    periods: Sequence[tuple[Period, Answer]],
) -> Trend | None:
    """None where fewer than two periods can be compared, or no two groups in all of those."""
    told = [
        (period, groups)
        for period, answer in periods
        if len(groups := comparable(municipality, figure, side, answer)) > 1
    ]
    always = set.intersection(*(set(groups) for _, groups in told))
    points = [
        (period, found)
        for period, groups in told
        if (found := gap(figure, {code: groups[code] for code in always}))
    ]
    if len(points) < 2:
        return None
    first, last = points[0][1], points[-1][1]
    interval = uncertainty.of_difference(last.value, last.interval, first.value, first.interval)
    return Trend(points, last.value - first.value, interval)
