"""The fewest staff: what the search promises holds when it is played, and it says when it cannot."""

import datetime as dt
from functools import cache
from typing import Any

import pytest

from queueapp.config import HUDDINGE
from queueapp.core.disclosure import FEWEST
from queueapp.core.measures import Visit
from queueapp.municipality import Municipality, load, parse, to_document
from queueapp.planner import changes, document, period, play, rosters, staffing, visitors
from queueapp.planner.document import Staffing, Unfit
from queueapp.planner.figures import DayTold
from queueapp.planner.play import Player
from queueapp.planner.rosters import Column, Model

MUNICIPALITY = load(HUDDINGE)
ASKED = {"minutes": 25, "days": 0.75}
DEMAND = {"invented": {"days": 5, "per_day": 90}}


def scenario(*told: dict[str, Any], **more: Any) -> document.Scenario:
    asked = {"title": "x", "demand": DEMAND, "changes": list(told), "staffing": ASKED}
    return document.read(asked | more)


def answer(*told: dict[str, Any]) -> dict[str, Any]:
    asked = scenario(*told)
    assert asked.demand.invented
    came = visitors.invented(MUNICIPALITY, asked.demand.invented, asked.seed)
    result = play.play(asked, MUNICIPALITY, period.Material(came), Player())
    return dict(result["staffing"]) | {"rows": result["rows"]}


@cache
def found() -> dict[str, Any]:
    return answer()


def roster_of(told: dict[str, Any]) -> dict[Column, int]:
    known = {
        (one.office, one.pattern, tuple(sorted(one.profile.spoken))): one
        for one in rosters.columns(MUNICIPALITY)
    }
    return {
        known[row["office"], row["pattern"], tuple(row["languages"])]: row["number"]
        for row in told["roster"]
    }


def test_the_schedule_keeps_its_promise_when_it_is_played_again() -> None:
    assert found()["kept"]
    asked = scenario()
    assert asked.demand.invented
    came = visitors.invented(MUNICIPALITY, asked.demand.invented, asked.seed)
    again = rosters.staffed(MUNICIPALITY, roster_of(found()))
    days = Player().play(play.days_of(changes.Changed(again), came))
    for language, kept in staffing.judged(days, Staffing(**ASKED)).items():
        assert kept.share >= ASKED["days"], language


def test_every_office_has_somebody_at_every_open_hour() -> None:
    for office, halves in rosters.halves(MUNICIPALITY).items():
        there = [column for column in roster_of(found()) if column.office == office]
        for half in halves:
            assert any(half in column.halves for column in there)


def test_no_more_people_than_counters() -> None:
    for office in MUNICIPALITY.offices:
        for weekday in range(1, 6):
            there = sum(
                number
                for column, number in roster_of(found()).items()
                if column.office == office.code and weekday in dict(column.hours)
            )
            assert there <= office.counters


def test_it_tells_how_many_hours_no_schedule_can_do_without() -> None:
    assert 0 < found()["needed_hours_a_week"] <= found()["hours_a_week"]


def test_the_schedule_is_the_changed_world() -> None:
    told = found()["rows"][0]["figures"]["staff_hours_per_day"]
    # Breaks are paid hours of the schedule, but no time at an open counter.
    assert 0.75 * found()["hours_a_week"] < 5 * told["changed"] < found()["hours_a_week"]
    assert told["changed"] < told["today"]


def test_a_language_that_nobody_speaks_cannot_be_staffed() -> None:
    told = answer({"kind": "remove_staff", "staff": "oksana"})
    assert (told["kept"], told["reason"]) == (False, "unspoken")
    assert set(told["languages"]) <= {"uk", "pl"}
    assert told["languages"]


def test_too_few_counters_for_the_work_cannot_be_staffed() -> None:
    few = [{"kind": "counters", "office": o.code, "counters": 1} for o in MUNICIPALITY.offices]
    told = answer({"kind": "close_office", "office": "skogas", "to": "varby", "lost": 0}, *few[::2])
    assert (told["kept"], told["reason"]) == (False, "counters")


# --- beside today ---------------------------------------------------------------------------------

CHRISTMAS_WEEK = [dt.date(2026, 12, day) for day in (21, 22, 23)]
"""Thursday and Friday are closed."""


def test_the_hours_are_those_of_the_dates_alone() -> None:
    each = [staffing.hours_a_day(MUNICIPALITY, [date]) for date in CHRISTMAS_WEEK]
    assert staffing.hours_a_day(MUNICIPALITY, CHRISTMAS_WEEK) == pytest.approx(sum(each) / 3)


@cache
def found_at_christmas() -> dict[str, Any]:
    demand = {"invented": {"first": "2026-12-21", "days": 3, "per_day": 90}}
    asked = scenario(demand=demand)
    assert asked.demand.invented
    came = visitors.invented(MUNICIPALITY, asked.demand.invented, asked.seed)
    assert list(came) == CHRISTMAS_WEEK
    result = play.play(asked, MUNICIPALITY, period.Material(came), Player())
    return dict(result["staffing"]) | {"rows": result["rows"]}


def test_in_a_week_with_holidays_the_schedule_and_today_are_compared_on_the_same_days() -> None:
    told = found_at_christmas()
    assert told["hours_a_day_today"] == staffing.hours_a_day(MUNICIPALITY, CHRISTMAS_WEEK)
    of_these = sum(
        row["number"] * (int(hours["closes"][:2]) - int(hours["opens"][:2]))
        for row in told["roster"]
        for hours in row["hours"]
        if hours["weekday"] in {1, 2, 3}
    )
    assert told["hours_a_day"] == pytest.approx(of_these / 3)


def test_weekdays_that_were_not_played_are_named() -> None:
    assert found_at_christmas()["weekdays_not_played"] == [4, 5]
    assert found()["weekdays_not_played"] == []


# --- the promise ----------------------------------------------------------------------------------


def visit(language: str, wait_s: float | None, left_after_s: float = 0.0) -> Visit:
    called = None if wait_s is None else wait_s
    ended = left_after_s if wait_s is None else None
    return Visit(
        "varby", "bygglov", (language,), "kiosk", "here", None, 0.0, False,
        called_at=called, ended_at=ended,
    )  # fmt: skip


def day(*visits: Visit) -> DayTold:
    return DayTold(dt.date(2027, 1, 11), list(visits))


ALL_WEEK = list(range(1, 8))
ALL_CLOSED = [
    {"kind": "opening_hours", "office": office.code, "closed": True, "weekdays": ALL_WEEK}
    for office in MUNICIPALITY.offices
]


def refused(
    *told: dict[str, Any], town: Municipality = MUNICIPALITY, **more: Any
) -> tuple[str, str]:
    """The field and the reason that a scenario is refused by when it is played."""
    asked = scenario(*told, **more)
    assert asked.demand.invented
    came = visitors.invented(MUNICIPALITY, asked.demand.invented, asked.seed)
    with pytest.raises(Unfit) as found:
        play.play(asked, town, period.Material(came), Player())
    (fault,) = found.value.faults
    return fault.field, fault.reason


def test_where_nobody_can_come_there_is_no_staff_to_look_for() -> None:
    assert refused(*ALL_CLOSED) == ("staffing", "nobody-to-serve")


def test_where_nobody_serves_there_is_no_competence_to_choose() -> None:
    whole = to_document(MUNICIPALITY)
    others = [member for member in whole["staff"] if member["role"] != "staff"]
    town = parse(whole | {"staff": others, "rights": []})
    assert refused(town=town) == ("staffing", "nobody-serves")


def test_where_all_visitors_stay_away_nothing_is_played() -> None:
    nobody = {"demand": DEMAND | {"scale": [{"factor": 0}]}}
    assert refused(**nobody) == ("demand.scale", "nobody-left")


def test_a_language_is_judged_over_the_days_that_have_its_visitors() -> None:
    days = [day(*[visit("so", 60.0)] * 5), day(), day(visit("so", 3600.0))]
    assert staffing.judged(days, Staffing(minutes=10))["so"] == staffing.Kept(2, 1, 3600.0)


def test_who_left_waited_until_they_left() -> None:
    days = [day(*[visit("so", None, left_after_s=1800.0)] * FEWEST)]
    assert staffing.judged(days, Staffing(minutes=10))["so"].kept == 0


def test_a_language_with_few_visitors_is_not_judged() -> None:
    assert staffing.judged([day(*[visit("so", 9e9)] * 4)], Staffing()) == {}


# --- the model ------------------------------------------------------------------------------------


def test_the_model_finds_the_shortest_schedule_that_fulfils_its_rows() -> None:
    model = Model(rosters.columns(MUNICIPALITY), {o.code: o.counters for o in MUNICIPALITY.offices})
    model.require(lambda column: float((1, 0) in column.halves and column.office == "varby"), 2.0)
    schedule = model.solve()
    assert schedule
    assert sum(schedule.values()) == 2
    assert rosters.hours_a_week(schedule) == 16.0  # two Mondays, 9 to 17
    assert model.fulfilled(schedule)


def test_a_wished_row_is_missed_where_the_counters_do_not_suffice() -> None:
    model = Model(rosters.columns(MUNICIPALITY), {o.code: 1 for o in MUNICIPALITY.offices})
    model.require(lambda column: float((1, 0) in column.halves), 5.0, wished=True)
    schedule = model.solve()
    assert schedule is not None
    assert sum(schedule.values()) == 3


def test_a_required_row_that_no_schedule_fulfils_has_none() -> None:
    model = Model(rosters.columns(MUNICIPALITY), {o.code: 1 for o in MUNICIPALITY.offices})
    model.require(lambda column: float((1, 0) in column.halves), 5.0)
    assert model.solve() is None
