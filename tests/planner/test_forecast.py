"""The coming weeks as visitors: as many as the forecast says, and otherwise like those who came."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from queueapp.config import HUDDINGE
from queueapp.core.arrivals import Arrival
from queueapp.municipality import load
from queueapp.outlook import planned
from queueapp.outlook.values import Basis, DayOutlook, Expected, OfficeOutlook, Outlook, PastError
from queueapp.planner import changes, document, foreseen, visitors
from queueapp.planner.document import Forecast, Period, Unfit

MUNICIPALITY = load(HUDDINGE)
TODAY = dt.date(2026, 11, 23)  # a Monday
SERVICE, OTHER = (service.code for service in MUNICIPALITY.services_at("varby")[:2])
LIKELY = {10: 12.0, 11: 8.0}


def day(number: int) -> DayOutlook:
    """Twenty visits are likely on a weekday; at the weekend the office is closed."""
    date = TODAY + dt.timedelta(days=number)
    if date.isoweekday() > 5:
        return DayOutlook(date, False, None, Expected(0.0, 0, 0), {})
    return DayOutlook(date, True, None, Expected(20.0, 14, 26), LIKELY)


def office(basis: Basis = "model", **services: float) -> OfficeOutlook:
    return OfficeOutlook(
        office="varby",
        basis=basis,
        since=dt.date(2024, 1, 2),
        errors=(
            PastError("four-weeks", 40, 2.0, 0.10, 0.8),
            PastError("model", 40, 3.0, 0.15, 0.8),
        ),
        days=tuple(map(day, range(56))),
        weeks=(),
        languages={weekday: {"sv": 0.75, "so": 0.25} for weekday in range(1, 8)},
        services=services or {SERVICE: 1.0},
    )


def outlook(*offices: OfficeOutlook) -> Outlook:
    return Outlook(TODAY, offices or (office(),))


def foreseen_days(
    lately: list[Arrival] | None = None, seed: int = 1, weeks: int = 1
) -> visitors.Days:
    period = document.coming(Forecast(weeks=weeks), TODAY)
    return visitors.foreseen(MUNICIPALITY, outlook(), period, lately or [], seed)


def everybody(days: visitors.Days) -> list[Arrival]:
    return [arrival for came in days.values() for arrival in came]


def somebody(**more: object) -> Arrival:
    usual = Arrival(0.0, "varby", SERVICE, ("so", "sv"), 777.0, video=False, district="varby")
    return replace(usual, **more)  # type: ignore[arg-type]


# --- who comes ------------------------------------------------------------------------------------


def test_as_many_come_as_are_likely_in_their_languages_and_hours() -> None:
    came = everybody(foreseen_days(weeks=4))
    assert len(came) == pytest.approx(20 * 20, rel=0.12)
    spoken = Counter(arrival.languages[0] for arrival in came)
    assert spoken["so"] / len(came) == pytest.approx(0.25, abs=0.05)
    hours = {dt.datetime.fromtimestamp(one.at, MUNICIPALITY.zone).hour for one in came}
    assert hours == set(LIKELY)


def test_closed_days_are_not_played() -> None:
    assert [date.isoweekday() for date in foreseen_days()] == [1, 2, 3, 4, 5]


def test_the_same_seed_brings_the_same_visitors_and_another_one_others() -> None:
    assert foreseen_days() == foreseen_days()
    assert foreseen_days() != foreseen_days(seed=2)


def test_a_visitor_is_otherwise_like_somebody_who_came_lately_for_the_same() -> None:
    came = everybody(foreseen_days([somebody()] * visitors.ALIKE))
    somali = [one for one in came if one.languages[0] == "so"]
    assert {(one.own_language_s, one.video, one.district) for one in somali} == {
        (777.0, False, "varby")
    }
    assert len({one.own_language_s for one in came if one.languages[0] == "sv"}) > 1


def test_where_few_came_lately_those_of_other_offices_are_taken_but_not_their_homes() -> None:
    elsewhere = [somebody(office="skogas", district="skogas")] * 9
    came = everybody(foreseen_days([*elsewhere, somebody(service=OTHER)]))
    somali = [one for one in came if one.languages[0] == "so"]
    assert {(one.office, one.own_language_s) for one in somali} == {("varby", 777.0)}
    assert {one.district for one in somali} == {"varby"}


def test_whom_nobody_was_like_lately_changes_nothing_for_the_others() -> None:
    bare, like = (everybody(foreseen_days(some)) for some in ([], [somebody()] * 9))
    swedish = [[one.own_language_s for one in x if one.languages[0] == "sv"] for x in (bare, like)]
    assert swedish[0] == swedish[1]


def test_a_service_that_is_offered_no_more_is_asked_for_by_nobody() -> None:
    told = outlook(office(**{SERVICE: 0.5, "abolished": 0.5}))
    streams = planned.streams(told, MUNICIPALITY, TODAY)
    assert {one.service for one in streams} == {SERVICE}
    assert sum(sum(one.per_hour) for one in streams) == pytest.approx(20.0)


# --- which days -----------------------------------------------------------------------------------


def test_without_a_first_day_the_weeks_begin_when_they_are_played() -> None:
    assert document.coming(Forecast(weeks=2), TODAY) == Period(
        first=TODAY, last=TODAY + dt.timedelta(days=13)
    )


def test_the_last_of_the_weeks_that_are_forecast_can_be_asked_for() -> None:
    first = TODAY + dt.timedelta(days=28)
    assert document.coming(Forecast(first=first, weeks=4), TODAY).first == first


@pytest.mark.parametrize(
    "first", ["2026-11-22", "2026-12-22", "2019-01-01", "9999-12-31", "0001-01-01"]
)
def test_days_that_no_forecast_has_are_refused_by_their_field(first: str) -> None:
    asked = Forecast.model_validate({"first": first, "weeks": 4})
    with pytest.raises(Unfit) as found:
        document.coming(asked, TODAY)
    (fault,) = found.value.faults
    assert (fault.field, fault.reason) == ("demand.forecast.first", "not-forecast")
    assert fault.facts == {"first": "2026-11-23", "last": "2026-12-21"}


@pytest.mark.parametrize(
    ("demand", "field", "reason"),
    [
        ({"forecast": {"weeks": 0}}, "demand.forecast.weeks", "greater_than_equal"),
        ({"forecast": {"weeks": 9}}, "demand.forecast.weeks", "less_than_equal"),
        ({"forecast": {"weeks": "many"}}, "demand.forecast.weeks", "int_type"),
        ({"forecast": {"weeks": 1.5}}, "demand.forecast.weeks", "int_type"),
        ({"forecast": {"first": "soon"}}, "demand.forecast.first", "value_error"),
        ({"forecast": {"last": "2026-12-01"}}, "demand.forecast.last", "extra_forbidden"),
        ({"forecast": "tomorrow"}, "demand.forecast", "model_type"),
        ({"forecast": {}, "invented": {}}, "demand", "one_demand"),
        ({}, "demand", "one_demand"),
    ],
)
def test_a_nonsense_demand_is_refused_by_its_field(
    demand: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(Unfit) as found:
        document.read({"title": "x", "demand": demand})
    assert [(one.field, one.reason) for one in found.value.faults] == [(field, reason)]


def test_a_scenario_of_the_coming_weeks_is_read_back_as_it_was_written() -> None:
    asked = document.read({"title": "x", "demand": {"forecast": {"first": "2026-11-23"}}})
    assert document.read(document.to_document(asked)) == asked


@pytest.mark.parametrize(
    ("scale", "field"),
    [
        ({"office": "nacka", "factor": 2.0}, "demand.scale.0.office"),
        ({"language": "xx", "factor": 2.0}, "demand.scale.0.language"),
    ],
)
def test_more_visitors_of_what_there_is_not_are_refused(
    scale: dict[str, object], field: str
) -> None:
    with pytest.raises(Unfit) as found:
        changes.refer(MUNICIPALITY, [document.read_scale(scale)])
    assert [(one.field, one.reason) for one in found.value.faults] == [(field, "unknown")]


# --- what is told of it ---------------------------------------------------------------------------


def test_the_past_error_of_the_way_that_was_used_is_told() -> None:
    told = foreseen.told(outlook(), [TODAY, TODAY + dt.timedelta(days=1)])
    assert told["made"] == "2026-11-23"
    assert told["offices"] == [
        {"office": "varby", "basis": "model", "visits": 20.0, "missed": 0.15}
    ]


def test_where_the_past_error_is_not_known_it_is_not_told() -> None:
    (varby,) = foreseen.told(outlook(office("weekday-mean")), [TODAY])["offices"]
    assert varby["missed"] is None
