"""A question → numbers per group, in one query over the engine's tables.

Nothing here hides anything: what may be shown is decided afterwards (:mod:`.protection`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from queueapp.core import measures, uncertainty
from queueapp.core.measures import FIGURES, QUANTILES, Kind
from queueapp.statistics.engine import Tables
from queueapp.statistics.question import CLOCK, PERIODS, PLACES, Question

Group = tuple[str, ...]
"""The values of the dimensions that a row is grouped by, in their order."""

WHOLE: Group = ()

# What the rows are grouped by, and the SQL that names it once they are: a text for each of ten
# million rows would take longer than all the rest.
_RAW = {
    **{name: name for name in PLACES},
    "hour": "hour",
    "weekday": "isodow(day)",
    "day": "day",
    "week": "date_trunc('week', day)",
    "month": "date_trunc('month', day)",
    "year": "year(day)",
}
_NAMED = {
    **dict.fromkeys(PLACES, "{}"),
    "hour": "printf('%02d', {})",
    "weekday": "{}::VARCHAR",
    "day": "strftime({}, '%Y-%m-%d')",
    "week": "strftime({}, '%G-W%V')",
    "month": "strftime({}, '%Y-%m')",
    "year": "{}::VARCHAR",
}
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


def raw(by: Sequence[str]) -> str:
    """The SQL of what is grouped by, as the columns k0, k1, …; ends with a comma."""
    return "".join(f"{_RAW[name]} AS k{place}, " for place, name in enumerate(by))


def named(by: Sequence[str]) -> list[str]:
    """The SQL that names the values of k0, k1, …"""
    return [_NAMED[name].format(f"k{place}") for place, name in enumerate(by)]


def numbers(tables: Tables, question: Question, by: Sequence[str]) -> dict[Group, Numbers]:
    """The numbers of each group that has visits or errands, grouped ``by``; and of the whole."""
    columns = _columns(question.figures)
    plain = [name for name in columns if name not in measures.SECONDS]
    counts = _counts(tables, question, by, plain)
    errands = _with_whole(_grouped(tables, question, by, "errands", ["count(*)"]))
    seconds = {
        name: _seconds(tables, question, by, name) for name in columns if name in measures.SECONDS
    }
    nothing = (0,) * (2 * len(plain) + 1)
    found: dict[Group, Numbers] = {}
    for group in sorted({*counts, *errands, WHOLE}):
        *cells, invented = counts.get(group, nothing)
        said = {name: Said(cells[2 * n], cells[2 * n + 1]) for n, name in enumerate(plain)}
        said |= {name: of.get(group, Said(0)) for name, of in seconds.items()}
        found[group] = Numbers(said, invented, errands.get(group, (0,))[0])
    return found


def how_many(condition: str) -> str:
    """The SQL of how many of the rows meet it: three times quicker than FILTER."""
    return f"coalesce(sum(({condition})::TINYINT), 0)::BIGINT"


def nothing(question: Question) -> Numbers:
    """The numbers of a group that nobody belongs to."""
    return Numbers(dict.fromkeys(_columns(question.figures), Said(0)))


def _counts(
    tables: Tables, question: Question, by: Sequence[str], plain: Sequence[str]
) -> dict[Group, tuple[int, ...]]:
    """Per group: of how many visits each column knows, of how many it is true; the invented."""
    # "left" and "open" are words of SQL too.
    parts = [part for one in plain for part in (f'count("{one}")', how_many(f'"{one}"'))]
    parts.append(how_many("invented"))
    return _with_whole(_grouped(tables, question, by, "visits", parts))


def _with_whole(groups: dict[Group, tuple[int, ...]]) -> dict[Group, tuple[int, ...]]:
    """The same, and all groups together."""
    if groups:
        groups[WHOLE] = tuple(map(sum, zip(*groups.values(), strict=True)))
    return groups


# The values of a column are whole seconds, so there are few different ones: counted first, ten
# million visits become some thousand rows, from which all else follows exactly.
_SECONDS = """
WITH counted AS (
    SELECT {columns} "{column}" AS value, count(*) AS number FROM visits
    WHERE day >= ? AND day < ? AND "{column}" IS NOT NULL {condition} GROUP BY ALL
), each AS (
    SELECT {keys} AS keys, value, number FROM counted WHERE {grouped}
    UNION ALL SELECT [], value, sum(number) FROM counted GROUP BY value
), placed AS (
    SELECT *, sum(number) OVER (PARTITION BY keys ORDER BY value) AS upto,
        sum(number) OVER (PARTITION BY keys) AS known FROM each
), summed AS (
    SELECT keys, any_value(known) AS known, sum(value * number) AS whole,
        sum(value * value * number) AS squares {quantiles}
    FROM placed GROUP BY keys
)
SELECT * REPLACE (
    known::BIGINT AS known, whole / known AS whole,
    sqrt(greatest(0, squares - whole * whole / known) / greatest(known - 1, 1)) AS squares
) FROM summed
"""


def _seconds(
    tables: Tables, question: Question, by: Sequence[str], column: str
) -> dict[Group, Said]:
    """What a column of seconds says of each group, and of the whole."""
    kinds = [
        one.kind
        for name, one in FIGURES.items()
        if name in question.figures and one.column == column and one.kind in QUANTILES
    ]
    condition, chosen = where(question)
    query = _SECONDS.format(
        columns=raw(by),
        keys=f"[{', '.join(named(by))}]::VARCHAR[]",
        grouped="true" if by else "false",
        column=column,
        condition=condition,
        quantiles="".join(f", {place}" for kind in kinds for place in _quantile(QUANTILES[kind])),
    )
    found = tables.rows(query, question.first, question.end, *chosen)
    return {
        tuple(keys): Said(
            known,
            0,
            average,
            deviation,
            {kind: Quantile(*told[3 * n : 3 * n + 3]) for n, kind in enumerate(kinds)},
        )
        for keys, known, average, deviation, *told in found
    }


def _quantile(q: float) -> tuple[str, str, str]:
    """The SQL of a quantile (Hyndman & Fan 1996, type 7) and of those around it.

    Between which of a sample's quantiles the population's own lies follows from how many values
    are below it, which is binomial for every distribution.
    """
    place = f"((known - 1) * {q}::DOUBLE)"
    half = f"{uncertainty.Z} * sqrt({q * (1 - q)}::DOUBLE / known)"
    below, above = _at(f"floor({place})"), _at(f"ceil({place})")
    return (
        f"{below} + ({above} - {below}) * any_value({place} - floor({place}))",
        _at(f"floor((known - 1) * greatest(0, {q} - {half}))"),
        _at(f"ceil((known - 1) * least(1, {q} + {half}))"),
    )


def _at(place: str) -> str:
    """The SQL of the value at a place among the sorted ones, counted from 0."""
    return f"min(value) FILTER (upto > {place})"


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
    sums = ", ".join(f"{part} AS n{place}" for place, part in enumerate(parts))
    names = ", ".join([*named(by), *(f"n{place}" for place in range(len(parts)))])
    query = (
        f"SELECT {names} FROM (SELECT {raw(by)}{sums} FROM {table} "  # noqa: S608 - names of our own
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
    """The figure of a group; None where nothing can be said, and for rates."""
    figure = FIGURES[name]
    if figure.kind is Kind.ERRANDS:
        return found.errands
    said = found.said.get(figure.column, Said(0))
    if figure.kind in QUANTILES:
        return said.quantiles[figure.kind].value if said.known else None
    of_kind = {
        Kind.COUNT: said.true,
        Kind.SHARE: said.true / said.known if said.known else None,
        Kind.MEAN: said.mean,
    }
    return of_kind.get(figure.kind)
