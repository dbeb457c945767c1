"""How the two databases are opened, so that the rest of the code need not know which it is."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from queueapp import journeys
from queueapp.config import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
# Longer than any healthy operation, shorter than anybody's patience.
GIVE_UP_MS = 5000


def options(settings: Settings) -> dict[str, Any]:
    """Engine options for the configured database."""
    if settings.embedded:
        return {"pool_size": 32, "max_overflow": 96, "connect_args": {"timeout": GIVE_UP_MS / 1000}}
    limits = f"-c lock_timeout={GIVE_UP_MS} -c statement_timeout=60000 -c application_name=queueapp"
    return {
        "pool_size": 16,
        "max_overflow": 0,
        "pool_timeout": GIVE_UP_MS / 1000,
        "connect_args": {"options": limits, "connect_timeout": 5},
    }


def binds(settings: Settings) -> dict[str, Any]:
    """The connections for changes on PostgreSQL, apart from those of readers."""
    if settings.embedded:
        return {}
    own = {"url": settings.database_url, "isolation_level": "AUTOCOMMIT", **options(settings)}
    return {journeys.BIND: own}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    del record
    if type(connection).__module__.split(".")[0] != "sqlite3":
        return
    # The driver would begin its transactions late; SQLAlchemy's begin below does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # An acknowledged ticket survives a power cut, not only a crash.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("BEGIN")
