"""Several statements in one journey to PostgreSQL.

Each journey wakes the database's process and then ours, which takes busy processors longer than
most statements do. psycopg would make one for BEGIN, one for each
statement and one for COMMIT; here those that need not know each other's answer travel together.
SQLite is within the process, so there they are simply run in turn.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import ClientCursor
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row
from psycopg.types.json import Json
from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError

from queueapp.models import db

Rows = Sequence[Any]
Step = tuple[Executable, Mapping[str, Any]]  # a statement and its parameters
BIND = "line"
_KNOWN = "journeys"  # where a connection keeps the names of what is prepared on it


def connect() -> Connection:
    """A connection that sends nothing by itself: no BEGIN before the first statement."""
    return db.engines.get(BIND, db.engine).connect()


def ask(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> Rows:
    """The rows of one statement by itself."""
    [rows] = _together(connection, [(statement, values)])
    return rows


def begin(connection: Connection, steps: Sequence[Step]) -> list[Rows]:
    """Begin a transaction with these steps; gives the rows of each."""
    return _together(connection, steps, first="BEGIN")


def end(connection: Connection, steps: Sequence[Step], last: str) -> list[Rows]:
    """Take the steps; gives the rows of each. To PostgreSQL ``last`` travels with them."""
    return _together(connection, steps, last=last)


def _together(
    connection: Connection, steps: Sequence[Step], first: str | None = None, last: str | None = None
) -> list[Rows]:
    """The rows of each step; to PostgreSQL all goes at once, between ``first`` and ``last``."""
    if not _far(connection):
        return [_run(connection, step) for step in steps]
    texts = [_executed(connection, *step) for step in steps]
    rows = _rows(connection, "; ".join([*filter(None, [first]), *texts, *filter(None, [last])]))
    return rows[1:] if first else rows[: len(steps)]


def _run(connection: Connection, step: Step) -> Rows:
    found = connection.execute(*step)
    return found.all() if found.returns_rows else ()


def undo(connection: Connection) -> None:
    """Roll back what was not committed."""
    if connection.invalidated or not _far(connection):
        connection.rollback()
    elif _driver(connection).info.transaction_status != TransactionStatus.IDLE:
        # The driver forgets what it has prepared when it rolls back, so all is forgotten.
        connection.info.pop(_KNOWN, None)
        _rows(connection, "ROLLBACK; DEALLOCATE ALL")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _far(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _executed(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> str:
    """What runs the statement by the plan that is kept."""
    name = _prepared(connection, statement, tuple(values))
    if not values:
        return f"EXECUTE {name}"
    places = ", ".join(f"%({key})s" for key in values)
    cursor = ClientCursor(_driver(connection))
    return cursor.mogrify(f"EXECUTE {name}({places})", _adapted(values))


def _prepared(connection: Connection, statement: Executable, names: tuple[str, ...]) -> str:
    """The name under which the statement's plan is kept on this connection."""
    known: dict[Any, str] = connection.info.setdefault(_KNOWN, {})
    if (statement, names) not in known:
        name = f"journey_{len(known)}"
        text = _text(connection.dialect, statement, names)
        _rows(connection, f"PREPARE {name} AS {text}")
        known[statement, names] = name
    return known[statement, names]


@lru_cache(maxsize=100)
def _text(dialect: Dialect, statement: Any, names: tuple[str, ...]) -> str:
    """The statement with the names' values as its parameters, and all else written out."""
    if not names:
        return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    compiled = statement.compile(dialect=dialect, column_keys=names)
    return str(compiled) % {name: f"${place}" for place, name in enumerate(names, start=1)}


def _rows(connection: Connection, text: str) -> list[Rows]:
    """The rows of each statement in ``text``; none where a statement gives no rows."""
    try:
        with _driver(connection).cursor(row_factory=namedtuple_row) as cursor:
            cursor.execute(text, prepare=False)
            found = [_fetched(cursor)]
            while cursor.nextset():
                found.append(_fetched(cursor))
            return found
    except psycopg.Error as error:
        if _driver(connection).closed:
            connection.invalidate(error)
            connection.engine.dispose()  # the others are as lost
        raise DBAPIError(text, None, error) from error


def _fetched(cursor: Any) -> Rows:
    return cursor.fetchall() if cursor.pgresult.nfields else ()


def _adapted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_driver_knows(value) for name, value in values.items()}


def _as_driver_knows(value: Any) -> Any:
    if isinstance(value, dict | list):
        return Json(value)
    return str(value) if isinstance(value, str) else value  # an enumeration's value is its text
