"""Plain builders: each gives a thing that is right in every respect the test does not name."""

import secrets
from pathlib import Path
from typing import Any

from flask import Flask

from queueapp import configuration, create_app, migrate, tokens, write
from queueapp.config import HUDDINGE, from_environment
from queueapp.core.discipline import Duty, Head
from queueapp.core.matching import Server, Way, Wish
from queueapp.municipality import load
from queueapp.operations import Order

SERVICE = "forskola-skola"
NOON = 1_795_428_000.0  # 2026-11-23 11:00 in Huddinge, a Monday


def wish(
    office: str = "varby",
    service: str = "bygglov",
    languages: tuple[str, ...] = ("sv",),
    way: Way = Way.HERE,
    credit_s: int = 0,
) -> Wish:
    return Wish(office, service, languages, way, credit_s)


def head(ticket: int = 1, arrived_at: float = 0.0, **asked: Any) -> Head:
    return Head(ticket, f"M{ticket}", wish(**asked), arrived_at)


def server(
    counter: str = "varby-1",
    office: str = "varby",
    services: tuple[str, ...] = ("bygglov",),
    languages: tuple[str, ...] = ("sv", "en"),
) -> Server:
    return Server(counter, office, frozenset(services), frozenset(languages))


def duty(*servers: Server, **known: Any) -> Duty:
    return Duty(servers, **known)


def order(**changes: Any) -> Order:
    asked: dict[str, Any] = {
        "request_key": secrets.token_urlsafe(12),
        "office": "varby",
        "service": SERVICE,
        "languages": ("sv",),
        "channel": "kiosk",
    }
    return Order(**(asked | changes))


def settings(database_url: str, var: Path, **more: str) -> Any:
    env = {"QUEUEAPP_DATABASE_URL": database_url, "QUEUEAPP_VAR": str(var), "QUEUEAPP_TRIAL": "1"}
    return from_environment(env | more)


def app(database_url: str, var: Path, **more: str) -> Flask:
    """An application with the Huddinge configuration in a fresh database."""
    made = create_app(settings(database_url, var, **more))
    with made.app_context():
        migrate.to_head()
        with write.transaction() as connection:
            configuration.install(connection, load(HUDDINGE), NOON)
    return made


def token(made: Flask, name: str, kind: str = "staff", office: str | None = None) -> str:
    with made.app_context(), write.transaction() as connection:
        return tokens.issue(connection, kind, name, NOON, office=office)


def bearer(
    made: Flask, name: str, kind: str = "staff", office: str | None = None
) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(made, name, kind, office)}"}
