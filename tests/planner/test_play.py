"""Both worlds played: on the same visitors, with the same figures where nothing is changed."""

import datetime as dt
from collections import Counter
from functools import cache
from typing import Any

import pytest

from queueapp.config import HUDDINGE
from queueapp.core import measures
from queueapp.municipality import load
from queueapp.planner import changes, costs, document, fidelity, period, play, visitors
from queueapp.planner.changes import Changed
from queueapp.planner.figures import DayTold
from queueapp.planner.play import Player
from queueapp.simulate import rota
from queueapp.simulate.runs import Run, play_day
from queueapp.statistics.rates import Costs

MUNICIPALITY = load(HUDDINGE)
DAYS, PER_DAY = 4, 150
CLOSE = {"kind": "close_office", "office": "skogas", "to": "sjodalsvagen", "lost": 0.0}
OPEN = {
    "kind": "open_office",
    "code": "flemingsberg",
    "name": "Flemingsberg",
    "district": "flemingsberg",
    "districts": ["flemingsberg"],
    "takes": 1.0,
}
SPEAKER = {"kind": "add_staff", "languages": {"so": "native", "sv": "fluent"}, "number": 2}

Told = dict[str, Any]


def scenario(*told: Told, **more: Any) -> document.Scenario:
    demand = {"invented": {"days": DAYS, "per_day": PER_DAY}} | more.pop("demand", {})
    return document.read({"title": "x", "demand": demand, "changes": list(told)} | more)


@cache
def came(days: int = DAYS) -> visitors.Days:
    asked = document.Invented(days=days, per_day=PER_DAY)
    return visitors.invented(MUNICIPALITY, asked, seed=1)


def went(*told: Told) -> visitors.Went:
    asked = scenario(*told)
    return visitors.moved(came(), changes.apply(MUNICIPALITY, asked.changes), asked)


def played(*told: Told, rates: Any = None, days: int = DAYS, **more: Any) -> Told:
    material = period.Material(came(days), rates or {})
    return play.play(scenario(*told, **more), MUNICIPALITY, material, Player())


def row(result: Told, by: str = "all", group: str = "") -> Told:
    return next(
        one["figures"] for one in result["rows"] if (one["by"], one["group"]) == (by, group)
    )


def everybody(days: visitors.Days) -> list[Any]:
    return [arrival for of_day in days.values() for arrival in of_day]


def at_offices(days: visitors.Days) -> Counter[str]:
    return Counter(arrival.office for arrival in everybody(days))


# --- where visitors go ----------------------------------------------------------------------------


def test_a_closed_offices_visitors_go_where_it_says() -> None:
    before, after = at_offices(came()), at_offices(went(CLOSE).days)
    assert after["skogas"] == 0
    assert after["sjodalsvagen"] == before["sjodalsvagen"] + before["skogas"]


def test_the_shares_of_a_closed_offices_visitors_are_lost_or_served_from_home() -> None:
    found = went(CLOSE | {"lost": 0.5, "from_home": 0.5})
    before, after = at_offices(came()), at_offices(found.days)
    assert found.told["lost"] + after[visitors.HOME] == before["skogas"]
    assert found.told["lost"] == pytest.approx(before["skogas"] / 2, rel=0.3)


def test_a_new_office_takes_those_who_live_in_its_districts() -> None:
    after = [one for one in everybody(went(OPEN).days) if one.office == "flemingsberg"]
    assert after
    assert {one.district for one in after} == {"flemingsberg"}


def test_nobody_goes_to_a_new_office_while_it_is_closed() -> None:
    noon = OPEN | {"opens": "12:00", "closes": "13:00"}
    for arrival in everybody(went(noon).days):
        if arrival.office == "flemingsberg":
            local = dt.datetime.fromtimestamp(arrival.at, MUNICIPALITY.zone)
            assert local.hour == 12


def test_who_came_when_it_is_closed_now_comes_when_it_is_open() -> None:
    found = went(
        {"kind": "opening_hours", "office": "varby", "opens": "12:00", "closes": "15:00", "move": 0}
    )
    hours = {
        dt.datetime.fromtimestamp(one.at, MUNICIPALITY.zone).hour
        for one in everybody(found.days)
        if one.office == "varby"
    }
    assert hours == {12, 13, 14}
    assert at_offices(found.days) == at_offices(came())


def test_a_change_moves_nobody_whom_it_does_not_concern() -> None:
    before, after = everybody(came()), everybody(went(CLOSE).days)
    untouched = {"varby", "sjodalsvagen"}
    assert {one for one in before if one.office in untouched} <= set(after)


def test_a_factor_scales_those_it_names() -> None:
    scaled = visitors.scaled(came(), [document.Scale(office="varby", factor=2.0)], seed=1)
    before, after = at_offices(came()), at_offices(scaled)
    assert after == before | Counter({"varby": 2 * before["varby"]})


def test_nobody_is_offered_video_where_there_is_no_room() -> None:
    no_rooms = changes.apply(MUNICIPALITY, scenario({"kind": "video", "rooms": 0}).changes)[-1]
    found = visitors.without_rooms(came(), no_rooms.municipality)
    assert not any(arrival.video for arrival in everybody(found))


# --- the figures ----------------------------------------------------------------------------------


def test_without_a_change_every_difference_is_exactly_nothing() -> None:
    for one in played()["rows"]:
        for figure in one["figures"].values():
            assert figure["difference"] in {0.0, None}
            assert figure["interval_difference"] in {(0.0, 0.0), None}


def test_the_same_scenario_gives_the_same_result_however_many_play() -> None:
    alone = played(SPEAKER)
    together = play.play(scenario(SPEAKER), MUNICIPALITY, period.Material(came()), Player(jobs=2))
    assert alone == together


def test_more_speakers_of_a_language_shorten_its_wait() -> None:
    wait = row(played(SPEAKER), "language", "so")["wait_mean_s"]
    assert wait["changed"] < 0.7 * wait["today"]


def test_the_difference_is_surer_than_either_figure() -> None:
    wait = row(played(SPEAKER, days=10))["wait_mean_s"]
    widths = {name: wait[f"interval_{name}"] for name in ("today", "difference")}
    assert widths["difference"][1] - widths["difference"][0] < (
        widths["today"][1] - widths["today"][0]
    )


def test_video_from_home_is_served_by_the_open_counters() -> None:
    found = row(played(CLOSE | {"from_home": 1.0}), "office", visitors.HOME)
    assert found["video_share"]["changed"] == 1.0


def test_forbidding_video_ends_it() -> None:
    found = row(played({"kind": "video", "rooms": 0}))["video_share"]
    assert found["today"] > 0 == found["changed"]


def test_a_new_offices_row_has_no_today() -> None:
    found = row(played(OPEN), "office", "flemingsberg")["wait_mean_s"]
    assert found["today"] is None
    assert found["changed"] is not None


def test_more_on_duty_than_counters_is_said() -> None:
    crowd = {"kind": "add_staff", "languages": {"sv": "native"}, "number": 10}
    codes = {note["code"] for note in played(crowd)["notes"]}
    assert "no_counter" in codes


def test_a_right_that_nobody_on_duty_can_meet_is_said() -> None:
    notes = played({"kind": "remove_staff", "staff": "aino", "ill": True})["notes"]
    assert {"code": "right_unmet", "language": "fi"} in notes


# --- costs ----------------------------------------------------------------------------------------

RATES = {(office.code, 2027): Costs(0.0, 100.0, 0.0) for office in MUNICIPALITY.offices}


def test_without_costs_none_are_shown_and_the_missing_ones_are_named() -> None:
    result = played()
    assert row(result)["cost_per_day"]["today"] is None
    assert ["varby", 2027] in result["costs_missing"]


def test_staff_hours_cost_what_was_entered() -> None:
    found = row(played(rates=RATES))
    hours = found["staff_hours_per_day"]["today"]
    assert found["cost_per_day"]["today"] == pytest.approx(100.0 * hours)


def test_what_is_fixed_is_spread_over_the_open_days_of_the_year() -> None:
    date = dt.date(2027, 1, 11)
    fixed = {place: Costs(1000.0, 0.0, 0.0) for place in RATES}
    told = costs.of_world(MUNICIPALITY, fixed, [2027], scenario())
    open_days = sum(
        bool(MUNICIPALITY.offices[0].opening(dt.date(2027, 1, 1) + dt.timedelta(days=n)))
        for n in range(365)
    )
    assert told.of_day(date, {}, {}) == pytest.approx(3 * 1000.0 / open_days)


def test_an_interpreter_costs_per_visit() -> None:
    each = {place: Costs(0.0, 0.0, 500.0) for place in RATES}
    told = costs.of_world(MUNICIPALITY, each, [2027], scenario())
    assert told.of_day(dt.date(2027, 1, 11), {}, {"varby": 2}) == 1000.0


def test_a_new_office_without_its_cost_hides_all_costs() -> None:
    assert played(OPEN, rates=RATES)["costs_missing"] == [["flemingsberg", 2027]]
    known = played(OPEN | {"fixed_cost": 1e6}, rates=RATES)
    assert row(known)["cost_per_day"]["difference"] > 0


# --- fidelity -------------------------------------------------------------------------------------


def test_a_simulated_days_counters_are_found_again_in_its_log() -> None:
    date, arrivals = next(iter(came().items()))
    (day,) = play.days_of(Changed(MUNICIPALITY), {date: arrivals}).values()
    log = play_day(Run((day,), play.RULE, 1, keep_log=True), 0).log
    again = fidelity.as_it_was(MUNICIPALITY, day, date, log)
    assert again is not None
    was = {shift.server.counter: shift.server.languages for shift in day.world.shifts}
    found = {shift.server.counter: shift.server.languages for shift in again.world.shifts}
    assert found.keys() == was.keys()
    assert sum(found[counter] == was[counter] for counter in was) >= len(was) - 2


def test_a_log_without_counters_says_nothing_of_who_sat_where() -> None:
    date, arrivals = next(iter(came().items()))
    (day,) = play.days_of(Changed(MUNICIPALITY), {date: arrivals}).values()
    assert fidelity.as_it_was(MUNICIPALITY, day, date, []) is None


def visit(wait_s: float, at: float) -> measures.Visit:
    return measures.Visit(
        "varby", "bygglov", ("sv",), "kiosk", "here", None, at, False, called_at=at + wait_s
    )


def days_told(*waits: float) -> list[DayTold]:
    return [
        DayTold(dt.date(2027, 1, 11), [visit(wait, 1000.0 * n) for n in range(12)])
        for wait in waits
    ]


@pytest.mark.parametrize(
    ("replayed", "fits"),
    [
        ((600, 700, 800, 900), True),  # the same
        ((620, 720, 820, 920), True),  # 20 seconds are no difference that matters
        ((900, 1000, 1101, 1202), False),  # five minutes more on every day
        ((100, 1500, 200, 1600), True),  # more and less: within the interval
    ],
)
def test_what_differs_clearly_does_not_fit(replayed: tuple[float, ...], fits: bool) -> None:
    both = fidelity.Replay(days_told(600, 700, 800, 900), days_told(*replayed), 4)
    told = fidelity.compare(both, {("all", ""): ["wait_mean_s"]})["rows"]
    assert next(one["fits"] for one in told if one["figure"] == "wait_mean_s") is fits


def test_one_day_is_too_little_to_judge_by() -> None:
    both = fidelity.Replay(days_told(600), days_told(1200), 1)
    told = fidelity.compare(both, {("all", ""): ["wait_mean_s"]})["rows"]
    assert next(one["fits"] for one in told if one["figure"] == "wait_mean_s") is None


# --- equality -------------------------------------------------------------------------------------

CLOSE_VARBY = {"kind": "close_office", "office": "varby", "to": "sjodalsvagen"}
GENTLY = {"demand": {"scale": [{"factor": 0.5}]}}


def not_compared(result: Told) -> Told:
    return {
        note["by"]: (note["groups"], note["number"])
        for note in result["notes"]
        if note["code"] == "not_compared"
    }


def test_one_office_that_is_left_is_not_more_equal() -> None:
    result = played(CLOSE, CLOSE_VARBY, **GENTLY)
    told = row(result)["worst_office"]
    assert (told["today"], told["changed"], told["difference"]) == (None, None, None)
    assert not_compared(result)["office"] == (["skogas", "varby"], 1)


def test_equality_is_compared_among_the_offices_of_both_worlds() -> None:
    result = played(CLOSE)
    waits = {code: row(result, "office", code) for code in ("sjodalsvagen", "varby")}
    for world in ("today", "changed"):
        worst = max(one["wait_mean_s"][world] for one in waits.values())
        least = min(one["wait_mean_s"][world] for one in waits.values())
        ratio = row(result)["worst_office"][world]
        # Everyone's wait is between theirs, whatever it was at the office that is gone.
        assert 1 <= ratio <= worst / least
    assert not_compared(result)["office"] == (["skogas"], 2)


def test_languages_that_hardly_come_any_more_are_left_out_of_equality_and_named() -> None:
    lost = [CLOSE | {"lost": 1.0}, CLOSE_VARBY | {"lost": 1.0}]
    assert not_compared(played())["language"] == (["uk"], 11)  # seven visits in both worlds
    left_out, compared = not_compared(played(*lost))["language"]
    assert {"ckb", "fi", "uk"} <= set(left_out)
    assert compared == 12 - len(left_out)


# --- days that were not played --------------------------------------------------------------------


def codes(result: Told) -> set[str]:
    return {note["code"] for note in result["notes"]}


def test_a_change_on_a_weekday_without_visitors_says_that_no_figure_has_it() -> None:
    sunday = {"kind": "opening_hours", "office": "varby", "weekdays": [5, 7]}
    # The days that are played are Monday to Thursday.
    told = [n for n in played(sunday)["notes"] if n["code"] == "weekdays_not_played"]
    assert [note["weekdays"] for note in told] == [[5, 7]]


def test_a_weekday_that_is_closed_and_has_no_visitors_is_nothing_to_say() -> None:
    closed = {"kind": "opening_hours", "office": "varby", "weekdays": [7], "closed": True}
    assert "weekdays_not_played" not in codes(played(closed))


def test_changed_weekdays_that_were_played_need_no_word() -> None:
    assert "weekdays_not_played" not in codes(played(SPEAKER | {"weekdays": [1, 2, 3, 4]}))


# --- what cannot be staffed -----------------------------------------------------------------------


def unstaffed(*told: Told, **more: Any) -> list[Told]:
    return [note for note in played(*told, **more)["notes"] if note["code"] == "unstaffed"]


EARLY = {"kind": "opening_hours", "office": "varby", "weekdays": [1, 2], "closes": "17:00"}


def test_open_hours_with_nobody_on_duty_are_named() -> None:
    (told,) = unstaffed(EARLY | {"opens": "06:00"})
    (times,) = told["times"]
    assert (told["office"], times["weekdays"]) == ("varby", [1, 2])
    ((begins, ends),) = times["spans"]
    assert begins == "06:00"
    assert "06:30" < ends <= "09:00"


def test_an_office_where_everybody_is_ill_is_named_once() -> None:
    ill = [
        {"kind": "remove_staff", "staff": member.name, "ill": True}
        for member in rota.serving(MUNICIPALITY)
    ]
    told = [note["office"] for note in unstaffed(*ill)]
    assert sorted(told) == ["sjodalsvagen", "skogas", "varby"]


def test_open_hours_that_somebody_works_need_no_word() -> None:
    assert unstaffed(EARLY | {"opens": "10:00"}) == []


def test_hours_that_nobody_works_today_either_are_not_the_changes() -> None:
    assert unstaffed({"kind": "video", "rooms": 0}) == []


AT_NIGHT = [
    EARLY | {"office": office.code, "weekdays": [1], "opens": "00:00", "closes": "05:00"}
    for office in MUNICIPALITY.offices
]


def test_where_nobody_is_on_duty_it_is_said_that_all_are_taken_to_work() -> None:
    assert "all_taken" not in codes(played())
    (told,) = [note for note in played(*AT_NIGHT)["notes"] if note["code"] == "all_taken"]
    assert told["weekdays"] == [1]
    works = {"kind": "add_staff", "languages": {"sv": "native"}, "opens": "00:00"}
    assert "all_taken" not in codes(played(*AT_NIGHT, works))


def test_who_is_taken_to_work_on_a_day_that_is_not_played_need_not_be_said() -> None:
    sunday = {"kind": "opening_hours", "office": "varby", "weekdays": [7]}
    assert "all_taken" not in codes(played(sunday))


def test_the_schedule_that_was_found_is_what_is_looked_at() -> None:
    found = {"staffing": {"minutes": 120, "days": 0.5}}
    result = played(EARLY | {"opens": "06:00"}, **found)
    assert result["staffing"]["roster"]
    assert not {"unstaffed", "no_counter"} & codes(result)
