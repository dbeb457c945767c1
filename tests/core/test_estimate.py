from hypothesis import given
from hypothesis import strategies as st

from queueapp.core.estimate import Wait, forecast
from tests.builders import server, wish

TYPICAL = {"bygglov": 600.0, "bostad": 900.0}
FREE: frozenset[str] = frozenset()


def told(ahead: dict, servers: list, busy: frozenset[str] = FREE, **asked):
    return forecast(wish(**asked), ahead, servers, busy, TYPICAL)


def test_there_is_no_wait_where_a_counter_is_free_and_nobody_waits() -> None:
    assert told({}, [server()]).wait == Wait(0, 0, 0)


def test_where_nobody_on_duty_can_serve_it_is_said() -> None:
    assert not told({}, [server()], languages=("ar",)).staffed


def test_a_visitor_only_others_can_serve_is_not_waited_for() -> None:
    arabic = server("varby-2", languages=("ar",))
    assert told({wish(languages=("ar",)): 5}, [server(), arabic]).wait == Wait(0, 0, 0)


def test_two_counters_halve_the_wait() -> None:
    line = {wish(): 10}
    one, two = told(line, [server()]), told(line, [server(), server("varby-2")])
    assert abs(two.wait.likely_s * 2 - one.wait.likely_s) <= 2  # whole seconds


def test_a_busy_counter_is_waited_for() -> None:
    assert told({}, [server()], frozenset({"varby-1"})).wait.likely_s > 0


@given(st.integers(0, 100), st.integers(1, 5), st.booleans())
def test_the_likely_wait_lies_in_its_range(ahead: int, counters: int, busy: bool) -> None:
    servers = [server(f"varby-{n}") for n in range(counters)]
    wait = told(
        {wish(): ahead}, servers, frozenset(s.counter for s in servers) if busy else FREE
    ).wait
    assert 0 <= wait.low_s <= wait.likely_s <= wait.high_s


@given(st.integers(1, 100))
def test_one_more_ahead_never_shortens_the_wait(ahead: int) -> None:
    fewer, more = told({wish(): ahead}, [server()]), told({wish(): ahead + 1}, [server()])
    assert fewer.wait.likely_s <= more.wait.likely_s
