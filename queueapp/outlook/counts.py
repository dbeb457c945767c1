"""The log as counts, from the archive's columns, and into a file: no row passes through Python in
the serving process, where it would hold up whoever calls a visitor meanwhile.
"""

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from queueapp.outlook.values import DayCount
from queueapp.statistics.engine import Tables

HISTORY_DAYS = 1200
"""Three years and the weeks that are forecast anew; of older days little would be left to learn."""
RECENT_DAYS = 26 * 7

_COUNTS = "SELECT day, office, hour, language, count(*) FROM visits"
_SERVICES = "SELECT office, service, count(*) FROM visits"
_PAST = "WHERE day >= ? AND day < ? GROUP BY ALL ORDER BY ALL"


def known(tables: Tables, today: dt.date) -> tuple[object, ...]:
    """Another value whenever the visits of past days are others than they were."""
    query = "SELECT count(*), min(day), max(day) FROM visits WHERE day < ?"
    return tuple(tables.rows(query, today)[0])


def write(tables: Tables, today: dt.date, folder: Path) -> None:
    """Put the counts of the days before ``today`` into files in ``folder``."""
    for name, query, days in (
        ("counts", _COUNTS, HISTORY_DAYS),
        ("services", _SERVICES, RECENT_DAYS),
    ):
        first = today - dt.timedelta(days=days)
        copy = f"COPY ({query} {_PAST}) TO '{folder / name}.csv' (HEADER FALSE)"
        tables.rows(copy, first, today)


def read(folder: Path) -> Iterator[DayCount]:
    """The counts that :func:`write` put there."""
    with (folder / "counts.csv").open(newline="", encoding="utf-8") as file:
        for day, office, hour, language, visits in csv.reader(file):
            yield DayCount(dt.date.fromisoformat(day), office, int(hour), language, int(visits))


def read_services(folder: Path) -> dict[str, dict[str, int]]:
    """Each office's recent visits by service."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    with (folder / "services.csv").open(newline="", encoding="utf-8") as file:
        for office, service, visits in csv.reader(file):
            found[office][service] = int(visits)
    return found
