"""The laws of the rule, over random lines, staff and times, and its reasons."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from queueapp.core import discipline as d
from queueapp.core.discipline import (
    Reason,
    better_placed,
    choose_next,
    held_back_s,
    may_call,
    order,
    turn,
)
from queueapp.core.matching import Match, Way, match
from tests.builders import duty, head, server, wish

SWEDISH = server("varby-1", languages=("sv", "en"))
ARABIC = server("varby-2", languages=("sv", "ar"))
LONGEST_HOLD_S = max(d.INTERPRETER_AFTER_S, d.SECOND_LANGUAGE_AFTER_S + d.SECOND_BY_VIDEO_MORE_S)
ARABIC_ELSEWHERE = server("skogas-1", office="skogas", languages=("sv", "ar"))
SKOGAS = (ARABIC_ELSEWHERE, replace(ARABIC_ELSEWHERE, counter="skogas-2"))


def called(heads, able, *colleagues, now=20.0, **known):
    return choose_next(heads, able, duty(able, *colleagues, **known), now)


# --- who comes first --------------------------------------------------------------------------


def test_the_one_who_has_waited_longest_is_next() -> None:
    first, second = head(1, arrived_at=10.0), head(2, arrived_at=5.0)
    assert called([first, second], server()).head is second


def test_of_equal_waits_the_lower_ticket_is_next() -> None:
    assert called([head(7), head(3)], server(), now=1.0).head.ticket == 3


def test_a_priority_counts_as_minutes_already_waited() -> None:
    earlier, prioritised = head(1, arrived_at=0.0), head(2, arrived_at=500.0, credit_s=600)
    choice = called([earlier, prioritised], server(), now=600.0)
    assert (choice.head, choice.reason) == (prioritised, Reason.PRIORITY)


def test_a_priority_is_a_credit_and_not_an_absolute() -> None:
    earlier, prioritised = head(1, arrived_at=0.0), head(2, arrived_at=700.0, credit_s=600)
    assert called([earlier, prioritised], server(), now=800.0).head is earlier


def test_nobody_is_called_whom_the_counter_cannot_serve() -> None:
    assert called([head(1, languages=("ar",))], server()) is None
    assert called([head(1, service="bostad")], server()) is None
    assert called([head(1, office="skogas")], server()) is None


def test_whoever_also_accepts_video_is_not_served_so_at_an_office_without_a_video_room() -> None:
    elsewhere = replace(SWEDISH, by_video=frozenset({"sjodalsvagen"}))
    for way in (Way.VIDEO, Way.INTERPRETER):
        far = head(1, office="skogas", way=way)
        assert called([far], SWEDISH)
        assert called([far], elsewhere) is None


def test_an_interpreter_is_not_held_back_for_a_speaker_whom_no_video_room_brings_here() -> None:
    arabic = head(1, languages=("ar",), way=Way.INTERPRETER)
    speaker = replace(ARABIC_ELSEWHERE, by_video=frozenset())
    assert called([arabic], SWEDISH, ARABIC_ELSEWHERE, now=0.0) is None
    assert called([arabic], SWEDISH, speaker, now=0.0).match.way is Way.INTERPRETER


def test_nobody_is_called_by_video_while_no_room_is_free() -> None:
    far = head(1, office="skogas", way=Way.VIDEO)
    assert called([far], SWEDISH, free_rooms={"skogas": 0}) is None
    assert called([far], SWEDISH, free_rooms={"skogas": 1}).eases == "skogas"


def test_the_visitor_whose_language_few_others_speak_goes_before_an_earlier_one() -> None:
    swedish, arabic = head(1, 0.0), head(2, 60.0, languages=("ar",))
    choice = called([swedish, arabic], ARABIC, SWEDISH, now=120.0, asked={"ar": 0.2})
    assert (choice.head, choice.reason, choice.only_speaker) == (arabic, Reason.FEW_SPEAKERS, True)


def test_whoever_is_served_in_swedish_as_no_arabic_speaker_reaches_them_has_no_head_start() -> None:
    swedish = head(1, 0.0, languages=("sv",))
    both = head(2, 10.0, languages=("ar", "sv"))
    choice = called([swedish, both], SWEDISH, ARABIC_ELSEWHERE)
    assert (choice.head, choice.reason) == (swedish, Reason.LONGEST)


def test_a_language_that_everybody_on_duty_speaks_gives_no_head_start() -> None:
    swedish, arabic = head(1, 0.0), head(2, 60.0, languages=("ar",))
    choice = called([swedish, arabic], ARABIC, replace(ARABIC, counter="varby-3"), now=120.0)
    assert choice.head is swedish


def test_the_more_visitors_ask_for_a_language_the_greater_its_head_start() -> None:
    on_duty = duty(ARABIC, SWEDISH, asked={"ar": 0.1})
    busier = duty(ARABIC, SWEDISH, asked={"ar": 0.2})
    assert 0 < on_duty.scarcity("ar", "bygglov") < busier.scarcity("ar", "bygglov")
    assert on_duty.head_start_s("ar", "bygglov") < busier.head_start_s("ar", "bygglov")


def test_a_single_speaker_is_ahead_of_two_who_are_no_less_taken_up_for_one_waits_longer() -> None:
    staff = [server(f"varby-{n}", languages=("sv", "ar" if n else "fi")) for n in range(3)]
    on_duty = duty(*staff, asked={"sv": 0.7, "ar": 0.2, "fi": 0.02})
    assert on_duty.scarcity("fi", "bygglov") < on_duty.scarcity("ar", "bygglov")
    assert on_duty.head_start_s("fi", "bygglov") > on_duty.head_start_s("ar", "bygglov")


def test_a_language_nobody_or_everybody_on_duty_speaks_gives_no_head_start_at_all() -> None:
    on_duty = duty(ARABIC, SWEDISH)
    assert on_duty.head_start_s("fi", "bygglov") == on_duty.head_start_s("sv", "bygglov") == 0.0


def test_a_speaker_who_does_not_do_the_service_is_not_counted() -> None:
    other = server("varby-3", services=("bostad",), languages=("ar",))
    assert duty(ARABIC, other).speakers("ar", "bygglov") == 1


def test_one_here_goes_before_an_earlier_one_whom_a_colleague_serves_without_video() -> None:
    far, here = head(1, 0.0, office="skogas", way=Way.VIDEO), head(2, 60.0)
    choice = called([far, here], SWEDISH, *SKOGAS, now=120.0)
    assert (choice.head, choice.reason) == (here, Reason.SUITED)


def test_the_line_of_a_lone_counter_is_eased_as_if_nobody_sat_there() -> None:
    far, here = head(1, 0.0, office="skogas", way=Way.VIDEO), head(2, 60.0)
    assert called([far, here], SWEDISH, ARABIC_ELSEWHERE, now=120.0).head is far
    assert called([far], SWEDISH, ARABIC_ELSEWHERE, now=0.0)


def test_one_for_whom_video_is_the_only_way_is_put_less_far_behind() -> None:
    far = head(1, 0.0, office="skogas", languages=("en",), way=Way.VIDEO)
    here, now = head(2, d.VIDEO_S + 1), d.VIDEO_S + 2
    assert called([far, here], SWEDISH, *SKOGAS, now=now).head is far
    spared = head(1, 0.0, office="skogas", way=Way.VIDEO)
    assert called([spared, here], SWEDISH, *SKOGAS, now=now).head is here


# --- whose turn it is -------------------------------------------------------------------------

ARABIC_TOO = server("varby-3", languages=("sv", "en", "ar"))


def ranked(asked, able, *colleagues, idle_since=0.0):
    on_duty = duty(able, *colleagues, asked={"sv": 0.5, "ar": 0.2, "en": 0.1})
    return turn(choose_next([asked], able, on_duty, 20.0), able, on_duty, idle_since)


def test_of_several_idle_counters_the_quickest_way_calls() -> None:
    both = head(1, languages=("ar", "sv"))
    assert ranked(both, ARABIC, SWEDISH, idle_since=9.0) < ranked(both, SWEDISH)


def test_of_equally_quick_counters_the_one_whose_other_languages_are_asked_for_least_calls() -> (
    None
):
    english, arabic = (
        ranked(head(1), SWEDISH, ARABIC_TOO, idle_since=9.0),
        ranked(head(1), ARABIC_TOO, SWEDISH),
    )
    assert english < arabic


def test_the_language_a_visitor_is_served_in_does_not_count_against_the_counter() -> None:
    one = ranked(head(1, languages=("ar",)), ARABIC, SWEDISH)
    assert one[1] == 0.0


def test_of_counters_alike_the_one_idle_longest_calls() -> None:
    assert ranked(head(1), SWEDISH, idle_since=0.0) < ranked(head(1), SWEDISH, idle_since=9.0)


def better(asked, able, *idle, **known):
    on_duty = duty(able, *idle, **known)
    return better_placed(choose_next([asked], able, on_duty, 20.0), able, idle, on_duty)


def test_the_idle_colleague_whose_turn_it_is_is_pointed_out_and_need_not_be_waited_for() -> None:
    assert better(head(1), ARABIC_TOO, SWEDISH) is SWEDISH
    assert better(head(1), SWEDISH, ARABIC_TOO) is None
    assert better(head(1), ARABIC_TOO) is None


def test_the_idle_colleague_in_the_visitors_office_is_better_placed_than_one_by_video() -> None:
    far = head(1, office="skogas", way=Way.VIDEO)
    assert better(far, SWEDISH, *SKOGAS) in SKOGAS


def test_an_idle_colleague_without_a_free_video_room_is_not_better_placed() -> None:
    here = head(1, languages=("en", "ar"), way=Way.VIDEO)
    able = server("varby-4", languages=("ar",))
    far_english = server("skogas-1", office="skogas", languages=("en",))
    assert better(here, able, far_english, free_rooms={"varby": 0}) is None


def test_an_idle_colleague_who_leaves_the_visitor_to_others_is_not_better_placed() -> None:
    both = head(1, languages=("ar", "sv"), way=Way.VIDEO)
    assert better(both, ARABIC_ELSEWHERE, SWEDISH) is None


# --- holding back -----------------------------------------------------------------------------


def test_swedish_waits_for_the_arabic_speakers_on_duty_and_no_longer_than_stated() -> None:
    both = [head(1, 0.0, languages=("ar", "sv"))]
    arabic = ARABIC, replace(ARABIC, counter="varby-3")
    assert called(both, SWEDISH, *arabic, now=d.SECOND_LANGUAGE_AFTER_S - 1) is None
    assert called(both, SWEDISH, *arabic, now=d.SECOND_LANGUAGE_AFTER_S).match.language == "sv"


def test_swedish_does_not_wait_for_a_single_arabic_speaker_who_may_be_busy_for_long() -> None:
    both = [head(1, 0.0, languages=("ar", "sv"))]
    assert called(both, SWEDISH, ARABIC, now=0.0)


def test_swedish_does_not_wait_where_somebody_else_is_before_them_for_the_arabic_speakers() -> None:
    before, both = head(1, 0.0, languages=("ar",)), head(2, 1.0, languages=("ar", "sv"))
    arabic = ARABIC, replace(ARABIC, counter="varby-3")
    assert called([both], SWEDISH, *arabic, now=60.0) is None
    assert called([before, both], SWEDISH, *arabic, now=60.0).head is both


def test_swedish_is_used_at_once_where_no_arabic_speaker_on_duty_reaches_the_visitor() -> None:
    here = [head(1, 0.0, languages=("ar", "sv"))]
    by_video = [head(1, 0.0, languages=("ar", "sv"), way=Way.VIDEO)]
    assert called(here, SWEDISH, now=0.0).match == Match(Way.HERE, "sv", preferred=False)
    assert called(here, SWEDISH, *SKOGAS, now=0.0)
    assert called(by_video, SWEDISH, *SKOGAS, now=0.0) is None


def test_swedish_by_video_waits_longer_than_swedish_here() -> None:
    both = [head(1, 0.0, languages=("ar", "sv"), way=Way.VIDEO)]
    far = server("skogas-2", office="skogas", languages=("sv",))
    assert called(both, far, ARABIC, now=d.SECOND_BY_VIDEO_MORE_S - 1) is None
    assert called(both, far, ARABIC, now=d.SECOND_BY_VIDEO_MORE_S)


def test_an_interpreter_waits_for_a_speaker_on_duty_and_no_longer_than_stated() -> None:
    asked = [head(1, 0.0, languages=("ar",), way=Way.INTERPRETER)]
    assert called(asked, SWEDISH, now=0.0).match.way is Way.INTERPRETER
    assert called(asked, SWEDISH, ARABIC_ELSEWHERE, now=d.INTERPRETER_AFTER_S - 1) is None
    assert called(asked, SWEDISH, ARABIC_ELSEWHERE, now=d.INTERPRETER_AFTER_S)


# --- random lines, staff and times ------------------------------------------------------------

LANGUAGES = ["sv", "en", "ar", "fi"]
OFFICES = ["varby", "skogas"]
SERVICES = ["bygglov", "bostad"]

wishes = st.builds(
    wish,
    office=st.sampled_from(OFFICES),
    service=st.sampled_from(SERVICES),
    languages=st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True).map(tuple),
    way=st.sampled_from([Way.HERE, Way.VIDEO, Way.INTERPRETER]),
    credit_s=st.sampled_from([0, 600]),
)
arrivals = st.lists(st.tuples(wishes, st.floats(0, 1e4)), max_size=30)
servers = st.builds(
    server,
    counter=st.uuids().map(str),
    office=st.sampled_from(OFFICES),
    services=st.sets(st.sampled_from(SERVICES), min_size=1).map(tuple),
    languages=st.sets(st.sampled_from(LANGUAGES), min_size=1).map(tuple),
)
teams = st.lists(servers, min_size=1, max_size=5)
rooms = st.dictionaries(st.sampled_from(OFFICES), st.integers(0, 2))
times = st.floats(0, 2e4)


def everybody(arrived: list) -> list:
    return [
        replace(head(ticket, at), wish=asked) for ticket, (asked, at) in enumerate(arrived, start=1)
    ]


def classes(arrived: list) -> list:
    lines: dict = {}
    for one in everybody(arrived):
        lines.setdefault(one.wish, []).append(one)
    return [sorted(line, key=lambda one: (one.arrived_at, one.ticket)) for line in lines.values()]


@given(arrivals, teams, rooms, times)
def test_the_order_shown_is_the_order_called(arrived, team, free, now) -> None:
    on_duty, lines = duty(*team, free_rooms=free), classes(arrived)
    shown = [choice.head for choice in order(lines, team[0], on_duty, now, limit=50)]
    followed = []
    while choice := choose_next((line[0] for line in lines if line), team[0], on_duty, now):
        followed.append(choice.head)
        next(line for line in lines if line and line[0] == choice.head).pop(0)
    assert shown == followed


@given(arrivals, teams, rooms, times)
def test_within_a_class_order_is_by_arrival(arrived, team, free, now) -> None:
    on_duty = duty(*team, free_rooms=free)
    shown = [choice.head for choice in order(classes(arrived), team[0], on_duty, now, limit=50)]
    for asked in {one.wish for one in shown}:
        waits = [one.arrived_at for one in shown if one.wish == asked]
        assert waits == sorted(waits)


@given(arrivals, wishes, teams, times)
def test_whoever_comes_back_stands_where_their_arrival_puts_them(arrived, asked, team, now) -> None:
    """Returned, parked or transferred: the class may be another, the arrival is the first one."""
    back = replace(head(1000, arrived_at=-1.0), wish=asked)
    later = [one for one in everybody(arrived) if one.wish == asked]
    choice = choose_next([*later, back], team[0], duty(*team), now)
    assert choice is None or choice.head is back


@given(arrivals, teams, rooms, times)
def test_an_idle_counter_leaves_a_visitor_only_to_a_colleague_who_speaks_the_first_language(
    arrived, team, free, now
) -> None:
    on_duty = duty(*team, free_rooms=free)
    if choose_next(everybody(arrived), team[0], on_duty, now):
        return
    for left in everybody(arrived):
        found = match(left.wish, team[0])
        if found is None or (found.way is Way.VIDEO and free.get(left.wish.office) == 0):
            continue
        waited = max(0.0, now - left.since)
        assert waited < held_back_s(left.wish, found, on_duty) <= LONGEST_HOLD_S
        assert any(
            left.wish.languages[0] in colleague.languages
            and left.wish.service in colleague.services
            and (colleague.office == left.wish.office or left.wish.way is not Way.HERE)
            for colleague in team[1:]
        )


@given(wishes, teams, rooms, times, st.floats(0, 1e4))
def test_one_visitor_here_in_their_first_language_is_called_at_once(
    asked, team, free, now, waited
) -> None:
    able = replace(
        team[0],
        office=asked.office,
        services=frozenset([asked.service]),
        languages=frozenset(asked.languages[:1]),
    )
    alone = replace(head(1, now - waited), wish=asked)
    choice = choose_next([alone], able, duty(able, *team[1:], free_rooms=free), now)
    assert (choice.head, choice.match.way) == (alone, Way.HERE)
    assert choice.reason is Reason.LONGEST


@given(arrivals, teams, rooms, times)
def test_somebody_is_chosen_exactly_where_the_counter_may_call_a_class(
    arrived, team, free, now
) -> None:
    heads, on_duty = everybody(arrived), duty(*team, free_rooms=free)
    allowed = may_call(heads, team[0], on_duty, now)
    choice = choose_next(heads, team[0], on_duty, now)
    assert (choice.head.wish in allowed) if choice else not allowed


@given(arrivals, teams, times)
def test_the_overdue_go_first_strictly_by_arrival(arrived, team, now) -> None:
    on_duty = duty(*team)
    choice = choose_next(everybody(arrived), team[0], on_duty, now)
    overdue = [
        one
        for one in everybody(arrived)
        if match(one.wish, team[0]) and now - one.since > d.OVERDUE_S
    ]
    if overdue:
        assert choice.head.since == min(one.since for one in overdue)


@given(arrivals, teams, rooms, times)
def test_a_reason_says_what_is_true(arrived, team, free, now) -> None:
    choice = choose_next(everybody(arrived), team[0], duty(*team, free_rooms=free), now)
    if choice is None:
        return
    earlier = [
        one
        for one in everybody(arrived)
        if match(one.wish, team[0]) and one.arrived_at < choice.head.arrived_at
    ]
    assert (choice.reason is Reason.LONGEST) == (not earlier)
    if choice.reason is Reason.PRIORITY:
        assert choice.head.wish.credit_s


@given(arrivals, teams, rooms, times)
def test_nobody_is_served_in_a_way_or_a_language_they_did_not_accept(
    arrived, team, free, now
) -> None:
    choice = choose_next(everybody(arrived), team[0], duty(*team, free_rooms=free), now)
    if choice:
        asked, found = choice.head.wish, choice.match
        assert found.language in asked.languages
        assert found.way is Way.HERE or asked.way in {found.way, Way.INTERPRETER}


@given(arrivals, servers, teams, rooms, times)
def test_a_counter_on_a_break_sees_its_line_too(arrived, absent, team, free, now) -> None:
    on_duty = duty(*team, free_rooms=free)
    for choice in order(classes(arrived), absent, on_duty, now, limit=50):
        assert match(choice.head.wish, absent) == choice.match


@given(teams)
def test_a_head_start_is_never_longer_than_stated(team) -> None:
    for language in LANGUAGES:
        for service in SERVICES:
            assert 0 <= duty(*team).head_start_s(language, service) <= d.HEAD_START_AT_MOST_S


def test_no_overdue_visitor_is_held_back() -> None:
    assert LONGEST_HOLD_S < d.OVERDUE_S
