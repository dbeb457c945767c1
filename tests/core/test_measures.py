from typing import Any

import pytest

from queueapp.core import events as e
from queueapp.core.measures import (
    FEWEST_CALLED,
    KEYS,
    Group,
    figures,
    fold,
    quantile,
    tabulate,
    worst_to_overall,
)


def issued(ticket: int = 1, at: float = 0.0, **changes: Any) -> e.TicketIssued:
    values: dict[str, Any] = {
        "office": "varby",
        "number": f"M{ticket}",
        "service": "bygglov",
        "languages": ["sv"],
        "way": "here",
        "channel": "kiosk",
        "district": "varby",
        "priority": None,
        "promised": [0, 0, 0],
    }
    return e.TicketIssued(ticket=ticket, at=at, **(values | changes))


def called(ticket: int = 1, at: float = 60.0) -> e.TicketCalled:
    return e.TicketCalled(
        at=at, office="varby", ticket=ticket, number="M1", way="here", language="sv"
    )


def event(kind: type[e.Event], at: float, ticket: int = 1, **more: Any) -> e.Event:
    return kind(at=at, office="varby", ticket=ticket, **more)


def errand(
    service: str = "bygglov", language: str = "sv", interpreter: bool = False
) -> dict[str, Any]:
    return {
        "service": service,
        "outcome": "resolved",
        "language": language,
        "interpreter": interpreter,
    }


def test_waiting_time_is_from_issue_to_the_first_call() -> None:
    log = [issued(), called(at=60.0), event(e.TicketReturned, 70.0), called(at=500.0)]
    assert fold(log)[0].wait_s == 60.0


def test_service_time_leaves_out_parking() -> None:
    log = [
        issued(),
        called(),
        event(e.ServiceStarted, 100.0),
        event(e.TicketParked, 160.0),
        event(e.TicketResumed, 400.0),
        called(at=410.0),
        event(e.ServiceStarted, 420.0),
        event(e.TicketFinished, 450.0),
    ]
    assert fold(log)[0].served_s == 90.0


def test_a_transferred_visit_counts_once_and_its_wait_does_not_restart() -> None:
    moved = event(
        e.TicketTransferred, 200.0, from_office="varby", service="bostad", languages=["sv"]
    )
    log = [issued(), called(), event(e.ServiceStarted, 100.0), moved, called(at=900.0)]
    visits = fold(log)
    assert (len(visits), visits[0].legs, visits[0].wait_s) == (1, 2, 60.0)


def test_a_visit_issued_before_the_period_is_left_out() -> None:
    assert fold([called()]) == []


def test_visits_and_errands_are_counted_apart() -> None:
    log = [issued(), called(), event(e.TicketFinished, 300.0, errands=[errand(), errand("bostad")])]
    group = tabulate(fold(log), [])[()]
    assert figures(group, ["visits", "errands", "served"]) == {
        "visits": 1,
        "errands": 2,
        "served": 1,
    }


def test_an_errand_is_counted_under_its_own_service() -> None:
    log = [issued(), called(), event(e.TicketFinished, 300.0, errands=[errand("bostad")])]
    groups = tabulate(fold(log), [KEYS["service"]])
    counts = {key: figures(group, ["visits", "errands"]) for key, group in groups.items()}
    assert counts == {
        ("bostad",): {"visits": 0, "errands": 1},
        ("bygglov",): {"visits": 1, "errands": 0},
    }


def test_those_who_left_and_those_who_did_not_come_are_counted_apart() -> None:
    log = [
        issued(1),
        issued(2),
        event(e.TicketLeft, 5.0, 1, reason="visitor"),
        called(2),
        event(e.TicketNoShow, 90.0, 2),
    ]
    assert figures(tabulate(fold(log), [])[()], ["left", "no_show"]) == {"left": 1, "no_show": 1}


def test_the_median_of_nothing_is_unknown_and_not_zero() -> None:
    group = tabulate(fold([issued()]), [])[()]
    assert figures(group, ["wait_median_s"]) == {"wait_median_s": None}


def served(ticket: int, languages: list[str], **handled: Any) -> list[e.Event]:
    finished = event(e.TicketFinished, 90.0, ticket, errands=[errand(**handled)])
    return [issued(ticket, languages=languages), called(ticket), finished]


def first_language_share(*logs: list[e.Event]) -> float | None:
    group = tabulate(fold([event for log in logs for event in log]), [KEYS["office"]])["varby",]
    return figures(group, ["first_language_share"])["first_language_share"]


def test_who_was_served_in_another_language_was_not_in_the_first() -> None:
    in_swedish = served(1, ["ar", "sv"], language="sv")
    in_arabic = served(2, ["ar", "sv"], language="ar")
    assert first_language_share(in_swedish, in_arabic) == 0.5


def test_with_an_interpreter_it_is_not_in_the_first_language() -> None:
    assert first_language_share(served(1, ["ar"], language="ar", interpreter=True)) == 0.0


def test_who_left_or_has_no_errand_says_nothing_of_the_first_language() -> None:
    without = [issued(1), called(1), event(e.TicketFinished, 90.0, 1, reason="closing")]
    gone = [issued(2), event(e.TicketLeft, 5.0, 2, reason="visitor")]
    assert first_language_share(without, gone) is None
    assert first_language_share(without, gone, served(3, ["sv"])) == 1.0


def waited(seconds: float, number: int = FEWEST_CALLED) -> Group:
    log = [one for n in range(number) for one in (issued(n), called(n, at=seconds))]
    return Group(fold(log))


def test_the_worst_group_is_told_by_its_mean_wait_over_that_of_all() -> None:
    some, others = waited(60.0), waited(180.0)
    assert worst_to_overall([some, others], Group(some.visits + others.visits)) == 1.5


def test_a_few_visits_make_no_worst_group() -> None:
    many, few = waited(60.0), waited(6000.0, FEWEST_CALLED - 1)
    assert worst_to_overall([many, few], many) == 1.0


def test_where_nobody_waited_there_is_no_worst_group() -> None:
    assert worst_to_overall([waited(0.0)], waited(0.0)) is None


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [([3.0], 0.9, 3.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.5), ([0.0, 10.0], 0.9, 9.0), ([], 0.5, None)],
)
def test_quantiles_interpolate_linearly(
    values: list[float], q: float, expected: float | None
) -> None:
    assert quantile(values, q) == expected


def promised(wait_s: float, low: int = 120, likely: int = 300, high: int = 600) -> Group:
    return Group(fold([issued(promised=[low, likely, high]), called(at=wait_s)]))


@pytest.mark.parametrize(
    ("wait_s", "kept"), [(119.0, 0.0), (120.0, 1.0), (600.0, 1.0), (601.0, 0.0)]
)
def test_a_promise_is_kept_when_the_wait_is_within_the_range_shown(
    wait_s: float, kept: float
) -> None:
    assert figures(promised(wait_s), ["promise_kept_share"]) == {"promise_kept_share": kept}


def test_a_promise_is_judged_by_the_whole_minutes_that_were_shown() -> None:
    assert promised(65.0, low=90, high=90).visits[0].promise_kept


def test_no_wait_is_shown_and_judged_as_less_than_a_minute() -> None:
    assert promised(40.0, low=0, likely=0, high=0).visits[0].promise_kept
    assert not promised(61.0, low=0, likely=0, high=0).visits[0].promise_kept


def test_the_promise_error_is_the_wait_less_the_likely_one() -> None:
    group = promised(240.0)
    assert figures(group, ["promise_error_median_s"]) == {"promise_error_median_s": -60.0}


def test_nothing_was_promised_where_nobody_on_duty_could_help() -> None:
    group = Group(fold([issued(staffed=False), called()]))
    found = figures(group, ["promise_kept_share", "promise_error_median_s", "unmet"])
    assert found == {"promise_kept_share": None, "promise_error_median_s": None, "unmet": 1}
