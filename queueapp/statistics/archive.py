"""The visits of past days in columns, made from the event log and from nothing else.

One Parquet file a month and table, always made whole from that month's events: so what was fed
day by day and what was rebuilt are the same. ``manifest.json`` names the files that count and is
replaced last, in one step; a feed that was interrupted has changed nothing. Today is never in the
archive: it is read from the log with every question (:mod:`.engine`).
"""

import datetime as dt
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import Connection, bindparam, func, select

from queueapp.core import measures
from queueapp.core.events import Event
from queueapp.core.measures import HOUR_S, Visit
from queueapp.models import TicketEvent, read_event
from queueapp.municipality import Municipality
from queueapp.statistics import facts, lengths, tallies

FORMAT = 4
"""Raised when a definition or a column changes: every archive is then made anew."""

READ_AT_ONCE = 20_000

ORDERS = {
    **dict.fromkeys(facts.TABLES, "day, hour"),
    "tallies": '"by", k0, k1',
    "lengths": '"column", "by", k0, value',
}
"""The tables of a month, and their order: so that a question touches few of a file's parts."""

PART = 8192

_event = TicketEvent.__table__
_SPAN = (
    select(_event)
    .where(_event.c.at >= bindparam("begins"), _event.c.at < bindparam("ends"))
    .order_by(_event.c.seq)
)
_LATER = (
    select(_event)
    .where(
        _event.c.at >= bindparam("begins"), _event.c.ticket.in_(bindparam("open", expanding=True))
    )
    .order_by(_event.c.seq)
)
_HOURS = (
    select(func.floor(_event.c.at / HOUR_S)).where(_event.c.seq > bindparam("after")).distinct()
)


@dataclass(frozen=True, slots=True)
class Month:
    """A month's files. ``through``: its last local day that is in them (YYYY-MM-DD).

    ``open``: how many of its visits were not over yet when they were made.
    """

    files: dict[str, str]
    through: str
    open: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the archive holds.

    ``seq``: how far the log had been read, ``at``: that event's time. ``day``: the local day on
    which it was read (YYYY-MM-DD), which like all later ones is not in it. ``tallies``: the file of
    the months' counts.
    """

    format: int = FORMAT
    seq: int = 0
    at: float = 0.0
    day: str = ""
    municipality: str = ""
    months: dict[str, Month] = field(default_factory=dict)
    tallies: str = ""

    def files(
        self, table: str, first: dt.date = dt.date.min, end: dt.date = dt.date.max
    ) -> tuple[str, ...]:
        """The files of a table whose months have a day from ``first`` until before ``end``."""
        return tuple(
            month.files[table]
            for name, month in self.months.items()
            if first < end and f"{first}" < f"{name}-32" and f"{name}-01" < f"{end}"
        )


# --- reading it ---------------------------------------------------------------------------------


def read(folder: Path, connection: Connection, municipality: Municipality) -> Manifest:
    """What the archive holds; nothing, where it is of another log than this one.

    A restored backup is another log: the last event that was read is not there, or is another.
    """
    found = _told(folder)
    last = select(_event.c.at).where(_event.c.seq == found.seq)
    same = connection.execute(last).scalar() == found.at
    known = found.format == FORMAT and found.municipality == municipality.code
    there = all((folder / file).is_file() for file in _files(found))
    return found if same and known and there else Manifest()


def _files(manifest: Manifest) -> set[str]:
    """The files that count."""
    months = {file for month in manifest.months.values() for file in month.files.values()}
    return months | ({manifest.tallies} if manifest.tallies else set())


def _told(folder: Path) -> Manifest:
    """What the manifest says; nothing, where there is none that can be read."""
    try:
        told = json.loads((folder / "manifest.json").read_text())
        months = {name: Month(**month) for name, month in told.pop("months").items()}
        return Manifest(**told, months=months)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Manifest()


def stale(connection: Connection, manifest: Manifest, today: dt.date, zone: ZoneInfo) -> list[str]:
    """The months (YYYY-MM) whose files do not hold all of their days before ``today``."""
    touched = {
        dt.datetime.fromtimestamp(hour * HOUR_S, zone).date()
        for hour in connection.execute(_HOURS, {"after": manifest.seq}).scalars()
    }
    months = {f"{day:%Y-%m}" for day in touched | _days_over(manifest, today) if day < today}
    months |= {name for name, month in manifest.months.items() if month.open}
    return sorted(months)


def _days_over(manifest: Manifest, today: dt.date) -> set[dt.date]:
    """The days that were not over when the archive was fed, and are now."""
    if not manifest.day:
        return set()
    day = dt.date.fromisoformat(manifest.day)
    return {day + dt.timedelta(days=more) for more in range((today - day).days)}


def behind(connection: Connection, manifest: Manifest) -> int:
    """How many events the archive has not read."""
    last = connection.execute(select(func.max(_event.c.seq))).scalar() or 0
    return int(last) - manifest.seq


# --- feeding it ---------------------------------------------------------------------------------


def feed(
    folder: Path,
    connection: Connection,
    municipality: Municipality,
    now: float,
    told: Callable[[int, int], None] = lambda done, months: None,
) -> Manifest:
    """Bring the archive up to yesterday; ``told`` hears how many months of how many are done.

    One process at a time does it: another one waits, and then finds it done.
    """
    with _alone(folder):
        before = read(folder, connection, municipality)
        today = dt.datetime.fromtimestamp(now, municipality.zone).date()
        # The end of the log is taken first: what comes while it is read is left for the next time.
        seq, at = _end(connection)
        months = dict(before.months)
        todo = stale(connection, before, today, municipality.zone)
        for done, name in enumerate(todo):
            told(done, len(todo))
            if month := _make(folder, connection, municipality, name, today, now, seq):
                months[name] = month
        told(len(todo), len(todo))
        together = gathered(folder, months, seq) if todo else before.tallies
        made = Manifest(FORMAT, seq, at, today.isoformat(), municipality.code, months, together)
        if made != before:
            _replace(folder / "manifest.json", json.dumps(asdict(made), indent=1))
            _sweep(folder, (before, made))
        return made


def rebuild(folder: Path, connection: Connection, *about: Any) -> Manifest:
    """Make the whole archive anew from the log; until it is done, the old one counts."""
    apart = folder / "rebuilt"
    for old in apart.glob("*"):
        old.unlink()
    made = feed(apart, connection, *about)
    with _alone(folder):
        before = _told(folder)
        for file in apart.glob("*.parquet"):
            file.replace(folder / file.name)
        (apart / "manifest.json").replace(folder / "manifest.json")
        _sweep(folder, (before, made))
    return made


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _end(connection: Connection) -> tuple[int, float]:
    query = select(_event.c.seq, _event.c.at).order_by(_event.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (row.seq, row.at) if row else (0, 0.0)


def _make(
    folder: Path,
    connection: Connection,
    municipality: Municipality,
    name: str,
    today: dt.date,
    now: float,
    seq: int,
) -> Month | None:
    """Write the month's files from its days before ``today``; None where it has none."""
    first = dt.date.fromisoformat(f"{name}-01")
    end = min((first + dt.timedelta(days=31)).replace(day=1), today)
    if first >= end:
        return None
    visits, log = days(connection, municipality, first, end)
    rows = facts.rows_of(visits, log, municipality, now)
    engine = duckdb.connect()
    files: dict[str, str] = {}
    for table in facts.TABLES:
        facts.load(engine, table, table, rows[table])
    tallies.make(engine, "visits", "tallies")
    lengths.make(engine, "visits", "lengths")
    for table, order in ORDERS.items():
        files[table] = f"{table}-{name}.{seq}.parquet"
        _write(engine, f"{table} ORDER BY {order}", folder / files[table])
    engine.close()
    through = end - dt.timedelta(days=1)
    return Month(files, through.isoformat(), sum(not visit.ended for visit in visits))


def gathered(folder: Path, months: Mapping[str, Month], seq: int) -> str:
    """Write the counts of all ``months`` into one file, which is quicker to ask; gives its name.

    There is none where there are no months.
    """
    if not months:
        return ""
    files = [str(folder / month.files["tallies"]) for month in months.values()]
    name = f"tallies.{seq}.parquet"
    with duckdb.connect() as engine:
        rows = f"read_parquet({files!r}) ORDER BY {ORDERS['tallies']}"
        # In small parts, since a question wants one table of many.
        _write(engine, rows, folder / name, f", ROW_GROUP_SIZE {PART}")
    return name


def _write(engine: duckdb.DuckDBPyConnection, rows: str, file: Path, more: str = "") -> None:
    own = file.with_suffix(".new")
    engine.execute(f"COPY (SELECT * FROM {rows}) TO '{own}' (FORMAT parquet{more})")  # noqa: S608
    own.replace(file)


def _replace(file: Path, text: str) -> None:
    own = file.with_suffix(".new")
    with own.open("w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    own.replace(file)


def _sweep(folder: Path, kept: Iterable[Manifest]) -> None:
    """Remove what no reader can still want: those of the manifest before are left for one turn."""
    wanted = set().union(*map(_files, kept))
    for file in folder.glob("*.parquet"):
        if file.name not in wanted:
            file.unlink(missing_ok=True)


# --- from the log -------------------------------------------------------------------------------


def days(
    connection: Connection, municipality: Municipality, first: dt.date, end: dt.date
) -> tuple[list[Visit], list[Event]]:
    """The visits issued from ``first`` until before ``end``, whole, and the log of those days."""
    begins, ends = (midnight(day, municipality) for day in (first, end))
    rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
        _SPAN, {"begins": begins, "ends": ends}
    )
    log = [read_event(row) for row in rows]
    visits = measures.follow(log)
    open_ones = [ticket for ticket, visit in visits.items() if not visit.ended]
    # A visit may end after midnight; whoever was forgotten, when the service is next started.
    for begin in range(0, len(open_ones), 500):
        some = open_ones[begin : begin + 500]
        later = connection.execute(_LATER, {"begins": ends, "open": some})
        measures.go_on(visits, (read_event(row) for row in later))
    return list(visits.values()), log


def midnight(day: dt.date, municipality: Municipality) -> float:
    """When the local day begins, in seconds since 1970."""
    return dt.datetime.combine(day, dt.time(), municipality.zone).timestamp()
