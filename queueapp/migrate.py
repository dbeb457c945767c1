"""Bringing the database's tables up to this version of the program."""

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import Connection

from queueapp.database import MIGRATIONS


@cache
def _head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


def to_head() -> None:
    """Make or change the tables. Safe to run again, and by several processes in turn."""
    upgrade(directory=str(MIGRATIONS))
