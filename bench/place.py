"""A Kölapp to measure: its database filled as wanted, its processes started, nothing left after."""

import datetime as dt
import itertools
import random
import re
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    create_engine,
    delete,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)

from bench.client import Conversation, request, talk
from queueapp import database, municipality
from queueapp.config import HUDDINGE
from queueapp.core.events import TicketLeft, TicketResumed
from queueapp.core.matching import Way, Wish
from queueapp.core.ticket import OPEN
from queueapp.models import Line, Ticket, TicketEvent
from tests.servers import PostgresServer, RedisServer, WebProcess

OFFICES = ("sjodalsvagen", "skogas", "varby")
HUDDINGE_COUNTERS = {"sjodalsvagen": 5, "skogas": 4, "varby": 3}
# What visitors come for: eight services in three language wishes, two dozen classes an office.
SERVICES = (
    "forskola-skola", "bygglov", "bostad", "avfall", "felanmalan", "faktura", "e-tjanst", "ovrigt",
)  # fmt: skip
LANGUAGES = (("sv",), ("en",), ("sv", "en"))
# Tickets of yesterday would be ended, and the day begins where Kölapp is and not where this runs.
ZONE = municipality.load(HUDDINGE).zone
# Speaks Swedish and English and serves everything, so that she can call every one of these.
STAFF = "anna"

_numbers = itertools.count(1)


@dataclass
class Place:
    """One installation: where its processes listen, and a staff token."""

    ports: list[int]
    pids: list[int]
    token: str
    database_url: str
    engine: Engine
    postgres: PostgresServer | None
    var: Path
    cli: Callable[..., str]

    def counters(self) -> list[str]:
        with self.engine.connect() as connection:
            found = connection.execute(text("SELECT code FROM counter ORDER BY code"))
            return list(found.scalars())

    def open(self, counters: Sequence[str]) -> None:
        """Sit down at ``counters``."""

        def sit(codes: Sequence[str]) -> Conversation:
            for code in codes:
                yield request("PUT", f"/api/v1/counters/{code}", self.token, {"state": "open"})

        talk([(self.ports[0], sit(counters))])

    def empty(self) -> None:
        """Nobody waits and nobody is at a counter."""
        with self.engine.begin() as connection:
            gone = Ticket.state.in_(OPEN)
            _log(connection, TicketLeft.type, gone, {"reason": "closing"})
            connection.execute(delete(Ticket).where(gone))

    def ask(self, question: str) -> int:
        """The one number that answers an SQL question."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(question)).scalar_one())

    def run(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def fill(self, waiting: int, offices: Sequence[str] = OFFICES) -> None:
        """Let ``waiting`` more visitors wait, evenly over ``offices``, services and languages."""
        fill(self.engine, waiting, offices)


def fill(engine: Engine, waiting: int, offices: Sequence[str] = OFFICES) -> None:
    """Let ``waiting`` visitors wait, as many of each class, the classes by turns."""
    wishes = [
        Wish(office, service, languages, Way.HERE)
        for service in SERVICES
        for languages in LANGUAGES
        for office in offices
    ]
    now = time.time()
    rows = [
        _waiting(wish, now - waiting + place)
        for place, wish in zip(range(waiting), itertools.cycle(wishes), strict=False)
    ]
    with engine.begin() as connection:
        new = Ticket.id > (connection.execute(select(func.max(Ticket.id))).scalar() or 0)
        connection.execute(insert(Ticket.__table__), rows)
        _log(connection, TicketResumed.type, new, {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What the database does by itself within a minute of such a change.
        vacuum = "VACUUM ANALYZE ticket" if engine.dialect.name == "postgresql" else "ANALYZE"
        connection.execute(text(vacuum))


def _log(
    connection: Connection, type_: str, which: ColumnElement[bool], data: dict[str, str]
) -> None:
    """Say in the log what is done aside to those tickets: the processes know them from there."""
    seq = connection.execute(select(Line.seq)).scalar_one()
    tickets = connection.execute(select(Ticket.id, Ticket.office, Ticket.counter).where(which))
    shared = {"at": time.time(), "type": type_, "data": data, "invented": False}
    rows = [
        {"seq": number, "ticket": row.id, "office": row.office, "counter": row.counter, **shared}
        for number, row in enumerate(tickets, start=seq + 1)
    ]
    if rows:
        connection.execute(insert(TicketEvent), rows)
        connection.execute(update(Line).values(seq=rows[-1]["seq"]))


def _waiting(wish: Wish, at: float) -> dict[str, object]:
    number = next(_numbers)
    return {
        "request_key": secrets.token_urlsafe(12),
        "token": secrets.token_urlsafe(16),
        "number": f"Z{number}",
        "day": dt.datetime.now(ZONE).date().isoformat(),
        "state": "waiting",
        "class_key": wish.key,
        "office": wish.office,
        "service": wish.service,
        "languages": list(wish.languages),
        "way": wish.way,
        "channel": "kiosk",
        "credit_s": 0,
        "leg": 1,
        "arrived_at": at,
        "invented": False,
    }


def ask_for_tickets(token: str, times: int, seed: int) -> Iterator[bytes]:
    """Requests that each issue a ticket, of mixed services and languages."""
    choose = random.Random(seed)
    for _ in range(times):
        yield request(
            "POST",
            f"/api/v1/offices/{choose.choice(OFFICES)}/tickets",
            token,
            {
                "request_key": secrets.token_urlsafe(12),
                "service": choose.choice(SERVICES),
                "languages": choose.choice(LANGUAGES),
            },
        )


@contextmanager
def installation(
    *, scale: bool, processes: int = 1, counters_per_office: int | None = None
) -> Iterator[Place]:
    """Kölapp as it is delivered: ``scale`` is PostgreSQL, Redis and gevent; else the embedded."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="queueapp-bench-")))
        env = {"QUEUEAPP_TRIAL": "1", "QUEUEAPP_VAR": str(folder / "var")}
        if counters_per_office:
            env["QUEUEAPP_MUNICIPALITY"] = str(_with_counters(folder, counters_per_office))
        postgres = stack.enter_context(PostgresServer()) if scale else None
        if postgres:
            redis = stack.enter_context(RedisServer())
            env["QUEUEAPP_DATABASE_URL"] = postgres.url(postgres.create_database())
            env["QUEUEAPP_REDIS_URL"] = redis.url
        else:
            env["QUEUEAPP_DATABASE_URL"] = f"sqlite:///{folder / 'bench.sqlite3'}"
        webs = [WebProcess(env) for _ in range(processes)]
        for web in webs:
            stack.callback(web.close)
        webs[0].cli("init")
        token = webs[0].cli("token", STAFF)
        for web in webs:
            web.start()
        engine = _engine(env["QUEUEAPP_DATABASE_URL"])
        stack.callback(engine.dispose)
        ports, pids = [web.port for web in webs], [web.pid for web in webs]
        url = env["QUEUEAPP_DATABASE_URL"]
        yield Place(ports, pids, token, url, engine, postgres, folder / "var", webs[0].cli)


def _engine(url: str) -> Engine:
    if make_url(url).drivername != "sqlite":
        return create_engine(url)
    engine = create_engine(url, connect_args={"timeout": database.GIVE_UP_MS / 1000})
    return engine


def _with_counters(folder: Path, counters: int) -> Path:
    """Huddinge's configuration with that many counters in each office."""
    file = folder / "municipality.yaml"
    given = HUDDINGE.read_text()
    file.write_text(re.sub(r"^    counters: \d+$", f"    counters: {counters}", given, flags=re.M))
    municipality.load(file)
    return file


def pgbench(place: Place, script: str, seconds: int, clients: int) -> tuple[float, float]:
    """What the database itself does of ``script``: transactions a second, and mean latency."""
    assert place.postgres
    url = make_url(place.database_url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [
                "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1",
                f"--time={seconds}", f"--file={file.name}", f"--host={url.host}",
                f"--port={url.port}", f"--username={url.username}", str(url.database),
            ],
            env={"PGPASSWORD": str(url.password), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True, timeout=60 + seconds,
        )  # fmt: skip
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
    latency = re.search(r"^latency average = ([\d.]+)", done.stdout, re.M)
    assert rate, done.stdout
    assert latency, done.stdout
    return float(rate[1]), float(latency[1]) / 1000
