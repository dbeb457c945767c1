"""The forecast from the log to the page, the files and the contract."""

import csv
import datetime as dt
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from queueapp import configuration, screens, write
from queueapp.core import events as e
from queueapp.models import TicketEvent, db
from queueapp.outlook import current
from queueapp.outlook.current import NoForecast
from queueapp.outlook.values import Outlook
from tests import builders

_event = TicketEvent.__table__
WEEKS = 10


def log_visits(app: Flask, office: str, per_day: int, weeks: int = WEEKS) -> None:
    """Put so many visits a weekday into the log, each over within the hour."""
    with app.app_context(), write.transaction() as connection:
        zone = configuration.current().zone
        seq = connection.execute(select(func.max(_event.c.seq))).scalar() or 0
        today = dt.datetime.now(zone).date()
        days = (today - dt.timedelta(days=back) for back in range(7 * weeks, 0, -1))
        log = [
            event
            for day in days
            for number in range(per_day if day.weekday() < 5 else 0)
            for event in visit(
                at=dt.datetime.combine(day, dt.time(9 + number % 6), zone).timestamp(),
                office=office,
                language="so" if number % 4 == 3 else "sv",
            )
        ]
        connection.execute(
            insert(_event),
            [
                {"seq": place, "type": event.type, "data": event.data}
                | {name: getattr(event, name) for name in ("at", "office", "counter", "invented")}
                | {"ticket": place // 2}
                for place, event in enumerate(log, start=seq + 2 - seq % 2)
            ],
        )


def visit(at: float, office: str, language: str) -> tuple[e.Event, e.Event]:
    issued = e.TicketIssued(
        at=at,
        office=office,
        number="M1",
        service=builders.SERVICE,
        languages=[language],
        way="here",
        channel="kiosk",
        district=None,
        priority=None,
        promised=[],
    )
    return issued, e.TicketLeft(at=at + 600, office=office, reason="visitor")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """With ten weeks in Vårby, one in Skogås and none in the centre; only looked at."""
    folder = tmp_path_factory.mktemp("outlook")
    made = builders.app(f"sqlite:///{folder / 'q.sqlite3'}", folder / "var")
    log_visits(made, "varby", 12)
    log_visits(made, "skogas", 5, weeks=1)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = builders.bearer(app, "maria")["Authorization"]
    return client


def test_the_contract_tells_every_open_day_of_the_weeks(client: FlaskClient) -> None:
    told = client.get("/api/v1/forecast?weeks=2&office=varby").json
    (varby,) = told["offices"]
    assert (len(varby["days"]), told["weeks"]) == (14, 2)
    open_days = [day for day in varby["days"] if day["open"]]
    assert open_days
    for day in open_days:
        assert day["low"] <= day["visits"] <= day["high"]
        assert sum(day["hours"].values()) == pytest.approx(day["visits"], abs=0.6)
    assert {"sv", "so"} == {week["language"] for week in varby["languages"]}
    assert {error["basis"] for error in varby["errors"]} == {"model", "four-weeks", "last-week"}


def test_without_parameters_all_offices_are_told_for_four_weeks(client: FlaskClient) -> None:
    told = client.get("/api/v1/forecast").json
    assert [one["office"] for one in told["offices"]] == ["sjodalsvagen", "skogas", "varby"]
    assert told["weeks"] == 4
    assert {one["visits"] for one in told["offices"][1]["days"] if one["open"]} == {None}


@pytest.mark.parametrize("asked", ["weeks=99", "weeks=0", "weeks=many", "office=atlantis"])
def test_a_bad_question_is_refused_with_its_field(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/api/v1/forecast?{asked}")
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid-input")
    assert answer.json["errors"][0]["field"] == asked.partition("=")[0]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("weeks=99", "Skriv ett heltal från 1 till 8."),
        ("weeks=²", "Skriv ett heltal från 1 till 8."),
        ("office=atlantis", ": atlantis"),
    ],
)
def test_the_page_says_what_is_wrong_with_the_question(
    client: FlaskClient, asked: str, told: str
) -> None:
    answer = client.get(f"/statistics/forecast?{asked}&lang=sv")
    assert answer.status_code == 422
    assert told in answer.text


def test_the_page_shows_range_error_and_rota_and_says_where_history_is_too_short(
    client: FlaskClient,
) -> None:
    page = client.get("/statistics/forecast?lang=en").text
    assert "In the last eight weeks it missed by" in page
    assert "There are less than two weeks of visits to learn from," in page
    assert "Somali" in page
    assert 'role="img"' in page


def test_the_page_is_in_swedish_too(client: FlaskClient) -> None:
    page = client.get("/statistics/forecast?office=varby&lang=sv").text
    assert "De senaste åtta veckorna hade den i snitt fel med" in page
    assert "somaliska" in page


@pytest.mark.parametrize("table", ["days", "hours", "languages", "errors"])
def test_a_file_has_the_rows_of_its_table(client: FlaskClient, table: str) -> None:
    answer = client.get(f"/statistics/forecast.csv?table={table}&office=varby&weeks=2")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    (varby,) = client.get("/api/v1/forecast?weeks=2&office=varby").json["offices"]
    number = {"hours": sum(len(day["hours"]) for day in varby["days"])}
    assert len(rows) == number.get(table, len(varby.get(table, [])))
    assert {row["office"] for row in rows} == {"varby"}
    assert answer.content_type == "text/csv; charset=utf-8"


def test_an_unknown_table_is_refused(client: FlaskClient) -> None:
    answer = client.get("/statistics/forecast.csv?table=people")
    assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/api/v1/forecast", "/statistics/forecast"])
def test_the_forecast_is_for_managers(app: Flask, address: str) -> None:
    answer = app.test_client().get(address, headers=builders.bearer(app, "anna"))
    assert answer.status_code == 403


# --- how it is kept -------------------------------------------------------------------------------


def at(made: Flask, when: float) -> Outlook:
    with made.app_context(), screens.reading(when) as now:
        return current.at(now)


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Flask]:
    made = builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> list[dt.date]:
    """The days for which a forecast was worked out; it is an empty one."""
    done: list[dt.date] = []

    def made(municipality: object, today: dt.date, folder: str) -> Outlook:
        done.append(today)
        return Outlook(today, ())

    monkeypatch.setattr(current, "_made", made)
    return done


def test_a_forecast_is_worked_out_once_a_day(own_app: Flask, works: list[dt.date]) -> None:
    now = time.time()
    for when in (now, now + 1, now + 25 * 3600):
        at(own_app, when)
    assert len(works) == 2


def test_a_days_forecast_is_worked_out_before_anybody_asks(
    own_app: Flask, works: list[dt.date]
) -> None:
    now = time.time()
    with own_app.app_context():
        for when in (now, now + 1):
            current.prepare(when)
    at(own_app, now + 2)
    assert len(works) == 1


def test_a_forecast_is_worked_out_anew_when_past_days_have_other_visits(
    own_app: Flask, works: list[dt.date]
) -> None:
    at(own_app, time.time())
    log_visits(own_app, "varby", 1, weeks=1)
    at(own_app, time.time())
    assert len(works) == 2


def test_a_forecast_that_fails_says_so_and_is_tried_again(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "WORKER", [sys.executable, "-c", "raise SystemExit(1)"])
    answer = own_app.test_client().get(
        "/api/v1/forecast", headers=builders.bearer(own_app, "maria")
    )
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/no-forecast")
    with pytest.raises(NoForecast):
        at(own_app, time.time())


def test_a_log_without_any_visit_says_that_nothing_can_be_told(own_app: Flask) -> None:
    told = at(own_app, time.time())
    assert {one.basis for one in told.offices} == {"nothing"}


def test_the_serving_process_does_not_load_what_only_the_forecast_needs() -> None:
    code = "import queueapp.serve, sys; print({'sklearn', 'scipy', 'holidays'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
