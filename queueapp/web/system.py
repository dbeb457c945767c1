"""For those who run the service: is it alive, can it serve, what can it do."""

from typing import Any

import redis
from flask import current_app, jsonify, make_response
from flask_openapi import APIBlueprint
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from queueapp import configuration, migrate
from queueapp.models import db
from queueapp.web.access import access

system = APIBlueprint("system", __name__)


@system.get("/healthz")
@access("public")
def healthz() -> Any:
    """Alive: the process answers."""
    return {"status": "ok"}


@system.get("/readyz")
@access("public")
def readyz() -> Any:
    """Able to serve: database, migrations and configuration. Redis is reported, not required."""
    database = _database()
    body = {
        "status": "ok" if database == "ok" else "unavailable",
        "database": database,
        "redis": _redis(),
    }
    return make_response(jsonify(body), 200 if database == "ok" else 503)


def _database() -> str:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            if not migrate.is_current(connection):
                return "not migrated"
        configuration.current()
    except DBAPIError:
        return "away"
    except configuration.NotInitialised:
        return "not initialised"
    return "ok"


def _redis() -> str:
    url = current_app.config["SETTINGS"].redis_url
    if url is None:
        return "not used"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=0.25, socket_timeout=0.25).ping()
    except redis.RedisError:
        return "away"
    return "ok"


@system.get("/api/openapi.json", doc_ui=False)
@access("public")
def openapi() -> Any:
    """The contract, generated from the code."""
    return current_app.api_doc  # type: ignore[attr-defined]
