"""Where the dots and lines of the report's charts stand. What they say is in the tables, too."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from queueapp.statistics.answer import Shown
from queueapp.statistics.report import Compared
from queueapp.web import amounts
from queueapp.web.charts import Mark, round_up

WIDTH = 360
LABEL_END = 124
LEFT, RIGHT = 134, 288
VALUE = 296
TOP = 24
LINE, GAP = 13, 9
LABEL_LETTERS = 19
TICKS = 3
_NEAR_ZERO = 0.5


@dataclass(frozen=True, slots=True)
class Dot:
    """A group: its name in one line or two, its dot and interval. ``kind``: worst, best or plain.

    ``x`` is None where there is nothing to draw; ``text`` then says so.
    """

    label: Sequence[str]
    y: float
    text: str
    kind: str = "plain"
    x: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of dots and intervals, one below the other. ``everybody``: where the whole lies."""

    height: float
    bottom: float
    dots: Sequence[Dot]
    ticks: Sequence[Mark]
    everybody: float | None


def chart(compared: Compared, names: Mapping[str, str]) -> Chart | None:
    """The groups of ``names``, in its order; None where no group has a value."""
    shown = {code: compared.groups[code] for code in names if code in compared.groups}
    ends = [end for one in [*shown.values(), compared.total] for end in _ends(one)]
    if not any(one.value is not None for one in shown.values()):
        return None
    unit = amounts.unit(compared.figure)
    scale = _Scale(*_domain(compared.figure, min(ends), max(ends)), unit)
    dots = list(_dots(compared, {code: names[code] for code in shown}, scale))
    bottom = dots[-1].y + LINE
    total = compared.total.value
    return Chart(
        height=bottom + LINE + 6,
        bottom=bottom,
        dots=dots,
        ticks=list(scale.ticks()),
        everybody=None if total is None else scale.x(total),
    )


def _ends(shown: Shown) -> Iterator[float]:
    if shown.value is not None:
        yield shown.value
        yield from shown.interval or ()


def _dots(compared: Compared, names: Mapping[str, str], scale: "_Scale") -> Iterator[Dot]:
    y: float = TOP
    for code, name in names.items():
        label = textwrap.wrap(name, LABEL_LETTERS)[:2]
        y += LINE * len(label) / 2
        yield _dot(compared, code, label, y, scale)
        y += LINE * len(label) / 2 + GAP


def _dot(compared: Compared, code: str, label: Sequence[str], y: float, scale: "_Scale") -> Dot:
    shown = compared.groups[code]
    text = amounts.cell(compared.figure, shown)
    if shown.value is None:
        return Dot(label, y, text)
    low, high = shown.interval or (shown.value, shown.value)
    return Dot(
        label,
        y,
        text,
        _kind(compared, code),
        scale.x(shown.value),
        scale.x(max(low, scale.low)),
        scale.x(min(high, scale.high)),
    )


def _kind(compared: Compared, code: str) -> str:
    """Best and worst are marked only where they differ by more than chance."""
    gap = compared.gap
    if gap is None or not gap.certain:
        return "plain"
    return {gap.worst: "worst", gap.best: "best"}.get(code, "plain")


def _domain(figure: str, low: float, high: float) -> tuple[float, float]:
    """From the least to the most that is drawn; from 0 where that is near."""
    if 0 < low <= high * _NEAR_ZERO:
        low = 0.0
    if high <= low:
        low, high = low - 1, high + 1
    if figure.endswith("_share"):
        return max(0.0, low), min(1.0, high)
    return low, high


@dataclass(frozen=True, slots=True)
class _Scale:
    """``unit``: what a figure's one is worth where it is read."""

    low: float
    high: float
    unit: float

    def x(self, value: float) -> float:
        return round(LEFT + (value - self.low) / (self.high - self.low) * (RIGHT - LEFT), 1)

    def ticks(self) -> Iterator[Mark]:
        """Round values within, a step of 1, 2 or 5 apart."""
        low, high = self.low / self.unit, self.high / self.unit
        step = round_up((high - low) / TICKS)
        for times in range(math.ceil(low / step), math.floor(high / step) + 1):
            text = amounts.decimal(times * step, 0 if step >= 1 else 1)
            yield Mark(text, self.x(times * step * self.unit))
