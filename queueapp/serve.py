"""The serving process: what gunicorn loads in its worker.

The embedded default uses threads: one process, SQLite, up to about two hundred sockets. Behind
a proxy, with PostgreSQL and Redis, each process is one gevent worker; see docs/decisions.
"""

import gc

from flask import Flask

from queueapp import create_app, forecasts, readers, upkeep
from queueapp.config import Settings, from_environment
from queueapp.outlook import current
from queueapp.planner import worker
from queueapp.statistics import keeping

# Each socket holds one thread for as long as its screen is on.
EMBEDDED_THREADS = 300
WORKER_CONNECTIONS = 8000


def cooperative(settings: Settings) -> bool:
    """Whether this installation serves with gevent (true) or with threads (false)."""
    return not settings.embedded


def arguments(settings: Settings) -> list[str]:
    """gunicorn's arguments. One worker: each process has its own sockets and follower."""
    worker = (
        ["--worker-class", "gevent", "--worker-connections", str(WORKER_CONNECTIONS)]
        if cooperative(settings)
        else ["--worker-class", "gthread", "--threads", str(EMBEDDED_THREADS)]
    )
    return [
        *worker,
        "--workers", "1",
        "--bind", f"{settings.host}:{settings.port}",
        "--timeout", "60",
        "--graceful-timeout", "5",
        "--keep-alive", "75",
        "--log-level", "warning",
        "--no-control-socket",
        "queueapp.serve:make()",
    ]  # fmt: skip


def make() -> Flask:
    """The application of a serving process, with its background work begun."""
    settings = from_environment()
    app = create_app(settings, "gevent" if cooperative(settings) else "threading")
    app.extensions["follower"].start()
    upkeep.start(app, app.extensions["socketio"])
    forecasts.start(app, app.extensions["socketio"])
    worker.start(app, app.extensions["socketio"])
    keeping.start(app, app.extensions["socketio"])
    current.start(app, app.extensions["socketio"])
    app.wsgi_app = readers.Readers(app.wsgi_app)  # type: ignore[method-assign]
    # What start-up made stays for good. Looking through all of it for garbage would stop every
    # request for a tenth of a second each time.
    gc.collect()
    gc.freeze()
    return app
