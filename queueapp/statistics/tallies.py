"""How many visits there were of what: counts that sum up to those of any group and time.

Most questions are about whole months and group by one or two things; and what protects small
numbers looks at every month there ever was. So each month's counts of all such small tables are
kept with its visits, made from them by the same SQL that counts the days of a broken month.
"""

from collections.abc import Sequence
from itertools import combinations

import duckdb

from queueapp.core import measures
from queueapp.statistics.question import DIMENSIONS, PERIODS, PLACES

AT_MOST = 2
"""Dimensions of a kept table: one of three can have more rows than there are visits."""

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


def raw(by: Sequence[str]) -> str:
    """The SQL of what is grouped by, as the columns k0, k1, …; ends with a comma."""
    return "".join(f"{_RAW[name]} AS k{place}, " for place, name in enumerate(by))


def named(by: Sequence[str]) -> list[str]:
    """The SQL that names the values of k0, k1, …"""
    return [_NAMED[name].format(f"k{place}") for place, name in enumerate(by)]


def period(name: str) -> str:
    """The SQL that names the period that a day of :func:`counted` is in."""
    return _NAMED[name].format(_RAW[name])


def how_many(condition: str) -> str:
    """The SQL of how many of the rows meet it: three times quicker than FILTER."""
    return f"coalesce(sum(({condition})::TINYINT), 0)::BIGINT"


def known(column: str) -> str:
    """The count of the visits of which a column says anything."""
    return f'"known_{column}"'


def true(column: str) -> str:
    """The count of the visits of which a column says yes."""
    return f'"true_{column}"'


def of(column: str) -> tuple[str, ...]:
    """The counts of a column: of how many it says anything, and yes; or their seconds, and the
    squares of those, summed."""
    if column in measures.SECONDS:
        return known(column), f'"sum_{column}"', f'"squares_{column}"'
    return known(column), true(column)


EVERY = known("arrived")
"""The count of all visits."""


def _counting(column: str) -> tuple[str, ...]:
    # "left" and "open" are words of SQL too.
    name = f'"{column}"'
    if column in measures.SECONDS:
        sums = (f"coalesce(sum({one}), 0)::BIGINT" for one in (name, f"{name}::BIGINT * {name}"))
        return f"count({name})", *sums
    return f"count({name})", how_many(name)


COUNTS = {
    true("left_called"): how_many('"called" AND "left"'),
    true("late"): how_many('"called" AND "within_soon" IS NOT TRUE'),
    true("invented"): how_many("invented"),
} | {
    name: sql
    for column in measures.COLUMNS
    for name, sql in zip(of(column), _counting(column), strict=True)
}
"""What is counted: its name in SQL, and the SQL of how."""

_KEPT = [
    by
    for number in range(AT_MOST + 1)
    for by in combinations([name for name in DIMENSIONS if name not in PERIODS], number)
]
_KEYS = [f"k{place}" for place in range(AT_MOST)]


def make(engine: duckdb.DuckDBPyConnection, visits: str, table: str) -> None:
    """Count the ``visits`` of a month into a new ``table``, by every one or two dimensions."""
    tables = " UNION ALL BY NAME ".join(
        f"SELECT '{_code(by)}' AS \"by\", * FROM ({counted(visits, by, 'month')})"  # noqa: S608 - names of our own
        for by in _KEPT
    )
    keys = ", ".join(_KEYS)
    counts = ", ".join(COUNTS)
    engine.execute(
        f'CREATE OR REPLACE TABLE {table} AS SELECT "by", {keys}, day, {counts} FROM ({tables})'  # noqa: S608
    )


def kept(file: str, by: Sequence[str], condition: str) -> str:
    """The SQL of a table by these dimensions in the ``file`` of them, as :func:`counted`'s."""
    columns = ", ".join([*_KEYS[: len(by)], "day", *COUNTS])
    return f"SELECT {columns} FROM '{file}' WHERE \"by\" = '{_code(by)}' AND {condition}"  # noqa: S608


def _code(by: Sequence[str]) -> str:
    return ",".join(by)


def counted(visits: str, by: Sequence[str], unit: str, condition: str = "true") -> str:
    """The SQL of the counts of those ``visits``, in groups whose values are named k0, k1, …

    ``day`` is the first of each group's day, week, month or year (``unit``).
    """
    names = ", ".join([*(f"{name} AS k{n}" for n, name in enumerate(named(by))), "day", *COUNTS])
    sums = ", ".join(f"{sql} AS {name}" for name, sql in COUNTS.items())
    return (
        f"SELECT {names} FROM (SELECT {raw(by)}date_trunc('{unit}', day)::DATE AS day, {sums} "  # noqa: S608
        f"FROM {visits} WHERE {condition} GROUP BY ALL)"
    )
