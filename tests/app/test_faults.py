"""Real processes, real sockets, and the plug pulled."""

import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from queueapp import configuration, create_app
from queueapp.demo import years
from queueapp.demo.past import Past
from queueapp.models import db
from tests import builders
from tests.builders import SERVICE
from tests.servers import RedisServer, WebProcess

Start = Callable[[dict[str, str]], WebProcess]


def prepared(env: dict[str, str]) -> WebProcess:
    web = WebProcess({"QUEUEAPP_TRIAL": "1", **env})
    web.cli("init")
    return web


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"QUEUEAPP_VAR": str(tmp_path / "var")}


@pytest.fixture
def scaled(
    env: dict[str, str], postgres_url: str, redis_url: str
) -> Iterator[tuple[WebProcess, WebProcess]]:
    """Two web processes on one PostgreSQL and one Redis."""
    env |= {"QUEUEAPP_DATABASE_URL": postgres_url, "QUEUEAPP_REDIS_URL": redis_url}
    with prepared(env) as one, WebProcess({"QUEUEAPP_TRIAL": "1", **env}) as two:
        yield one, two


@pytest.fixture
def embedded(env: dict[str, str]) -> Iterator[WebProcess]:
    with prepared(env) as web:
        yield web


def staff(web: WebProcess, name: str = "anna") -> httpx.Client:
    headers = {"Authorization": f"Bearer {web.cli('token', name)}"}
    return httpx.Client(base_url=web.url, headers=headers, timeout=10)


def issue(client: httpx.Client, key: str | None = None, office: str = "varby") -> httpx.Response:
    body = {
        "request_key": key or secrets.token_urlsafe(12),
        "service": SERVICE,
        "languages": ["sv"],
    }
    return client.post(f"/api/v1/offices/{office}/tickets", json=body)


class Screen:
    """A Socket.IO client that remembers what it was sent."""

    def __init__(self, web: WebProcess, what: dict[str, str], token: str | None = None) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.client = socketio.Client(reconnection=False)
        for name in ("snapshot", "event", "refused"):
            self.client.on(
                name, lambda body, name=name: self.got.append((name, body)), namespace="/live"
            )
        self.client.connect(
            web.url,
            namespaces=["/live"],
            transports=["websocket"],
            auth={"token": token} if token else None,
        )
        self.client.emit("watch", what, namespace="/live")

    def wait(self, ready: Callable[[], bool], seconds: float = 5.0) -> None:
        until = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < until, f"not within {seconds} s: {self.got[-2:]}"
            time.sleep(0.01)

    def first(self) -> tuple[str, dict[str, Any]]:
        self.wait(lambda: bool(self.got))
        return self.got[0]

    def events(self) -> list[dict[str, Any]]:
        return [body for name, body in self.got if name == "event"]

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.disconnect()


def test_a_display_gets_a_snapshot_and_then_every_event_in_order(embedded: WebProcess) -> None:
    anna = staff(embedded)
    issue(anna)
    with Screen(embedded, {"office": "varby"}) as display:
        name, snapshot = display.first()
        assert (name, snapshot["waiting"], snapshot["seq"]) == ("snapshot", 1, 1)
        anna.put("/api/v1/counters/varby-1", json={"state": "open"})
        called = anna.post("/api/v1/counters/varby-1/next").json()
        display.wait(lambda: len(display.events()) == 2)
        opened, call = display.events()
        assert [opened["seq"], call["seq"], call["prev"]] == [2, 3, 2]
        assert call["call"]["number"] == called["number"]
        assert call["waiting"] == 0


def test_a_display_is_told_nothing_of_an_invented_past(
    embedded: WebProcess, env: dict[str, str]
) -> None:
    anna, var = staff(embedded), Path(env["QUEUEAPP_VAR"])
    writer = create_app(builders.settings(f"sqlite:///{var / 'queueapp.sqlite3'}", var))
    with Screen(embedded, {"office": "varby"}) as display:
        display.first()
        with writer.app_context():
            past = Past(configuration.current(), dt.date(2025, 3, 3), dt.date(2025, 3, 4), seed=1)
            with years.writing(past, jobs=1) as days:
                number = sum(days)
            db.engine.dispose()
        issue(anna)
        display.wait(lambda: bool(display.events()))
        (told,) = display.events()
        assert (told["type"], told["waiting"], told["invented"]) == ("ticket-issued", 1, True)
        assert told["seq"] > number


def test_a_counter_is_shown_to_staff_only(embedded: WebProcess) -> None:
    with Screen(embedded, {"counter": "varby-1"}) as stranger:
        name, problem = stranger.first()
        assert (name, problem["type"]) == ("refused", "/problems/forbidden")
    with Screen(embedded, {"counter": "varby-1"}, embedded.cli("token", "anna")) as anna:
        assert anna.first()[0] == "snapshot"


@pytest.mark.parametrize(
    "what", [{"office": "no-such"}, {"ticket": "no-such"}, {}, {"office": 1}, "varby", None]
)
def test_a_watch_that_makes_no_sense_is_refused_and_nothing_else(
    embedded: WebProcess, what: Any
) -> None:
    with Screen(embedded, what) as screen:
        assert screen.first()[0] == "refused"


def test_a_visitors_phone_follows_its_own_ticket(embedded: WebProcess) -> None:
    anna = staff(embedded)
    ticket = issue(anna).json()
    with Screen(embedded, {"ticket": ticket["token"]}) as phone:
        assert phone.first()[1]["number"] == ticket["number"]
        anna.put("/api/v1/counters/varby-1", json={"state": "open"})
        anna.post("/api/v1/counters/varby-1/next")
        phone.wait(lambda: any(event["state"] == "called" for event in phone.events()))
        assert phone.events()[-1]["counter"] == "varby-1"


def test_what_one_process_does_the_others_screens_show_at_once(
    scaled: tuple[WebProcess, WebProcess],
) -> None:
    one, two = scaled
    anna = staff(one)
    with Screen(two, {"office": "varby"}) as display:
        display.first()
        time.sleep(1.2)  # past the follower's own look, so that only the bell can be this quick
        began = time.monotonic()
        issue(anna)
        display.wait(lambda: bool(display.events()), seconds=0.8)
        assert time.monotonic() - began < 0.8


def test_without_redis_tickets_are_issued_and_called_and_displays_catch_up(
    scaled: tuple[WebProcess, WebProcess], redis_server: RedisServer
) -> None:
    one, two = scaled
    anna = staff(one)
    with Screen(two, {"office": "varby"}) as display:
        display.first()
        redis_server.stop()
        anna.put("/api/v1/counters/varby-1", json={"state": "open"})
        for _ in range(5):
            ticket = issue(anna)
            assert ticket.status_code == 201
            assert anna.post("/api/v1/counters/varby-1/next").json()["id"] == ticket.json()["id"]
            anna.post(f"/api/v1/tickets/{ticket.json()['id']}/no-show")
        display.wait(lambda: len(display.events()) == 16)
        assert httpx.get(f"{one.url}/readyz").json()["redis"] == "away"
        redis_server.start()
        issue(anna)
        display.wait(lambda: len(display.events()) == 17)
        assert [event["seq"] for event in display.events()] == list(range(1, 18))


def load_until_killed(web: WebProcess, headers: dict[str, str]) -> dict[str, str]:
    """Issue from four threads until the process is killed; the acknowledged, number by key."""
    acknowledged: dict[str, str] = {}

    def work() -> None:
        with httpx.Client(base_url=web.url, headers=headers, timeout=10) as client:
            while True:
                key = secrets.token_urlsafe(12)
                try:
                    answer = issue(client, key)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    acknowledged[key] = answer.json()["number"]

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    web.kill9()
    for thread in threads:
        thread.join()
    return acknowledged


def check_nothing_lost(web: WebProcess, headers: dict[str, str], kept: dict[str, str]) -> None:
    assert len(kept) > 20
    with httpx.Client(base_url=web.url, headers=headers, timeout=10) as client:
        for key, number in kept.items():
            again = issue(client, key)
            assert (again.status_code, again.json()["number"]) == (200, number)
    assert len(set(kept.values())) == len(kept)


def test_a_process_killed_in_mid_load_on_sqlite_has_lost_no_ticket(embedded: WebProcess) -> None:
    headers = {"Authorization": f"Bearer {embedded.cli('token', 'anna')}"}
    kept = load_until_killed(embedded, headers)
    embedded.start()
    check_nothing_lost(embedded, headers, kept)


def test_a_process_killed_in_mid_load_on_postgresql_has_lost_no_ticket(
    scaled: tuple[WebProcess, WebProcess],
) -> None:
    one, two = scaled
    headers = {"Authorization": f"Bearer {one.cli('token', 'anna')}"}
    kept = load_until_killed(one, headers)
    check_nothing_lost(two, headers, kept)
    one.start()
    check_nothing_lost(one, headers, kept)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUEUEAPP_PORT", "eighty"),
        ("QUEUEAPP_DATABASE_URL", "mysql://x"),
        ("QUEUEAPP_REDIS_URL", "http://x"),
        ("QUEUEAPP_TRIAL", "perhaps"),
        ("QUEUEAPP_SECRET_KEY", "short"),
    ],
)
def test_a_bad_setting_is_refused_by_name_at_start(
    env: dict[str, str], name: str, value: str
) -> None:
    web = WebProcess(env)
    web.env |= {name: value}
    with pytest.raises(RuntimeError, match=name):
        web.cli("init")
    web.close()
