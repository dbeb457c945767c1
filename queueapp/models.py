"""The tables. Configuration is a document; the day's work is rows that refer to its codes.

Times are seconds since 1970 (UTC) in double precision, the same on both databases and the same
in ``core``; they become dates only at the edges, in the municipality's timezone.
"""

from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    Index,
    String,
    TypeDecorator,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from queueapp.core import events


class Base(DeclarativeBase):
    """The models' base."""


db = SQLAlchemy(model_class=Base)

# SQLite counts rowids only in a column of exactly INTEGER.
BigId = BigInteger().with_variant(db.Integer, "sqlite")
# Compared for equality and minimum only: byte order is the fast one, and the same everywhere.
ClassKey = String(300).with_variant(String(300, collation="C"), "postgresql")


class Key(TypeDecorator[str]):
    """A text by which anybody may ask for a row. No row has one with a character that cannot be
    printed; PostgreSQL would fail on a NUL byte, and so it is asked for what nobody has.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What the database is asked for."""
        del dialect
        return value if value is None or value.isprintable() else ""


class Configuration(db.Model):
    """Every version of the municipality's configuration, as imported."""

    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    imported_at: Mapped[float]


class Line(db.Model):
    """The municipality's one line. Updating its row is both the lock and the next number."""

    municipality: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    configuration: Mapped[int]
    invented: Mapped[bool]


class Numbering(db.Model):
    """The last ticket number given at an office on a day."""

    office: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int]


class Ticket(db.Model):
    """One visit's place in the line. A transfer is a new leg on the same row."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    token: Mapped[str] = mapped_column(Key(43), unique=True)
    number: Mapped[str] = mapped_column(String(8))
    day: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8))
    class_key: Mapped[str] = mapped_column(ClassKey)
    office: Mapped[str] = mapped_column(String(40))
    service: Mapped[str] = mapped_column(String(40))
    languages: Mapped[list[str]] = mapped_column(JSON)
    way: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(8))
    district: Mapped[str | None] = mapped_column(String(40))
    priority: Mapped[str | None] = mapped_column(String(40))
    credit_s: Mapped[int]
    leg: Mapped[int]
    arrived_at: Mapped[float]
    called_at: Mapped[float | None]
    started_at: Mapped[float | None]
    counter: Mapped[str | None] = mapped_column(String(43))
    # The video room a visitor is called to, and the address of the meeting there.
    room: Mapped[str | None] = mapped_column(String(60))
    meeting: Mapped[str | None] = mapped_column(String(300))
    served_way: Mapped[str | None] = mapped_column(String(12))
    served_language: Mapped[str | None] = mapped_column(String(12))
    invented: Mapped[bool]

    __table_args__ = (
        UniqueConstraint("day", "number", name="uq_ticket_number_of_day"),
        Index(
            "ix_ticket_line",
            "class_key",
            "arrived_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_ticket_waiting_office",
            "office",
            "class_key",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        # The law that a counter has at most one visitor, kept by the database too.
        Index(
            "uq_ticket_at_counter",
            "counter",
            unique=True,
            postgresql_where=text("state IN ('called', 'serving')"),
            sqlite_where=text("state IN ('called', 'serving')"),
        ),
        # Nor does a video room.
        Index(
            "uq_ticket_in_room",
            "room",
            unique=True,
            postgresql_where=text("state IN ('called', 'serving')"),
            sqlite_where=text("state IN ('called', 'serving')"),
        ),
        Index("ix_ticket_latest_calls", "office", "called_at"),
        Index(
            "ix_ticket_open",
            "day",
            postgresql_where=text("state IN ('waiting', 'called', 'serving', 'parked')"),
            sqlite_where=text("state IN ('waiting', 'called', 'serving', 'parked')"),
        ),
        # An id is never used again, not even when the newest ticket has been deleted.
        {"sqlite_autoincrement": True},
    )


class TicketEvent(db.Model):
    """The log: append-only, one row per state change, ``seq`` without gaps."""

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[float] = mapped_column(index=True)
    type: Mapped[str] = mapped_column(String(24))
    office: Mapped[str] = mapped_column(String(40))
    ticket: Mapped[int | None] = mapped_column(BigInteger)
    counter: Mapped[str | None] = mapped_column(String(43))
    invented: Mapped[bool]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class Counter(db.Model):
    """A counter's state today, and who sits there."""

    code: Mapped[str] = mapped_column(String(43), primary_key=True)
    office: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(6))
    staff: Mapped[str | None] = mapped_column(String(40))
    since: Mapped[float]

    __table_args__ = (
        CheckConstraint("state IN ('open', 'break', 'closed')", name="ck_counter_state"),
    )


class Account(db.Model):
    """A staff member's sign-in. Without a password nobody can sign in."""

    name: Mapped[str] = mapped_column(Key(40), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(200))
    # Counts up with each new password; older sessions end.
    generation: Mapped[int]


class Credential(db.Model):
    """A token's record: for a device, for a staff member's programs, or a one-time invitation.

    The token itself is derived from the row and the secret key, and is kept nowhere.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    office: Mapped[str | None] = mapped_column(String(40))
    nonce: Mapped[str] = mapped_column(String(43))
    created_at: Mapped[float]
    expires_at: Mapped[float | None]
    revoked_at: Mapped[float | None]
    invented: Mapped[bool]

    __table_args__ = (
        CheckConstraint(
            "kind IN ('kiosk', 'display', 'room', 'staff', 'invitation')", name="ck_credential_kind"
        ),
    )


class Cost(db.Model):
    """What an office costs in a year, as a manager entered it, in the currency of the kommun."""

    office: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Premises, systems and all else that does not follow from how many work there.
    fixed: Mapped[float]
    staff_hour: Mapped[float]
    # One visit with an interpreter, besides the staff's time.
    interpreter: Mapped[float]


class Plan(db.Model):
    """A question put to the planner, and its answer once it has been played.

    ``token`` is its unguessable address, to be shared among those who may read figures.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(Key(43), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    days_done: Mapped[int]
    days_all: Mapped[int]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # Why it failed, as a refusal's type and facts; the page says it in the reader's language.
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[float]
    # When whoever plays it last said so: a plan whose player has died is taken up again.
    heard_at: Mapped[float]

    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'playing', 'done', 'failed', 'stopped')", name="ck_plan_state"
        ),
    )


# Written into the statement, not bound: a partial index is used only where its condition is seen.
IS_WAITING = Ticket.__table__.c.state == literal_column("'waiting'")
IS_AT_COUNTER = Ticket.__table__.c.state.in_(
    [literal_column("'called'"), literal_column("'serving'")]
)
_OPEN = ("'waiting'", "'called'", "'serving'", "'parked'")  # as in the index on them
IS_PARKED = and_(
    Ticket.__table__.c.state.in_([literal_column(state) for state in _OPEN]),
    Ticket.__table__.c.state == literal_column("'parked'"),
)

# Every counter, with the ticket that is there now where there is one.
COUNTERS_NOW = Counter.__table__.outerjoin(
    Ticket.__table__,
    and_(Ticket.__table__.c.counter == Counter.__table__.c.code, IS_AT_COUNTER),
)


def read_event(row: Any) -> events.Event:
    """The event that a row of the log holds."""
    shared = {
        name: getattr(row, name) for name in ("at", "office", "ticket", "counter", "invented")
    }
    return events.read(row.type, shared, row.data)
