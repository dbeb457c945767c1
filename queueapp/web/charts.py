"""Where the lines and labels of a chart go; ``templates/charts.html`` draws them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, log10

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 30
STEPS = (1, 2, 5, 10)
LINES = 4
SHADES = 6


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its range, at ``label``; all are None where there is a gap."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a place on an axis."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Band:
    """A line within a band, in the coordinates of an SVG of ``width`` × ``height``.

    ``bands`` and ``lines`` are SVG paths, one for each run of points without a gap.
    """

    bands: list[str]
    lines: list[str]
    dots: list[tuple[float, float]]
    down: list[Mark]
    along: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def band(points: Sequence[Point], every: int = 7) -> Band:
    """The chart of the points, with a label below each ``every`` one of them."""
    highest = max((point.high or 0.0 for point in points), default=0.0)
    step = round_up(max(highest, 1.0) / LINES)
    steps = max(1, ceil(highest / step))
    top = step * steps
    placed = [(_along(place, len(points)), point) for place, point in enumerate(points)]
    runs = [list(run) for known, run in groupby(placed, _known) if known]
    return Band(
        bands=[_around(run, top) for run in runs],
        lines=[_path(_edge(run, "value", top)) for run in runs],
        dots=[dot for run in runs for dot in _edge(run, "value", top)],
        down=[Mark(_number(step * n), _down(step * n, top)) for n in range(steps + 1)],
        along=[Mark(point.label, x) for x, point in placed[::every]],
    )


def _known(placed: tuple[float, Point]) -> bool:
    return placed[1].value is not None


def _around(run: Sequence[tuple[float, Point]], top: float) -> str:
    """Along the high values, and back along the low ones."""
    return _path([*_edge(run, "high", top), *reversed(_edge(run, "low", top))])


def round_up(least: float) -> float:
    """The next round number, for the step of an axis: 1, 2 or 5 times a power of ten."""
    power = 10 ** ceil(log10(least) - 1)
    return float(next(step * power for step in STEPS if step * power >= least))


def _along(place: int, places: int) -> float:
    return round(LEFT + (place + 0.5) * (WIDTH - LEFT - RIGHT) / max(1, places), 1)


def _down(value: float, top: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)


def _edge(run: Sequence[tuple[float, Point]], name: str, top: float) -> list[tuple[float, float]]:
    return [(x, _down(getattr(point, name), top)) for x, point in run]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in corners)


def _number(value: float) -> str:
    return f"{value:g}"


def shades(rows: Sequence[Sequence[float | None]]) -> Iterator[list[int | None]]:
    """How dark each cell of a heat map is, from 0 to ``SHADES``; None where there is no cell."""
    most = max((cell or 0.0 for row in rows for cell in row), default=0.0) or 1.0
    for row in rows:
        yield [None if cell is None else round(SHADES * cell / most) for cell in row]
