"""The process's own picture of the line: always what the tables say, at little cost."""

import random
import threading
import time
from collections.abc import Callable
from math import inf
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from queueapp import configuration, operations, standing
from queueapp.core.ticket import Refusal
from queueapp.mirror import MOST_CHANGES, Mirror
from queueapp.models import Ticket, db
from tests.builders import NOON, SERVICE, order

pytestmark = pytest.mark.usefixtures("app")
COUNTERS = {"varby-1": "anna", "varby-2": "amira", "sjodalsvagen-1": "anna", "skogas-1": "anna"}


def facts(seen: standing.Standing) -> tuple[Any, ...]:
    lines = {
        one.heads[0].wish: (one.count, one.heads[0].arrived_at, one.last_at) for one in seen.lines
    }
    posts = sorted(seen.present.posts, key=lambda post: post.server.counter)
    return lines, posts, seen.duty.rooms, seen.duty.busy


def in_the_tables() -> tuple[Any, ...]:
    with db.engine.connect() as connection:
        return facts(standing.read(connection, configuration.current(), NOON))


def in_the(picture: Mirror) -> tuple[Any, ...]:
    return facts(picture.standing(configuration.current(), NOON))


def any_act(choose: random.Random, issued: list[Any], at: float) -> Callable[[], object]:
    counter, staff = choose.choice(sorted(COUNTERS.items()))
    ticket = choose.choice(issued)
    acts: list[Callable[[], object]] = [
        lambda: operations.set_counter(
            counter, choose.choice(["open", "break", "closed"]), staff, at
        ),
        lambda: operations.call_next(counter, staff, at),
        lambda: operations.start(ticket.id, at),
        lambda: operations.finish(ticket.id, [], at),
        lambda: operations.no_show(ticket.id, at),
        lambda: operations.return_(ticket.id, at),
        lambda: operations.park(ticket.id, at),
        lambda: operations.resume(ticket.id, at),
        lambda: operations.transfer(ticket.id, at, service="bygglov"),
        lambda: operations.widen(ticket.token, at, way="video"),
        lambda: operations.leave(ticket.token, at),
    ]
    return choose.choice(acts)


def test_whatever_is_done_the_picture_is_what_the_tables_say() -> None:
    choose = random.Random(7)
    picture, issued = Mirror(), []
    for counter, staff in COUNTERS.items():
        operations.set_counter(counter, "open", staff, NOON)
    for step in range(150):
        at = NOON + step
        if len(issued) < 5 or choose.random() < 0.2:
            languages = choose.choice([("sv",), ("ar",), ("en", "sv")])
            asked = order(office=choose.choice(["varby", "skogas"]), languages=languages)
            issued.append(operations.issue(asked, at).ticket)
        else:
            try:
                any_act(choose, issued, at)()
            except Refusal:
                continue
        assert in_the(picture) == in_the_tables()


def test_a_picture_that_is_far_behind_is_taken_anew() -> None:
    picture = Mirror()
    operations.issue(order(), NOON)
    in_the(picture)
    for number in range(3 * MOST_CHANGES):
        operations.issue(order(), NOON + number)
    assert in_the(picture) == in_the_tables()


def test_what_was_changed_by_hand_is_seen_before_long() -> None:
    picture = Mirror()
    operations.issue(order(), NOON)
    in_the(picture)
    with db.engine.begin() as connection:
        connection.execute(update(Ticket).values(state="left"))
    picture._anew_at = -inf  # as after a minute
    assert in_the(picture)[0] == {}


def test_each_of_two_tickets_in_a_row_is_told_of_the_one_before() -> None:
    operations.set_counter("varby-1", "open", "anna", NOON)
    told = [operations.issue(order(service=SERVICE), NOON + n).forecast.ahead for n in range(3)]
    assert told == [0, 1, 2]


def test_those_who_wait_for_a_reading_share_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, readings, under_way, go_on = Mirror(), [], threading.Event(), threading.Event()
    catch_up = Mirror._catch_up

    def slowly(self: Mirror, connection: Any) -> bool:
        readings.append(1)
        under_way.set()
        go_on.wait()
        return catch_up(self, connection)

    in_the(picture)
    monkeypatch.setattr(Mirror, "_catch_up", slowly)

    def ask() -> None:
        with app.app_context():
            in_the(picture)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    threads[0].start()
    under_way.wait()
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.2)  # until all of them wait
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(readings) == 2
