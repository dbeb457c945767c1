"""A question → numbers per group, in one query over the engine's tables.

Nothing here hides anything: what may be shown is decided afterwards (:mod:`.protection`).
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from math import ceil, floor, sqrt
from typing import Any

from queueapp.core import measures, uncertainty
from queueapp.core.measures import FIGURES, QUANTILES, Kind
from queueapp.statistics import lengths, tallies
from queueapp.statistics.engine import Tables
from queueapp.statistics.question import CLOCK, DIMENSIONS, PERIODS, PLACES, Question

Group = tuple[str, ...]
"""The values of the dimensions that a row is grouped by, in their order."""

WHOLE: Group = ()

OF_DUTY = ("office", *CLOCK, *PERIODS)
"""The dimensions that staff time has: nobody sits there for one language alone."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile, and the two values between which the population's own lies with 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a column says of a group's visits.

    ``known``: of how many it says anything; ``true``: of how many yes. Of seconds: their mean,
    deviation, and the quantiles of :data:`core.measures.QUANTILES`.
    """

    known: int
    true: int = 0
    mean: float | None = None
    deviation: float | None = None
    quantiles: Mapping[Kind, Quantile] = field(default_factory=dict)


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


def numbers(tables: Tables, question: Question, by: Sequence[str]) -> dict[Group, Numbers]:
    """The numbers of each group that has visits or errands, grouped ``by``; and of the whole."""
    if not tables.is_past(question.end):
        return _numbers(tables, question, by)
    chosen = tuple(question.where.items())
    key = (question.first, question.last, tuple(by), question.figures, chosen)
    return tables.once(key, lambda: _numbers(tables, question, by))


def _numbers(tables: Tables, question: Question, by: Sequence[str]) -> dict[Group, Numbers]:
    columns = _columns(question.figures)
    counts = _counts(tables, question, by, [one for name in columns for one in tallies.of(name)])
    errands = _errands(tables, question, by)
    quantiles = {name: _quantiles(tables, question, by, name) for name in columns}
    none = (0,) * (1 + sum(len(tallies.of(name)) for name in columns))
    found: dict[Group, Numbers] = {}
    for group in sorted({*counts, *errands, WHOLE}):
        *cells, invented = counts.get(group, none)
        each = iter(cells)
        said = {
            name: _said(list(islice(each, len(tallies.of(name)))), quantiles[name].get(group))
            for name in columns
        }
        found[group] = Numbers(said, invented, errands.get(group, (0,))[0])
    return found


def _errands(tables: Tables, question: Question, by: Sequence[str]) -> dict[Group, tuple[int, ...]]:
    if not any(FIGURES[name].kind is Kind.ERRANDS for name in question.figures):
        return {}
    return _with_whole(_grouped(tables, question, by, "errands", ["count(*)"]))


def _said(counts: Sequence[int], quantiles: Mapping[Kind, Quantile] | None) -> Said:
    """What a column says, by its counts in the order of :func:`.tallies.of`."""
    known, true, *squares = counts
    if not squares:
        return Said(known, true)
    if not known:
        return Said(0)
    deviation = sqrt(max(0, squares[0] - true * true / known) / max(known - 1, 1))
    return Said(known, 0, true / known, deviation, quantiles or {})


def nothing(question: Question) -> Numbers:
    """The numbers of a group that nobody belongs to."""
    return Numbers(dict.fromkeys(_columns(question.figures), Said(0)))


# --- how many -----------------------------------------------------------------------------------


def counts(
    tables: Tables, by: Sequence[str], first: dt.date, end: dt.date, unit: str
) -> tuple[str, str]:
    """The SQL of rows that sum up to the counts of a time's visits: of past days, and of today;
    each is nothing where there is nothing to read.

    Their columns are those of :func:`.tallies.counted`, ``by`` dimensions that are no periods, in
    the order of :data:`.question.DIMENSIONS`. Whole months come from what the archive has counted.
    """
    begin = stop = first
    if len(by) <= tallies.AT_MOST and unit in {"month", "year"}:
        begin, stop = _whole_months(first, end)
    parts = [
        tallies.counted(days, by, unit, _between(since, until))
        for since, until in ((first, begin), (stop, end))
        if (days := tables.past("visits", since, until))
    ]
    if begin < stop and tables.manifest.tallies:
        file = tables.folder / tables.manifest.tallies
        parts.append(tallies.kept(str(file), by, _between(begin, stop)))
    today = ""
    if not (parts and tables.is_past(end)):
        today = tallies.counted("today_visits", by, unit, _between(first, end))
    return " UNION ALL ".join(parts), today


def invented(tables: Tables, first: dt.date, end: dt.date) -> tuple[int, int]:
    """How many visits the log has of that time, chosen or not, and how many are invented."""
    sums = f"SELECT sum({tallies.EVERY})::BIGINT, sum({tallies.true('invented')})::BIGINT"
    past, today = (
        f"{sums} FROM ({rows})" if rows else "" for rows in counts(tables, (), first, end, "month")
    )
    found = [row for row in tables.of_past_and_today(past, today) if row[0]]
    return sum(row[0] for row in found), sum(row[1] for row in found)


def _whole_months(first: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of the first whole month in that time, and of the one after the last."""
    begin = (first + dt.timedelta(days=31)).replace(day=1) if first.day > 1 else first
    stop = end.replace(day=1)
    return (begin, stop) if begin < stop else (first, first)


def _between(first: dt.date, end: dt.date) -> str:
    return f"day >= DATE '{first}' AND day < DATE '{end}'"


def _counts(
    tables: Tables, question: Question, by: Sequence[str], wanted: Sequence[str]
) -> dict[Group, tuple[int, ...]]:
    """Per group the counts ``wanted``, and how many of its visits are invented."""
    asked = {*by, *question.where} - {*PERIODS}
    dimensions = [name for name in DIMENSIONS if name in asked]
    unit = next((name for name in by if name in PERIODS), "month")
    parts = counts(tables, dimensions, question.first, question.end, unit)
    keys = {name: f"k{place}" for place, name in enumerate(dimensions)}
    groups = [f"{keys.get(name) or tallies.period(name)} AS g{n}" for n, name in enumerate(by)]
    sums = [f"sum({count})::BIGINT" for count in (*wanted, tallies.true("invented"))]
    chosen = [f"list_contains(?, {keys[name]})" for name in question.where]
    query = (
        f"SELECT {', '.join([*groups, *sums])} FROM ({' UNION ALL '.join(filter(None, parts))}) "  # noqa: S608 - names of our own
        f"WHERE {' AND '.join([*chosen, 'true'])} GROUP BY ALL"
    )
    found = tables.rows(query, *map(list, question.where.values()))
    return _with_whole({row[: len(by)]: row[len(by) :] for row in found if row[-1] is not None})


def _with_whole(groups: dict[Group, tuple[int, ...]]) -> dict[Group, tuple[int, ...]]:
    """The same, and all groups together."""
    if groups:
        groups[WHOLE] = tuple(map(sum, zip(*groups.values(), strict=True)))
    return groups


# --- how long -----------------------------------------------------------------------------------

_VALUES = """
WITH counted AS ({counted})
SELECT [{names}]::VARCHAR[], list(value ORDER BY value), list(number ORDER BY value)
FROM counted GROUP BY ALL
UNION ALL
SELECT NULL, list(value ORDER BY value), list(number ORDER BY value)
FROM (SELECT value, sum(number)::BIGINT AS number FROM counted GROUP BY value)
"""


def _quantiles(
    tables: Tables, question: Question, by: Sequence[str], column: str
) -> dict[Group, dict[Kind, Quantile]]:
    """The quantiles of a column that are asked for, of each group and of the whole."""
    kinds = {
        one.kind
        for name, one in FIGURES.items()
        if name in question.figures and one.column == column and one.kind in QUANTILES
    }
    if not kinds:
        return {}
    counted, chosen = _lengths(tables, question, by, column)
    query = _VALUES.format(counted=counted, names=", ".join(tallies.named(by)))
    found: dict[Group, dict[Kind, Quantile]] = {}
    for keys, values, numbers in tables.rows(query, *chosen):
        if values:
            upto = list(accumulate(numbers))
            group = WHOLE if keys is None else tuple(keys)
            found[group] = {kind: _quantile(values, upto, QUANTILES[kind]) for kind in kinds}
    return found


def _lengths(
    tables: Tables, question: Question, by: Sequence[str], column: str
) -> tuple[str, list[list[str]]]:
    """The SQL of how often each value of a column occurs in each group, and what it is asked with.

    Of whole months it is what the archive has counted, where it has.
    """
    first, end = question.first, question.end
    whole = first < end and _whole_months(first, end) == (first, end) and tables.is_past(end)
    files = tables.past("lengths", first, end)
    alone = len(by) == 1 and {*question.where} <= {*by}
    if files and whole and alone and by[0] in lengths.KEPT_BY:
        chosen = list(question.where.values())
        condition = "list_contains(?, k0)" if chosen else "true"
        return lengths.kept(files, by[0], column, condition), [list(one) for one in chosen]
    condition, values = where(question)
    visits = tables.both("visits", first, end)
    return lengths.counted(visits, by, column, _between(first, end) + condition), values


def _quantile(values: list[int], upto: list[int], q: float) -> Quantile:
    """A quantile (Hyndman & Fan 1996, type 7) and those around it.

    Between which of a sample's quantiles the population's own lies follows from how many values
    are below it, which is binomial for every distribution. ``values`` ascend; ``upto`` says of how
    many one is the last.
    """

    def at(place: float) -> int:
        return values[bisect_right(upto, place)]

    last = upto[-1] - 1
    place = last * q
    half = uncertainty.Z * sqrt(q * (1 - q) / upto[-1])
    below, above = at(floor(place)), at(ceil(place))
    return Quantile(
        below + (above - below) * (place - floor(place)),
        at(floor(last * max(0.0, q - half))),
        at(ceil(last * min(1.0, q + half))),
    )


# --- staff time ---------------------------------------------------------------------------------


def duty(tables: Tables, question: Question, by: Sequence[str]) -> dict[Group, Duty]:
    """The staff time of each group, by the dimensions in ``by`` that staff time has."""
    own = [name for name in by if name in OF_DUTY]
    sums = [f"sum({name})" for name in ("open_s", "staff_s", "serving_s")]
    found = _grouped(tables, question, own, "duty", sums)
    return {group: Duty(*cells) for group, cells in found.items() if cells[0] is not None}


def open_days(tables: Tables, question: Question, by: Sequence[str]) -> dict[Group, int]:
    """On how many days a counter was open, per group by the dimensions that staff time has."""
    own = [name for name in by if name in OF_DUTY]
    found = _grouped(tables, question, own, "duty", ["count(DISTINCT day) FILTER (open_s > 0)"])
    return {group: cells[0] for group, cells in found.items()}


def _columns(figures: Iterable[str]) -> list[str]:
    """The columns that the figures need; the visits and the coding always."""
    needed = {FIGURES[name].column for name in figures} & measures.COLUMNS.keys()
    needed |= {"arrived", "coded", "served", "interpreter"}
    return [name for name in measures.COLUMNS if name in needed]


def _grouped(
    tables: Tables,
    question: Question,
    by: Sequence[str],
    table: str,
    parts: Sequence[str],
) -> dict[Group, tuple[Any, ...]]:
    condition, chosen = where(question, table)
    rows = tables.both(table, question.first, question.end)
    sums = ", ".join(f"{part} AS n{place}" for place, part in enumerate(parts))
    names = ", ".join([*tallies.named(by), *(f"n{place}" for place in range(len(parts)))])
    query = (
        f"SELECT {names} FROM (SELECT {tallies.raw(by)}{sums} FROM {rows} "  # noqa: S608 - names of our own
        f"WHERE day >= ? AND day < ? {condition} GROUP BY ALL)"
    )
    found = tables.rows(query, question.first, question.end, *chosen)
    return {row[: len(by)]: row[len(by) :] for row in found}


def where(question: Question, table: str = "visits") -> tuple[str, list[list[str]]]:
    """The condition that chooses the question's visits, and its values."""
    known = OF_DUTY if table == "duty" else PLACES
    chosen = {name: list(values) for name, values in question.where.items() if name in known}
    text = "".join(f" AND list_contains(?, {name})" for name in chosen)
    return text, list(chosen.values())


# --- figures ------------------------------------------------------------------------------------


def value(name: str, found: Numbers) -> float | None:
    """The figure of a group; None where nothing can be said, and for rates.

    Means and quantiles are of whole seconds, and given so: a fraction would tell of how many.
    """
    figure = FIGURES[name]
    if figure.kind is Kind.ERRANDS:
        return found.errands
    said = found.said.get(figure.column, Said(0))
    if figure.kind in QUANTILES:
        return _whole_seconds(said.quantiles[figure.kind].value) if said.known else None
    of_kind = {
        Kind.COUNT: said.true,
        Kind.SHARE: said.true / said.known if said.known else None,
        Kind.MEAN: None if said.mean is None else _whole_seconds(said.mean),
    }
    return of_kind.get(figure.kind)


def _whole_seconds(seconds: float) -> float:
    return float(round(seconds))
