"""Tokens: what proves that a device, a program or an invited person is who they say.

A token is the number of a :class:`~queueapp.models.Credential` and a code derived from its row
with the secret key, so it cannot be guessed, is kept nowhere, and can be shown again only by
somebody with shell access to the server.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from flask import current_app
from sqlalchemy import Connection, Row, insert, select, update

from queueapp.models import Credential, db

_credential = Credential.__table__
DEVICES = ("kiosk", "display", "room")
INVITATION_S = 7 * 24 * 3600.0

CredentialRow = Row[tuple[int, str, str, str | None, str, float, float | None, float | None, bool]]


def issue(
    connection: Connection,
    kind: str,
    name: str,
    at: float,
    *,
    office: str | None = None,
    valid_s: float | None = None,
    invented: bool = False,
) -> str:
    """A new token. ``kind`` is kiosk, display, room (a video room's screen), staff or
    invitation.
    """
    row = connection.execute(
        insert(_credential)
        .values(
            kind=kind,
            name=name,
            office=office,
            nonce=secrets.token_urlsafe(16),
            created_at=at,
            expires_at=None if valid_s is None else at + valid_s,
            revoked_at=None,
            invented=invented,
        )
        .returning(_credential)
    ).one()
    return _token(row)


def find(token: str, at: float) -> CredentialRow | None:
    """The valid credential that ``token`` belongs to, or None."""
    number, _, _ = token.partition(".")
    # Longer numbers would overflow the column; no credential has one.
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    with db.engine.connect() as connection:
        row = connection.execute(
            select(_credential).where(_credential.c.id == int(number))
        ).one_or_none()
    if row is None or row.revoked_at is not None or (row.expires_at or at) < at:
        return None
    return row if hmac.compare_digest(_token(row).encode(), token.encode()) else None


def valid(connection: Connection, kind: str, name: str, at: float) -> str | None:
    """The newest valid token of that kind and name, to be shown again."""
    row = connection.execute(
        select(_credential)
        .where(
            _credential.c.kind == kind,
            _credential.c.name == name,
            _credential.c.revoked_at.is_(None),
            _credential.c.expires_at.is_(None) | (_credential.c.expires_at > at),
        )
        .order_by(_credential.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _token(row) if row else None


def revoke(connection: Connection, name: str, at: float, kind: str | None = None) -> int:
    """Make every token of ``name`` (of one kind, or all) invalid; gives how many."""
    query = update(_credential).where(
        _credential.c.name == name, _credential.c.revoked_at.is_(None)
    )
    if kind is not None:
        query = query.where(_credential.c.kind == kind)
    return connection.execute(query.values(revoked_at=at)).rowcount


def _token(row: CredentialRow) -> str:
    key = current_app.config["SETTINGS"].secret_key.encode()
    code = hmac.new(key, f"credential:{row.id}:{row.nonce}".encode(), hashlib.sha256).digest()
    return f"{row.id}.{urlsafe_b64encode(code).decode().rstrip('=')}"


def devices(connection: Connection) -> list[CredentialRow]:
    """The connected kiosks, displays and video rooms."""
    query = (
        select(_credential)
        .where(_credential.c.kind.in_(DEVICES), _credential.c.revoked_at.is_(None))
        .order_by(_credential.c.office, _credential.c.name)
    )
    return list(connection.execute(query))
