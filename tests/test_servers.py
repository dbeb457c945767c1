"""The servers that the other tests stand on are real, separate, and always stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import servers
from tests.servers import MissingServerError, PostgresServer, Process, RedisServer, wait_until

ROOT = Path(__file__).parent.parent


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z" not in stat.read_text()


def tables(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        )
    engine.dispose()
    return int(found or 0)


class TestPostgres:
    def test_each_test_gets_an_empty_database_of_its_own(self, postgres: PostgresServer) -> None:
        first, second = postgres.create_database(), postgres.create_database()
        with psycopg.connect(plain(postgres.url(first))) as connection:
            connection.execute("CREATE TABLE visit ()")
        assert tables(postgres.url(first)) == 1
        assert tables(postgres.url(second)) == 0
        postgres.drop_database(first)
        postgres.drop_database(second)

    def test_is_durable_as_in_production(self, postgres_url: str) -> None:
        with psycopg.connect(plain(postgres_url)) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                row = connection.execute(f"SHOW {setting}").fetchone()
                assert row == ("on",), setting

    def test_is_closed_to_those_without_its_password(self, postgres_url: str) -> None:
        stranger = make_url(postgres_url).set(password="wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(plain(stranger.render_as_string(hide_password=False)))

    def test_a_database_is_dropped_though_someone_is_connected(
        self, postgres: PostgresServer
    ) -> None:
        name = postgres.create_database()
        with psycopg.connect(plain(postgres.url(name))) as left_behind:
            postgres.drop_database(name)
            with pytest.raises(psycopg.OperationalError):
                left_behind.execute("SELECT 1")


class TestRedis:
    def test_taken_away_and_given_back_it_has_the_same_address(
        self, redis_server: RedisServer, redis_url: str
    ) -> None:
        client = redis_server.client()
        assert client.ping()
        redis_server.stop()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        redis_server.start()
        assert redis_server.url == redis_url
        assert client.ping()
        client.close()

    def test_is_empty_for_the_next_test(self, redis_url: str) -> None:
        with redis.Redis.from_url(redis_url) as client:
            assert client.dbsize() == 0
            client.set("left", "behind")


class TestProcess:
    def test_is_ended_though_it_will_not_listen(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(servers, "STOP_SECONDS", 1)
        deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)"
        process = Process([sys.executable, "-c", f"{deaf}; time.sleep(99)"], tmp_path / "log")
        wait_until(lambda: "up" in process.tail(), "the deaf one")
        process.stop()
        assert not is_alive(process.pid)

    def test_takes_those_it_started_with_it(self, tmp_path: Path) -> None:
        process = Process(["/bin/sh", "-c", "sleep 99 & echo $!; wait"], tmp_path / "log")
        wait_until(lambda: process.tail().strip().isdigit(), "the child's number")
        process.kill()
        wait_until(lambda: not is_alive(int(process.tail())), "the child's end")

    def test_that_does_not_start_shows_its_log(self, tmp_path: Path) -> None:
        broken = Process(["/bin/sh", "-c", "echo no such database; exit 3"], tmp_path / "log")
        with pytest.raises(RuntimeError, match=r"(?s)ended with 3.*no such database"):
            broken.wait_ready(lambda: False, "it")

    def test_outlives_the_thread_that_started_it(self, tmp_path: Path) -> None:
        started: list[Process] = []

        def start() -> None:
            started.append(Process(["/bin/sleep", "99"], tmp_path / "log"))

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        assert started[0].running()
        started[0].kill()

    def test_ends_when_the_tests_are_killed(self, tmp_path: Path) -> None:
        script = (
            "import pathlib, sys; from tests.servers import Process;"
            "server = Process(['/bin/sleep', '99'], pathlib.Path(sys.argv[1]));"
            "print(server.pid, flush=True); sys.stdin.read()"
        )
        tests = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "log")],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with tests:
            assert tests.stdout is not None
            server = int(tests.stdout.readline())
            tests.kill()
        wait_until(lambda: not is_alive(server), "the server's end")


class TestMissingServer:
    """Skipping must be seen, and must not happen where a green run is taken as proof."""

    def run(self, tmp_path: Path, ci: str) -> str:
        (tmp_path / "test_it.py").write_text("def test_it(redis_url): pass\n")
        env = {**os.environ, "CI": ci, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-rs", str(tmp_path)]
        return subprocess.run(
            [*command, f"--rootdir={tmp_path}", "-p", "no:cacheprovider"],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    def test_is_a_loud_skip(self, tmp_path: Path) -> None:
        printed = self.run(tmp_path, ci="")
        assert "1 skipped" in printed
        assert "NOT TESTED HERE" in printed
        assert "no Redis server: apt-get install redis-server" in printed

    def test_is_a_failure_in_ci(self, tmp_path: Path) -> None:
        printed = self.run(tmp_path, ci="true")
        assert "1 error" in printed
        assert "CI=true, and no Redis server" in printed


def test_a_program_that_is_not_installed_is_named() -> None:
    with pytest.raises(MissingServerError, match="make install"):
        servers._beside_python("no-such-program")


def test_kolapps_own_settings_do_not_leak_into_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUEAPP_DATABASE_URL", "postgresql+psycopg://production/")
    assert "QUEUEAPP_DATABASE_URL" not in servers.clean_environment()


def plain(url: str) -> str:
    """The address as libpq wants it, without SQLAlchemy's name for the driver."""
    return url.replace("+psycopg", "", 1)
