"""The planner in the application: plans in the database, their player, the command and the pages."""

import datetime as dt
import json
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, update
from werkzeug.test import TestResponse

from queueapp import cli, configuration, screens, write
from queueapp.core.ticket import NotFound
from queueapp.models import Cost, Plan, TicketEvent, db
from queueapp.outlook import current
from queueapp.planner import document, period, play, store, worker
from queueapp.planner.document import Unfit
from queueapp.planner.store import Stopped
from queueapp.statistics import engine
from queueapp.statistics.engine import NotReady
from tests import builders, history
from tests.app.test_outlook import log_visits
from tests.app.test_pages import post, signed_in

SMALL = {"title": "One more", "demand": {"invented": {"days": 2, "per_day": 30}}}
ADD = {"kind": "add_staff", "languages": {"ar": "native", "sv": "fluent"}}
p = Plan.__table__


def saved(**more: Any) -> str:
    return store.save(document.read(SMALL | more), configuration.current(), time.time())


def row(token: str) -> Any:
    with db.engine.connect() as connection:
        return store.find(connection, token)


def logged(**more: Any) -> document.Scenario:
    last = history.FIRST + dt.timedelta(days=4)
    log = {"first": str(history.FIRST), "last": str(last)}
    return document.read({"title": "x", "demand": {"log": log}} | more)


def gathered(scenario: document.Scenario) -> period.Material:
    with screens.reading(time.time()) as now:
        return period.gather(now, scenario)


# --- the period -----------------------------------------------------------------------------------


def test_the_logged_visitors_come_again_day_by_day(app: Flask) -> None:
    history.make(days=3)
    material = gathered(logged())
    assert len(material.days) == 3
    assert material.past
    came = [len(visitors) for visitors in material.days.values()]
    assert [len(day.visits) for day in material.past.told] == came
    assert material.invented


def test_a_simulated_log_is_reproduced_within_its_intervals(app: Flask) -> None:
    history.make(days=5)
    result = play.play(logged(), configuration.current(), gathered(logged()), play.Player())
    judged = [one["fits"] for one in result["fidelity"]["rows"] if one["fits"] is not None]
    assert result["fidelity"]["counters_known"] == 5
    assert sum(judged) / len(judged) > 0.8


def test_a_period_without_visits_says_so(app: Flask) -> None:
    with pytest.raises(Unfit) as found:
        gathered(logged())
    assert [(f.field, f.reason) for f in found.value.faults] == [("demand.log", "nobody-came")]


def _notes(scenario: document.Scenario) -> dict[str, Any]:
    result = play.play(scenario, configuration.current(), gathered(scenario), play.Player())
    return {note["code"]: note for note in result["notes"]}


def test_days_of_the_period_that_the_log_does_not_have_are_told(app: Flask) -> None:
    history.make(days=3)
    told = _notes(logged())  # asked for are five open days
    assert told["days_without_visits"]["number"] == 2


def test_a_period_that_the_log_has_whole_needs_no_word(app: Flask) -> None:
    history.make(days=5)
    assert "days_without_visits" not in _notes(logged())


def test_a_day_that_is_not_over_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    history.make(days=2)
    assert "not_over" not in _notes(logged())
    monkeypatch.setattr(period, "today", lambda _: history.FIRST + dt.timedelta(days=1))
    assert "not_over" in _notes(logged())


def test_the_fewest_staff_tell_of_no_language_that_the_statistics_do_not_show(app: Flask) -> None:
    history.make(days=5)
    scenario = logged(staffing={"minutes": 120, "days": 0.5})
    material = gathered(scenario)
    result = play.play(scenario, configuration.current(), material, play.Player())
    assert material.past
    shown = {code for by, code in material.past.known if by == "language"}
    (others,) = [one for one in result["staffing"]["promise"] if one["language"] not in shown]
    assert (others["language"], others["days"], others["worst_s"]) == ("others", None, None)


def test_visits_that_have_not_ended_are_told(app: Flask) -> None:
    from queueapp.core.events import TicketFinished

    log = history.log_of(configuration.current(), days=1)
    history.write_log(event for event in log if not isinstance(event, TicketFinished))
    result = play.play(logged(), configuration.current(), gathered(logged()), play.Player())
    (told,) = [note for note in result["notes"] if note["code"] == "still_open"]
    assert told["number"] % 10 == 0  # in tens: no single visit is told


def test_costs_that_were_entered_are_read(app: Flask) -> None:
    values = {"office": "varby", "year": 2026, "fixed": 1.0, "staff_hour": 2.0, "interpreter": 3.0}
    with write.transaction() as connection:
        connection.execute(insert(Cost.__table__).values(**values))
    history.make(days=1)
    assert gathered(logged()).rates["varby", 2026].staff_hour == 2.0


# --- the forecast ---------------------------------------------------------------------------------


def coming(weeks: int = 1, **more: Any) -> document.Scenario:
    return document.read({"title": "x", "demand": {"forecast": {"weeks": weeks}}} | more)


def in_some_days(days: int) -> dt.date:
    return dt.datetime.now(configuration.current().zone).date() + dt.timedelta(days=days)


def test_the_coming_weeks_are_played_as_they_are_forecast_beside_the_log(app: Flask) -> None:
    log_visits(app, "varby", 12, weeks=12)
    material = gathered(coming(weeks=2))
    assert min(material.days) >= in_some_days(0)
    assert max(material.days) < in_some_days(14)
    result = play.play(coming(weeks=2), configuration.current(), material, play.Player())
    varby = next(one for one in result["forecast"]["offices"] if one["office"] == "varby")
    assert varby["visits"] == pytest.approx(12, rel=0.2)
    assert varby["missed"] < 0.2
    assert result["fidelity"]["days"] >= 35  # the weekdays of the last eight weeks
    assert result["fidelity"]["last"] < result["first"]


def test_offices_without_a_forecast_are_named_and_nobody_comes_there(app: Flask) -> None:
    log_visits(app, "varby", 12, weeks=3)
    material = gathered(coming())
    result = play.play(coming(), configuration.current(), material, play.Player())
    bases = {one["office"]: one["basis"] for one in result["forecast"]["offices"]}
    assert bases == {"varby": "weekday-mean", "skogas": "nothing", "sjodalsvagen": "nothing"}
    assert {one.office for came in material.days.values() for one in came} == {"varby"}


@pytest.mark.parametrize("weeks", [0, 1])
def test_without_enough_history_there_is_no_forecast_to_play(app: Flask, weeks: int) -> None:
    if weeks:
        log_visits(app, "varby", 12, weeks=weeks)
    with pytest.raises(Unfit) as found:
        gathered(coming())
    (fault,) = found.value.faults
    assert (fault.field, fault.reason) == ("demand.forecast", "too-little-history")


def test_a_forecast_that_cannot_be_worked_out_is_said(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "WORKER", [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(Unfit) as found:
        gathered(coming())
    (fault,) = found.value.faults
    assert (fault.field, fault.reason) == ("demand.forecast", "forecast-failed")


def test_days_beyond_the_forecast_are_not_even_asked_for(app: Flask) -> None:
    with pytest.raises(Unfit) as found:
        saved(demand={"forecast": {"first": str(in_some_days(50)), "weeks": 2}})
    assert [one.field for one in found.value.faults] == ["demand.forecast.first"]


# --- saved plans ----------------------------------------------------------------------------------


def test_of_several_players_one_gets_a_plan(app: Flask) -> None:
    tokens = [saved(), saved()]
    marks: list[float | None] = []
    ready = threading.Barrier(4)

    def claim(token: str) -> None:
        with app.app_context():
            ready.wait()
            marks.append(store.claim(token, time.time()))

    players = [threading.Thread(target=claim, args=(tokens[n % 2],)) for n in range(4)]
    for one in players:
        one.start()
    for one in players:
        one.join()
    assert len([mark for mark in marks if mark is not None]) == 1


def test_the_next_plan_waits_until_the_first_is_done(app: Flask) -> None:
    first, second = saved(), saved()
    mark = store.claim(first, time.time())
    assert mark
    assert store.claim(second, time.time()) is None
    store.finish(first, mark, time.time(), {})
    assert store.claim(second, time.time())


def test_a_dead_players_plan_is_taken_up_again(app: Flask) -> None:
    token = saved()
    mark = store.claim(token, time.time())
    assert mark
    later = mark + store.DEAD_AFTER_S + 1
    assert store.claim(token, later) == later


def test_a_player_that_was_thought_dead_gives_up(app: Flask) -> None:
    token = saved()
    mark = store.claim(token, time.time())
    assert mark
    store.claim(token, mark + store.DEAD_AFTER_S + 1)
    with pytest.raises(Stopped):
        store.finish(token, mark, time.time(), {})


def test_a_plan_that_kills_its_players_is_left_alone(app: Flask) -> None:
    token, at = saved(), time.time()
    for _ in range(store.TAKEN_UP_AT_MOST + 1):
        assert store.claim(token, at)
        at += store.DEAD_AFTER_S + 1
    assert store.claim(token, at) is None
    assert row(token).state == "failed"
    assert [fault.reason for fault in store.faults(row(token))] == ["died"]


def test_a_stopped_plan_stops_its_player(app: Flask) -> None:
    token = saved()
    mark = store.claim(token, time.time())
    assert mark
    assert store.stop(token)
    with pytest.raises(Stopped):
        store.hear(token, mark, time.time(), 1, 2)
    assert row(token).state == "stopped"


def test_a_plan_that_is_done_cannot_be_stopped(app: Flask) -> None:
    token = saved()
    mark = store.claim(token, time.time())
    assert mark
    store.finish(token, mark, time.time(), {})
    assert not store.stop(token)
    assert row(token).state == "done"


def test_a_plan_that_does_not_fit_is_not_saved(app: Flask) -> None:
    with pytest.raises(Unfit):
        saved(changes=[{"kind": "counters", "office": "nacka", "counters": 2}])
    with db.engine.connect() as connection:
        assert store.newest(connection) == []


def test_there_is_no_plan_at_an_unknown_address(app: Flask) -> None:
    with pytest.raises(NotFound):
        row("no-such-token")


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The player is this process here, which keeps its priority and its signals."""
    monkeypatch.setattr(worker.os, "nice", lambda _: 0)
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)


@pytest.mark.usefixtures("calm")
def test_a_saved_plan_is_played_and_nothing_but_its_row_is_written(app: Flask) -> None:
    history.make(days=1)
    before = _events()
    token = store.save(logged(changes=[ADD]), configuration.current(), time.time())
    assert worker.play_saved(token) == "is done"
    done = row(token)
    assert (done.state, done.result["days"]) == ("done", 1)
    assert _events() == before


def _events() -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(select(func.count(TicketEvent.seq))).scalar_one())


@pytest.mark.usefixtures("calm")
def test_a_plan_that_cannot_be_played_says_why(app: Flask) -> None:
    token = store.save(logged(), configuration.current(), time.time())
    assert worker.play_saved(token) == "cannot be played"
    assert [fault.reason for fault in store.faults(row(token))] == ["nobody-came"]


@pytest.fixture
def statistics_after(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The statistics are made when the log has been asked for so many times; it is not waited."""
    read, asked = period.gather, list[int]()

    def gather(*about: Any) -> period.Material:
        asked.append(1)
        if len(asked) <= times[0]:
            raise NotReady(missing=1)
        return read(*about)

    times = [0]
    monkeypatch.setattr(period, "gather", gather)
    monkeypatch.setattr(worker, "LOOK_EVERY_S", 0.0)
    return lambda number: times.__setitem__(0, number)


@pytest.mark.usefixtures("calm")
def test_a_plan_waits_for_the_statistics_it_reads(app: Flask, statistics_after: Any) -> None:
    statistics_after(3)
    token = saved()
    assert worker.play_saved(token) == "is done"


@pytest.mark.usefixtures("calm")
def test_a_plan_does_not_wait_for_the_statistics_for_ever(
    app: Flask, statistics_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    statistics_after(10**6)
    monkeypatch.setattr(worker, "WAIT_AT_MOST_S", 0.1)
    token = saved()
    assert worker.play_saved(token) == "cannot be played yet"
    assert [fault.reason for fault in store.faults(row(token))] == ["not-ready"]


@pytest.mark.usefixtures("calm")
def test_a_plan_that_waits_for_the_statistics_can_be_stopped(
    app: Flask, statistics_after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    statistics_after(10**6)
    token = saved()
    monkeypatch.setattr(worker, "HEAR_EVERY_S", 0.0)
    monkeypatch.setattr(worker.time, "sleep", lambda _: store.stop(token))
    assert worker.play_saved(token) == "was stopped"


@pytest.mark.usefixtures("calm")
def test_a_player_that_is_told_to_end_gives_the_plan_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker.play, "play", ended)
    token = saved()
    assert worker.play_saved(token) == "was given back"
    assert row(token).state == "waiting"


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs ``queueapp plan`` on a scenario: its exit status, and what it printed."""
    url = f"sqlite:///{tmp_path / 'q.sqlite3'}"
    with (made := builders.app(url, tmp_path / "var")).app_context():
        log_visits(made, "varby", 12, weeks=3)
        db.engine.dispose()
    monkeypatch.setenv("QUEUEAPP_DATABASE_URL", url)
    monkeypatch.setenv("QUEUEAPP_VAR", str(tmp_path / "var"))

    def run(text: str, *more: str) -> tuple[int, str]:
        file = tmp_path / "scenario.yaml"
        file.write_text(text)
        found = CliRunner().invoke(cli.cli, ["plan", str(file), "--jobs", "1", *more])
        return found.exit_code, found.output

    return run


SCENARIO = """
title: One more
demand: {invented: {days: 2, per_day: 30}}
changes:
  - {kind: add_staff, languages: {ar: native}, opens: "10:00", closes: "14:00"}
"""


def test_a_scenario_in_a_file_is_played_and_told(command: Any) -> None:
    status, printed = command(SCENARIO)
    assert status == 0
    assert "For all visitors together" in printed


def test_the_answer_can_be_had_as_json(command: Any) -> None:
    status, printed = command(SCENARIO, "--json")
    assert (status, json.loads(printed)["days"]) == (0, 2)


COMING = SCENARIO.replace("{invented: {days: 2, per_day: 30}}", "{forecast: {weeks: 1}}")


def test_the_coming_weeks_are_played_from_a_file_with_their_past_error(command: Any) -> None:
    status, printed = command(COMING)
    assert status == 0
    assert "How far the forecast misses is not known yet." in printed
    assert "Days to come are in no log yet" in printed


def test_the_command_makes_the_statistics_that_it_reads(
    command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "READ_WITH_A_QUESTION", 0)
    status, _ = command(COMING)
    assert status == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: x", "demand: This must be given."),
        (COMING.replace("weeks: 1", "weeks: 12"), "demand.forecast.weeks: Must be at most 8."),
        (COMING.replace("weeks: 1", "first: 2020-01-01"), "demand.forecast.first: The forecast"),
        (SCENARIO.replace("days: 2", "days: 2, first: 9999-12-31"), "Choose a day from"),
        (COMING.replace("weeks: 1", "first: soon"), "demand.forecast.first: Write a date"),
        (COMING.replace("{weeks: 1}", "{}, invented: {}"), "demand: Choose one of"),
        (SCENARIO + "  - {kind: magic}", "changes.1: "),
        (SCENARIO + "staffing: {minutes: 0}", "staffing.minutes: Must be at least 1."),
        (SCENARIO.replace("native", "splendid"), "changes.0.languages.ar"),
        (SCENARIO.replace('"10:00"', '"15:00"'), "It must begin before it ends"),
        ("[1, 2]", "must hold a group of named fields"),
        ("title: [", "not valid YAML"),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_nothing_is_played(
    command: Any, text: str, told: str
) -> None:
    status, printed = command(text)
    assert status == 1
    assert told in printed


# --- the pages ------------------------------------------------------------------------------------


@pytest.fixture
def web(tmp_path: Path) -> Flask:
    # No context of its own: requests would share what Flask keeps per context, the token too.
    return builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")


@pytest.fixture
def maria(web: Flask) -> FlaskClient:
    return signed_in(web, "maria", "/planner")


BASIC = {"title": "A question", "demand": "invented", "days": "2", "per_day": "30"}


def press(client: FlaskClient, action: str, **fields: Any) -> TestResponse:
    """Press a button of the form, with what has been added so far."""
    return post(client, "/planner/new?lang=en", "/planner/new", do=action, **(BASIC | fields))


def changes_in(page: TestResponse) -> list[str]:
    import html

    return [html.unescape(one) for one in re.findall(r'name="change" value="([^"]*)"', page.text)]


def test_a_question_is_put_together_and_asked_without_script(
    web: Flask, maria: FlaskClient
) -> None:
    speaker = {
        "add_staff.number": "2",
        "add_staff.languages": ["ar", "sv"],
        "add_staff.weekdays": ["1"],
        "add_staff.opens": "09:00",
        "add_staff.closes": "15:00",
    }
    first = press(maria, "add:add_staff", **speaker)
    assert "2 more on the staff who speak Arabic, Swedish, Monday 09:00–15:00" in first.text
    closed = {
        "close_office.office": "skogas",
        "close_office.to": "varby",
        "close_office.lost": "10",
    }
    second = press(maria, "add:close_office", change=changes_in(first), **closed)
    third = press(maria, "remove:0", change=changes_in(second))
    assert len(changes_in(second)) == 2
    assert len(changes_in(third)) == 1
    answer = press(maria, "play", change=changes_in(third))
    assert answer.status_code == 303
    with web.app_context():
        asked = row(answer.location.rpartition("/")[2]).document
    assert [one["kind"] for one in asked["changes"]] == ["close_office"]
    assert asked["changes"][0]["lost"] == 0.1


@pytest.mark.parametrize(
    ("action", "fields", "told"),
    [
        ("add:counters", {"counters.office": "varby", "counters.counters": "many"}, "whole number"),
        ("add:add_staff", {"add_staff.number": "1"}, "They speak: Name at least 1"),
        ("add:scale", {"scale.factor": "9000"}, "Must be at most"),
        (
            "add:close_office",
            {"close_office.office": "varby", "close_office.to": "varby"},
            "another office than the one that is closed",
        ),
        ("add:remove_staff", {"remove_staff.staff": "aino"}, "speaks Finnish well"),
        ("play", {"title": ""}, "This must be given"),
        ("play", {"demand": "log", "first": "2026-11-09", "last": "2026-11-02"}, "later than"),
        ("play", {"demand": "log", "first": "soon", "last": "later"}, "Write a date"),
        ("play", {"demand": "log", "first": "9999-12-30", "last": "9999-12-31"}, "Choose a day from"),
        ("play", {"days": "0"}, "How many days: Must be at least 1"),
        ("play", {"demand": "forecast", "weeks": "12"}, "How many weeks: Must be at most 8."),
        ("play", {"demand": "forecast", "weeks": "4", "begins": "2020-01-01"}, "can begin from"),
        ("play", {"staffing": "1", "minutes": "soon", "kept": "90"}, "Write a whole number"),
        ("add:scale", {"scale.factor": "110", "scale.office": "nacka"}, "no such choice: nacka"),
        ("play", {"change": "{broken"}, "cannot be read"),
        ("play", {"change": '{"kind": "nothing"}'}, "cannot be read"),
    ],
)  # fmt: skip
def test_bad_input_says_what_and_nothing_is_asked(
    web: Flask, maria: FlaskClient, action: str, fields: dict[str, str], told: str
) -> None:
    page = press(maria, action, **fields)
    assert page.status_code == 422
    assert told in page.text
    with web.app_context(), db.engine.connect() as connection:
        assert store.newest(connection) == []


def test_the_usual_period_ends_with_a_day_that_is_over(web: Flask, maria: FlaskClient) -> None:
    log_visits(web, "varby", 12, weeks=3)
    with web.app_context():
        before = str(in_some_days(-8)), str(in_some_days(-1))
        with db.engine.begin() as connection:
            now = connection.execute(select(func.max(TicketEvent.at))).scalar_one()
            moved = update(TicketEvent.__table__).where(TicketEvent.__table__.c.at == now)
            connection.execute(moved.values(at=time.time()))
    (last,) = re.findall(r'name="last" type="date" value="([^"]*)"', maria.get("/planner/new").text)
    assert before[0] <= last <= before[1]


@pytest.mark.parametrize("name", ["2:a huset", "مكتب جديد"])
def test_an_office_may_be_named_in_any_script(maria: FlaskClient, name: str) -> None:
    about = {"name": name, "district": "flemingsberg", "weekdays": "1"}
    page = press(maria, "add:open_office", **{f"open_office.{one}": about[one] for one in about})
    assert page.status_code == 200
    assert name in changes_in(page)[0]


def test_each_example_fills_in_the_form(maria: FlaskClient) -> None:
    for kind in ("open", "close", "speaker", "video", "weekday"):
        page = maria.get(f"/planner/new?example={kind}")
        assert page.status_code == 200
        assert len(changes_in(page)) == 1


def chosen(page: TestResponse) -> list[str]:
    """Which demand the form has."""
    return re.findall(r'name="demand" value="(\w+)" checked', page.text)


def test_the_coming_weeks_can_be_begun_with(maria: FlaskClient) -> None:
    page = maria.get("/planner/new?example=rota")
    assert chosen(page) == ["forecast"]
    assert 'name="staffing" value="1" checked' in page.text


def test_the_page_of_the_forecast_leads_to_a_plan_on_the_same_weeks(
    web: Flask, maria: FlaskClient
) -> None:
    address = "/planner/new?weeks=6"
    assert address not in maria.get("/statistics/forecast?weeks=6").text
    log_visits(web, "varby", 12, weeks=3)
    assert f'href="{address}"' in maria.get("/statistics/forecast?weeks=6").text
    page = maria.get(address)
    assert chosen(page) == ["forecast"]
    assert '<option value="6" selected>' in page.text


def test_the_coming_weeks_are_asked_for_and_copied(web: Flask, maria: FlaskClient) -> None:
    with web.app_context():
        first = str(in_some_days(7))
    answer = press(maria, "play", demand="forecast", weeks="2", begins=first)
    assert answer.status_code == 303
    token = answer.location.rpartition("/")[2]
    with web.app_context():
        assert row(token).document["demand"]["forecast"] == {"first": first, "weeks": 2}
    copy = maria.get(f"/planner/new?from={token}")
    assert chosen(copy) == ["forecast"]
    assert f'name="begins" type="date" value="{first}"' in copy.text


@pytest.fixture
def done(web: Flask) -> str:
    """A plan that has been played, with all that a page may show."""
    with web.app_context():
        history.make(days=2)
        scenario = logged(changes=[ADD], staffing={"minutes": 60, "days": 0.5})
        token = store.save(scenario, configuration.current(), time.time())
        mark = store.claim(token, time.time())
        material = gathered(scenario)
        result = play.play(scenario, configuration.current(), material, play.Player())
        assert mark
        store.finish(token, mark, time.time(), json.loads(json.dumps(result, allow_nan=False)))
        return token


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_answer_is_shown_in_words_figures_and_a_chart(
    maria: FlaskClient, done: str, language: str
) -> None:
    page = maria.get(f"/planner/{done}?lang={language}").text
    assert {"sv": "Vad som skulle ändras", "en": "What would change"}[language] in page
    assert page.count('role="img"') == 2
    assert 'id="fidelity"' in page


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"reason": "counters"}, "needs more counters than there are"),
        ({"reason": "unspoken", "languages": ["so"]}, "visitors accept only Somali"),
    ],
)
def test_a_plan_that_cannot_be_staffed_says_why(
    web: Flask, maria: FlaskClient, done: str, told: dict[str, Any], said: str
) -> None:
    with web.app_context():
        result = row(done).result
        result["staffing"] = {"kept": False, "tries": 1, "minutes": 10, "share": 0.9} | told
        with write.transaction() as connection:
            connection.execute(update(p).where(p.c.token == done).values(result=result))
    assert said in maria.get(f"/planner/{done}?lang=en").text


@pytest.fixture
def foreseen(web: Flask) -> str:
    """A plan of the coming week that has been played."""
    log_visits(web, "varby", 12, weeks=12)
    with web.app_context():
        token = store.save(coming(changes=[ADD]), configuration.current(), time.time())
        mark = store.claim(token, time.time())
        result = play.play(
            coming(changes=[ADD]), configuration.current(), gathered(coming()), play.Player()
        )
        assert mark
        store.finish(token, mark, time.time(), json.loads(json.dumps(result, allow_nan=False)))
        return token


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("sv", ("missade prognosen", "ingen prognos", "Dagar som kommer finns inte i någon logg")),
        ("en", ("the forecast missed by", "no forecast, for want", "Days to come are in no log")),
    ],
)
def test_beside_the_answer_stand_the_forecast_and_its_past_error(
    maria: FlaskClient, foreseen: str, language: str, told: tuple[str, ...]
) -> None:
    page = maria.get(f"/planner/{foreseen}?lang={language}").text
    assert [text for text in told if text not in page] == []


def test_another_manager_can_open_the_address(web: Flask, done: str) -> None:
    page = signed_in(web, "admin", "/planner").get(f"/planner/{done}")
    assert page.status_code == 200
    assert f"/planner/{done}" in page.text


def test_staff_may_see_no_plan(web: Flask, done: str) -> None:
    anna = signed_in(web, "anna")
    for address in ("/planner", "/planner/new", f"/planner/{done}", f"/planner/{done}.json"):
        assert anna.get(address).status_code == 403


def test_the_answer_is_there_as_json(maria: FlaskClient, done: str) -> None:
    told = maria.get(f"/planner/{done}.json").json
    assert told
    assert told["state"] == "done"
    assert told["result"]["rows"][0]["by"] == "all"


def test_a_plan_can_be_copied_and_changed(maria: FlaskClient, done: str) -> None:
    page = maria.get(f"/planner/new?from={done}&lang=en")
    assert len(changes_in(page)) == 1
    assert f'value="{history.FIRST}"' in page.text


def test_progress_is_shown_while_a_plan_is_played(web: Flask, maria: FlaskClient) -> None:
    with web.app_context():
        token = saved()
        mark = store.claim(token, time.time())
        assert mark
        store.hear(token, mark, time.time(), 3, 12)
    page = maria.get(f"/planner/{token}?lang=en").text
    assert "3 of 12 days played" in page


def test_a_plan_is_stopped_from_its_page(web: Flask, maria: FlaskClient) -> None:
    with web.app_context():
        token = saved()
    answer = post(maria, f"/planner/{token}", f"/planner/{token}/stop")
    assert answer.status_code == 303
    assert "It was stopped" in maria.get(f"/planner/{token}?lang=en").text


def test_a_plan_that_failed_says_why(web: Flask, maria: FlaskClient) -> None:
    with web.app_context():
        token = saved()
        mark = store.claim(token, time.time())
        assert mark
        store.fail(token, mark, time.time(), document.Fault("demand.log", "nobody-came", {}))
    assert "There are no visitors in this period" in maria.get(f"/planner/{token}?lang=en").text


def test_a_plan_that_no_longer_fits_is_not_played_again(web: Flask, maria: FlaskClient) -> None:
    with web.app_context():
        token = saved()
        old = SMALL | {"changes": [{"kind": "counters", "office": "nacka", "counters": 2}]}
        with write.transaction() as connection:
            connection.execute(
                update(p).where(p.c.token == token).values(state="stopped", document=old)
            )
    answer = post(maria, f"/planner/{token}?lang=en", f"/planner/{token}/again")
    assert answer.location == f"/planner/new?from={token}"
    page = maria.get(f"{answer.location}&lang=en")
    assert "It does not fit as things are today" in page.text


def test_a_plan_that_can_be_read_no_more_is_begun_anew_from_an_empty_form(
    web: Flask, maria: FlaskClient
) -> None:
    with web.app_context():
        token = saved()
        old = SMALL | {"demand": {"log": {"first": "9999-12-30", "last": "9999-12-31"}}}
        with write.transaction() as connection:
            connection.execute(update(p).where(p.c.token == token).values(document=old))
    page = maria.get(f"/planner/new?from={token}&lang=en")
    assert page.status_code == 422
    assert "Choose a day from" in page.text
    assert chosen(page)
