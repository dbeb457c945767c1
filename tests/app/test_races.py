"""Real threads and real processes on both databases."""

import subprocess
import sys
import threading
from collections import Counter as Count
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from queueapp import operations
from queueapp.models import Ticket, TicketEvent, db
from tests.builders import NOON, order

COUNTERS = [f"{office}-{n}" for office in ("sjodalsvagen", "varby") for n in range(1, 4)]
COUNTERS += ["sjodalsvagen-4", "sjodalsvagen-5"]
TICKETS = 500


def together(app: Flask, works: list[Callable[[], None]]) -> None:
    """Run all at the same instant, each in a thread of its own; a failure in one fails the test."""
    start = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            with app.app_context():
                start.wait()
                work()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def drain(counter: str, called: list[int]) -> None:
    """Call until nobody is left; each called visitor is marked as not having come."""
    while found := operations.call_next(counter, "anna", NOON + 1000):
        called.append(found.ticket.id)
        operations.no_show(found.ticket.id, NOON + 1000)


def fill() -> None:
    for n in range(TICKETS):
        operations.issue(order(office=("sjodalsvagen", "varby")[n % 2]), NOON + n)
    for counter in COUNTERS:
        operations.set_counter(counter, "open", "anna", NOON)


def check_log() -> None:
    """Everybody called exactly once, and no gap in the sequence."""
    with db.engine.connect() as connection:
        rows = connection.execute(select(TicketEvent.__table__)).all()
        states = connection.execute(select(Ticket.state)).scalars().all()
    calls = Count(row.ticket for row in rows if row.type == "ticket-called")
    assert len(calls) == TICKETS
    assert set(calls.values()) == {1}
    assert sorted(row.seq for row in rows) == list(range(1, len(rows) + 1))
    assert set(states) == {"no_show"}


def test_eight_threads_drain_500_tickets_and_call_none_twice(app: Flask) -> None:
    fill()
    called: list[int] = []
    together(app, [lambda counter=counter: drain(counter, called) for counter in COUNTERS])
    assert len(called) == len(set(called)) == TICKETS
    check_log()


def test_two_processes_drain_500_tickets_and_call_none_twice(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    fill()
    db.engine.dispose()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.app.drain", database_url, str(tmp_path / "var"), *half]
        )
        for half in (COUNTERS[::2], COUNTERS[1::2])
    ]
    assert [process.wait(120) for process in running] == [0, 0]
    check_log()


def test_of_two_counters_at_the_same_instant_one_gets_the_visitor(app: Flask) -> None:
    for counter in ("varby-1", "varby-2"):
        operations.set_counter(counter, "open", "anna", NOON)
    for n in range(20):
        operations.issue(order(), NOON + n)
        got: list[int | None] = []

        def press(counter: str, got: list[int | None] = got) -> None:
            found = operations.call_next(counter, "anna", NOON + 100)
            got.append(found and found.ticket.id)

        together(app, [lambda: press("varby-1"), lambda: press("varby-2")])
        assert sum(ticket is not None for ticket in got) == 1
        operations.no_show(next(ticket for ticket in got if ticket), NOON + 101)


def test_fifty_equal_requests_at_once_give_one_ticket(app: Flask) -> None:
    asked = order()
    ids: list[int] = []
    together(app, [lambda: ids.append(operations.issue(asked, NOON).ticket.id)] * 50)
    assert len(ids) == 50
    assert len(set(ids)) == 1


def test_numbers_are_never_used_twice(app: Flask) -> None:
    numbers: list[str] = []

    def take() -> None:
        for _ in range(10):
            numbers.append(operations.issue(order(), NOON).ticket.number)

    together(app, [take] * 8)
    assert sorted(numbers, key=lambda number: int(number[1:])) == [f"M{n}" for n in range(1, 81)]


@pytest.mark.parametrize("verbs", [("no-show", "start"), ("return", "no-show")])
def test_of_two_moves_that_exclude_each_other_one_wins(app: Flask, verbs: tuple[str, str]) -> None:
    from queueapp.core.ticket import WrongState

    done = {"no-show": operations.no_show, "start": operations.start, "return": operations.return_}
    operations.set_counter("varby-1", "open", "anna", NOON)
    ticket = operations.issue(order(), NOON).ticket.id
    operations.call_next("varby-1", "anna", NOON)
    refused: list[str] = []

    def press(verb: str) -> None:
        try:
            done[verb](ticket, NOON + 1)
        except WrongState:
            refused.append(verb)

    together(app, [lambda verb=verb: press(verb) for verb in verbs])
    assert len(refused) == 1
