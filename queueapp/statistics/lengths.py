"""How often each length in seconds occurs, from which quantiles follow exactly.

Lengths are whole seconds, so there are few different ones: ten million visits become some thousand
rows. By what a report puts side by side, each month's are kept with its visits.
"""

from collections.abc import Sequence

import duckdb

from queueapp.core.measures import FIGURES, QUANTILES
from queueapp.statistics import tallies

KEPT_BY = ("office", "district", "language")
"""Kept by one of these: all dimensions together would be more rows than there are visits."""

COLUMNS = sorted({figure.column for figure in FIGURES.values() if figure.kind in QUANTILES})
"""The columns that quantiles are asked of."""


def make(engine: duckdb.DuckDBPyConnection, visits: str, table: str) -> None:
    """Count the lengths of a month's ``visits`` into a new ``table``."""
    parts = " UNION ALL ".join(
        f"SELECT '{name}' AS \"by\", '{column}' AS \"column\", k0, value, number "  # noqa: S608 - names of our own
        f"FROM ({counted(visits, (name,), column)})"
        for name in KEPT_BY
        for column in COLUMNS
    )
    engine.execute(f"CREATE OR REPLACE TABLE {table} AS {parts}")


def counted(visits: str, by: Sequence[str], column: str, condition: str = "true") -> str:
    """The SQL of how often each value of ``column`` occurs among the ``visits``, in groups whose
    values are k0, k1, …"""
    return (
        f'SELECT {tallies.raw(by)} "{column}" AS value, count(*) AS number FROM {visits} '  # noqa: S608
        f'WHERE "{column}" IS NOT NULL AND {condition} GROUP BY ALL'
    )


def kept(files: str, by: str, column: str, condition: str = "true") -> str:
    """The same by one of :data:`KEPT_BY`, from the ``files`` of whole months."""
    return (
        f"SELECT k0, value, sum(number)::BIGINT AS number FROM {files} "  # noqa: S608
        f"WHERE \"by\" = '{by}' AND \"column\" = '{column}' AND {condition} GROUP BY ALL"
    )
