"""The analytical engine over the whole log: the archive's files, and today's rows from the log.

What it shows is the log as it stands at the moment that is read: days that the archive lacks are
read from the log, too, unless there are so many of them that nobody should wait for it.
"""

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
Sizable = TypeVar("Sizable", bound=Sized)

MEMORY = "600MB"
READ_WITH_A_QUESTION = 40_000
"""Events that may be read into the archive while somebody waits for the answer: some seconds."""


class NotReady(Refusal):
    """The archive is being made from the log; ``missing`` events are not in it yet."""

    code = "figures-not-ready"


ROWS_KEPT = 100_000
"""Of what was read of past days: the next file of the same view, or the next question, wants it."""

Rows = list[tuple[Any, ...]]


class Kept:
    """What was made once, by its key; the least used goes first. For several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: LRUCache[object, Any] = LRUCache(ROWS_KEPT, getsizeof=len)

    def once(self, key: object, make: Callable[[], Sizable]) -> Sizable:
        """What ``make`` gave; two who ask at the same moment may both have it made."""
        with self._lock:
            found: Sizable | None = self._made.get(key)
        if found is None:
            found = make()
            if len(found) <= ROWS_KEPT:
                with self._lock:
                    self._made[key] = found
        return found


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one moment, to be asked: those of :data:`.facts.TABLES`, of the whole log.

    With ``today_`` before them, of today.
    """

    engine: duckdb.DuckDBPyConnection
    folder: Path
    manifest: Manifest
    kept: Kept
    kept_today: Kept

    def beside(self) -> "Tables":
        """The same tables, to be asked in another thread."""
        return replace(self, engine=self.engine.cursor())

    def rows(self, query: str, *values: Any) -> Rows:
        """What a query gives."""
        return aside(lambda: self.engine.execute(query, list(values)).fetchall())

    def of_past_and_today(self, past: str, today: str) -> Rows:
        """What a query of past days gives, and one of today; either may be nothing to ask.

        Both are kept: that of past days as :meth:`once` does, that of today while it stands.
        """
        return [
            *(self.once(past, lambda: self.rows(past)) if past else ()),
            *(self.kept_today.once(today, lambda: self.rows(today)) if today else ()),
        ]

    def once(self, key: object, make: Callable[[], Sizable]) -> Sizable:
        """What ``make`` gives, kept as long as the past days in the archive are the same."""
        return self.kept.once((self.manifest.day, self.manifest.tallies, key), make)

    def is_past(self, day: dt.date) -> bool:
        """Whether the archive has all that happened before that day, and nothing is to come."""
        return f"{day}" <= self.manifest.day

    def past(self, table: str, first: dt.date = dt.date.min, end: dt.date = dt.date.max) -> str:
        """The SQL of the files of a table's months that have a day from ``first`` until before
        ``end``; nothing where there are none."""
        return _files(self.folder, self.manifest, table, first, end)

    def both(self, table: str, first: dt.date, end: dt.date) -> str:
        """The SQL of the rows of those months, and of today where it lies in that time."""
        past = self.past(table, first, end)
        return past if past and self.is_past(end) else _both(table, past)

    def days(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day with visits; None where there are none."""
        query = "SELECT min(day), max(day) FROM {}"
        past = self.past("visits")
        asked = (query.format(past) if past else "", query.format("today_visits"))
        spans = self.of_past_and_today(*asked)
        known = [(first, last) for first, last in spans if first]
        return (min(known)[0], max(last for _, last in known)) if known else None


def _files(folder: Path, manifest: Manifest, table: str, *span: dt.date) -> str:
    files = [str(folder / file) for file in manifest.files(table, *span)]
    return f"read_parquet({files!r})" if files else ""


def _both(table: str, past: str) -> str:
    today = f"today_{table}"
    return f"(SELECT * FROM {past} UNION ALL SELECT * FROM {today})" if past else today  # noqa: S608


@dataclass(slots=True)
class _Open:
    """An engine, the moment it was last asked for, and what it holds: its ``key``.

    ``kept_today``: what was read of today's rows.
    """

    now: screens.Moment
    key: tuple[object, ...]
    manifest: Manifest
    engine: duckdb.DuckDBPyConnection
    kept_today: Kept


class Engines:
    """The process's engine, kept as long as the log and the minute are the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._kept = Kept()

    def at(self, now: screens.Moment, folder: Path) -> Tables:
        """The tables as the log is at that moment."""
        with self._lock:
            # A report asks many questions of one moment.
            if self._open is None or self._open.now is not now:
                self._open = self._opened(now, folder)
            found = self._open
            cursor = found.engine.cursor()
            return Tables(cursor, folder, found.manifest, self._kept, found.kept_today)

    def _opened(self, now: screens.Moment, folder: Path) -> _Open:
        manifest = _up_to_date(folder, now)
        key = (manifest.day, manifest.files("visits"), now.seq, int(now.at // 60), folder)
        known = self._open
        if known and known.key == key:
            return replace(known, now=now)
        return _Open(now, key, manifest, _engine(folder, manifest, now), Kept())


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
    engine.execute(f"SET memory_limit = '{MEMORY}'")
    # Files are never changed, only replaced by others of another name.
    engine.execute("SET parquet_metadata_cache = true")
    # The operating system keeps them in memory already.
    engine.execute("SET enable_external_file_cache = false")
    engine.execute("SET temp_directory = ?", [str(folder / "spill")])
    day = today(now)
    visits, log = archive.days(now.connection, now.municipality, day, day + dt.timedelta(days=1))
    rows = facts.rows_of(visits, log, now.municipality, now.at)
    for table in facts.TABLES:
        facts.load(engine, f"today_{table}", table, rows[table])
        whole = _both(table, _files(folder, manifest, table))
        engine.execute(f"CREATE VIEW {table} AS SELECT * FROM {whole}")  # noqa: S608
    return engine
