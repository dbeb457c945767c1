"""Real PostgreSQL, Redis and Kölapp processes for the tests, each on a free port.

Every server here is a context manager, keeps its files in a folder of its own, listens on the
loopback address only and is stopped by its process id whatever happens in between.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

import psycopg
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import URL

START_SECONDS = 30
STOP_SECONDS = 15
LOCALHOST = "127.0.0.1"
ROOT = Path(__file__).parent.parent


class MissingServerError(Exception):
    """The server cannot be had on this machine; the text says what to do about it."""


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Process:
    """One started program: its log, and an end that always comes."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.log = log
        self._ended = False
        with log.open("ab") as out:
            # A session of its own: Ctrl-C in the terminal must not end the server before the
            # test, and the program's own children can be ended together with it.
            self._popen = subprocess.Popen(
                [*_tied_to_us(), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                start_new_session=True,
                **_as_user(user),
            )
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def running(self) -> bool:
        return self._popen.poll() is None

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    def wait_ready(self, ready: Callable[[], bool], what: str) -> None:
        """Returns when it is ready; ends it, and shows its log, when that does not come."""

        def ready_or_dead() -> bool:
            return not self.running() or ready()

        try:
            wait_until(ready_or_dead, what)
        except TimeoutError as late:
            self.kill()
            raise RuntimeError(f"{late}. Its log ends:\n{self.tail()}") from late
        if not self.running():
            status = self._popen.returncode
            raise RuntimeError(f"{what}: ended with {status}. Its log ends:\n{self.tail()}")

    def stop(self, polite: signal.Signals = signal.SIGTERM) -> None:
        if self.running():
            self._popen.send_signal(polite)
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Like `kill -9`, for the process and all it started."""
        if self._ended:  # by now the number may be another process's
            return
        self._ended = True
        atexit.unregister(self.kill)
        # The group can outlive its leader (a worker whose master is gone).
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait(STOP_SECONDS)


def _tied_to_us() -> list[str]:
    """Has the kernel end the program if the tests are killed and cannot do it themselves.

    The kernel watches the starting *thread*, so this is only for the main thread: a server that
    a test starts from a passing thread must outlive that thread.
    """
    setpriv = shutil.which("setpriv")
    if setpriv and threading.current_thread() is threading.main_thread():
        return [setpriv, "--pdeathsig", "TERM"]
    return []


def _as_user(name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    who = pwd.getpwnam(name)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


class PostgresServer:
    """A PostgreSQL cluster of its own, durable as in production (fsync is on)."""

    superuser = "queueapp"

    def __init__(self) -> None:
        self._bin = _postgres_binaries()
        self._user = _unprivileged_user()
        self._password = secrets.token_urlsafe(16)
        self._process: Process | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="queueapp-postgres-"))
        try:
            self._create_cluster()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Starts it; a second time on the same port and with the same data."""
        self.port = self.port or free_port()
        settings = {
            "listen_addresses": LOCALHOST,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._process = Process(
            [str(self._bin / "postgres"), "-D", str(self.folder / "data"), *options],
            log=self.folder / "log",
            user=self._user,
        )
        self._process.wait_ready(self._answers, "PostgreSQL")

    def stop(self) -> None:
        if self._process is not None:
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
            self._process.stop(signal.SIGINT)
            self._process = None

    def url(self, database: str) -> str:
        url = URL.create(
            "postgresql+psycopg",
            username=self.superuser,
            password=self._password,
            host=LOCALHOST,
            port=self.port,
            database=database,
        )
        return url.render_as_string(hide_password=False)

    def create_database(self) -> str:
        """A fresh empty database; returns its name."""
        name = f"test_{secrets.token_hex(6)}"
        self._administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        # FORCE: a process that a test killed may have left connections behind.
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create_cluster(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self._password)
        if self._user:
            shutil.chown(self.folder, self._user)
            shutil.chown(password_file, self._user)
        subprocess.run(
            [
                str(self._bin / "initdb"),
                f"--pgdata={self.folder / 'data'}",
                f"--username={self.superuser}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **_as_user(self._user),
        )

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=LOCALHOST,
            port=self.port,
            user=self.superuser,
            password=self._password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=START_SECONDS,
        )

    def _administer(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _postgres_binaries() -> Path:
    # Debian keeps each major version's programs in a folder of its own, off the search path.
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(debian, key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise MissingServerError("no PostgreSQL server: apt-get install postgresql")


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root, so there it gets Debian's user for it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise MissingServerError("PostgreSQL does not run as root, and there is no other user")


class RedisServer:
    """A Redis that keeps nothing; a test can take it away with `stop()`, and `start()` it again."""

    def __init__(self) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise MissingServerError("no Redis server: apt-get install redis-server")
        self._binary = binary
        self._process: Process | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="queueapp-redis-"))
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"redis://{LOCALHOST}:{self.port}/0"

    def running(self) -> bool:
        return self._process is not None and self._process.running()

    def start(self) -> None:
        """Starts it; a second time on the same port, and empty."""
        if self.running():
            return
        self.port = self.port or free_port()
        command = [self._binary, "--bind", LOCALHOST, "--port", str(self.port)]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self._process = Process(command, log=self.folder / "log")
        self._process.wait_ready(self._answers, "Redis")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def client(self) -> redis.Redis:
        """A connection that fails at once when Redis is away, instead of trying for seconds."""
        return redis.Redis.from_url(self.url, retry=Retry(NoBackoff(), 0))

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class WebProcess:
    """One `queueapp run`, as in production: a process of its own, reached over HTTP.

    with WebProcess({"QUEUEAPP_DATABASE_URL": url}) as web:
        httpx.get(web.url + "/readyz")
        web.kill9()
        web.start()  # the same port, the same settings
    """

    def __init__(
        self, env: Mapping[str, str], *, command: Sequence[str] = ("queueapp", "run")
    ) -> None:
        self.command = [_beside_python(command[0]), *command[1:]]
        self.folder = Path(tempfile.mkdtemp(prefix="queueapp-web-"))
        self.log = self.folder / "log"
        self.port = int(env.get("QUEUEAPP_PORT") or free_port())
        self.env = clean_environment() | {
            "QUEUEAPP_HOST": LOCALHOST,
            **env,
            "QUEUEAPP_PORT": str(self.port),
        }
        self._process: Process | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"http://{LOCALHOST}:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the web process is not running")
        return self._process.pid

    def start(self) -> None:
        """Starts it and waits until it says that it can serve."""
        self.spawn()
        self.wait_ready()

    def spawn(self) -> None:
        """Starts it without waiting, for a test that starts several at once."""
        self._process = Process(self.command, log=self.log, env=self.env)

    def wait_ready(self) -> None:
        if self._process is None:
            raise RuntimeError("the web process is not running")
        self._process.wait_ready(lambda: _status(f"{self.url}/readyz") == 200, "queueapp run")

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill9(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None

    def logs(self) -> str:
        return self.log.read_text(errors="replace")

    def cli(self, *args: str) -> str:
        """What `queueapp ARGS` prints, run with the same settings."""
        done = subprocess.run(
            [_beside_python("queueapp"), *args],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"queueapp {' '.join(args)}: {done.stderr or done.stdout}")
        return done.stdout.strip()


def start_nginx(
    binary: str,
    port: int,
    web: Mapping[str, WebProcess],
    folder: Path,
    certificate: tuple[Path, Path] | None = None,
) -> Process:
    """nginx with the proxy's own configuration, but for addresses and its folder.

    With a `certificate` (and its key) it ends HTTPS itself, as a proxy in front of it would.
    """
    own = folder / "nginx"
    own.mkdir()
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    listen = f"listen {LOCALHOST}:{port}"
    if certificate:
        listen += f" ssl; ssl_certificate {certificate[0]}; ssl_certificate_key {certificate[1]}"
    text = text.replace("/tmp/", f"{own}/").replace("listen 8080", listen)  # noqa: S108
    # Its own log is the file that the process writes to; what it says of visitors goes beside it.
    text = text.replace("/dev/stdout", f"{own}/access").replace("/dev/stderr", "stderr")
    for name, process in web.items():
        text = text.replace(f"{name}:8000", f"{LOCALHOST}:{process.port}")
    # Started as root, nginx would hand its work to a user who cannot enter the folder.
    text = "user root;\n" + text if Path("/proc/self").stat().st_uid == 0 else text
    (own / "nginx.conf").write_text(text)
    command = [binary, "-e", "stderr", "-p", str(own), "-c", str(own / "nginx.conf")]
    return Process([*command, "-g", "daemon off;"], log=own / "log", env=clean_environment())


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for the loopback address that nobody vouches for, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise MissingServerError("no openssl: apt-get install openssl")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{LOCALHOST}"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def clean_environment() -> dict[str, str]:
    """The environment without the developer's own Kölapp settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QUEUEAPP_")}


def _beside_python(program: str) -> str:
    """The program in the environment that the tests run in, active in the shell or not."""
    # Not resolved: in a virtual environment `python` is a link to somewhere else.
    path = Path(sys.executable).parent / program
    if path.exists():
        return str(path)
    raise MissingServerError(f"{path} is missing: make install")


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (our own http URL)
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def chromium() -> str:
    return _program("Chromium", "chromium", "chromium", "chromium-browser", "google-chrome")


def nginx() -> str:
    return _program("nginx", "nginx", "nginx", "/usr/sbin/nginx")


def _program(name: str, package: str, *candidates: str) -> str:
    for candidate in candidates:
        path = shutil.which(candidate)
        if path:
            return path
    raise MissingServerError(f"no {name}: apt-get install {package}")
