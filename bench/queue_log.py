"""A real service's queue log, read and replayed: each fact is told when it happened, never before.

The log's columns are day, arrived_s, priority, service, waited_s, outcome, service_start_s,
service_end_s and server, times in seconds after midnight.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DAY_S = 86_400

COLUMNS = (
    "day",
    "arrived_s",
    "priority",
    "service",
    "waited_s",
    "outcome",
    "service_start_s",
    "service_end_s",
    "server",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a caller on arrival."""

    id: int
    day: int
    at: int
    priority: int
    service: str


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the log: the caller, and what only became known later."""

    caller: Caller
    waited_s: int
    served: bool
    lasted_s: int
    server: str

    @property
    def off_line_at(self) -> int:
        """When the caller left the queue, for a server or for good."""
        return self.caller.at + self.waited_s


@dataclass(frozen=True, slots=True)
class Arrived:
    at: int
    caller: Caller


@dataclass(frozen=True, slots=True)
class Left:
    at: int
    caller: Caller


@dataclass(frozen=True, slots=True)
class Called:
    """A server, empty where the log names none, took the caller."""

    at: int
    caller: Caller
    server: str


@dataclass(frozen=True, slots=True)
class Finished:
    at: int
    caller: Caller
    server: str
    lasted_s: int


Fact = Arrived | Left | Called | Finished
# Of one second, arrivals come first: nobody is told a wait from what happened in that second.
_ORDER = {Arrived: 0, Left: 1, Called: 2, Finished: 3}


class BadLog(Exception):
    """A row that cannot be read; the message names it."""


def read(paths: Sequence[Path]) -> list[Record]:
    """The rows of the files, one after the other; two files must not have a day in common."""
    records: list[Record] = []
    for path in paths:
        with path.open(newline="") as file:
            new = list(_records(path, csv.DictReader(file), len(records)))
        if common := {one.caller.day for one in records} & {one.caller.day for one in new}:
            raise BadLog(f"{path}: day {min(common)} was in an earlier file too")
        records += new
    return records


def _records(path: Path, rows: csv.DictReader, first: int) -> Iterator[Record]:
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise BadLog(f"{path}: no column {', '.join(missing)}")
    for number, row in enumerate(rows):
        try:
            yield _record(first + number, row)
        except (ValueError, TypeError) as error:
            raise BadLog(f"{path}, line {rows.line_num}: {error}") from None


def _record(number: int, row: dict[str, str]) -> Record:
    served = {"served": True, "abandoned": False}.get(row["outcome"])
    if served is None:
        raise ValueError(f"outcome {row['outcome']!r} is neither served nor abandoned")
    caller = Caller(
        number, int(row["day"]), int(row["arrived_s"]), int(row["priority"]), row["service"]
    )
    waited_s = int(row["waited_s"])
    if waited_s < 0 or caller.at < 0:
        raise ValueError("a negative time")
    return Record(caller, waited_s, served, _lasted(row) if served else 0, row["server"])


def _lasted(row: dict[str, str]) -> int:
    lasted = int(row["service_end_s"] or 0) - int(row["service_start_s"] or 0)
    if lasted < -DAY_S // 2:  # it went on past midnight
        lasted += DAY_S
    return max(0, lasted)


def replay(records: Iterable[Record]) -> list[Fact]:
    """One day's facts in the order in which they became known."""
    facts = [fact for record in records for fact in _facts(record)]
    return sorted(facts, key=lambda fact: (fact.at, _ORDER[type(fact)], fact.caller.id))


def _facts(record: Record) -> Iterator[Fact]:
    caller, off_line = record.caller, record.off_line_at
    yield Arrived(caller.at, caller)
    if record.served:
        yield Called(off_line, caller, record.server)
        yield Finished(off_line + record.lasted_s, caller, record.server, record.lasted_s)
    else:
        yield Left(off_line, caller)
