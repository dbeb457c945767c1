"""Who is asking, and who may: every route declares its access, and only declared routes answer."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import TTLCache
from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from queueapp import configuration, tokens
from queueapp.models import Account, db
from queueapp.municipality import Unknown

View = TypeVar("View", bound=Callable[..., Any])

ROLES = ("staff", "manager", "admin")
# A revoked token or an ended session works this much longer at most; asking the database at
# every call would cost a fifth of the call.
REMEMBERED_S = 5.0
_SAFE = {"GET", "HEAD", "OPTIONS"}

csrf = CSRFProtect()
login = LoginManager()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Caller:
    """The one who asks. ``kind`` is public, device or staff; ``role`` is a staff member's.

    ``room`` is the video room whose screen the device is.
    """

    kind: str = "public"
    name: str = ""
    role: str = ""
    office: str | None = None
    room: str | None = None
    invented: bool = False

    def may(self, allowed: tuple[str, ...]) -> bool:
        """Whether one of ``allowed`` covers this caller. A higher role covers the lower ones."""
        if "public" in allowed or self.kind in allowed:
            return True
        ranks = [ROLES.index(name) for name in allowed if name in ROLES]
        return self.kind == "staff" and bool(ranks) and ROLES.index(self.role) >= min(ranks)


PUBLIC = Caller()


class StaffSession(UserMixin):  # type: ignore[misc]
    """A signed-in staff member, as Flask-Login knows them."""

    def __init__(self, name: str, generation: int) -> None:
        self.id = f"{name}:{generation}"
        self.name = name


class Sessions(SecureCookieSessionInterface):
    """Cookie sessions. Devices and programs send no cookie, and no key is derived for them."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        return self.session_class()


def access(*allowed: str) -> Callable[[View], View]:
    """Declare who may call a view: ``public``, ``device``, ``staff``, ``manager``, ``admin``."""

    def declare(view: View) -> View:
        view.access = allowed  # type: ignore[attr-defined]
        return view

    return declare


def caller() -> Caller:
    """The one who makes this request."""
    found: Caller = g.caller
    return found


def init_app(app: Flask) -> None:
    """Identify every caller and keep out those a view is not for."""
    app.extensions["callers"] = TTLCache(maxsize=2000, ttl=REMEMBERED_S)
    app.session_interface = Sessions()
    login.init_app(app)
    csrf.init_app(app)
    app.before_request(_guard)


def _guard() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    g.caller = PUBLIC
    if view is None or request.endpoint == "static":
        return None
    allowed: tuple[str, ...] = getattr(view, "access", ())
    if not allowed:
        raise RuntimeError(f"{request.endpoint} does not declare its access")
    g.caller = _identify()
    if request.method not in _SAFE and "Authorization" not in request.headers:
        _check_form(g.caller)
    if g.caller.may(allowed):
        return None
    if g.caller.kind != "public":
        raise Forbidden
    if request.method == "GET" and not request.path.startswith("/api/"):
        return redirect(url_for("pages.sign_in", next=request.full_path.rstrip("?")))
    raise Unauthorized


def _check_form(asking: Caller) -> None:
    """A browser sends its cookie by itself, so a change made with one needs the form's token."""
    if asking.kind == "staff" or not request.path.startswith("/api/"):
        csrf.protect()


def _identify() -> Caller:
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        found = of_token(token.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise Unauthorized
        return found
    if current_user.is_authenticated:
        return staff(current_user.name) or PUBLIC
    return PUBLIC


def of_token(token: str) -> Caller | None:
    """The caller that a Bearer token belongs to, or None where it is not valid."""
    found: Caller | None = _remembered(("token", token), lambda: _of_credential(token))
    return found


def _of_credential(token: str) -> Caller | None:
    row = tokens.find(token, time.time())
    if row is None or row.kind == "invitation":
        return None
    if row.kind == "staff":
        return staff(row.name, row.invented)
    room = row.name if row.kind == "room" else None
    return Caller("device", row.name, office=row.office, room=room, invented=row.invented)


def staff(name: str, invented: bool = False) -> Caller | None:
    """The staff member ``name`` as a caller; None where the configuration has them no more."""
    try:
        member = configuration.current().staff_member(name)
    except Unknown:
        return None
    return Caller("staff", name, role=member.role, invented=invented)


@login.user_loader  # type: ignore[untyped-decorator]
def _session(key: str) -> StaffSession | None:
    name, _, generation = key.rpartition(":")
    account = Account.__table__

    def is_current() -> bool | None:
        with db.engine.connect() as connection:
            query = select(account.c.generation).where(account.c.name == name)
            known = connection.execute(query).scalar_one_or_none()
        # Only what is valid is remembered: a session begun a moment ago in another process counts.
        return True if str(known) == generation else None

    valid = _remembered(("session", key), is_current)
    return StaffSession(name, int(generation)) if valid else None


def _remembered(key: tuple[str, str], ask: Callable[[], Any]) -> Any:
    known: TTLCache[tuple[str, str], Any] = current_app.extensions["callers"]
    with _lock:
        if key in known:
            return known[key]
    answer = ask()
    if answer is not None:
        with _lock:
            known[key] = answer
    return answer


def forget() -> None:
    """Let a new password or a revocation count at once in this process."""
    known: TTLCache[tuple[str, str], Any] = current_app.extensions["callers"]
    with _lock:
        known.clear()
