"""A demonstration played against a real server: what it leaves behind, and how it fails."""

import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from queueapp.config import HUDDINGE
from queueapp.demo import day
from queueapp.demo.ending import CannotPlay, Ending
from queueapp.municipality import Municipality, load
from tests.servers import WebProcess

OFFICES = {"sjodalsvagen", "skogas", "varby"}


class Played:
    """A service, and what can be seen of it by those who look after it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.web = WebProcess({"QUEUEAPP_TRIAL": "1", "QUEUEAPP_VAR": str(var)})
        self.web.cli("init")
        self._tokens: dict[str, str] = {}

    def token(self, name: str) -> str:
        if name not in self._tokens:
            self._tokens[name] = self.web.cli("token", name)
        return self._tokens[name]

    def get(self, path: str, name: str = "admin") -> Any:
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        return httpx.get(f"{self.web.url}/api/v1{path}", headers=headers).raise_for_status().json()

    def log(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = self.get(f"/events?after={rows[-1]['seq'] if rows else 0}")["events"]
            if not page:
                return rows
            rows += page

    def rows(self, query: str) -> list[Any]:
        connection = sqlite3.connect(self.var / "queueapp.sqlite3")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def demo(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [Path(sys.executable).parent / "queueapp", "demo", *args],
            env=self.web.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def tidy(played: Played) -> None:
    """What must hold when a demonstration has ended, by itself or early."""
    assert not played.rows("SELECT id FROM ticket WHERE state IN ('called', 'serving')")
    assert not played.rows("SELECT id FROM ticket WHERE state IN ('waiting', 'parked')")
    assert not played.rows("SELECT code FROM counter WHERE state != 'closed'")
    assert played.rows("SELECT count(*) FROM credential WHERE invented")[0][0] > len(OFFICES)
    assert not played.rows("SELECT id FROM credential WHERE invented AND revoked_at IS NULL")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A day that was played to its end."""
    played = Played(tmp_path_factory.mktemp("var"))
    with played.web:
        played.token("amira")  # whom the demonstration has at a counter too
        ended = played.demo("--speed", "900", "--hours", "2")
        out, err = ended.communicate(timeout=120)
        assert ended.returncode == 0, out + err
        yield played


def test_every_visit_is_marked_as_invented(played: Played) -> None:
    of_visits = [event for event in played.log() if event["ticket"] is not None]
    assert of_visits
    assert all(event["invented"] for event in of_visits)


def test_every_office_has_visits_and_has_served(played: Played) -> None:
    log = played.log()
    for type_ in ("ticket-issued", "ticket-called", "ticket-finished"):
        assert {event["office"] for event in log if event["type"] == type_} == OFFICES


def test_the_log_has_no_gap(played: Played) -> None:
    assert [event["seq"] for event in played.log()] == list(range(1, len(played.log()) + 1))


def test_the_screens_say_that_it_was_invented(played: Played) -> None:
    for office in OFFICES:
        assert played.get(f"/offices/{office}/display")["invented"]
    shown = played.get("/statistics?by=office", "maria")
    assert shown["invented_visits"] == shown["total"]["visits"] > 0
    assert shown["total"]["errands"] > 0


def test_nobody_is_left_and_nothing_stays_open(played: Played) -> None:
    tidy(played)


def test_a_persons_own_token_stays_valid(played: Played) -> None:
    assert played.get("/counters/varby-1", "amira")["state"] == "closed"


def until(happened: Callable[[], Any], seconds: float = 30.0) -> None:
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, f"not within {seconds} s"
        time.sleep(0.1)


def test_people_may_join_in_and_end_it_early(tmp_path: Path) -> None:
    played = Played(tmp_path / "var")
    opened = "SELECT count(*) FROM ticket_event WHERE type = 'counter-opened' AND office = 'varby'"
    called = "SELECT count(*) FROM ticket_event WHERE type = 'ticket-called' AND office = 'varby'"
    with played.web:
        playing = played.demo("--speed", "600", "--hours", "24")
        try:
            until(lambda: played.rows(called)[0][0] > 1)
            before = played.rows(opened)[0][0]
            played.web.cli("close-day", "varby")
            until(lambda: played.rows(opened)[0][0] > before)
            served = played.rows(called)[0][0]
            until(lambda: played.rows(called)[0][0] > served)
            playing.send_signal(signal.SIGINT)
            out, err = playing.communicate(timeout=60)
        finally:
            playing.kill()
            playing.wait()
        assert playing.returncode == 130, out + err
        assert "Ended early" in out
        assert "Traceback" not in err
        tidy(played)


def test_a_request_to_stop_waits_for_the_action_under_way() -> None:
    with Ending() as ending:
        ending.rest(0)
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            ending.rest(60)


def test_who_asks_twice_to_stop_is_not_kept_waiting() -> None:
    with Ending():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_without_the_service_it_says_so_in_one_line(tmp_path: Path) -> None:
    played = Played(tmp_path / "var")
    failed = played.demo()
    _, err = failed.communicate(timeout=60)
    assert failed.returncode == 1
    assert len(err.strip().splitlines()) == 1
    assert f"does not answer at {played.web.url}" in err
    assert not played.rows("SELECT id FROM credential WHERE invented")
    played.web.close()


@pytest.fixture(scope="module")
def huddinge() -> Municipality:
    return load(HUDDINGE)


@pytest.mark.parametrize(
    ("option", "value"),
    [("speed", 0.5), ("speed", 3601), ("hours", 0), ("hours", 25), ("hours", math.nan)],
)
def test_a_day_that_cannot_be_played_is_refused_by_name(
    huddinge: Municipality, option: str, value: float
) -> None:
    asked: dict[str, Any] = {"speed": 60.0, "hours": 8.0} | {option: value}
    with pytest.raises(CannotPlay, match=f"--{option} is {value:g}"):
        day.play_day("http://127.0.0.1:1", huddinge, seed=1, **asked)


def test_the_same_seed_invents_the_same_visitors(huddinge: Municipality) -> None:
    team = day.desks(huddinge, 8, set())
    first = day.visitors(huddinge, team, 8, seed=1)
    assert first == day.visitors(huddinge, team, 8, seed=1)
    assert first != day.visitors(huddinge, team, 8, seed=2)


def test_a_counter_and_a_colleague_are_left_for_people(huddinge: Municipality) -> None:
    team = day.desks(huddinge, 8, {"amira"})
    assert len(team) <= day.COUNTERS_AT_MOST
    assert len({desk.staff for desk in team}) == len(team)
    assert not {"anna", "amira", "maria", "admin"} & {desk.staff for desk in team}
    for office in huddinge.offices:
        here = [desk for desk in team if desk.office == office.code]
        assert 0 < len(here) < office.counters
        assert all(office.code in huddinge.offices_of(desk.staff) for desk in here)


def test_visitors_ask_for_what_the_configuration_has(huddinge: Municipality) -> None:
    team = day.desks(huddinge, 24, set())
    districts = {district.code for district in huddinge.districts} | {"other", "undisclosed"}
    for visitor in day.visitors(huddinge, team, 24, seed=1):
        assert visitor.service in {one.code for one in huddinge.services_at(visitor.office)}
        assert all(huddinge.language(code) for code in visitor.languages)
        assert visitor.district in districts
        assert visitor.errands
