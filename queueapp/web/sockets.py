"""Who may watch a counter or a video room over a socket."""

from typing import Any

from flask import request
from flask_login import current_user

from queueapp.web import access


def may_watch(token: Any, kind: str, code: str) -> bool:
    """Whether the socket may watch the ``counter`` or ``room`` of that code.

    It is known by a token it connected with, or by its session. Staff see counters; a room is
    seen by its own screen alone.
    """
    found = _caller(token)
    if found is None:
        return False
    return found.room == code if kind == "room" else found.kind == "staff"


def _caller(token: Any) -> access.Caller | None:
    if token is None:
        _, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            return access.staff(current_user.name) if current_user.is_authenticated else None
    return access.of_token(token.strip()) if isinstance(token, str) else None
