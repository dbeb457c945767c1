"""Visits, errands and staff time as tables of plain columns, for an analytical engine.

A row of ``visits`` holds the visit's dimensions and every column of ``core.measures.COLUMNS``, so
SQL over it computes what ``core.measures`` defines. Nothing in it names a ticket or a person.
"""

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from queueapp.core import measures
from queueapp.core.events import Event
from queueapp.core.measures import HOUR_S, Stretch, Visit
from queueapp.municipality import Municipality

Row = tuple[Any, ...]

_PLACE = {
    "day": "DATE",
    "hour": "TINYINT",
    "office": "VARCHAR",
    "district": "VARCHAR",
    "service": "VARCHAR",
    "language": "VARCHAR",
    "channel": "VARCHAR",
    "way": "VARCHAR",
}
_SAID = {name: "INTEGER" if name in measures.SECONDS else "BOOLEAN" for name in measures.COLUMNS}
TABLES: dict[str, dict[str, str]] = {
    "visits": _PLACE | {"invented": "BOOLEAN"} | _SAID,
    "errands": _PLACE | {"owner": "VARCHAR", "outcome": "VARCHAR", "interpreter": "BOOLEAN"},
    "duty": {
        "day": "DATE",
        "hour": "TINYINT",
        "office": "VARCHAR",
        "open_s": "DOUBLE",
        "staff_s": "DOUBLE",
        "serving_s": "DOUBLE",
    },
}
"""The columns of each table, and their types."""


def rows_of(
    visits: Sequence[Visit], log: Sequence[Event], municipality: Municipality, until: float
) -> dict[str, list[Row]]:
    """The rows of every table, of whole days: their visits, and their log for the staff time.

    ``until``: when the log was read; what goes on is counted until then.
    """
    zone = municipality.zone
    measures.compare_waits(visits, municipality.default_language)
    return {
        "visits": [_visit(visit, zone) for visit in visits],
        "errands": [row for visit in visits for row in _errands(visit, zone)],
        "duty": list(_duty(log, zone, until)),
    }


def _place(visit: Visit, zone: ZoneInfo, service: str, language: str) -> Row:
    local = dt.datetime.fromtimestamp(visit.issued_at, zone)
    return (
        local.date(),
        local.hour,
        visit.office,
        visit.district or "unknown",
        service,
        language,
        visit.channel,
        visit.way,
    )


def _visit(visit: Visit, zone: ZoneInfo) -> Row:
    said = (column(visit) for column in measures.COLUMNS.values())
    return (*_place(visit, zone, visit.service, visit.languages[0]), visit.invented, *said)


def _errands(visit: Visit, zone: ZoneInfo) -> Iterator[Row]:
    for one in visit.errands:
        place = _place(visit, zone, one["service"], one["language"])
        yield (*place, one.get("owner"), one["outcome"], one["interpreter"])


# --- staff time ---------------------------------------------------------------------------------


def _duty(log: Sequence[Event], zone: ZoneInfo, until: float) -> Iterator[Row]:
    """Open, staff and serving time per office and local hour."""
    hours: dict[tuple[str, int], list[Stretch]] = defaultdict(list)
    for stretch in _of_days(log, zone, until):
        for hour in range(int(stretch.begins // HOUR_S), int(stretch.ends // HOUR_S) + 1):
            hours[stretch.office, hour].append(stretch)
    for (office, hour), found in sorted(hours.items()):
        local = dt.datetime.fromtimestamp(hour * HOUR_S, zone)
        times = _times(found, hour * HOUR_S, (hour + 1) * HOUR_S)
        if any(times):
            yield (local.date(), local.hour, office, *times)


def _of_days(log: Sequence[Event], zone: ZoneInfo, until: float) -> Iterator[Stretch]:
    """The stretches of each local day; none lasts past midnight."""
    days: dict[dt.date, list[Event]] = defaultdict(list)
    for event in log:
        days[dt.datetime.fromtimestamp(event.at, zone).date()].append(event)
    for day, events in days.items():
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).timestamp()
        yield from measures.stretches(events, min(until, midnight))


def _times(stretches: Iterable[Stretch], begins: float, ends: float) -> tuple[float, float, float]:
    """Of the time between: open (anybody there), staffed (each of them), and serving. Seconds."""
    staffed, serving = [], 0.0
    for one in stretches:
        first, last = max(one.begins, begins), min(one.ends, ends)
        if first < last and one.serving:
            serving += last - first
        elif first < last:
            staffed.append((first, last))
    return _together(staffed), sum(last - first for first, last in staffed), serving


def _together(spans: list[tuple[float, float]]) -> float:
    """How long at least one of the spans lasted."""
    whole, reached = 0.0, float("-inf")
    for first, last in sorted(spans):
        whole += max(0.0, last - max(first, reached))
        reached = max(reached, last)
    return whole


# --- into the engine ----------------------------------------------------------------------------


def load(engine: duckdb.DuckDBPyConnection, table: str, name: str, rows: Iterable[Row]) -> None:
    """Put ``rows`` of the kind ``name`` into a new ``table``.

    By way of a file: row by row the engine is a hundred times slower.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(rows)
        columns = TABLES[name]
        engine.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM read_csv(?, header = false, "  # noqa: S608 - names of our own
            "auto_detect = false, delim = ',', quote = '\"', columns = "
            f"{columns!r})",
            [str(file)],
        )
