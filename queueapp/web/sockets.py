"""Who may watch a counter over a socket."""

from typing import Any

from flask import request
from flask_login import current_user

from queueapp.web import access


def is_staff(token: Any) -> bool:
    """Whether the socket belongs to staff: by a token it connected with, or by its session."""
    if token is None:
        _, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            return bool(current_user.is_authenticated)
    found = access.of_token(token.strip()) if isinstance(token, str) else None
    return found is not None and found.kind == "staff"
