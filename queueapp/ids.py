"""The ids of tickets: none is used again, not even that of a visit of which only the log tells."""

from sqlalchemy import Connection, func, select, text

from queueapp.models import Ticket, TicketEvent

_SEQUENCE = "pg_get_serial_sequence('ticket', 'id')"
_LAST = {
    "sqlite": text("SELECT seq FROM sqlite_sequence WHERE name = 'ticket'"),
    "postgresql": text(f"SELECT pg_sequence_last_value({_SEQUENCE})"),
}
_SET = {
    "sqlite": text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'ticket'"),
    "postgresql": text(f"SELECT setval({_SEQUENCE}, :last)"),
}
# SQLite knows the table only once it has had a row.
_BEGIN_SQLITE = text(
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'ticket', 0 "
    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'ticket')"
)


def take(connection: Connection, number: int) -> int:
    """Take so many ids for visits without a ticket; gives the one before the first.

    The line must be held, so that nobody takes a ticket meanwhile.
    """
    last = int(connection.execute(_LAST[connection.dialect.name]).scalar() or 0)
    if number:
        _go_on_after(connection, last + number)
    return last


def go_on_after_the_log(connection: Connection) -> None:
    """Let the next ticket have an id that neither the tickets nor the log knows."""
    used = (func.max(Ticket.__table__.c.id), func.max(TicketEvent.__table__.c.ticket))
    last = max(connection.execute(select(column)).scalar() or 0 for column in used)
    if last:
        _go_on_after(connection, last)


def _go_on_after(connection: Connection, last: int) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(_BEGIN_SQLITE)
    connection.execute(_SET[connection.dialect.name], {"last": last})
