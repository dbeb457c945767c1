"""What is learned from the log about waits, and what is not."""

from typing import Any

from queueapp.core import events as e
from queueapp.core.experience import Experience
from queueapp.core.learning import said_s

TYPICAL = {"bygglov": 600.0}
SIGNS = [0.0] * 4


def issued(ticket: int = 1, at: float = 0.0, **changes: Any) -> e.TicketIssued:
    values: dict[str, Any] = {
        "office": "varby",
        "number": "M1",
        "service": "bygglov",
        "languages": ["ar"],
        "way": "here",
        "channel": "kiosk",
        "district": None,
        "priority": None,
        "promised": [60, 120, 240],
        "signs": SIGNS,
    }
    return e.TicketIssued(ticket=ticket, at=at, **(values | changes))


def event(kind: type[e.Event], at: float, ticket: int = 1, **more: Any) -> e.Event:
    return kind(at=at, office="varby", ticket=ticket, counter="varby-1", **more)


def called(at: float, ticket: int = 1, language: str = "ar", way: str = "here") -> e.Event:
    return event(e.TicketCalled, at, ticket, number="M1", way=way, language=language)


def after(*log: e.Event) -> Experience:
    experience = Experience(TYPICAL)
    for one in log:
        experience.take(one)
    return experience


def served(lasts_s: float, visits: int = 200, **match: str) -> list[e.Event]:
    return [
        one
        for ticket in range(1, visits + 1)
        for one in (
            issued(ticket),
            called(10.0, ticket, **match),
            event(e.ServiceStarted, 20.0, ticket),
            event(e.TicketFinished, 20.0 + lasts_s, ticket),
        )
    ]


def test_a_service_takes_its_typical_time_until_it_is_known_better() -> None:
    assert round(after().known.times.of("bygglov", "ar").mean_s) == 600


def test_the_time_of_a_service_is_learned() -> None:
    assert abs(after(*served(120.0)).known.times.of("bygglov", "ar").at(0.5) / 120 - 1) < 0.2


def test_a_service_with_an_interpreter_teaches_what_it_would_have_taken_without() -> None:
    learned = after(*served(120.0 * 1.4 + 240.0, way="interpreter"))
    assert abs(learned.known.times.of("bygglov", "ar").at(0.5) / 120 - 1) < 0.2


def test_parking_is_not_service() -> None:
    log = [
        one
        for ticket in range(1, 201)
        for one in (
            issued(ticket),
            called(10.0, ticket),
            event(e.ServiceStarted, 20.0, ticket),
            event(e.TicketParked, 80.0, ticket),
            event(e.TicketResumed, 5000.0, ticket),
            called(5010.0, ticket),
            event(e.ServiceStarted, 5020.0, ticket),
            event(e.TicketFinished, 5080.0, ticket),
        )
    ]
    assert abs(after(*log).known.times.of("bygglov", "ar").at(0.5) / 120 - 1) < 0.2


def test_what_closing_time_ended_teaches_nothing_about_service() -> None:
    log = [issued(), called(10.0), event(e.ServiceStarted, 20.0)]
    ended = event(e.TicketFinished, 9000.0, reason="closing")
    assert after(*log, ended).known.times.of("bygglov", "ar").mean_s == (
        after().known.times.of("bygglov", "ar").mean_s
    )


def told(experience: Experience, signs: list[float] = SIGNS) -> list[float]:
    groups = experience.groups("bygglov", "ar", 0.0)
    return said_s(experience.known.calibration.told(signs, groups, 3600.0))


def test_waits_longer_than_promised_make_later_promises_longer() -> None:
    late = [one for ticket in range(300) for one in (issued(ticket), called(1800.0, ticket))]
    assert told(after(*late))[1] > told(after())[1]


FREE = [-1.9] * 3 + [-1.0]
"""The signs where a counter is free and nobody ahead."""


def called_from_free_counters(after_s: float) -> Experience:
    return after(
        *(
            one
            for ticket in range(3000)
            for one in (
                issued(ticket, promised=[0, 0, 0], signs=FREE),
                called(after_s, ticket),
            )
        )
    )


def test_promises_that_somebody_else_made_do_not_drive_the_waits_away() -> None:
    experience = called_from_free_counters(after_s=20.0)
    assert told(experience, FREE)[2] < 60
    assert told(experience)[2] < 3600


def test_staff_who_take_minutes_to_call_although_free_are_reckoned_with() -> None:
    low, _, high = told(called_from_free_counters(after_s=150.0), FREE)
    assert low <= 150 <= high < 240


def test_whoever_accepted_more_after_a_long_wait_counts_as_having_waited_that_long() -> None:
    widened = [
        one
        for ticket in range(300)
        for one in (
            issued(ticket),
            event(e.TicketWidened, 1500.0, ticket, way="interpreter", languages=["ar"]),
            called(1800.0, ticket),
        )
    ]
    late = [one for ticket in range(300) for one in (issued(ticket), called(1800.0, ticket))]
    assert told(after(*widened)) == told(after(*late))


def test_a_promise_that_was_not_made_is_not_learned_from() -> None:
    silent = [
        one
        for ticket in range(300)
        for one in (issued(ticket, staffed=False), called(1800.0, ticket))
    ]
    assert told(after(*silent)) == told(after())


def test_a_counter_that_let_somebody_wait_teaches_how_long_pauses_are() -> None:
    log = [
        one
        for ticket in range(2000)
        for one in (
            issued(ticket, at=ticket * 100.0),
            issued(ticket + 10_000, at=ticket * 100.0),
            called(ticket * 100.0 + 1, ticket),
            event(e.TicketNoShow, ticket * 100.0 + 10, ticket),
            called(ticket * 100.0 + 50, ticket + 10_000),
            event(e.TicketNoShow, ticket * 100.0 + 60, ticket + 10_000),
        )
    ]
    assert after(*log).known.pauses.remaining(0.5, 0.0) == 40.0


def test_the_share_of_a_language_is_learned_from_those_who_come() -> None:
    log = [issued(n, languages=["ar"] if n % 4 == 0 else ["sv"]) for n in range(4000)]
    shares = after(*log).known.asked.shares()
    assert abs(shares["ar"] - 0.25) < 0.02
    assert after(*log[:1]).known.asked.shares()["ar"] < 0.1
