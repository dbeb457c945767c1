"""Staff members' passwords and invitations. There is no default password anywhere."""

import time

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from queueapp import tokens
from queueapp.config import Settings
from queueapp.core.ticket import BadInput
from queueapp.models import Account, db
from queueapp.municipality import Municipality

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

_account = Account.__table__
_hasher = PasswordHasher()
# Checked where the name is unknown, so that the time taken does not tell which names exist.
_NOBODY = _hasher.hash("nobody has this password")


def set_password(connection: Connection, name: str, password: str) -> None:
    """Give ``name`` a new password; their earlier sessions end."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(field="password", reason="too-short", number=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise BadInput(field="password", reason="too-long", number=LONGEST_PASSWORD)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    hashed = _hasher.hash(password)
    connection.execute(
        dialect.insert(_account)
        .values(name=name, password=hashed, generation=1)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"password": hashed, "generation": _account.c.generation + 1},
        )
    )


def check_password(name: str, password: str) -> int | None:
    """The account's generation where the password is right, else None."""
    with db.engine.connect() as connection:
        row = connection.execute(
            select(_account.c.password, _account.c.generation).where(_account.c.name == name)
        ).one_or_none()
    try:
        _hasher.verify((row and row.password) or _NOBODY, password[:LONGEST_PASSWORD])
    except VerificationError:
        return None
    return row.generation if row and row.password else None


def with_password(connection: Connection) -> set[str]:
    """The names that can sign in."""
    query = select(_account.c.name).where(_account.c.password.is_not(None))
    return set(connection.execute(query).scalars())


def administrators_without_password(
    connection: Connection, municipality: Municipality
) -> list[str]:
    """Administrators nobody has set up yet; none where one administrator can sign in."""
    names = [member.name for member in municipality.staff if member.role == "admin"]
    return [] if with_password(connection) & set(names) else names


def invitation_link(connection: Connection, settings: Settings, name: str, at: float) -> str:
    """A one-time address at which ``name`` chooses a password."""
    token = tokens.valid(connection, "invitation", name, at) or tokens.issue(
        connection, "invitation", name, at, valid_s=tokens.INVITATION_S
    )
    return f"{settings.address}/invitation/{token}"


def invited(token: str) -> str | None:
    """Whom the invitation is for, or None where it is used, too old or unknown."""
    row = tokens.find(token, time.time())
    return row.name if row and row.kind == "invitation" else None


def accept(connection: Connection, name: str, password: str) -> None:
    """Set the password and use up every invitation of ``name``."""
    set_password(connection, name, password)
    tokens.revoke(connection, name, time.time(), "invitation")
