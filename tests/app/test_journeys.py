"""Several statements in one journey to PostgreSQL: as safe as one by one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from queueapp import journeys, operations, write
from queueapp.models import Line, TicketEvent, db
from tests import builders
from tests.builders import NOON, order

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("app")]


@pytest.fixture
def app(postgres_url: str, tmp_path: Path) -> Iterator[Flask]:
    made = builders.app(postgres_url, tmp_path / "var")
    with made.app_context():
        yield made
        for engine in db.engines.values():
            engine.dispose()


def seq() -> int:
    with db.engine.connect() as connection:
        return connection.execute(select(Line.seq)).scalar_one()


def end_all_connections() -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )


def test_what_is_asked_together_is_answered_in_order() -> None:
    with journeys.connect() as connection:
        one, many = journeys.begin(
            connection, [(select(text("7 AS n")), {}), (select(func.generate_series(1, 3)), {})]
        )
        journeys.undo(connection)
    assert [row.n for row in one] == [7]
    assert [row[0] for row in many] == [1, 2, 3]


def test_a_statement_is_planned_once_on_a_connection() -> None:
    operations.issue(order(), NOON)
    operations.issue(order(), NOON)
    with journeys.connect() as connection:
        kept = text("SELECT count(*) FROM pg_prepared_statements WHERE name = 'journey_0'")
        assert connection.execute(kept).scalar_one() == 1


def test_after_an_undo_nothing_is_prepared_and_all_can_be_asked_again() -> None:
    for _ in range(3):
        with pytest.raises(RuntimeError), write.line(NOON):
            raise RuntimeError
    assert operations.issue(order(), NOON).created
    assert seq() == 1


def test_a_log_that_cannot_be_written_keeps_nothing() -> None:
    operations.issue(order(), NOON)
    row = {"seq": 1, "type": "x", "at": NOON, "office": "varby", "invented": False, "data": {}}
    row |= {"ticket": None, "counter": None}
    with journeys.connect() as connection:
        journeys.begin(connection, [])
        connection.exec_driver_sql("UPDATE line SET seq = 99")
        with pytest.raises(DBAPIError):
            journeys.end(connection, [(insert(TicketEvent), row)], "COMMIT")
        journeys.undo(connection)
    assert seq() == 1


def test_after_a_lost_connection_the_next_change_succeeds() -> None:
    operations.issue(order(), NOON)
    end_all_connections()
    with pytest.raises(DBAPIError):
        operations.close_day("varby", NOON)
    assert operations.close_day("varby", NOON) == 1
