"""A simulated day keeps the laws that hold for a live one."""

from collections import defaultdict
from dataclasses import replace
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueapp.core import discipline as d
from queueapp.core import events as e
from queueapp.core import measures
from queueapp.core.arrivals import (
    Arrival,
    Demand,
    Detour,
    Habits,
    ServiceTime,
    Stream,
    demand_of,
    invent,
)
from queueapp.core.matching import Way, Wish, match
from queueapp.core.simulation import Policy, Shift, World, live_wish, play, simulate
from tests.builders import server

HOUR, MINUTE = 3600.0, 60.0
LIVE = Policy("live", live_wish)
SWEDISH = server("varby-1", languages=("sv", "en"))
ARABIC = server("skogas-1", office="skogas", languages=("sv", "ar"))


def shift(of=SWEDISH, begins: float = 9 * HOUR, ends: float = 20 * HOUR, breaks=()) -> Shift:
    return Shift(of, begins, ends, breaks)


def stream(office: str = "varby", language: str = "sv", an_hour: float = 4.0) -> Stream:
    open_ = range(9, 16)
    return Stream(office, "bygglov", language, tuple(an_hour * (h in open_) for h in range(24)))


def demand(*streams: Stream, **habits: float) -> Demand:
    return Demand(streams, {"bygglov": ServiceTime(8 * MINUTE)}, Habits(**habits))


def world(*shifts: Shift, rooms=None, of: Demand | None = None, **more: float) -> World:
    return World(shifts or (shift(),), of or demand(stream()), rooms or {}, **more)


def arrival(at: float = 10 * HOUR, languages=("sv",), **more) -> Arrival:
    asked = {"office": "varby", "service": "bygglov", "own_language_s": 10 * MINUTE}
    return Arrival(at=at, languages=languages, **(asked | more))


def of_type(log: list[e.Event], kind: type[e.Event]) -> list:
    return [event for event in log if isinstance(event, kind)]


# --- a day ------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert simulate(world(), LIVE, 1) == simulate(world(), LIVE, 1)
    assert simulate(world(), LIVE, 1) != simulate(world(), LIVE, 2)


def test_the_measures_of_the_live_system_judge_a_simulated_day() -> None:
    visits = measures.fold(play(world(), LIVE, [arrival(), arrival(at=10 * HOUR + MINUTE)]))
    assert [visit.wait_s for visit in visits] == [0.0, 9 * MINUTE]
    assert [visit.served_s for visit in visits] == [10 * MINUTE, 10 * MINUTE]
    assert [visit.outcome for visit in visits] == ["finished", "finished"]


def test_one_who_does_not_come_costs_the_counter_only_the_wait_for_them() -> None:
    log = play(world(), LIVE, [arrival(comes=False), arrival(at=10 * HOUR + 1)])
    assert of_type(log, e.TicketNoShow)[0].at == 10 * HOUR + 120
    assert of_type(log, e.TicketCalled)[1].at == 10 * HOUR + 120


def test_one_whose_patience_is_over_leaves() -> None:
    log = play(world(), LIVE, [arrival(), arrival(at=10 * HOUR + 1, patience_s=60.0)])
    (left,) = of_type(log, e.TicketLeft)
    assert (left.ticket, left.at, left.reason) == (2, 10 * HOUR + 61, "visitor")


def test_whoever_still_waits_when_the_doors_close_leaves() -> None:
    log = play(world(closes=10 * HOUR + 30), LIVE, [arrival(), arrival()])
    assert [(one.ticket, one.reason) for one in of_type(log, e.TicketLeft)] == [(2, "closing")]


def test_a_break_that_comes_during_a_visit_is_taken_after_it() -> None:
    lunch = ((10 * HOUR + MINUTE, 10 * HOUR + 31 * MINUTE),)
    log = play(world(shift(breaks=lunch)), LIVE, [arrival(), arrival(at=10 * HOUR + 2 * MINUTE)])
    assert of_type(log, e.CounterPaused)[0].at == 10 * HOUR + 10 * MINUTE
    assert of_type(log, e.TicketCalled)[1].at == 10 * HOUR + 40 * MINUTE


def test_a_visitor_is_served_by_video_from_another_office_and_slower() -> None:
    log = play(world(shift(ARABIC)), LIVE, [arrival(languages=("ar",))])
    (called,) = of_type(log, e.TicketCalled)
    assert (called.way, called.counter, called.office) == ("video", "skogas-1", "varby")
    assert of_type(log, e.TicketFinished)[0].at == 10 * HOUR + 10 * MINUTE * 1.05 + 60


def test_no_more_are_served_by_video_than_there_are_rooms() -> None:
    staff = shift(ARABIC), shift(replace(ARABIC, counter="skogas-2"))
    log = play(world(*staff, rooms={"varby": 1}), LIVE, [arrival(languages=("ar",))] * 2)
    first, second = of_type(log, e.TicketCalled)
    assert second.at == of_type(log, e.TicketFinished)[0].at > first.at


def test_one_whom_nobody_at_work_can_serve_gets_an_interpreter_at_once() -> None:
    log = play(world(), LIVE, [arrival(languages=("ar",), interpreter_after_s=1800.0)])
    assert of_type(log, e.TicketCalled)[0].way == "interpreter"
    assert of_type(log, e.TicketFinished)[0].errands[0]["interpreter"]


def test_when_the_only_speaker_goes_home_who_waits_for_them_is_offered_another_way() -> None:
    staff = shift(), shift(ARABIC, ends=10 * HOUR + MINUTE)
    waits = arrival(at=10 * HOUR + 2, languages=("ar",), interpreter_after_s=6000.0)
    log = play(world(*staff), LIVE, [arrival(languages=("ar",)), waits])
    (widened,) = of_type(log, e.TicketWidened)
    home = of_type(log, e.CounterClosed)[0]
    assert (widened.ticket, widened.at, widened.way) == (2, home.at, "interpreter")
    assert of_type(log, e.TicketCalled)[1].at == home.at


def test_whoever_widens_keeps_the_place_that_the_arrival_gave() -> None:
    at = 10 * HOUR
    first = arrival(at=at + 1, languages=("ar",), interpreter_after_s=5 * MINUTE)
    later = arrival(at=at + 2, languages=("ar",), interpreter_after_s=2 * MINUTE)
    log = play(world(shift(), shift(ARABIC, ends=at)), LIVE, [arrival(at=at), first, later])
    assert [called.ticket for called in of_type(log, e.TicketCalled)] == [1, 2, 3]


def test_of_idle_counters_the_one_idle_longest_calls() -> None:
    other = replace(SWEDISH, counter="varby-2")
    staff = shift(begins=9 * HOUR), shift(other, begins=8 * HOUR)
    log = play(world(*staff), LIVE, [arrival()])
    assert of_type(log, e.TicketCalled)[0].counter == "varby-2"


def test_of_idle_counters_the_one_whose_other_languages_are_asked_for_least_calls() -> None:
    polyglot = replace(SWEDISH, counter="varby-2", languages=SWEDISH.languages | {"ar"})
    staff = shift(begins=9 * HOUR), shift(polyglot, begins=8 * HOUR)
    log = play(world(*staff), LIVE, [arrival()])
    assert of_type(log, e.TicketCalled)[0].counter == "varby-1"


# --- laws over random days --------------------------------------------------------------------

LANGUAGES = ["sv", "ar", "fi"]
teams = st.lists(
    st.builds(
        server,
        counter=st.uuids().map(str),
        office=st.sampled_from(["varby", "skogas"]),
        languages=st.sets(st.sampled_from(LANGUAGES), min_size=1).map(tuple),
    ),
    min_size=1,
    max_size=4,
)
visitors = st.lists(
    st.builds(
        arrival,
        at=st.floats(9 * HOUR, 12 * HOUR),
        languages=st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True).map(tuple),
        office=st.sampled_from(["varby", "skogas"]),
        own_language_s=st.floats(5 * MINUTE, 40 * MINUTE),
        video=st.booleans(),
        interpreter_after_s=st.sampled_from([600.0, inf]),
        patience_s=st.sampled_from([3600.0, inf]),
        comes=st.sampled_from([True, True, True, False]),
    ),
    max_size=40,
)
rooms = st.dictionaries(st.sampled_from(["varby", "skogas"]), st.integers(0, 1))


@given(teams, visitors, rooms)
@settings(deadline=None)
def test_no_visitor_is_called_by_two_counters_and_no_counter_calls_two_visitors(
    team, coming, free
) -> None:
    log = play(world(*map(shift, team), rooms=free), LIVE, coming)
    called, at_counter = set(), {}
    for event in log:
        if isinstance(event, e.TicketCalled):
            assert event.ticket not in called
            assert event.counter not in at_counter
            called.add(event.ticket)
            at_counter[event.counter] = event.ticket
        elif isinstance(event, e.TicketFinished | e.TicketNoShow):
            assert at_counter.pop(event.counter) == event.ticket


@given(teams, visitors, rooms)
@settings(deadline=None)
def test_every_visit_ends_once_and_the_events_come_in_order_of_time(team, coming, free) -> None:
    log = play(world(*map(shift, team), rooms=free), LIVE, coming)
    assert [event.at for event in log] == sorted(event.at for event in log)
    ends = [
        one.ticket for one in log if type(one) in (e.TicketFinished, e.TicketNoShow, e.TicketLeft)
    ]
    assert sorted(ends) == list(range(1, len(coming) + 1))


@given(teams, visitors, rooms)
@settings(deadline=None)
def test_within_a_class_visitors_are_called_in_order_of_arrival(team, coming, free) -> None:
    steady = [replace(one, interpreter_after_s=inf) for one in coming]
    log = play(world(*map(shift, team), rooms=free), LIVE, steady)
    issued = {one.ticket: one for one in of_type(log, e.TicketIssued)}
    calls = defaultdict(list)
    for called in of_type(log, e.TicketCalled):
        asked = issued[called.ticket]
        calls[asked.office, tuple(asked.languages), asked.way].append(asked.at)
    for waits in calls.values():
        assert waits == sorted(waits)


SHORTEST_S = 5 * MINUTE


@given(teams, visitors)
@settings(deadline=None)
def test_nobody_is_passed_by_more_later_visitors_than_the_stated_bound(team, coming) -> None:
    steady = [replace(one, interpreter_after_s=inf, comes=True) for one in coming]
    log = play(world(*map(shift, team)), LIVE, steady)
    issued = {one.ticket: one for one in of_type(log, e.TicketIssued)}
    calls = of_type(log, e.TicketCalled)
    for place, called in enumerate(calls):
        mine = issued[called.ticket]
        wish = Wish(mine.office, mine.service, tuple(mine.languages), Way(mine.way))
        able = {one.counter for one in team if match(wish, one)}
        passed = [
            one for one in calls[:place] if one.counter in able and issued[one.ticket].at > mine.at
        ]
        assert len(passed) <= len(able) * (1 + d.OVERDUE_S // SHORTEST_S)


def test_an_endless_line_of_a_scarce_language_delays_a_swedish_visitor_to_the_bound_only() -> None:
    both = server("varby-1", languages=("sv", "ar"))
    other = server("varby-2", languages=("sv",))
    at = 10 * HOUR
    busy = [arrival(at=at - 2, own_language_s=9 * HOUR), arrival(at=at - 1)]
    swedish = arrival(at=at)
    arabic = [arrival(at=at + n, languages=("ar",)) for n in range(1, 60)]
    staff = shift(both), shift(other, begins=8 * HOUR)
    log = play(world(*staff, closes=inf), LIVE, [*busy, swedish, *arabic])
    (called,) = (one for one in of_type(log, e.TicketCalled) if one.ticket == 3)
    assert d.OVERDUE_S < called.at - swedish.at <= d.OVERDUE_S + 10 * MINUTE


# --- what breaks a visit off ------------------------------------------------------------------


def told(log: list[e.Event], ticket: int = 1) -> list[tuple[str, float]]:
    """What happened to a ticket, and when: minutes after ten."""
    mine = [event for event in log if event.ticket == ticket]
    return [(event.type, (event.at - 10 * HOUR) / MINUTE) for event in mine]


def test_who_is_parked_is_called_again_when_back_and_served_the_rest_of_the_time() -> None:
    fetches = arrival(detour=Detour(share=0.4, away_s=5 * MINUTE))
    assert told(play(world(), LIVE, [fetches]))[2:] == [
        ("service-started", 0),
        ("ticket-parked", 4),
        ("ticket-resumed", 9),
        ("ticket-called", 9),
        ("service-started", 9),
        ("ticket-finished", 15),
    ]


def test_the_counter_of_a_parked_visitor_calls_the_next() -> None:
    fetches = arrival(detour=Detour(share=0.4, away_s=5 * MINUTE))
    log = play(world(), LIVE, [fetches, arrival(at=10 * HOUR + 1)])
    assert dict(told(log, ticket=2))["ticket-called"] == 4


def test_who_is_transferred_waits_for_the_other_service() -> None:
    moves = arrival(detour=Detour(share=0.5, service="bostad"))
    able = server("varby-2", services=("bostad",))
    log = play(world(shift(), shift(able, begins=10.5 * HOUR)), LIVE, [moves])
    (moved,) = of_type(log, e.TicketTransferred)
    assert (moved.office, moved.from_office, moved.service) == ("varby", "varby", "bostad")
    assert [event.counter for event in of_type(log, e.TicketCalled)] == ["varby-1", "varby-2"]
    (visit,) = measures.fold(log)
    assert (visit.legs, visit.served_s) == (2, pytest.approx(10 * MINUTE))


def test_who_is_returned_keeps_the_place_the_arrival_gives() -> None:
    back = arrival(detour=Detour(share=0.5))
    log = play(world(), LIVE, [back, arrival(at=10 * HOUR + 1)])
    assert [event.ticket for event in of_type(log, e.TicketCalled)] == [1, 1, 2]


def test_who_is_parked_at_closing_time_has_left() -> None:
    away = arrival(detour=Detour(share=0.5, away_s=3 * HOUR))
    log = play(world(closes=11 * HOUR), LIVE, [away])
    assert told(log)[-2:] == [("ticket-parked", 5), ("ticket-left", 60)]


def test_after_closing_time_nobody_is_sent_back_into_the_line() -> None:
    late = arrival(at=11 * HOUR - 1, detour=Detour(share=0.9))
    log = play(world(closes=11 * HOUR), LIVE, [late])
    assert not of_type(log, e.TicketReturned)
    assert len(of_type(log, e.TicketFinished)) == 1


def test_a_need_is_unmet_where_nobody_on_duty_can_do_it() -> None:
    coming = [arrival(), arrival(at=10 * HOUR + 1, languages=("fi",))]
    log = play(world(), LIVE, coming)
    assert [event.staffed for event in of_type(log, e.TicketIssued)] == [True, False]


def test_a_ticket_tells_how_it_was_taken() -> None:
    told_ = {"channel": "booking", "priority": "booked", "district": "skogas"}
    (issued,) = of_type(play(world(), LIVE, [arrival(**told_)]), e.TicketIssued)
    assert {name: getattr(issued, name) for name in told_} == told_


# --- arrivals ---------------------------------------------------------------------------------


def test_visitors_come_at_the_rate_of_the_hour_and_never_outside_it() -> None:
    days = [list(invent(demand(stream(an_hour=10.0)), 0.0, Random(n))) for n in range(100)]
    assert sum(map(len, days)) == pytest.approx(7000, rel=0.05)
    assert all(9 * HOUR <= one.at < 16 * HOUR for day in days for one in day)


def test_a_changed_habit_changes_nothing_else_about_the_visitors() -> None:
    plain, wary = (
        list(invent(demand(stream(language="ar"), video=share), 0.0, Random(1))) for share in (1, 0)
    )
    assert plain == [replace(one, video=True) for one in wary]
    assert not any(one.video for one in wary)


def test_the_log_of_a_day_gives_back_the_visitors_who_made_it() -> None:
    coming = [
        arrival(),
        arrival(at=10 * HOUR + 1, languages=("ar", "sv"), own_language_s=400.0),
        arrival(at=10 * HOUR + 2, office="skogas", own_language_s=500.0),
        arrival(at=10 * HOUR + 3, languages=("ar",), interpreter_after_s=60.0, video=False),
    ]
    again = demand_of(play(world(shift(), shift(ARABIC)), LIVE, coming), {"bygglov": 600.0})
    kept = [(one.at, one.office, one.languages) for one in coming]
    assert [(one.at, one.office, one.languages) for one in again] == kept
    assert [one.own_language_s for one in again] == pytest.approx(
        [one.own_language_s for one in coming]
    )


def test_who_left_or_did_not_come_is_taken_to_need_the_typical_time() -> None:
    coming = [arrival(comes=False), arrival(at=10 * HOUR + 1, patience_s=30.0)]
    absent, impatient = demand_of(play(world(), LIVE, coming), {"bygglov": 700.0})
    assert (absent.comes, absent.own_language_s) == (False, 700.0)
    assert (impatient.patience_s, impatient.own_language_s) == (30.0, 700.0)


def test_one_whose_shift_ends_during_a_late_break_goes_home_after_it() -> None:
    lunch = ((10 * HOUR + MINUTE, 10 * HOUR + 31 * MINUTE),)
    day = world(shift(ends=10 * HOUR + 35 * MINUTE, breaks=lunch))
    late = arrival(at=11 * HOUR, own_language_s=5 * MINUTE)
    log = play(day, LIVE, [arrival(), late])
    assert [one.at for one in of_type(log, e.CounterClosed)] == [10 * HOUR + 40 * MINUTE]
    assert len(of_type(log, e.TicketCalled)) == 1


def test_ticket_numbers_have_the_prefixes_of_their_offices() -> None:
    log = play(world(prefixes={"varby": "M"}), LIVE, [arrival()])
    assert of_type(log, e.TicketIssued)[0].number == "M1"
