"""The embedded default under sixteen connections: one process, threads, SQLite.

The ceiling is what SQLite itself does in the same minute with the same settings: sixteen threads
that take turns by one lock to insert a ticket-like row and commit it.
"""

import secrets
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

from bench.figures import Row, ms, quantile, table, verdict
from bench.place import HUDDINGE_COUNTERS, installation
from bench.throughput import Latencies, call, issue, shares

CONNECTIONS = 16
ROUNDS = 3
CALL_ROUNDS = 12  # each counter calls once in a round
ISSUES_EACH = 30
CEILING_INSERTS_EACH = 60
WAITING = 200
TARGET_P99_S = 0.100
# Of the 100 ms, SQLite itself may take this much; beyond it, the disk is what is measured.
CEILING_ALLOWS_S = 0.050

INSERT = (
    "INSERT INTO ticket (request_key, token, number, day, state, class_key, office, service, "
    "languages, arrived_at) VALUES (?, ?, 'A12', '2026-11-23', 'waiting', "
    "'skogas|bygglov|sv|here|0', 'skogas', 'bygglov', '[\"sv\"]', ?)"
)


def ceiling() -> tuple[float, Latencies]:
    """How long it took, and each insert's time from asking for the lock to committed."""
    with tempfile.TemporaryDirectory(prefix="queueapp-bench-") as folder:
        file = Path(folder) / "ceiling.sqlite3"
        _connect(file).execute(
            "CREATE TABLE ticket (id INTEGER PRIMARY KEY, request_key TEXT UNIQUE, "
            "token TEXT UNIQUE, number TEXT, day TEXT, state TEXT, class_key TEXT, office TEXT, "
            "service TEXT, languages TEXT, arrived_at REAL)"
        )
        turn, took = threading.Lock(), Latencies()
        threads = [
            threading.Thread(target=_insert, args=(file, turn, took)) for _ in range(CONNECTIONS)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began, took


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _insert(file: Path, turn: threading.Lock, took: Latencies) -> None:
    connection = _connect(file)
    for _ in range(CEILING_INSERTS_EACH):
        values = (secrets.token_urlsafe(12), secrets.token_urlsafe(16), time.time())
        began = time.perf_counter()
        with turn:
            connection.execute("BEGIN")
            connection.execute(INSERT, values)
            connection.execute("COMMIT")
        took.append(time.perf_counter() - began)
    connection.close()


def _row(name: str, rates: list[float], took: Latencies, result: str) -> Row:
    rate = quantile(rates, 0.5)
    return name, f"{rate:.0f}", ms(quantile(took, 0.5)), ms(quantile(took, 0.99)), result


def main() -> None:
    names = ("issue a ticket", "call next", "ceiling: bare INSERT and commit")
    took: dict[str, Latencies] = {name: [] for name in names}
    rates: dict[str, list[float]] = {name: [] for name in names}

    def note(name: str, seconds: float, latencies: Latencies) -> None:
        rates[name].append(len(latencies) / seconds)
        took[name] += latencies

    with installation(scale=False, counters_per_office=24) as place:
        dealt = shares(place.counters(), CONNECTIONS)
        calls = sum(len(own) for own in dealt)
        staffed = [f"{office}-{n}" for office, m in HUDDINGE_COUNTERS.items() for n in range(1, m)]
        place.open(staffed)
        issue(place, CONNECTIONS, 5, seed=99)
        for number in range(ROUNDS):
            place.empty()
            place.fill(WAITING)
            run, latencies = issue(place, CONNECTIONS, ISSUES_EACH, number)
            note(names[0], run.seconds, latencies)
            note(names[2], *ceiling())
        place.open([counter for own in dealt for counter in own])
        for _ in range(CALL_ROUNDS):
            place.empty()
            place.fill(WAITING + calls)
            run, latencies = call(place, dealt)
            note(names[1], run.seconds, latencies)
            note(names[2], *ceiling())
    allowed = quantile(took[names[2]], 0.99) <= CEILING_ALLOWS_S
    rows = [
        _row(name, rates[name], took[name], _verdict(took[name], allowed)) for name in names[:2]
    ]
    rows.append(_row(names[2], rates[names[2]], took[names[2]], "–"))
    table(
        f"The embedded default: SQLite, one process, {CONNECTIONS} connections",
        ("operation", "per s", "p50", "p99", "p99 ≤ 100 ms"),
        rows,
    )


def _verdict(took: Latencies, allowed: bool) -> str:
    met = quantile(took, 0.99) <= TARGET_P99_S
    return verdict(met) + ("" if met or allowed else " (nor does the ceiling allow it)")


if __name__ == "__main__":
    main()
