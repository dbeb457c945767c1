"""Figures come from a process of their own, and from the serving one where that does not answer."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from queueapp import readers
from tests.servers import WebProcess, wait_until

FIGURES = "/api/v1/statistics?by=office"


def descendants(pid: int) -> dict[int, str]:
    """The processes below one, with their commands."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            found |= {int(child): command, **descendants(int(child))}
    return found


def reader_of(web: WebProcess) -> int | None:
    found = [pid for pid, command in descendants(web.pid).items() if "queueapp.readers" in command]
    return found[-1] if found else None


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.fixture(params=["embedded", pytest.param("scaled", marks=pytest.mark.postgres)])
def web(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WebProcess]:
    """A serving process: threads on SQLite, or gevent on PostgreSQL and Redis."""
    env = {"QUEUEAPP_VAR": str(tmp_path / "var"), "QUEUEAPP_TRIAL": "1"}
    if request.param == "scaled":
        env["QUEUEAPP_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        env["QUEUEAPP_REDIS_URL"] = request.getfixturevalue("redis_url")
    web = WebProcess(env)
    web.cli("init")
    with web:
        yield web


@pytest.fixture
def manager(web: WebProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {web.cli('token', 'maria')}"}
    with httpx.Client(base_url=web.url, headers=headers, timeout=30) as client:
        yield client


def reading(web: WebProcess, manager: httpx.Client) -> int:
    """The reader's process, once it answers."""
    asked_before = manager.get(FIGURES)
    assert asked_before.status_code == 200
    sockets = Path("/proc/net/unix")
    wait_until(lambda: "kolapp-reader" in sockets.read_text(), "the reader")
    reader = reader_of(web)
    assert reader is not None
    return reader


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(answer: httpx.Response) -> Any:
    return {name: value for name, value in answer.json().items() if name != "made_at"}


def test_figures_come_from_the_reader_and_are_the_same(
    web: WebProcess, manager: httpx.Client
) -> None:
    from_here = manager.get(FIGURES)
    reader = reading(web, manager)
    before = processor_s(reader)
    from_there = [manager.get(FIGURES) for _ in range(5)]
    assert processor_s(reader) > before
    assert {one.status_code for one in from_there} == {200}
    assert told(from_there[-1]) == told(from_here)
    assert from_there[-1].headers["Content-Security-Policy"]


def test_whoever_may_not_see_figures_is_refused_by_the_reader_too(
    web: WebProcess, manager: httpx.Client
) -> None:
    reading(web, manager)
    refused = httpx.get(web.url + FIGURES)
    assert refused.status_code == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    page = httpx.get(web.url + "/statistics", headers={"Accept": "text/html"})
    assert page.status_code == 302
    assert page.headers["Location"].startswith("/sign-in")


def test_nothing_of_one_who_asks_reaches_the_next(web: WebProcess, manager: httpx.Client) -> None:
    reading(web, manager)
    first = manager.get("/statistics?lang=en")
    assert "session=" in first.headers["Set-Cookie"]
    token = manager.headers["Authorization"]
    other = httpx.get(
        web.url + "/statistics", headers={"Authorization": token, "Accept-Language": "sv"}
    )
    assert '<html lang="sv"' in other.text
    assert httpx.get(web.url + FIGURES).status_code == 401


def test_a_reader_that_ends_is_not_missed(web: WebProcess, manager: httpx.Client) -> None:
    os.kill(reading(web, manager), signal.SIGKILL)
    assert [manager.get(FIGURES).status_code for _ in range(3)] == [200] * 3


def test_the_reader_ends_with_the_process_that_began_it(
    web: WebProcess, manager: httpx.Client
) -> None:
    reader = reading(web, manager)
    serving = next(pid for pid in descendants(web.pid))
    os.kill(web.pid, signal.SIGKILL)
    os.kill(serving, signal.SIGKILL)
    wait_until(lambda: gone(reader), "the reader's end")


def environ(path: str, method: str = "GET", **more: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "RAW_URI": path,
        "REMOTE_ADDR": "192.0.2.7",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "kolapp.example",
        "wsgi.url_scheme": "http",
        **more,
    }


def asked_of(monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Any], **asked: Any) -> str:
    """Who answers: ``here`` or ``there``, where the reader does as told."""

    class Reader:
        ended, ready = False, True

        def ask(self, environ: dict[str, Any]) -> httpx.Response:
            return ask()

    monkeypatch.setattr(readers, "_Reader", Reader)
    wsgi = readers.Readers(lambda environ, start: [b"here"])
    answers = [wsgi(environ(**asked), lambda *_: None) for _ in range(2)]
    return b"".join(answers[-1]).decode()


def there() -> httpx.Response:
    return httpx.Response(200, text="there")


def unreachable() -> httpx.Response:
    raise httpx.ConnectError("gone")


@pytest.mark.parametrize(
    "path",
    [
        "/statistics",
        "/statistics.csv",
        "/statistics/heat",
        "/statistics/report.pdf",
        "/statistics/report/summary.pdf",
        "/api/v1/statistics",
        "/open-data/catalog.ttl",
    ],
)
def test_the_reader_is_asked_for_figures(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert asked_of(monkeypatch, there, path=path) == "there"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/statistics/costs", "GET"),
        ("/statistics/costs", "POST"),
        ("/statistics/forecast", "GET"),
        ("/statistics", "POST"),
        ("/api/v1/counters/varby-1/next", "POST"),
    ],
)
def test_the_reader_is_asked_for_nothing_else(
    monkeypatch: pytest.MonkeyPatch, path: str, method: str
) -> None:
    assert asked_of(monkeypatch, there, path=path, method=method) == "here"


def test_where_the_reader_cannot_be_reached_the_serving_process_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert asked_of(monkeypatch, unreachable, path="/statistics") == "here"


def test_a_reader_that_ended_is_not_begun_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    class Ended:
        ended, ready = True, False

        def __init__(self) -> None:
            begun.append(time.monotonic())

    monkeypatch.setattr(readers, "_Reader", Ended)
    wsgi = readers.Readers(lambda environ, start: [b"here"])
    for _ in range(5):
        wsgi(environ("/statistics"), lambda *_: None)
    assert len(begun) == 1


def test_the_reader_is_told_who_asks_after_what_the_request_says_itself() -> None:
    sent = readers._headers(environ("/statistics", HTTP_X_FORWARDED_FOR="203.0.113.1"))
    assert sent["X-Forwarded-For"] == "203.0.113.1, 192.0.2.7"
    assert sent["X-Forwarded-Host"] == "kolapp.example"
