"""The ceiling of the stack itself: a bare Flask endpoint that makes one change and commits it.

Served like Kölapp, by as many gunicorn processes with gevent, on the same database. What it lacks
of the database's own ceiling is the price of HTTP, Flask, SQLAlchemy and the driver; what Kölapp
lacks of it is the price of what Kölapp does.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    MetaData,
    Table,
    Text,
    create_engine,
    func,
    insert,
    select,
    update,
)

from tests.servers import ROOT, WebProcess, free_port

ceiling = Table(
    "ceiling",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    *(
        Column(name, Text)
        for name in (
            "request_key", "token", "number", "day", "state", "class_key", "office", "service",
        )
    ),
    Column("languages", JSON),
    Column("arrived_at", Float),
)  # fmt: skip
INSERT = (
    insert(ceiling)
    .values(
        request_key=func.gen_random_uuid(),
        token=func.gen_random_uuid(),
        number="A12",
        day="2026-11-23",
        state="waiting",
        class_key="skogas|bygglov|sv|here|0",
        office="skogas",
        service="bygglov",
        languages=["sv"],
        arrived_at=1795428000.0,
    )
    .returning(ceiling.c.id)
)
_FIRST = (
    select(ceiling.c.id)
    .where(ceiling.c.state == "waiting")
    .order_by(ceiling.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
SKIP_LOCKED = (
    update(ceiling)
    .where(ceiling.c.id == _FIRST.scalar_subquery())
    .values(state="called")
    .returning(ceiling.c.id)
)


def make() -> Flask:
    """The application, on the database that the environment names."""
    app = Flask(__name__)
    engine = create_engine(os.environ["QUEUEAPP_DATABASE_URL"], pool_size=16)

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {}

    @app.post("/insert")
    def insert_one() -> dict[str, int]:
        with engine.begin() as connection:
            return {"id": connection.execute(INSERT).scalar_one()}

    @app.post("/next")
    def next_one() -> dict[str, int]:
        with engine.begin() as connection:
            return {"id": connection.execute(SKIP_LOCKED).scalar_one()}

    return app


@contextmanager
def serving(database_url: str, processes: int) -> Iterator[list[int]]:
    """So many processes of it; gives their ports."""
    with ExitStack() as stack:
        ports = [free_port() for _ in range(processes)]
        for port in ports:
            env = {"QUEUEAPP_DATABASE_URL": database_url, "QUEUEAPP_PORT": str(port)}
            command = ("gunicorn", "--chdir", str(ROOT), "--bind", f"127.0.0.1:{port}")
            serve = ("--worker-class", "gevent", "--log-level", "warning", "bench.bare:make()")
            stack.enter_context(WebProcess(env, command=(*command, *serve)))
        yield ports
