"""The forecast of visits: on invented years whose law is known."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from queueapp.config import HUDDINGE
from queueapp.municipality import Municipality, load, parse, to_document
from queueapp.outlook import duty, make, planned
from queueapp.outlook.calendar import Calendar
from queueapp.outlook.history import History
from queueapp.outlook.past import Past
from queueapp.outlook.spread import Miss, Misses, ranges
from queueapp.outlook.values import DayCount, OfficeOutlook, Outlook
from queueapp.simulate.scenario import Scenario
from tests import outlook_world as world

# Where every day has exactly as many visits there is nothing left to search for.
pytestmark = pytest.mark.filterwarnings("ignore:Line search of Newton solver")

TODAY = dt.date(2026, 10, 12)
DAY = dt.timedelta(days=1)
OFFICES = ("sjodalsvagen", "skogas", "varby")
SERVICES = {office: {"bygglov": 3, "forskola-skola": 1} for office in OFFICES}


@cache
def huddinge() -> Municipality:
    return load(HUDDINGE)


@cache
def calendar() -> Calendar:
    return Calendar(huddinge())


def changed(office: str, **more: object) -> Municipality:
    """Huddinge, with something else at one office."""
    document = to_document(huddinge())
    for one in document["offices"]:
        if one["code"] == office:
            one.update(more)
    return parse(document)


def outlook(
    counts: Iterable[DayCount], today: dt.date = TODAY, known: Calendar | None = None
) -> Outlook:
    return make.outlook(History.of(known or calendar(), OFFICES, today, counts), SERVICES)


@cache
def three_years() -> Outlook:
    return outlook(world.counts(calendar(), TODAY, seed=1))


def office(found: Outlook, code: str = "skogas") -> OfficeOutlook:
    one = found.of(code)
    assert one
    return one


def steady(first: dt.date, days: int, visits: int = 10, language: str = "sv") -> list[DayCount]:
    """The same number of visits in Skogås on every open day."""
    return [
        DayCount(day, "skogas", 10, language, visits)
        for day in (first + n * DAY for n in range(days))
        if calendar().open("skogas", day)
    ]


# --- how good it is -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", OFFICES)
def test_three_years_teach_more_than_the_weeks_before(code: str) -> None:
    missed = {error.basis: error.mean_absolute for error in office(three_years(), code).errors}
    assert missed["model"] < min(missed["four-weeks"], missed["last-week"])


@pytest.mark.parametrize("code", OFFICES)
def test_the_regression_comes_close_to_the_law_itself(code: str) -> None:
    for day in office(three_years(), code).days:
        if day.open and day.expected:
            law = world.mean(calendar(), code, day.day, TODAY)
            assert day.expected.visits == pytest.approx(law, rel=0.2)


def test_four_of_five_of_the_days_that_follow_lie_within_the_range() -> None:
    held = []
    for seed in range(4):
        end = TODAY + 28 * DAY
        counts = list(world.counts(calendar(), end, seed))
        came = History.of(calendar(), OFFICES, end, counts).totals
        told = outlook(one for one in counts if one.day < TODAY)
        held += [
            day.expected.low <= came[one.office].get(day.day, 0) <= day.expected.high
            for one in told.offices
            for day in one.days[:28]
            if day.open and day.expected
        ]
    assert 0.75 <= sum(held) / len(held) <= 0.85


def test_the_past_error_is_told_from_what_was_known_then() -> None:
    counts = list(world.counts(calendar(), TODAY, seed=1))
    doubled = [
        replace(one, visits=2 * one.visits) if one.day >= TODAY - 7 * DAY else one for one in counts
    ]
    before, after = (office(outlook(some)).errors for some in (counts, doubled))
    # Nobody could know a week before that twice as many would come in the last one.
    assert min(one.share for one in after) > min(one.share for one in before)


def test_the_way_that_missed_least_is_used() -> None:
    past = Past()
    for way, missed in (("model", 5), ("four-weeks", 2), ("last-week", 3)):
        past.days["skogas", way] = [Miss(10, 10 + missed, week) for week in range(1, 9)] * 3  # type: ignore[index]
    assert past.best("skogas") == "four-weeks"
    assert [error.basis for error in past.errors("skogas")] == ["four-weeks", "last-week", "model"]


def test_of_too_few_days_no_way_is_chosen_over_the_regression() -> None:
    past = Past()
    for way, missed in (("model", 5), ("four-weeks", 2), ("last-week", 3)):
        past.days["skogas", way] = [Miss(10, 10 + missed, 1)] * 5  # type: ignore[index]
    assert past.best("skogas") == "model"


# --- ranges -------------------------------------------------------------------------------------


def test_a_range_of_few_visits_begins_at_none_and_not_below() -> None:
    (one,) = ranges([0.7], 1e-6)
    assert (one.low, one.high) == (0, 1)


def test_misses_by_chance_alone_teach_no_dispersion() -> None:
    exact = Misses([Miss(100.0, visits, 1) for visits in (90, 95, 100, 105, 110) * 8])
    wild = Misses([Miss(100.0, visits, 1) for visits in (40, 70, 100, 130, 160) * 8])
    assert exact.dispersion([]) < 0.002
    assert wild.dispersion([]) > 0.1


# --- closed days --------------------------------------------------------------------------------


def test_a_closed_day_has_no_visits() -> None:
    for one in three_years().offices:
        closed = [day for day in one.days if not calendar().open(one.office, day.day)]
        assert closed
        for day in closed:
            assert day.expected
            assert (day.open, day.expected.high, dict(day.hours)) == (False, 0, {})


def test_a_holiday_that_the_configuration_has_not_listed_is_closed_and_named() -> None:
    today = dt.date(2028, 5, 22)
    told = office(outlook(world.counts(calendar(), today, seed=2, days=120), today))
    national = next(day for day in told.days if day.day == dt.date(2028, 6, 6))
    assert not national.open
    assert national.holiday == {"sv": "Nationaldagen", "en": "National Day"}


def test_an_office_that_the_configuration_opens_on_a_holiday_is_open() -> None:
    special = {
        "date": "2027-01-06",
        "closed": False,
        "hours": [{"opens": "10:00", "closes": "12:00"}],
    }
    known = Calendar(changed("skogas", exceptions=[special]))
    assert known.open_hours("skogas", dt.date(2027, 1, 6)) == (10, 11)


def test_a_day_without_any_visit_at_a_busy_office_is_not_learned_from() -> None:
    counts = [one for one in steady(TODAY - 84 * DAY, 84) if one.day != TODAY - 3 * DAY]
    known = History.of(calendar(), OFFICES, TODAY, counts)
    assert TODAY - 3 * DAY not in known.totals["skogas"]


def test_a_day_without_any_visit_at_a_quiet_office_counts() -> None:
    counts = [one for one in steady(TODAY - 84 * DAY, 84, visits=2) if one.day != TODAY - 3 * DAY]
    known = History.of(calendar(), OFFICES, TODAY, counts)
    assert known.totals["skogas"][TODAY - 3 * DAY] == 0


def test_a_shorter_day_has_fewer_visits() -> None:
    day = TODAY + DAY
    half = {
        "date": day.isoformat(),
        "closed": False,
        "hours": [{"opens": "10:00", "closes": "12:00"}],
    }
    known = Calendar(changed("skogas", exceptions=[half]))
    counts = list(world.counts(calendar(), TODAY, seed=1, days=200))
    usual, short = (office(outlook(counts, known=one)).days[1] for one in (calendar(), known))
    assert usual.expected
    assert short.expected
    assert set(short.hours) == {10, 11}
    assert short.expected.visits == pytest.approx(usual.hours[10] + usual.hours[11], rel=0.01)


# --- shares -------------------------------------------------------------------------------------


def test_hours_languages_and_weeks_sum_to_the_days() -> None:
    for one in three_years().offices:
        for day in one.days:
            assert day.expected
            assert sum(day.hours.values()) == pytest.approx(day.expected.visits)
            assert sum(one.cells(day).values()) == pytest.approx(day.expected.visits)
        first_week = [week for week in one.weeks if week.first == TODAY]
        visits = sum(day.expected.visits for day in one.days[:7] if day.expected)
        assert sum(week.expected.visits for week in first_week) == pytest.approx(visits)


def test_a_language_first_asked_for_last_week_is_expected() -> None:
    counts = steady(TODAY - 200 * DAY, 200) + steady(TODAY - 7 * DAY, 7, 3, "uk")
    week = next(one for one in office(outlook(counts)).weeks if one.language == "uk")
    assert week.expected.visits > 0


# --- little history -----------------------------------------------------------------------------


def test_of_an_office_without_history_nothing_is_said() -> None:
    told = office(outlook(steady(TODAY - 200 * DAY, 200)), "varby")
    assert (told.basis, told.since, told.errors) == ("nothing", None, ())
    assert {day.expected for day in told.days if day.open} == {None}


def test_of_less_than_two_weeks_nothing_is_said() -> None:
    told = office(outlook(steady(TODAY - 13 * DAY, 13)))
    assert told.basis == "nothing"


def test_of_an_office_where_nobody_has_come_for_months_nothing_is_said() -> None:
    told = office(outlook(steady(TODAY - 300 * DAY, 200)))
    assert told.basis == "nothing"


def test_of_less_than_eight_weeks_the_mean_of_the_weekday_is_told_with_a_wide_range() -> None:
    told = office(outlook(steady(TODAY - 50 * DAY, 50)))
    assert (told.basis, told.errors) == ("weekday-mean", ())
    monday = told.days[0].expected
    assert monday
    assert monday.visits == pytest.approx(10)
    assert monday.low <= 5
    assert monday.high >= 14


def test_a_young_office_does_not_disturb_the_old_ones() -> None:
    counts = list(world.counts(calendar(), TODAY, seed=1, offices=("skogas",)))
    young = [replace(one, office="varby") for one in steady(TODAY - 30 * DAY, 30)]
    alone, beside = (office(outlook(some)) for some in (counts, counts + young))
    assert [day.expected for day in alone.days] == [day.expected for day in beside.days]


# --- the planner ----------------------------------------------------------------------------------


def test_the_streams_of_a_day_bring_its_visits() -> None:
    day = office(three_years(), "varby").days[1]
    streams = planned.streams(three_years(), huddinge(), day.day)
    come = sum(sum(one.per_hour) for one in streams if one.office == "varby")
    assert day.expected
    assert come == pytest.approx(day.expected.visits)


def test_where_an_office_opens_at_half_past_the_visits_come_in_what_is_left_of_the_hour() -> None:
    day = TODAY + DAY
    late = {
        "date": day.isoformat(),
        "closed": False,
        "hours": [{"opens": "10:30", "closes": "12:00"}],
    }
    town = changed("varby", exceptions=[late])
    told = outlook(world.counts(calendar(), TODAY, seed=1, days=200), known=Calendar(town))
    rates = [one.per_hour for one in planned.streams(told, town, day) if one.office == "varby"]
    expected = office(told, "varby").days[1]
    assert sum(rate[10] for rate in rates) == pytest.approx(2 * expected.hours[10])
    assert sum(rate[11] for rate in rates) == pytest.approx(expected.hours[11])


def test_on_the_day_the_clocks_are_changed_visits_come_by_the_clock() -> None:
    sunday = dt.date(2026, 10, 25)  # that day has twenty-five hours
    special = {
        "date": sunday.isoformat(),
        "closed": False,
        "hours": [{"opens": "10:00", "closes": "14:00"}],
    }
    town = changed("varby", exceptions=[special])
    told = outlook(world.counts(calendar(), TODAY, seed=1, days=200), known=Calendar(town))
    day = next(one for one in office(told, "varby").days if one.day == sunday)
    streams = [one for one in planned.streams(told, town, sunday) if one.office == "varby"]
    assert set(day.hours) == {10, 11, 12, 13}
    assert day.expected
    for hour, visits in day.hours.items():
        assert sum(one.per_hour[hour + 1] for one in streams) == pytest.approx(visits)


def test_a_scenario_plays_a_day_that_has_not_come() -> None:
    day = TODAY + DAY
    made = planned.day(Scenario(huddinge()), three_years(), day, {})
    assert {stream.office for stream in made.world.demand.streams} == set(OFFICES)
    assert made.world.shifts


def test_the_visits_of_a_played_day_lie_in_its_range_as_often_as_is_said() -> None:
    day = office(three_years(), "sjodalsvagen").days[1]
    assert day.expected
    size = day.expected.visits
    drawn = [
        planned.rush(three_years(), day.day, str(seed))["sjodalsvagen"] for seed in range(2000)
    ]
    visits = np.random.default_rng(1).poisson(size * np.array(drawn))
    inside = (visits >= day.expected.low) & (visits <= day.expected.high)
    assert visits.mean() == pytest.approx(size, rel=0.02)
    assert inside.mean() == pytest.approx(0.8, abs=0.04)


# --- the rota -----------------------------------------------------------------------------------


def comparison(minutes: float = 10, town: Municipality | None = None) -> duty.Look:
    return duty.look(town or huddinge(), three_years(), OFFICES, 28, lambda *_: 60 * minutes)


def test_hours_when_the_rota_has_too_few_are_named() -> None:
    short = comparison(minutes=30).short
    assert short
    for one in short:
        assert one.needed > one.there
        assert one.needed == pytest.approx(one.visits * 30 / 60 / duty.OCCUPANCY)


def test_a_rota_that_is_enough_is_not_complained_of_while_anybody_is_there() -> None:
    assert not [one for one in comparison(minutes=0.1).short if one.there > 0]


def test_a_language_that_nobody_there_speaks_is_named_with_where_it_is_spoken() -> None:
    named = [one for one in comparison().unspoken if (one.office, one.language) == ("varby", "so")]
    assert named
    somali = {place for one in named for place in one.others}
    assert somali <= set(OFFICES) - {"varby"}
    assert all(one.visits >= duty.FEWEST for one in named)


def test_without_a_video_room_nobody_elsewhere_can_help() -> None:
    found = comparison(town=changed("varby", video_rooms=[])).unspoken
    assert not {place for one in found if one.office == "varby" for place in one.others}


def test_too_few_visits_for_a_language_to_be_named_by_the_hour_are_named_together() -> None:
    told = three_years()
    rare = replace(
        office(told, "varby"), languages={one: {"sv": 0.98, "pl": 0.02} for one in range(1, 8)}
    )
    found = duty.look(huddinge(), replace(told, offices=(rare,)), ("varby",), 28, lambda *_: 600)
    polish = [one for one in found.unspoken if one.language == "pl"]
    assert [(one.weekday, one.hours) for one in polish] == [(None, None)]
