"""What the played days come to: figures, all by ``core.measures``, as tables and as JSON."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from queueapp.core import measures
from queueapp.core.measures import KEYS, Group, Visit
from queueapp.core.uncertainty import PARTS, Interval, interval

Figure = Callable[[Group], float | None]


def _of(part: str, whole: str) -> Figure:
    """One figure of the statistics as a share of another."""

    def divided(group: Group) -> float | None:
        count = measures.FIGURES[whole](group)
        return (measures.FIGURES[part](group) or 0) / count if count else None

    return divided


Row = dict[str, float | None]
"""Figures by name; what nothing can be said of is None."""

BY = ("office", "language")

_MEASURED = ("visits", "wait_mean_s", "wait_p90_s", "first_language_share")
_SHARES = {
    "video_share": ("by_video", "served"),
    "interpreter_share": ("by_interpreter", "served"),
    "left_share": ("left", "visits"),
}

FIGURES: dict[str, Figure] = {name: measures.FIGURES[name] for name in _MEASURED} | {
    name: _of(*parts) for name, parts in _SHARES.items()
}
DEFINITIONS = {
    **{name: measures.DEFINITIONS[name] for name in _MEASURED},
    **{name: f"{part} ÷ {whole}" for name, (part, whole) in _SHARES.items()},
    "visits_per_day": "visits ÷ days",
    **{f"worst_{by}": f"The longest mean wait of one {by} ÷ the mean wait of all." for by in BY},
}
HEADINGS = {
    "visits_per_day": "visits\na day",
    "wait_mean_s": "mean\nwait, min",
    "wait_p90_s": "p90\nwait, min",
    "first_language_share": "in first\nlanguage, %",
    "video_share": "by\nvideo, %",
    "interpreter_share": "inter-\npreter, %",
    "left_share": "\nleft, %",
}


@dataclass
class Results:
    """The visits of each day played so far."""

    days: list[list[Visit]] = field(default_factory=list)

    @property
    def visits(self) -> list[Visit]:
        """Those of all days."""
        return [visit for day in self.days for visit in day]

    @cached_property
    def total(self) -> Row:
        """The figures of all days together."""
        return overall(self.days)

    @cached_property
    def intervals(self) -> dict[str, Interval | None]:
        """Each figure's 95 % interval, from how the days differ."""
        parts = min(PARTS, len(self.days))
        without = [
            overall([day for number, day in enumerate(self.days) if number % parts != part])
            for part in range(parts if parts > 1 else 0)
        ]
        return {
            name: None if whole is None else interval(whole, _known(row[name] for row in without))
            for name, whole in self.total.items()
        }

    def by(self, dimension: str) -> dict[str, Row]:
        """The figures of each group of the visits of all days."""
        return {
            name: figures(group, len(self.days))
            for name, group in _groups(self.visits, dimension).items()
        }


def figures(group: Group, days: int) -> Row:
    """The figures of one group, whose visits are those of so many days."""
    return {name: figure(group) for name, figure in FIGURES.items()} | {
        "visits_per_day": len(group.visits) / days
    }


def overall(days: Sequence[Sequence[Visit]]) -> Row:
    """The figures of all visits, and how much longer the worst group waits than all do."""
    visits = [visit for day in days for visit in day]
    whole = Group(visits)
    return figures(whole, len(days)) | {
        f"worst_{by}": measures.worst_to_overall(_groups(visits, by).values(), whole) for by in BY
    }


def _groups(visits: Iterable[Visit], by: str) -> dict[str, Group]:
    # By visits alone: an errand has a language of its own, which would make a group of it.
    groups: dict[str, Group] = {}
    for visit in visits:
        groups.setdefault(KEYS[by](visit, None), Group()).visits.append(visit)
    return dict(sorted(groups.items()))


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


# --- to be read ---------------------------------------------------------------------------------


def document(results: Results) -> dict[str, Any]:
    """The results as JSON: durations in seconds, shares from 0 to 1."""
    return {
        "invented": True,
        "days": len(results.days),
        "definitions": DEFINITIONS,
        "by": {
            by: [{"group": name, "figures": row} for name, row in results.by(by).items()]
            for by in BY
        },
        "total": results.total,
        "interval_95": results.intervals,
    }


def tables(results: Results, names: Callable[[str, str], str]) -> Iterator[Table]:
    """One table per dimension; the last also has the totals. ``names`` gives a group's name."""
    for by in BY:
        table = Table(f"\nPer {by}", box=SIMPLE_HEAD)
        for heading in HEADINGS.values():
            table.add_column(heading, justify="right", no_wrap=True)
        for code, row in results.by(by).items():
            table.add_row(names(by, code), *(_said(name, row[name]) for name in HEADINGS))
        table.add_section()
        table.add_row("all", *(_said(name, results.total[name]) for name in HEADINGS))
        if len(results.days) > 1:
            table.add_row("95 %", *(_span(name, results.intervals[name]) for name in HEADINGS))
        yield table


def worst(results: Results) -> Iterator[str]:
    """How much longer the worst groups wait than all do."""
    for by in BY:
        ratio, span = results.total[f"worst_{by}"], results.intervals[f"worst_{by}"]
        if ratio is not None:
            within = f" (95 %: {span[0]:.2f}–{span[1]:.2f})" if span else ""
            yield f"Mean wait of the worst {by} ÷ of all: {ratio:.2f}{within}"


def _span(name: str, span: Interval | None) -> str:
    return "" if span is None else "–".join(_said(name, max(0.0, end)) for end in span)


def _said(name: str, value: float | None) -> str:
    """In minutes and in per cent, as the headings say."""
    if value is None:
        return "–"
    if name == "visits_per_day":
        return f"{value:.0f}"
    return f"{value / 60:.1f}" if name.endswith("_s") else f"{100 * value:.1f}"
