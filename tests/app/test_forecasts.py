"""The forecaster of a serving process: what it learns from, and what it may cost."""

import threading

import pytest
from flask import Flask

from queueapp import configuration, forecasts, operations, standing
from queueapp.forecasts import BURST_S, Budget
from queueapp.models import TicketEvent, db
from tests.builders import NOON, SERVICE, order, wish

pytestmark = pytest.mark.usefixtures("app")


def serve(at: float, lasts_s: float) -> None:
    ticket = operations.issue(order(), at).ticket.id
    operations.call_next("varby-1", "anna", at + 5)
    operations.start(ticket, at + 10)
    operations.finish(ticket, [], at + 10 + lasts_s)


def learn() -> int:
    with db.engine.connect() as connection:
        return forecasts.forecaster().learn(connection, NOON + 3600)


def median_s() -> float:
    return forecasts.forecaster().known.times.of(SERVICE, "sv").at(0.5)


def test_service_times_are_learned_from_the_log() -> None:
    before = median_s()
    operations.set_counter("varby-1", "open", "anna", NOON)
    for number in range(30):
        serve(NOON + number * 60, lasts_s=20.0)
    learn()
    assert median_s() < before / 3


def test_an_event_is_learned_from_once() -> None:
    operations.issue(order(), NOON)
    assert [learn(), learn()] == [1, 0]


def test_the_log_of_long_ago_is_left_out() -> None:
    operations.issue(order(), NOON - 2 * forecasts.REMEMBER_S)
    operations.issue(order(), NOON)
    assert learn() == 1


def test_what_is_written_of_long_ago_is_passed_over_and_read_once() -> None:
    operations.issue(order(), NOON)
    learn()
    operations.issue(order(), NOON - 2 * forecasts.REMEMBER_S)
    operations.issue(order(), NOON)
    assert [learn(), learn()] == [1, 0]


def test_the_promise_is_in_the_log_with_what_it_was_made_from() -> None:
    operations.set_counter("varby-1", "open", "anna", NOON)
    issued = operations.issue(order(), NOON)
    with db.engine.connect() as connection:
        logged = connection.execute(TicketEvent.__table__.select()).all()[-1].data
    told = issued.forecast.wait
    assert logged["promised"] == [told.low_s, told.likely_s, told.high_s]
    assert len(logged["signs"]) == 4


def test_when_its_time_is_used_up_counts_alone_must_do(app: Flask) -> None:
    operations.set_counter("varby-1", "open", "anna", NOON)
    operations.issue(order(), NOON)
    app.extensions["forecaster"]._budget.spend(3600.0)
    with db.engine.connect() as connection:
        municipality = configuration.current()
        present = standing.read(connection, municipality, NOON)
        [told] = present.forecasts(wish(service=SERVICE))
    assert told.signs == ()
    assert (told.forecast.ahead, told.forecast.staffed) == (1, True)


def budget(share: float = 0.1) -> tuple[Budget, list[float]]:
    clock = [10.0]
    return Budget(share, lambda: clock[0]), clock


def test_a_budget_that_is_used_up_is_renewed_by_its_share_of_the_time() -> None:
    left, clock = budget()
    left.spend(BURST_S + 0.05)
    assert not left.left()
    clock[0] += 0.4
    assert not left.left()
    clock[0] += 0.2
    assert left.left()


def test_a_long_rest_saves_up_no_more_than_a_burst() -> None:
    left, clock = budget()
    clock[0] += 3600.0
    assert left.left()
    left.spend(BURST_S)
    assert not left.left()


def test_first_visitors_of_different_classes_are_different_visitors() -> None:
    operations.issue(order(), NOON)
    operations.issue(order(languages=("en",)), NOON + 1)
    with db.engine.connect() as connection:
        lines = standing.read(connection, configuration.current(), NOON + 2).lines
    assert len({line.heads[0].ticket for line in lines}) == 2


def test_forecasts_are_told_while_the_log_is_learned_from(app: Flask) -> None:
    operations.set_counter("varby-1", "open", "anna", NOON)
    for number in range(40):
        serve(NOON + number * 60, lasts_s=20.0)
    teller, failures = forecasts.forecaster(), []

    def tell() -> None:
        try:
            with app.app_context(), db.engine.connect() as connection:
                present = standing.read(connection, configuration.current(), NOON)
                for _ in range(200):
                    present.forecasts(wish(service=SERVICE), wish(service="bygglov"))
        except Exception as failure:
            failures.append(failure)

    teller._budget = Budget(60.0)
    threads = [threading.Thread(target=tell) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        teller._seq = None
        learn()
    for thread in threads:
        thread.join()
    assert failures == []
