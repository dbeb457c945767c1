"""``queueapp simulate``, as it is run: what it prints, what it writes, and what it refuses."""

import datetime as dt
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from queueapp import cli
from queueapp.core import events, measures
from queueapp.models import TicketEvent, db
from queueapp.simulate import results, runs
from queueapp.web import shapes
from tests import builders

ROOT = Path(__file__).parents[2]
HEADING = "at,office,service,languages,service_s,patience_s,comes\n"
VISITORS = HEADING + "\n".join(
    f"2027-01-{11 + number % 2}T{9 + number // 10:02}:{number % 10 * 5:02}:00+01:00,"
    f"{('varby', 'skogas')[number % 2]},bygglov,{('ar', 'fi sv', 'sv')[number % 3]},300,7200,yes"
    for number in range(0, 40, 2)
)

Out = tuple[int, str, str]
Simulate = Callable[..., Out]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of a database with the Huddinge configuration and no visits."""
    var = tmp_path_factory.mktemp("var")
    url = f"sqlite:///{var / 'queueapp.sqlite3'}"
    with builders.app(url, var).app_context():
        db.engine.dispose()
    return {"QUEUEAPP_DATABASE_URL": url, "QUEUEAPP_VAR": str(var)}


@pytest.fixture
def simulate(
    installed: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Simulate:
    """Runs the command here: its exit status, and what it printed on both streams."""
    for name, value in installed.items():
        monkeypatch.setenv(name, value)

    def run(*args: str) -> Out:
        monkeypatch.setattr(sys, "argv", ["queueapp", "simulate", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()  # type: ignore[return-value]

    return run


def logged(file: Path) -> list[events.Event]:
    """The events of a file, as the log's rows are read."""
    return [as_event(json.loads(line)) for line in file.read_text().splitlines()]


def as_event(row: dict[str, Any]) -> events.Event:
    shared = {name: row[name] for name in ("office", "ticket", "counter", "invented")}
    at = dt.datetime.fromisoformat(row["at"]).timestamp()
    return events.read(row["type"], shared | {"at": at}, row["data"])


# --- what comes out -----------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_result_whatever_the_number_of_processes(
    simulate: Simulate, tmp_path: Path
) -> None:
    found = []
    for jobs in ("1", "2", "3"):
        file = tmp_path / f"{jobs}.jsonl"
        code, out, _ = simulate("--days", "3", "--jobs", jobs, "--json", "--events", str(file))
        assert code == 0
        found.append((out, file.read_bytes()))
    assert found[0] == found[1] == found[2]


def test_a_new_interpreter_gives_the_same_result_as_a_fork(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--days", "2", "--jobs", "2", "--json")
    forked = simulate(*asked)[1]
    monkeypatch.setattr(runs, "START", "spawn")
    assert simulate(*asked)[1] == forked


def test_another_seed_gives_another_result(simulate: Simulate) -> None:
    asked = ("--days", "1", "--json", "--seed")
    assert (
        json.loads(simulate(*asked, "1")[1])["total"]
        != json.loads(simulate(*asked, "2")[1])["total"]
    )


def test_the_figures_are_those_of_the_events(simulate: Simulate, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    _, out, _ = simulate("--days", "2", "--json", "--events", str(file))
    total, visits = json.loads(out)["total"], measures.fold(logged(file))
    whole = measures.Group(visits)
    for name in ("visits", "wait_mean_s", "wait_p90_s", "first_language_share"):
        assert total[name] == pytest.approx(measures.FIGURES[name](whole), abs=0.01)
    served = measures.FIGURES["served"](whole)
    assert total["video_share"] == measures.FIGURES["by_video"](whole) / served


def test_the_events_are_shaped_as_the_feed_of_the_log(simulate: Simulate, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    simulate("--days", "2", "--events", str(file))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert all(shapes.LoggedEvent.model_validate(row, strict=True) for row in rows)
    assert {frozenset(row) for row in rows} == {frozenset(shapes.LoggedEvent.model_fields)}
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["invented"] for row in rows)
    issued = [row["ticket"] for row in rows if row["type"] == "ticket-issued"]
    assert issued == list(range(1, len(issued) + 1))


def test_what_is_left_of_an_engine_of_figures_does_not_end_the_processes_that_play(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Engine:
        """Garbage that only a collection finds; its threads are not there in a forked process."""

        def __init__(self) -> None:
            self.itself = self
            self.connection = duckdb.connect(config={"threads": 4})

    begin = runs._begin

    def begin_and_collect(run: runs.Run) -> None:
        begin(run)
        gc.enable()
        gc.collect()

    monkeypatch.setattr(runs, "_begin", begin_and_collect)
    gc.disable()
    try:
        Engine()
        code, _, _ = simulate("--days", "2", "--jobs", "2")
    finally:
        gc.enable()
    assert code == 0


def test_the_tables_tell_every_office_and_language(simulate: Simulate) -> None:
    code, out, told = simulate("--days", "2")
    assert code == 0
    assert out.startswith("Invented: 2 days, rule ours, seed 1.")
    for name in ("Servicecenter Vårby", "Arabic", "Swedish", "95 %", "worst language ÷ of all"):
        assert name in out
    assert "simulated days a second" in told


def test_definitions_stand_beside_the_figures(simulate: Simulate) -> None:
    found = json.loads(simulate("--days", "1", "--json")[1])
    assert set(found["total"]) == set(found["definitions"]) == set(found["interval_95"])
    assert set(results.HEADINGS) <= set(found["total"])


def test_who_is_ill_is_missed(simulate: Simulate) -> None:
    def arabic(*more: str) -> dict[str, float]:
        rows = json.loads(simulate("--days", "4", "--json", *more)[1])["by"]["language"]
        return next(row["figures"] for row in rows if row["group"] == "ar")

    well, ill = arabic(), arabic("--staff-ill", "amira", "--staff-ill", "rebin")
    assert ill["visits"] == well["visits"]
    assert ill["first_language_share"] == 0 < well["first_language_share"]


# --- visitors from elsewhere --------------------------------------------------------------------


def test_each_date_of_a_file_is_a_day(simulate: Simulate, tmp_path: Path) -> None:
    file, out = tmp_path / "visitors.csv", tmp_path / "events.jsonl"
    file.write_text("\n".join([HEADING.strip(), *sorted(VISITORS.splitlines()[1:])]))
    _, found, _ = simulate("--arrivals", str(file), "--json", "--events", str(out))
    visits = measures.fold(logged(out))
    assert json.loads(found)["total"]["visits"] == len(visits) == 20
    at = {
        dt.datetime.fromisoformat(line.split(",")[0])
        for line in file.read_text().split()[1:]
        if "T" in line
    }
    assert {dt.datetime.fromtimestamp(visit.issued_at, dt.UTC) for visit in visits} == at


def test_a_file_without_dates_is_played_as_often_as_asked(
    simulate: Simulate, tmp_path: Path
) -> None:
    file = tmp_path / "visitors.csv"
    file.write_text("at,office,service,languages\n09:00,varby,bygglov,ar\n09:01,varby,bygglov,sv\n")
    found = json.loads(simulate("--arrivals", str(file), "--days", "5", "--json")[1])
    assert (found["days"], found["total"]["visits"]) == (5, 10)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"at,office,service,languages\n09:00,varby,bygglov\n", "row 2: has 3 fields"),
        (b"at,office,service,languages\n-1:00,varby,bygglov,sv\n", "row 2: at"),
        (b"at,office,service,languages\n09:00,narnia,bygglov,sv\n", "row 2: office"),
        (b"at,office,service,languages\n09:00,varby,bygglov,tlh\n", "row 2: languages"),
        (b"", "is empty"),
        (b"at,office,service,languages\n09:00,varby,bygglov,\xe5\n", "row 2: is not text in UTF-8"),
        (None, "Is a directory"),
    ],
)
def test_with_a_bad_file_nothing_is_half_run(
    simulate: Simulate, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file, out = tmp_path / "visitors.csv", tmp_path / "events.jsonl"
    out.write_text("as before")
    file.mkdir() if content is None else file.write_bytes(content)
    code, printed, told = simulate("--arrivals", str(file), "--events", str(out))
    assert (code, printed) == (1, "")
    assert words in told
    assert "Traceback" not in told
    assert out.read_text() == "as before"
    assert {path.name for path in tmp_path.iterdir()} == {"visitors.csv", "events.jsonl"}


def test_the_days_of_the_log_are_played_again(
    app: Flask,
    simulate: Simulate,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file, again = tmp_path / "first.jsonl", tmp_path / "again.jsonl"
    monkeypatch.setenv("QUEUEAPP_DATABASE_URL", database_url)
    simulate("--days", "2", "--first", "2027-01-11", "--per-day", "60", "--events", str(file))
    keep([json.loads(line) for line in file.read_text().splitlines()])
    before = count()
    code, out, _ = simulate("--log", "2027-01-11..2027-01-12", "--json", "--events", str(again))
    assert code == 0
    assert json.loads(out)["days"] == 2
    first, second = measures.fold(logged(file)), measures.fold(logged(again))
    assert asked(first) == asked(second)
    assert count() == before


def keep(rows: list[dict[str, Any]]) -> None:
    """Put events into the log as they are."""
    with db.engine.begin() as connection:
        values = [row | {"at": as_event(row).at} for row in rows]
        connection.execute(insert(TicketEvent.__table__), values)


def count() -> int:
    with db.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(TicketEvent)).scalar_one()


def asked(visits: list[measures.Visit]) -> list[tuple[object, ...]]:
    return sorted((one.issued_at, one.office, one.service, one.languages) for one in visits)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ("--log 2027-01-11..2027-01-12", 1, "the log holds no visits"),
        ("--log 2027-01-12..2027-01-11", 2, "ends before it begins"),
        ("--log yesterday", 2, "must be two dates"),
        ("--log 2027-01-11 --days 3", 2, "leave out --days"),
        ("--log 2027-01-11 --arrivals x.csv", 2, "choose one"),
        ("--arrivals x.csv --per-day 50", 2, "--per-day is for invented visitors"),
        ("--first 9999-12-31", 2, "is not a date from 2000 to 2099"),
        ("--days 0", 2, "--days"),
        ("--policy nobody", 2, "--policy"),
        ("--staff-ill nobody", 1, "unknown staff member: 'nobody'"),
        ("--staff-ill maria", 1, "maria serves no visitors"),
        ("--events .", 1, "cannot be written: is a directory"),
        ("--events no/such/folder/x.jsonl", 1, "cannot be written: No such file or directory"),
    ],
)
def test_bad_options_are_refused_by_name(
    simulate: Simulate, options: str, code: int, words: str
) -> None:
    ended, out, told = simulate(*options.split())
    assert (ended, out) == (code, "")
    assert words in " ".join(told.split())


# --- ended early --------------------------------------------------------------------------------


@pytest.fixture
def running(installed: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A long simulation that has begun."""
    command = [sys.executable, "-m", "queueapp.cli", "simulate", "--days", "1000", "--jobs", "2"]
    process = subprocess.Popen(
        [*command, "--events", str(tmp_path / "events.jsonl")],
        cwd=ROOT,
        env=os.environ | installed,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        give_up = time.monotonic() + 60
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("to_all", [True, False], ids=["ctrl-c", "sigterm"])
def test_ended_early_it_writes_nothing_and_leaves_no_process(
    running: subprocess.Popen[str], tmp_path: Path, to_all: bool
) -> None:
    if to_all:
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    else:
        running.send_signal(signal.SIGTERM)
    out, told = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == ""
    assert told.strip() == "Ended early; nothing was written."
    assert list(tmp_path.iterdir()) == []
    assert gone(running.pid)
