from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select

from queueapp import configuration, operations, screens, write
from queueapp.core.ticket import (
    CounterBusy,
    CounterNotOpen,
    CounterTaken,
    NotAllowed,
    NotFound,
    OfficeClosed,
    WrongState,
)
from queueapp.models import TicketEvent, db
from queueapp.operations import Errand
from queueapp.web import accounts
from tests.builders import NOON, SERVICE, bearer, order

pytestmark = pytest.mark.usefixtures("app")
DAY = 24 * 3600.0


def issue(at: float = NOON, **asked) -> int:
    return operations.issue(order(**asked), at).ticket.id


def sit(counter: str = "varby-1", staff: str = "anna") -> None:
    operations.set_counter(counter, "open", staff, NOON)


def call(counter: str = "varby-1", staff: str = "anna", at: float = NOON + 60) -> int | None:
    called = operations.call_next(counter, staff, at)
    return called.ticket.id if called else None


def serve() -> int:
    sit()
    ticket = issue()
    call()
    operations.start(ticket, NOON + 90)
    return ticket


def log() -> list:
    with db.engine.connect() as connection:
        return connection.execute(select(TicketEvent.__table__).order_by(TicketEvent.seq)).all()


def ends_the_trial(app: Flask) -> None:
    """From now on the offices are open by their opening hours."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], trial=False)


def test_numbers_begin_at_one_with_the_offices_own_prefix() -> None:
    numbers = [
        operations.issue(order(office=o), NOON).ticket.number for o in ("varby", "varby", "skogas")
    ]
    assert numbers == ["M1", "M2", "K1"]


def test_a_ticket_is_given_by_the_configuration_that_another_process_has_just_installed() -> None:
    operations.issue(order(), NOON)  # this process knows the old one
    old = configuration.current()
    offices = tuple(
        office.model_copy(update={"number_prefix": "Z"}) if office.code == "varby" else office
        for office in old.offices
    )
    with write.transaction() as connection:
        configuration.install(connection, old.model_copy(update={"offices": offices}), NOON)
    assert configuration.current() is old
    assert [operations.issue(order(), NOON).ticket.number for _ in range(2)] == ["Z2", "Z3"]
    assert [event.type for event in log()].count("ticket-issued") == 3


def test_numbers_begin_again_each_local_day() -> None:
    operations.issue(order(), NOON)
    assert operations.issue(order(), NOON + DAY).ticket.number == "M1"


def test_the_day_changes_at_local_midnight_and_not_at_midnight_utc() -> None:
    evening = NOON + 12.5 * 3600  # 23:30 in Huddinge
    operations.issue(order(), evening)
    assert operations.issue(order(), evening + 3600).ticket.number == "M1"
    assert operations.issue(order(), evening + 7200).ticket.number == "M2"


def test_the_same_request_key_gives_the_same_ticket() -> None:
    asked = order()
    first, again = operations.issue(asked, NOON), operations.issue(asked, NOON + 5)
    assert (again.ticket.id, first.created, again.created) == (first.ticket.id, True, False)
    assert len(log()) == 1


def test_the_same_request_key_gives_the_same_ticket_though_the_office_has_closed(
    app: Flask,
) -> None:
    ends_the_trial(app)
    asked = order()
    first = operations.issue(asked, NOON)
    again = operations.issue(asked, NOON + 14 * 3600)
    assert (again.ticket.id, again.created) == (first.ticket.id, False)


def test_the_same_request_key_gives_the_same_ticket_though_the_service_is_gone() -> None:
    first = operations.issue(asked := order(), NOON)
    again = operations.issue(replace(asked, service="no-more"), NOON + 5)
    assert (again.ticket.id, again.created) == (first.ticket.id, False)


def test_a_returned_visitor_keeps_the_place() -> None:
    sit()
    first, _ = issue(), issue(NOON + 1)
    call()
    operations.return_(first, NOON + 70)
    assert call() == first


def test_a_parked_visitor_frees_the_counter_and_comes_back_to_the_same_place() -> None:
    ticket = serve()
    second = issue(NOON + 1)
    operations.park(ticket, NOON + 100)
    assert call() == second
    operations.no_show(second, NOON + 110)
    issue(NOON + 2)
    operations.resume(ticket, NOON + 120)
    assert call() == ticket


def test_a_transfer_keeps_the_arrival_and_is_the_same_visit() -> None:
    ticket = serve()
    moved = operations.transfer(ticket, NOON + 200, office="skogas").ticket
    assert (moved.id, moved.arrived_at, moved.leg, moved.office) == (ticket, NOON, 2, "skogas")
    assert moved.state == "waiting"
    sit("skogas-1")
    assert call("skogas-1") == ticket


def test_a_visit_is_not_moved_to_an_office_that_is_closed(app: Flask) -> None:
    ticket = serve()
    ends_the_trial(app)
    with pytest.raises(OfficeClosed):
        operations.transfer(ticket, NOON + 14 * 3600, office="skogas")


def test_a_visit_is_moved_to_a_closed_office_where_somebody_works_late(app: Flask) -> None:
    ticket = serve()
    sit("skogas-1", "amira")
    ends_the_trial(app)
    assert operations.transfer(ticket, NOON + 14 * 3600, office="skogas").ticket.leg == 2


def test_within_its_office_a_visit_is_moved_at_any_hour(app: Flask) -> None:
    ticket = serve()
    ends_the_trial(app)
    assert operations.transfer(ticket, NOON + 14 * 3600, service="bygglov").ticket.leg == 2


def test_a_language_named_twice_in_a_transfer_counts_once_where_it_stood_first() -> None:
    moved = operations.transfer(serve(), NOON + 200, languages=("ar", "ar", "sv")).ticket
    assert moved.languages == ["ar", "sv"]


def test_a_visit_can_have_several_errands() -> None:
    errands = [Errand(SERVICE, "resolved"), Errand("bygglov", "booked", "en", True)]
    operations.finish(serve(), errands, NOON + 300)
    handled = log()[-1].data["errands"]
    assert [one["outcome"] for one in handled] == ["resolved", "booked"]
    assert [one["language"] for one in handled] == ["sv", "en"]


def test_a_refused_verb_changes_nothing() -> None:
    ticket = issue()
    before = len(log())
    with pytest.raises(WrongState):
        operations.start(ticket, NOON)
    assert len(log()) == before


@pytest.mark.parametrize("verb", [operations.leave, operations.widen])
@pytest.mark.parametrize("token", ["no-such", "a\0b"])
def test_a_ticket_whose_token_nobody_has_is_not_found(verb: Any, token: str) -> None:
    with pytest.raises(NotFound):
        verb(token, NOON)


@pytest.mark.parametrize(
    "address", ["/api/v1/tickets/%00", "/api/v1/tickets/%00/offers", "/t/%00", "/planner/%00"]
)
def test_an_address_with_a_key_that_cannot_be_is_not_found(app: Flask, address: str) -> None:
    headers = bearer(app, "maria")
    assert app.test_client().get(address, headers=headers).status_code == 404


def test_nobody_signs_in_by_a_name_that_cannot_be() -> None:
    assert accounts.check_password("an\0na", "en lång lösenfras") is None


def test_a_counter_that_is_closed_does_not_call() -> None:
    issue()
    with pytest.raises(CounterNotOpen):
        call()


def test_a_counter_with_a_visitor_does_not_call_another() -> None:
    serve()
    issue()
    with pytest.raises(CounterBusy):
        call()


def test_a_counter_calls_only_for_the_one_who_sits_there() -> None:
    sit()
    with pytest.raises(CounterTaken):
        call(staff="amira")


def test_a_counter_with_a_visitor_cannot_be_left() -> None:
    serve()
    with pytest.raises(CounterBusy):
        operations.set_counter("varby-1", "closed", "anna", NOON)


def test_staff_sit_only_at_their_own_offices() -> None:
    with pytest.raises(NotAllowed):
        operations.set_counter("skogas-1", "open", "rebin", NOON)


def test_an_arabic_speaking_visitor_is_called_by_the_one_who_speaks_arabic() -> None:
    sit("varby-1", "anna")
    sit("varby-2", "amira")
    arabic = issue(languages=("ar",))
    swedish = issue(NOON + 1)
    assert call("varby-1", "anna") == swedish
    assert call("varby-2", "amira") == arabic


def test_closing_records_the_waiting_as_left_and_the_served_as_finished() -> None:
    served, waits = serve(), issue(NOON + 1)
    assert operations.close_day("varby", NOON + 3600) == 2
    ends = {row.ticket: (row.type, row.data["reason"]) for row in log() if "reason" in row.data}
    assert ends == {served: ("ticket-finished", "closing"), waits: ("ticket-left", "closing")}
    assert log()[-1].type == "counter-closed"


def test_the_sequence_has_no_gap_whatever_was_refused() -> None:
    serve()
    operations.issue(asked := order(), NOON)
    operations.issue(asked, NOON)
    with pytest.raises(CounterBusy):
        call()
    operations.close_day("varby", NOON + 5)
    assert [row.seq for row in log()] == list(range(1, len(log()) + 1))


def test_an_office_that_is_closed_gives_no_ticket_but_staff_do(app: Flask) -> None:
    ends_the_trial(app)
    night = NOON + 14 * 3600
    with pytest.raises(OfficeClosed):
        operations.issue(order(), night)
    assert operations.issue(order(), night, any_hour=True).created


@contextmanager
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the database is asked: each journey to PostgreSQL, each statement to SQLite."""
    if db.engine.dialect.name == "postgresql":
        said: list[str] = []
        wait = psycopg.Connection.wait

        def noted(gen):
            """The driver's work, noted where it has to wait for an answer."""
            try:
                ready = next(gen)
                said.append("journey")
                while True:
                    ready = gen.send((yield ready))
            except StopIteration as done:
                return done.value

        with monkeypatch.context() as patched:
            patched.setattr(psycopg.Connection, "wait", lambda self, gen: wait(self, noted(gen)))
            yield said
    else:
        with statements() as said:
            yield said


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(conn, cursor, statement, *rest) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


def counts(postgresql: int, sqlite: int) -> list[int]:
    """The same with a short line and with a long one."""
    return [postgresql if db.engine.dialect.name == "postgresql" else sqlite] * 2


def test_issuing_takes_three_journeys_or_five_statements_however_long_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issue()  # the configuration is read once
    took = []
    for length in (1, 60):  # what is asked is planned once on a connection
        for _ in range(length):
            issue()
        with asked(monkeypatch) as said:
            issue()
        took.append(len(said))
    assert took == counts(postgresql=3, sqlite=5)


def test_calling_takes_two_journeys_or_five_statements_however_long_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sit()
    took = []
    for length in (2, 60):
        for n in range(length):
            issue(NOON + n, languages=(("sv",), ("en", "sv"))[n % 2])
        operations.no_show(call(), NOON + 70)  # what is asked is planned once on a connection
        with asked(monkeypatch) as said:
            ticket = call()
        operations.no_show(ticket, NOON + 70)
        took.append(len(said))
    assert took == counts(postgresql=2, sqlite=5)


def test_a_refusal_leaves_nothing_that_the_next_change_stumbles_over() -> None:
    sit()
    issue()
    for _ in range(3):
        ticket = call()
        with pytest.raises(CounterBusy):
            call()
        operations.return_(ticket, NOON + 80)
    assert [row.seq for row in log()] == list(range(1, 9))


def test_a_finished_day_leaves_nothing_open_the_next_morning() -> None:
    from queueapp import upkeep

    serve()
    issue(NOON + 1)
    assert upkeep.end_earlier_days(NOON + DAY) == 2
    with screens.reading(NOON + DAY) as now:
        assert screens.counter(now, "varby-1")["state"] == "closed"
