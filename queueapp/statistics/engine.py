"""The analytical engine over the whole log: the archive's files, and today's rows from the log.

What it shows is the log as it stands at the moment that is read: days that the archive lacks are
read from the log, too, unless there are so many of them that nobody should wait for it.
"""

import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from cachetools import LRUCache
from flask import current_app
from gevent import get_hub, monkey

from queueapp import screens
from queueapp.core.ticket import Refusal
from queueapp.statistics import archive, facts
from queueapp.statistics.archive import Manifest
from queueapp.statistics.question import today

T = TypeVar("T")

MEMORY = "600MB"
READ_WITH_A_QUESTION = 40_000
"""Events that may be read into the archive while somebody waits for the answer: some seconds."""


class NotReady(Refusal):
    """The archive is being made from the log; ``missing`` events are not in it yet."""

    code = "figures-not-ready"


ANSWERS_KEPT = 64

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one moment, to be asked.

    ``visits``, ``errands`` and ``duty`` are of the whole log; with ``past_`` or ``today_`` before
    them, of its part.
    """

    engine: duckdb.DuckDBPyConnection
    files: tuple[str, ...]
    kept: LRUCache[object, Rows]

    def rows(self, query: str, *values: Any) -> Rows:
        """What a query gives."""
        return aside(lambda: self.engine.execute(query, list(values)).fetchall())

    def of_past(self, query: str, *values: Any) -> Rows:
        """The same of past days alone: its answer is kept as long as they are the same."""
        key = (self.files, query, values)
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = self.rows(query, *values)
        return found


@dataclass(slots=True)
class _Open:
    """An engine, and the moment it shows."""

    key: tuple[object, ...]
    engine: duckdb.DuckDBPyConnection


class Engines:
    """The process's engine, kept as long as the log and the minute are the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._kept: LRUCache[object, Rows] = LRUCache(ANSWERS_KEPT)

    def at(self, now: screens.Moment, folder: Path) -> Tables:
        """The tables as the log is at that moment."""
        with self._lock:
            manifest = _up_to_date(folder, now)
            key = (manifest.files("visits"), now.seq, int(now.at // 60), str(folder))
            if self._open is None or self._open.key != key:
                self._open = _Open(key, _engine(folder, manifest, now))
            return Tables(self._open.engine.cursor(), manifest.files("visits"), self._kept)


def aside(work: Callable[..., T], *about: Any) -> T:
    """Do ``work`` where it holds up nobody who calls a visitor meanwhile.

    Under gevent one thread serves everybody, so it is done in another one.
    """
    if monkey.is_module_patched("threading"):
        return get_hub().threadpool.apply(work, about)  # type: ignore[no-any-return]
    return work(*about)


def folder() -> Path:
    """Where this installation keeps its archive."""
    var: Path = current_app.config["SETTINGS"].var
    return var / "archive"


@contextmanager
def opened(now: screens.Moment) -> Iterator[Tables]:
    """The tables at that moment; :class:`NotReady`."""
    engines: Engines = current_app.extensions["engines"]
    found = engines.at(now, folder())
    try:
        yield found
    finally:
        found.engine.close()


def _up_to_date(folder: Path, now: screens.Moment) -> Manifest:
    manifest = archive.read(folder, now.connection, now.municipality)
    if not archive.stale(now.connection, manifest, today(now), now.municipality.zone):
        return manifest
    missing = archive.behind(now.connection, manifest)
    if missing > READ_WITH_A_QUESTION:
        raise NotReady(missing=missing)
    return archive.feed(folder, now.connection, now.municipality, now.at)


def _engine(folder: Path, manifest: Manifest, now: screens.Moment) -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect()
    # Half of the processors at most: calls go before figures.
    engine.execute(f"SET threads = {max(1, (os.cpu_count() or 2) // 2)}")
    engine.execute(f"SET memory_limit = '{MEMORY}'")
    engine.execute("SET temp_directory = ?", [str(folder / "spill")])
    day = today(now)
    visits, log = archive.days(now.connection, now.municipality, day, day + dt.timedelta(days=1))
    rows = facts.rows_of(visits, log, now.municipality, now.at)
    for table in facts.TABLES:
        facts.load(engine, f"today_{table}", table, rows[table])
        files = [str(folder / file) for file in manifest.files(table)]
        nothing = f"(SELECT * FROM today_{table} WHERE false)"  # noqa: S608
        past = f"read_parquet({files!r})" if files else nothing
        engine.execute(f"CREATE VIEW past_{table} AS SELECT * FROM {past}")  # noqa: S608
        both = f"SELECT * FROM past_{table} UNION ALL SELECT * FROM today_{table}"  # noqa: S608
        engine.execute(f"CREATE VIEW {table} AS {both}")
    return engine
