"""Servers for the tests, started once per run and only when a test asks for them.

Where one cannot be had, the tests that need it are skipped and the run says so at its end; with
CI=true they fail instead, so that a green run there never means less than it seems to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests import servers
from tests.servers import MissingServerError, PostgresServer, RedisServer, WebProcess

MARK_OF_FIXTURE = {"postgres": "postgres", "redis_server": "redis", "chromium_path": "browser"}
LACKING = "NOT TESTED: "


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's marks follow from what it asks for, so that `-m "not postgres"` can be trusted."""
    for item in items:
        for fixture, mark in MARK_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # From the reports, which come from whichever process ran the test.
    said = {str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())}
    missing = {one.partition(LACKING)[2].rstrip("')") for one in said if LACKING in one}
    if missing:
        terminalreporter.section("NOT TESTED HERE", red=True)
        for reason in sorted(missing):
            terminalreporter.line(reason)


def do_without(lack: MissingServerError) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true, and {lack}", pytrace=False)
    pytest.skip(f"{LACKING}{lack}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except MissingServerError as lack:
        do_without(lack)
    with server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database that only this test uses."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    try:
        server = RedisServer()
    except MissingServerError as lack:
        do_without(lack)
    with server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis, running even if the test before had stopped it."""
    redis_server.start()
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return program(servers.chromium)


@pytest.fixture(scope="session")
def nginx_path() -> str:
    return program(servers.nginx)


def program(find: Callable[[], str]) -> str:
    try:
        return find()
    except MissingServerError as lack:
        do_without(lack)


@pytest.fixture
def start_web() -> Iterator[Callable[[Mapping[str, str]], WebProcess]]:
    """Starts `queueapp run` with the settings given; every one started is stopped at the end."""
    with ExitStack() as stack:
        yield lambda env: stack.enter_context(WebProcess(env))
