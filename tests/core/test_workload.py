"""How long counters were staffed and served, from the log alone."""

from queueapp.core import events as e
from queueapp.core.workload import Workload, sessions, workloads


def at_counter(kind: type[e.Event], at: float, ticket: int | None = None) -> e.Event:
    return kind(at=at, office="varby", counter="varby-1", ticket=ticket)


def visit(ticket: int, begins: float, ends: float) -> list[e.Event]:
    # The event's office is the visitor's, which for a video visit is another than the counter's.
    return [
        e.ServiceStarted(at=begins, office="skogas", counter="varby-1", ticket=ticket),
        e.TicketFinished(at=ends, office="skogas", counter="varby-1", ticket=ticket),
    ]


OPEN, BREAK, BACK, HOME = (
    at_counter(e.CounterOpened, 0),
    at_counter(e.CounterPaused, 100),
    at_counter(e.CounterOpened, 130),
    at_counter(e.CounterClosed, 300),
)


def test_a_break_is_at_work_but_not_signed_in() -> None:
    (load,) = workloads([OPEN, BREAK, BACK, HOME]).values()
    assert load == Workload(at_work_s=300, signed_in_s=270, serving_s=0)


def test_serving_counts_for_the_office_where_the_counter_is() -> None:
    assert workloads([OPEN, *visit(1, 10, 60), HOME])["varby"].serving_s == 50


def test_who_stays_after_closing_without_a_visitor_is_not_counted() -> None:
    late = workloads([OPEN, *visit(1, 10, 60), HOME], {"varby": 50.0})
    assert late["varby"].at_work_s == 60


def test_a_counter_left_open_counts_until_its_last_event() -> None:
    assert workloads([OPEN, *visit(1, 10, 60)])["varby"].at_work_s == 60


def test_a_session_is_parted_by_its_breaks() -> None:
    assert sessions([OPEN, BREAK, BACK, HOME])["varby-1"].spans == [(0, 100), (130, 300)]
