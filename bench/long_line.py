"""Call-next with 5,000 waiting against call-next with 50, on both databases.

In one process, in blocks that alternate between the two lengths, so that whatever else the
machine does meets both alike. Each call is undone aside from what is measured, so that a block
meets the same line throughout. Measured through the operation itself and over HTTP.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from bench.client import BadAnswer, Conversation, request, talk
from bench.figures import Row, median, ms, table, verdict
from bench.place import STAFF, Place, fill, installation
from queueapp import create_app, operations
from queueapp.config import from_environment
from queueapp.models import db

SHORT, LONG = 50, 5000
BLOCKS = 16
CALLS = 25
TARGET = 1.1
OFFICE, COUNTER = "skogas", "skogas-1"

# The one who was called waits again, as if nothing had been.
UNDO = (
    "UPDATE ticket SET state = 'waiting', counter = NULL, called_at = NULL, served_way = NULL, "
    "served_language = NULL WHERE id = {}"
)

Block = Callable[[], list[float]]


def compare(refill: Callable[[int], None], block: Block) -> tuple[float, float]:
    """The typical call's seconds with the short and with the long line."""
    took: dict[int, list[float]] = {SHORT: [], LONG: []}
    refill(SHORT)
    block()
    for number in range(BLOCKS):
        # Now the one first, now the other: a machine that grows slower favours neither.
        for length in (SHORT, LONG) if number % 2 else (LONG, SHORT):
            refill(length)
            took[length] += block()
    return median(took[SHORT]), median(took[LONG])


def through_operations(place: Place) -> tuple[float, float]:
    with ExitStack() as stack:
        var = stack.enter_context(tempfile.TemporaryDirectory(prefix="queueapp-bench-"))
        app = _app(place, Path(var))
        with app.app_context():
            stack.callback(db.engine.dispose)
            return compare(lambda length: _refill(place, length), _calls)


def _app(place: Place, var: Path) -> Flask:
    return create_app(
        from_environment(
            {
                "QUEUEAPP_DATABASE_URL": place.database_url,
                "QUEUEAPP_VAR": str(var),
                "QUEUEAPP_TRIAL": "1",
            }
        )
    )


def _calls() -> list[float]:
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        called = operations.call_next(COUNTER, STAFF, time.time())
        took.append(time.perf_counter() - began)
        assert called
        with db.engine.begin() as connection:
            connection.execute(text(UNDO.format(called.ticket.id)))
    return took


def over_http(place: Place) -> tuple[float, float]:
    def conversation(took: list[float]) -> Conversation:
        for _ in range(CALLS):
            answer = yield request("POST", f"/api/v1/counters/{COUNTER}/next", place.token)
            if answer.status != 200:
                raise BadAnswer(answer)
            took.append(answer.seconds)
            place.run(UNDO.format(answer.json()["id"]))

    def block() -> list[float]:
        took: list[float] = []
        talk([(place.ports[0], conversation(took))])
        return took

    return compare(lambda length: _refill(place, length), block)


def _refill(place: Place, length: int) -> None:
    place.empty()
    fill(place.engine, length, [OFFICE])


def main() -> None:
    rows: list[Row] = []
    for database, scale in (("PostgreSQL", True), ("SQLite", False)):
        with installation(scale=scale) as place:
            place.open([COUNTER])
            for way, measure in (("operation", through_operations), ("HTTP", over_http)):
                short, long = measure(place)
                ratio = long / short
                rows.append(
                    (database, way, ms(short), ms(long), f"{ratio:.2f}", verdict(ratio <= TARGET))
                )
    table(
        "Call-next in a long line",
        ("database", "through", f"{SHORT} waiting", f"{LONG:,} waiting", "ratio", f"≤ {TARGET}"),
        rows,
        [
            f"Medians of {BLOCKS} alternating blocks of {CALLS} calls each; "
            "24 classes of visitors (service × languages) in both lines."
        ],
    )


if __name__ == "__main__":
    main()
