"""A question → numbers per group, in one query over the engine's tables.

Nothing here hides anything: what may be shown is decided afterwards (:mod:`.protection`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from queueapp.core import measures
from queueapp.core.measures import FIGURES, QUANTILES, Kind
from queueapp.statistics import engine as tables
from queueapp.statistics.question import CLOCK, PERIODS, PLACES, Question

Group = tuple[str, ...]
"""The values of the dimensions that a row is grouped by, in their order."""

WHOLE: Group = ()

_COLUMN = {
    **{name: name for name in PLACES},
    "hour": "printf('%02d', hour)",
    "weekday": "isodow(day)::VARCHAR",
    "day": "strftime(day, '%Y-%m-%d')",
    "week": "strftime(day, '%G-W%V')",
    "month": "strftime(day, '%Y-%m')",
    "year": "strftime(day, '%Y')",
}
OF_DUTY = ("office", *CLOCK, *PERIODS)
"""The dimensions that staff time has: nobody sits there for one language alone."""

GRID = tuple(step / 40 for step in range(41))
"""The quantiles that are read off besides those asked for: for their intervals."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a column says of a group's visits.

    ``known``: of how many it says anything; ``true``: of how many yes. Of seconds: their mean,
    deviation, and the quantiles 0.5, 0.9 and those of :data:`GRID`.
    """

    known: int
    true: int = 0
    mean: float | None = None
    deviation: float | None = None
    quantiles: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that the figures of a group are made from."""

    said: Mapping[str, Said]
    invented: int = 0
    errands: int = 0

    @property
    def visits(self) -> int:
        """How many visits the group has."""
        return self.said["arrived"].known


@dataclass(frozen=True, slots=True)
class Duty:
    """Staff time of a group, in seconds."""

    open_s: float
    staff_s: float
    serving_s: float


def column(name: str) -> str:
    """The SQL of a dimension."""
    return _COLUMN[name]


def numbers(
    engine: duckdb.DuckDBPyConnection, question: Question, by: Sequence[str]
) -> dict[Group, Numbers]:
    """The numbers of each group that has visits or errands, grouped ``by``."""
    columns = _columns(question.figures)
    visits = _grouped(
        engine, question, by, "visits", [part for one in columns for part in _parts(one)]
    )
    errands = _grouped(engine, question, by, "errands", ["count(*)"])
    return {
        group: Numbers(
            _said(columns, cells) if cells else dict.fromkeys(columns, Said(0)),
            cells[-1] if cells else 0,
            errands.get(group, (0,))[0],
        )
        for group in sorted({*visits, *errands})
        for cells in [visits.get(group, ())]
    }


def duty(
    engine: duckdb.DuckDBPyConnection, question: Question, by: Sequence[str]
) -> dict[Group, Duty]:
    """The staff time of each group, by the dimensions in ``by`` that staff time has."""
    own = [name for name in by if name in OF_DUTY]
    sums = [f"sum({name})" for name in ("open_s", "staff_s", "serving_s")]
    found = _grouped(engine, question, own, "duty", sums)
    return {group: Duty(*cells) for group, cells in found.items() if cells[0] is not None}


def open_days(
    engine: duckdb.DuckDBPyConnection, question: Question, by: Sequence[str]
) -> dict[Group, int]:
    """On how many days a counter was open, per group by the dimensions that staff time has."""
    own = [name for name in by if name in OF_DUTY]
    found = _grouped(engine, question, own, "duty", ["count(DISTINCT day) FILTER (open_s > 0)"])
    return {group: cells[0] for group, cells in found.items()}


def _columns(figures: Iterable[str]) -> list[str]:
    """The columns that the figures need; the visits and the coding always."""
    needed = {FIGURES[name].column for name in figures} & measures.COLUMNS.keys()
    needed |= {"arrived", "coded", "served", "interpreter"}
    return [name for name in measures.COLUMNS if name in needed]


def _parts(name: str) -> list[str]:
    column = f'"{name}"'  # "left" and "open" are words of SQL too
    if name not in measures.SECONDS:
        return [f"count({column})", f"count(*) FILTER ({column})"]
    asked = [*QUANTILES.values(), *GRID]
    return [
        f"count({column})",
        f"avg({column})",
        f"stddev_samp({column})",
        f"quantile_cont({column}, {asked})",
    ]


def _said(columns: Sequence[str], cells: Sequence[Any]) -> dict[str, Said]:
    found: dict[str, Said] = {}
    at = 0
    for name in columns:
        if name in measures.SECONDS:
            known, mean, deviation, quantiles = cells[at : at + 4]
            found[name] = Said(known, 0, mean, deviation, tuple(quantiles or ()))
            at += 4
        else:
            found[name] = Said(cells[at], cells[at + 1])
            at += 2
    return found


def _grouped(
    engine: duckdb.DuckDBPyConnection,
    question: Question,
    by: Sequence[str],
    table: str,
    parts: Sequence[str],
) -> dict[Group, tuple[Any, ...]]:
    keys = [_COLUMN[name] for name in by]
    condition, chosen = where(question, table)
    said = ["count(*) FILTER (invented)"] if table == "visits" else []
    query = (
        f"SELECT {', '.join([*keys, *parts, *said])} FROM {table} "  # noqa: S608 - names of our own
        f"WHERE day >= ? AND day < ? {condition}"
    )
    if keys:
        query += f" GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}"
    found = tables.rows(engine, query, question.first, question.end, *chosen)
    return {row[: len(keys)]: row[len(keys) :] for row in found}


def where(question: Question, table: str = "visits") -> tuple[str, list[list[str]]]:
    """The condition that chooses the question's visits, and its values."""
    known = OF_DUTY if table == "duty" else PLACES
    chosen = {name: list(values) for name, values in question.where.items() if name in known}
    text = "".join(f" AND list_contains(?, {_COLUMN[name]})" for name in chosen)
    return text, list(chosen.values())


# --- figures ------------------------------------------------------------------------------------


def value(name: str, found: Numbers) -> float | None:
    """The figure of a group; None where nothing can be said, and for rates."""
    figure = FIGURES[name]
    if figure.kind is Kind.ERRANDS:
        return found.errands
    said = found.said.get(figure.column, Said(0))
    if figure.kind in QUANTILES:
        return said.quantiles[list(QUANTILES).index(figure.kind)] if said.known else None
    of_kind = {
        Kind.COUNT: said.true,
        Kind.SHARE: said.true / said.known if said.known else None,
        Kind.MEAN: said.mean,
    }
    return of_kind.get(figure.kind)
