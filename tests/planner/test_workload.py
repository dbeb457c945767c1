"""How long a played day's counters were open and served."""

import pytest

from queueapp.core import events as e
from queueapp.planner.fidelity import sessions
from queueapp.planner.workload import Workload, workloads


def at_counter(kind: type[e.Event], at: float) -> e.Event:
    return kind(at=at, office="varby", counter="varby-1")


OPEN, BREAK, BACK, HOME = (
    at_counter(e.CounterOpened, 0),
    at_counter(e.CounterPaused, 100),
    at_counter(e.CounterOpened, 130),
    at_counter(e.CounterClosed, 300),
)
# The event's office is the visitor's, which for a video visit is another than the counter's.
VISIT = [
    e.ServiceStarted(at=10, office="skogas", counter="varby-1", ticket=1),
    e.TicketFinished(at=60, office="skogas", counter="varby-1", ticket=1),
]


def test_a_break_is_no_open_time() -> None:
    assert workloads([OPEN, BREAK, BACK, HOME], {}) == {"varby": Workload(270, 0)}


def test_serving_counts_for_the_office_where_the_counter_is() -> None:
    assert workloads([OPEN, *VISIT, HOME], {})["varby"].serving_s == 50


@pytest.mark.parametrize(("closes", "open_s"), [(20.0, 60), (200.0, 200), (400.0, 300)])
def test_after_closing_a_counter_counts_only_while_there_is_somebody(
    closes: float, open_s: float
) -> None:
    assert workloads([OPEN, *VISIT, HOME], {"varby": closes})["varby"].open_s == open_s


def test_a_session_is_parted_by_its_breaks() -> None:
    assert sessions([OPEN, BREAK, BACK, HOME])["varby-1"].spans == [(0, 100), (130, 300)]
