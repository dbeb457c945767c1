"""Where the dots and intervals of a result's chart lie; the template draws them.

Across they are in per cent of the width, so that the chart fits a phone and a paper alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROW = 46
TOP = 8
AXIS = 26
STEPS = (60, 120, 300, 600, 900, 1800, 3600)
MOST_STEPS = 7


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure and its interval, across in per cent; ``y`` down in pixels."""

    y: int
    at: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A group: its name, and both worlds' dots."""

    name: str
    y: int
    today: Dot
    changed: Dot


@dataclass(frozen=True, slots=True)
class Chart:
    """Waits of groups. ``ticks``: where a line of the scale is, and its minutes."""

    height: int
    bottom: int
    lines: list[Line]
    ticks: list[tuple[float, int]]


def waits(rows: Sequence[dict[str, Any]], name: Callable[[dict[str, Any]], str]) -> Chart | None:
    """The mean waits of the rows; None where none of them has any."""
    shown = [row for row in rows if _values(row)]
    if not shown:
        return None
    most = max(value for row in shown for value in _values(row))
    step = next((one for one in STEPS if most / one <= MOST_STEPS), STEPS[-1])
    top = (int(most // step) + 1) * step
    bottom = TOP + ROW * len(shown)
    return Chart(
        bottom + AXIS,
        bottom,
        [_line(row, name(row), TOP + ROW * number, top) for number, row in enumerate(shown)],
        [(_across(second, top), second // 60) for second in range(0, top + 1, step)],
    )


def _values(row: dict[str, Any]) -> list[float]:
    figure = row["figures"]["wait_mean_s"]
    spans = [figure["interval_today"], figure["interval_changed"]]
    ends = [end for span in spans if span for end in span]
    return [one for one in (figure["today"], figure["changed"], *ends) if one is not None]


def _line(row: dict[str, Any], name: str, y: int, top: float) -> Line:
    figure = row["figures"]["wait_mean_s"]
    return Line(
        name,
        y + 14,
        _dot(figure["today"], figure["interval_today"], y + 24, top),
        _dot(figure["changed"], figure["interval_changed"], y + 35, top),
    )


def _dot(value: float | None, ends: Sequence[float] | None, y: int, top: float) -> Dot:
    low, high = (_across(max(0.0, end), top) for end in ends) if ends else (None, None)
    return Dot(y, None if value is None else _across(value, top), low, high)


# A little room on both sides, so that no dot and no number is cut off.
def _across(value: float, top: float) -> float:
    return round(2 + 94 * value / top, 2)
