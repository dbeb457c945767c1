"""The days that are simulated: who works, who comes, and that all of it adds up."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueapp.config import HUDDINGE
from queueapp.core import events as e
from queueapp.core import measures
from queueapp.core.arrivals import HOUR_S, Arrival
from queueapp.core.simulation import Policy, live_wish, play
from queueapp.municipality import Municipality, StaffMember, load
from queueapp.simulate import rota
from queueapp.simulate.scenario import Day, Scenario

MUNICIPALITY = load(HUDDINGE)
MONDAY, SATURDAY = dt.date(2027, 1, 11), dt.date(2027, 1, 16)
OFFICES = [office.code for office in MUNICIPALITY.offices]


def scenario(**changes: object) -> Scenario:
    return Scenario(MUNICIPALITY, **changes)  # type: ignore[arg-type]


def duties(municipality: Municipality = MUNICIPALITY, date: dt.date = MONDAY) -> list[rota.Duty]:
    return rota.duties(municipality, date, rota.opening(municipality, date))


def arrival(clock_s: float, date: dt.date = MONDAY, **changes: object) -> Arrival:
    plain = Arrival(
        at=rota.midnight(MUNICIPALITY, date) + clock_s,
        office="varby",
        service="bygglov",
        languages=("sv",),
        own_language_s=600.0,
    )
    return replace(plain, **changes)


def played(day: Day, chance: int = 1) -> list[e.Event]:
    return play(day.world, Policy("ours", live_wish), day.arrivals(Random(chance)))


# --- who works ----------------------------------------------------------------------------------


def test_nobody_works_in_two_places() -> None:
    names = [duty.staff for duty in duties()]
    counters = [duty.shift.server.counter for duty in duties()]
    assert len(set(names)) == len(names) == len(set(counters))


def test_no_office_has_its_second_before_all_have_a_first() -> None:
    first = [duty.shift.server.office for duty in duties()][: len(OFFICES)]
    assert sorted(first) == sorted(OFFICES)


def test_an_office_opens_with_somebody_there_where_the_rota_can_help_it() -> None:
    for weekday in range(5):
        date = MONDAY + dt.timedelta(days=weekday)
        found = duties(date=date)
        for code, ((opens, _), *_) in rota.opening(MUNICIPALITY, date).items():
            there = [duty.shift for duty in found if duty.shift.server.office == code]
            assert min(shift.begins for shift in there) == opens


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(0, 10), (20, 30)]),
        ([(5, 8)], [(0, 5), (8, 10), (20, 30)]),
        ([(12, 15)], [(0, 10), (20, 30)]),
        ([(5, 25)], [(0, 5), (25, 30)]),
        ([(0, 10), (15, 40)], []),
    ],
)
def test_time_is_taken_out_of_time(taken: list[rota.Span], left: list[rota.Span]) -> None:
    assert rota.without([(0, 10), (20, 30)], taken) == left


def test_times_as_many_are_invented() -> None:
    usual, twice = (
        sum(sum(one.per_hour) for one in scenario(times=times).day(MONDAY).world.demand.streams)
        for times in (1.0, 2.0)
    )
    assert twice == pytest.approx(2 * usual)


def test_everyone_works_where_they_may() -> None:
    for duty in duties():
        assert duty.shift.server.office in MUNICIPALITY.offices_of(duty.staff)


def test_a_language_spoken_a_little_is_for_simple_errands_only() -> None:
    hodan = next(duty.shift.server for duty in duties() if duty.staff == "hodan")
    assert "so" in hodan.languages
    assert hodan.basic == {"en"}


def test_breaks_lie_within_the_shift() -> None:
    for duty in duties():
        assert duty.shift.breaks
        for begins, ends in duty.shift.breaks:
            assert duty.shift.begins < begins < ends < duty.shift.ends


def test_an_office_that_closes_for_lunch_rests_and_opens_again() -> None:
    span = [(9 * HOUR_S, 12 * HOUR_S), (13 * HOUR_S, 16 * HOUR_S)]
    (duty,) = rota.duties(MUNICIPALITY, MONDAY, {code: [] for code in OFFICES} | {"varby": span})[
        :1
    ]
    assert (12 * HOUR_S, 13 * HOUR_S) in duty.shift.breaks
    assert all(
        b <= 12 * HOUR_S or a >= 13 * HOUR_S or (a, b) == (12 * HOUR_S, 13 * HOUR_S)
        for a, b in duty.shift.breaks
    )


@pytest.mark.skipif(
    "on_duty" not in StaffMember.model_fields, reason="the configuration tells no hours on duty"
)
def test_who_is_not_on_duty_that_day_does_not_work() -> None:
    assert "aino" not in {duty.staff for duty in duties(date=MONDAY)}
    assert "aino" in {duty.staff for duty in duties(date=MONDAY + dt.timedelta(days=1))}


def test_who_is_ill_is_missing_and_nobody_else_moves() -> None:
    well, ill = scenario().day(MONDAY), scenario(ill=frozenset({"amira"})).day(MONDAY)
    (missing,) = set(well.world.shifts) - set(ill.world.shifts)
    assert "ar" in missing.server.languages
    assert set(ill.world.shifts) < set(well.world.shifts)


def test_who_is_met_outside_opening_hours_is_served() -> None:
    night = scenario().day(SATURDAY, [arrival(22 * HOUR_S, SATURDAY)])
    late = scenario().day(MONDAY, [arrival(21 * HOUR_S), arrival(7 * HOUR_S)])
    for day, number in ((night, 1), (late, 2)):
        assert [v.outcome for v in measures.fold(played(day))] == ["finished"] * number


# --- who comes ----------------------------------------------------------------------------------


def test_the_same_seed_invents_the_same_visitors() -> None:
    day = scenario().day(MONDAY)
    assert list(day.arrivals(Random("1 0"))) == list(day.arrivals(Random("1 0")))
    assert list(day.arrivals(Random("1 0"))) != list(day.arrivals(Random("2 0")))


def test_the_same_visitors_come_though_somebody_is_ill() -> None:
    well, ill = scenario().day(MONDAY), scenario(ill=frozenset({"amira"})).day(MONDAY)
    assert list(well.arrivals(Random(1))) == list(ill.arrivals(Random(1)))


def test_visitors_come_while_their_office_is_open() -> None:
    day = scenario().day(MONDAY)
    for one in day.arrivals(Random(1)):
        at = one.at - day.world.midnight
        assert any(opens <= at < closes for opens, closes in day.open[one.office])


def test_as_many_are_invented_as_asked_for() -> None:
    day = scenario(per_day=150).day(MONDAY)
    days = [len(list(day.arrivals(Random(seed)))) for seed in range(40)]
    assert sum(days) / len(days) == pytest.approx(150, rel=0.05)


def test_on_a_closed_day_nobody_is_invented() -> None:
    assert list(scenario(per_day=100).day(SATURDAY).arrivals(Random(1))) == []


def test_closed_days_are_passed_over() -> None:
    days = scenario().open_days(dt.date(2026, 12, 23))
    assert [next(days) for _ in range(3)] == [
        dt.date(2026, 12, 23), dt.date(2026, 12, 28), dt.date(2026, 12, 29)
    ]  # fmt: skip


# --- laws of a played day -----------------------------------------------------------------------

LANGUAGES = st.lists(
    st.sampled_from(["sv", "ar", "fi", "uk", "swl"]), min_size=1, max_size=2, unique=True
)
VISITORS = st.lists(
    st.builds(
        lambda at, office, languages, service_s, patience_s, comes, video: arrival(
            at,
            office=office,
            languages=tuple(languages),
            own_language_s=service_s,
            patience_s=patience_s,
            comes=comes,
            video=video,
        ),
        at=st.floats(8 * HOUR_S, 17 * HOUR_S),
        office=st.sampled_from(OFFICES),
        languages=LANGUAGES,
        service_s=st.floats(0, HOUR_S),
        patience_s=st.floats(0, 8 * HOUR_S),
        comes=st.booleans(),
        video=st.booleans(),
    ),
    max_size=40,
)


def overlapping(log: Sequence[e.Event], key: str) -> list[e.Event]:
    """The calls of a ticket, or to a counter, that came before the call before them had ended."""
    busy: set[object] = set()
    found = []
    for event in log:
        if isinstance(event, e.TicketCalled):
            if getattr(event, key) in busy:
                found.append(event)
            busy.add(getattr(event, key))
        elif isinstance(event, e.TicketFinished | e.TicketNoShow):
            busy.discard(getattr(event, key))
    return found


@settings(max_examples=60, deadline=None)
@given(VISITORS)
def test_every_visitor_is_one_visit_and_nobody_is_called_twice_at_once(
    visitors: list[Arrival],
) -> None:
    log = played(scenario().day(MONDAY, sorted(visitors, key=lambda one: one.at)))
    visits = measures.fold(log)
    assert len(visits) == len(visitors)
    assert all(visit.outcome for visit in visits)
    assert overlapping(log, "ticket") == overlapping(log, "counter") == []
    ends = Counter(
        one.ticket
        for one in log
        if isinstance(one, e.TicketFinished | e.TicketLeft | e.TicketNoShow)
    )
    assert set(ends.values()) <= {1}
    assert all(one.invented for one in log)
    assert [one.at for one in log] == sorted(one.at for one in log)
