"""One line for the municipality: competence reaches a visitor wherever it sits."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from queueapp import operations, quotes, screens
from queueapp.core import discipline
from queueapp.core.matching import Way
from queueapp.core.ticket import WayNotOffered, WrongState
from queueapp.models import Counter, TicketEvent, db
from tests.builders import NOON, SERVICE, order

pytestmark = pytest.mark.usefixtures("app")


def sit(counter: str, staff: str, state: str = "open") -> None:
    operations.set_counter(counter, state, staff, NOON)


def issue(at: float = NOON, **asked: Any) -> Any:
    return operations.issue(order(**{"languages": ("ar",), "way": "video"} | asked), at).ticket


def call(counter: str = "sjodalsvagen-1", staff: str = "amira", at: float = NOON + 60) -> Any:
    called = operations.call_next(counter, staff, at)
    return called and called.ticket


def ways(*languages: str, office: str = "varby", at: float = NOON) -> dict[str, quotes.Quote]:
    with screens.reading(at) as now:
        found = quotes.quotes(now, office, SERVICE, languages)
        return {f"{one.way} {one.office}": one for one in found}


def shown(office: str) -> dict[str, Any]:
    with screens.reading(NOON + 61) as now:
        return screens.display(now, office)


def log() -> list[Any]:
    with db.engine.connect() as connection:
        table = TicketEvent.__table__
        return list(connection.execute(table.select().order_by(table.c.seq)))


def test_a_visitor_who_chose_video_is_served_from_another_office() -> None:
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    called = call()
    assert (called.id, called.office, called.counter) == (ticket.id, "varby", "sjodalsvagen-1")
    assert (called.served_way, called.served_language) == ("video", "ar")
    assert called.room == "varby-video-1"


def test_a_visitor_who_did_not_choose_video_is_never_called_to_it() -> None:
    sit("sjodalsvagen-1", "amira")
    issue(way="here")
    issue(way="here", languages=("sv",))
    assert call() is None


def test_the_call_to_a_video_room_shows_where_the_visitor_is_and_nowhere_else() -> None:
    sit("sjodalsvagen-1", "amira")
    number = issue().number
    call()
    [seen] = shown("varby")["calls"]
    assert (seen["number"], seen["room"], seen["counter_name"]) == (number, "varby-video-1", "1")
    assert shown("sjodalsvagen")["calls"] == []


def test_a_video_room_has_one_visitor_at_a_time() -> None:
    sit("sjodalsvagen-1", "amira")
    sit("sjodalsvagen-2", "rebin")
    first, second = issue(), issue(NOON + 1)
    assert call().id == first.id
    assert call("sjodalsvagen-2", "rebin") is None
    operations.no_show(first.id, NOON + 120)
    assert call("sjodalsvagen-2", "rebin", NOON + 130).id == second.id


def test_closing_an_office_leaves_open_the_counter_that_serves_a_visitor_elsewhere() -> None:
    sit("sjodalsvagen-1", "amira")
    sit("sjodalsvagen-2", "rebin")
    ticket = issue()
    call()
    operations.close_day("sjodalsvagen", NOON + 90)
    with screens.reading(NOON + 100) as now:
        states = [screens.counter(now, f"sjodalsvagen-{n}")["state"] for n in (1, 2)]
    assert states == ["open", "closed"]
    assert operations.start(ticket.id, NOON + 110).ticket.state == "serving"


def test_a_video_room_is_taken_even_where_the_counter_has_been_closed_meanwhile() -> None:
    sit("sjodalsvagen-1", "amira")
    sit("sjodalsvagen-2", "rebin")
    issue()
    call()
    issue(NOON + 1)
    with db.engine.begin() as connection:
        connection.execute(
            update(Counter).where(Counter.code == "sjodalsvagen-1").values(state="closed")
        )
    assert call("sjodalsvagen-2", "rebin") is None


def test_who_is_idle_and_needed_for_other_languages_is_told_of_a_better_placed_colleague() -> None:
    sit("sjodalsvagen-1", "amira")
    sit("sjodalsvagen-2", "rebin")  # who alone speaks Central Kurdish
    first = issue(office="sjodalsvagen", languages=("sv",), way="here")
    with screens.reading(NOON + 5) as now:
        told = {one: screens.counter(now, one) for one in ("sjodalsvagen-1", "sjodalsvagen-2")}
    assert told["sjodalsvagen-1"]["better_placed"] is None
    assert told["sjodalsvagen-2"]["better_placed"] == {
        "office": "sjodalsvagen",
        "counter_name": "1",
    }
    assert call("sjodalsvagen-2", "rebin", NOON + 5).id == first.id


def test_whom_a_counter_leaves_to_colleagues_is_not_counted_as_waiting_for_it() -> None:
    sit("sjodalsvagen-1", "amira")
    sit("sjodalsvagen-2", "rebin")
    sit("varby-1", "anna")
    issue(languages=("ar", "sv"))
    with screens.reading(NOON + 60) as now:
        left = screens.counter(now, "varby-1")
    assert (left["waiting_for_you"], left["waiting_for_colleagues"]) == (0, 1)
    assert call("varby-1", "anna", NOON + 60) is None
    later = NOON + discipline.SECOND_LANGUAGE_AFTER_S
    with screens.reading(later) as now:
        assert screens.counter(now, "varby-1")["waiting_for_you"] == 1
    assert call("varby-1", "anna", later)


def test_shortly_before_the_only_speaker_goes_home_nothing_is_promised_and_no_need_is_unmet() -> (
    None
):
    sit("sjodalsvagen-1", "shirin")  # until four o'clock
    sit("varby-1", "anna")
    four = NOON + 5 * 3600
    persian = {"languages": ("fa",), "office": "sjodalsvagen", "way": "here"}
    for second in range(3):
        issue(four - 600 + second, **persian)
    assert call("sjodalsvagen-1", "shirin", four - 590)
    late = operations.issue(order(**persian), four - 60)
    assert (late.forecast.staffed, late.forecast.in_time) == (True, False)
    last = log()[-1].data
    assert (last["staffed"], last["promised"]) == (True, [])
    with screens.reading(four - 60) as now:
        offered = [one.way for one in quotes.quotes(now, "sjodalsvagen", SERVICE, ("fa",))]
        assert screens.display(now, "sjodalsvagen")["ask_staff"] == []
    assert offered == [Way.HERE, Way.INTERPRETER, Way.BOOKING]


def test_each_video_visit_has_a_meeting_of_its_own_that_cannot_be_guessed() -> None:
    sit("sjodalsvagen-1", "amira")
    meetings = []
    for second in range(2):
        ticket = issue(NOON + second)
        meetings.append(call().meeting)
        operations.no_show(ticket.id, NOON + 90)
    assert meetings[0] != meetings[1]
    assert all("{" not in meeting and len(meeting) > 40 for meeting in meetings)


def test_the_meeting_is_not_in_the_log() -> None:
    sit("sjodalsvagen-1", "amira")
    issue()
    called = call()
    assert called.meeting
    assert not [row for row in log() if called.meeting in str(row.data)]


def test_back_in_the_line_the_video_room_is_free_again() -> None:
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    call()
    operations.return_(ticket.id, NOON + 90)
    assert call().room == "varby-video-1"


def test_an_office_without_a_video_room_gives_no_video_tickets() -> None:
    with pytest.raises(WayNotOffered):
        issue(way="office")
    with pytest.raises(WayNotOffered):
        issue(way="booking")


def test_the_ways_are_told_before_the_ticket_with_the_one_who_speaks_the_language() -> None:
    sit("varby-1", "anna")
    sit("sjodalsvagen-1", "amira")
    found = ways("ar")
    assert list(found) == [
        "here varby",
        "video varby",
        "interpreter varby",
        "office sjodalsvagen",
    ]
    assert [one.staffed for one in found.values()] == [False, True, True, True]
    assert found["video varby"].language == "ar"


def test_an_office_that_is_closed_is_not_offered_though_somebody_sits_there(app: Flask) -> None:
    sit("sjodalsvagen-1", "amira")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], trial=False)
    assert "office sjodalsvagen" in ways("ar")
    assert "office sjodalsvagen" not in ways("ar", at=NOON + 14 * 3600)


def test_a_competence_that_nobody_on_duty_has_is_told_with_the_time_it_comes() -> None:
    sit("varby-1", "anna")
    later = ways("fi")["booking varby"]
    assert not later.staffed
    # Aino works on Tuesdays from nine: 22 hours after Monday at eleven.
    assert later.available_at == NOON + 22 * 3600
    assert later.wait.likely_s == 22 * 3600


def test_a_competence_that_comes_by_video_comes_when_the_visitors_office_is_open() -> None:
    # Amira works at Sjödalsvägen from eight; Vårby opens at nine.
    evening = NOON + 10 * 3600
    assert ways("ar", at=evening)["booking varby"].available_at == NOON + 22 * 3600


def test_of_the_accepted_languages_the_one_that_is_spoken_soonest_is_named() -> None:
    # On a Tuesday at eleven Turkish comes on Wednesday, Finnish on Thursday.
    later = ways("fi", "tr", at=NOON + 24 * 3600)["booking varby"]
    assert (later.language, later.available_at) == ("tr", NOON + 46 * 3600)


def test_of_languages_spoken_equally_soon_the_most_preferred_is_named() -> None:
    assert ways("fi", "tr")["booking varby"].language == "fi"


def test_finnish_is_not_offered_in_swedish() -> None:
    sit("varby-1", "anna")
    assert not ways("fi")["here varby"].staffed
    issue(languages=("fi",), way="video")
    assert call("varby-1", "anna") is None


def test_a_need_that_nobody_on_duty_can_meet_is_in_the_log() -> None:
    issue()
    sit("sjodalsvagen-1", "amira")
    issue(NOON + 1)
    assert [row.data["staffed"] for row in log() if row.type == "ticket-issued"] == [False, True]


def test_when_the_only_speaker_goes_those_who_wait_are_told_to_ask_the_staff() -> None:
    sit("sjodalsvagen-1", "amira")
    number = issue().number
    assert shown("varby")["ask_staff"] == []
    sit("sjodalsvagen-1", "amira", "closed")
    assert shown("varby")["ask_staff"] == [number]


def test_one_who_waits_can_accept_another_way_and_keeps_the_place() -> None:
    sit("varby-1", "anna")
    ticket = issue(way="here")
    issue(NOON + 1, languages=("sv",), way="here")
    widened = operations.widen(ticket.token, NOON + 30, way="interpreter").ticket
    assert widened.arrived_at == NOON
    called = call("varby-1", "anna")
    assert (called.id, called.served_way) == (ticket.id, "interpreter")


def test_one_who_waits_can_accept_another_language() -> None:
    sit("varby-1", "anna")
    ticket = issue(way="here")
    operations.widen(ticket.token, NOON + 30, languages=("ar", "sv"))
    assert call("varby-1", "anna", NOON + 1800).served_language == "sv"


def test_only_one_who_waits_can_change_the_way() -> None:
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    call()
    with pytest.raises(WrongState):
        operations.widen(ticket.token, NOON + 90, way="interpreter")


def test_the_offers_to_one_who_waits_are_the_other_ways() -> None:
    sit("varby-1", "anna")
    sit("sjodalsvagen-1", "amira")
    ticket = issue(way="video")
    with screens.reading(NOON + 60) as now:
        offered = quotes.offers(now, screens.ticket_of_token(now.connection, ticket.token))
    assert [one.way for one in offered] == [Way.INTERPRETER, Way.OFFICE]


def offered(ticket: Any, at: float) -> dict[str, quotes.Quote]:
    """The other ways offered to one who waits, by way."""
    with screens.reading(at) as now:
        row = screens.ticket_of_token(now.connection, ticket.token)
        return {one.way: one for one in quotes.offers(now, row)}


def test_another_office_is_offered_behind_all_who_wait_there() -> None:
    sit("sjodalsvagen-1", "anna")
    ticket = issue(languages=("sv",), office="varby", way="here")
    for _ in range(4):
        issue(languages=("sv",), office="sjodalsvagen", way="here")
    assert offered(ticket, NOON + 60)[Way.OFFICE].ahead == 4


def test_who_has_waited_long_is_told_that_an_interpreter_would_be_at_once() -> None:
    sit("varby-1", "anna")
    sit("sjodalsvagen-1", "amira")
    issue(languages=("ar",), way="here", office="sjodalsvagen")
    ticket = issue(languages=("ar",), way="here", office="varby")
    assert call("sjodalsvagen-1")
    new = offered(ticket, NOON + 10)[Way.INTERPRETER].wait
    later = offered(ticket, NOON + 40 * 60)[Way.INTERPRETER].wait
    assert new.likely_s > 60
    assert later.high_s < 60


def test_a_visit_moved_within_its_office_can_still_be_served_by_video() -> None:
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    call()
    operations.start(ticket.id, NOON + 70)
    moved = operations.transfer(ticket.id, NOON + 90, office="varby", service="bygglov").ticket
    assert moved.way == "video"
    assert call(at=NOON + 120).served_way == "video"


def test_what_the_visitor_has_agreed_to_already_is_not_offered_again() -> None:
    sit("varby-1", "anna")
    sit("sjodalsvagen-1", "amira")
    ticket = issue(way="interpreter")
    with screens.reading(NOON + 60) as now:
        offered = quotes.offers(now, screens.ticket_of_token(now.connection, ticket.token))
    assert [one.way for one in offered] == [Way.OFFICE]


def test_those_who_wait_here_are_for_you_for_a_colleague_or_for_nobody() -> None:
    sit("varby-1", "anna")
    sit("sjodalsvagen-1", "amira")
    issue(languages=("sv",), way="here")
    issue(languages=("ar",), way="video")
    issue(languages=("fi",), way="here")
    issue(languages=("ar",), way="here", office="skogas")
    with screens.reading(NOON + 60) as now:
        body = screens.counter(now, "varby-1")
    kinds = ("waiting", "waiting_for_you", "waiting_for_colleagues", "waiting_unserved")
    assert [body[kind] for kind in kinds] == [3, 1, 1, 1]


def test_staff_see_the_line_of_the_other_offices_they_can_help() -> None:
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    with screens.reading(NOON + 60) as now:
        [entry] = screens.counter(now, "sjodalsvagen-1")["line"]
    assert (entry["id"], entry["office"]) == (ticket.id, "varby")
    assert entry["match"]["way"] == "video"


def test_a_visitor_parked_in_a_video_visit_stays_in_sight_of_the_counter_and_of_the_office() -> (
    None
):
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    call()
    operations.start(ticket.id, NOON + 70)
    operations.park(ticket.id, NOON + 80)
    counters = ("sjodalsvagen-1", "sjodalsvagen-2", "varby-1")
    with screens.reading(NOON + 90) as now:
        parked = [[one["id"] for one in screens.counter(now, code)["parked"]] for code in counters]
    assert parked == [[ticket.id], [], [ticket.id]]


def test_the_video_rooms_screen_has_the_meeting_that_the_counter_has() -> None:
    sit("sjodalsvagen-1", "amira")
    ticket = issue()
    called = call()
    with screens.reading(NOON + 60) as now:
        seen = screens.room(now, "varby-video-1")["visit"]
        desk = screens.counter(now, "sjodalsvagen-1")["ticket"]
    assert (seen["number"], seen["language"]) == (ticket.number, "ar")
    assert seen["meeting"] == desk["meeting"] == called.meeting


def test_an_empty_video_room_shows_nobody() -> None:
    with screens.reading(NOON) as now:
        assert screens.room(now, "varby-video-1")["visit"] is None
