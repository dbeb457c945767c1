from collections.abc import Iterable
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueapp.core import estimate
from queueapp.core.discipline import Choice, Duty, Head, choose_next
from queueapp.core.estimate import (
    Knowledge,
    Line,
    Post,
    Present,
    Wait,
    learn,
    quick,
    quotes,
    simulate,
)
from queueapp.core.matching import Server, Way, Wish
from tests.builders import head, server, wish

TYPICAL = {"bygglov": 600.0, "bostad": 900.0}
FREE: frozenset[str] = frozenset()
NOW = 1000.0


def told(ahead: dict, servers: list, busy: frozenset[str] = FREE, **asked):
    """The forecast from counts alone."""
    lines = [
        Line([Head(1, "M1", each, 0.0)], number, last_at=NOW)
        for each, number in ahead.items()
        if number
    ]
    posts = [
        Post(one, serving=("bygglov", "sv") if one.counter in busy else None) for one in servers
    ]
    return quick(Present(NOW, lines, posts), wish(**asked), Knowledge(TYPICAL)).forecast


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


# --- the present played forward ------------------------------------------------------------------


def line(number: int, first: int = 1, **asked) -> Line:
    heads = [head(first + n, arrived_at=n / 10, **asked) for n in range(number)]
    return Line(heads, number)


def post(name: str = "varby-1", since: float | None = None, pausing: bool = False, **can) -> Post:
    """A counter, busy since ``since`` where that is given."""
    if since is None:
        return Post(server(name, **can))
    return Post(server(name, **can), since, None if pausing else ("bygglov", "sv"), pausing)


def present(lines: Iterable[Line] = (), posts: Iterable[Post] = (), **more) -> Present:
    return Present(NOW, [line for line in lines if line.count], list(posts), **more)


def patient() -> Knowledge:
    """Where somebody ahead may give up, a longer line can be the quicker: only then."""
    known = Knowledge()
    known.patience.ASSUMED_S = 1e12
    return known


def played(now: Present, asked: Wish | None = None, known: Knowledge | None = None) -> list[float]:
    return simulate(now, [asked or wish()], known or patient(), choose_next)[0]


def quoted(now: Present, asked: Wish | None = None) -> estimate.Forecast:
    return quotes(now, [asked or wish()], Knowledge(), choose_next)[0].forecast


@pytest.mark.parametrize("way", [Way.VIDEO, Way.INTERPRETER])
def test_idle_counters_that_hold_back_do_not_make_a_wait_longer(way: Way) -> None:
    busy = Post(server("skogas-1", "skogas", languages=("ar",)), NOW, ("bygglov", "ar"))
    asked = wish("varby", languages=("ar",), way=way)
    alone = quoted(present(posts=[busy]), asked).wait
    beside = quoted(present(posts=[busy, *(post(f"varby-{n}") for n in range(5))]), asked).wait
    assert beside == alone
    assert beside.high_s < 1800


def no_longer(waits: list[float], than: list[float]) -> bool:
    return all(one <= other for one, other in zip(waits, than, strict=True))


busy_since = st.lists(st.floats(0, NOW), min_size=1, max_size=5)


def busy_posts(since: list[float], **can) -> list[Post]:
    return [post(f"varby-{at}", start, **can) for at, start in enumerate(since)]


def test_a_free_counter_and_nobody_ahead_is_less_than_a_minute() -> None:
    wait = quoted(present(posts=[post()])).wait
    assert (wait.low_s, wait.likely_s) == (0, 0)
    assert wait.high_s < 60


def test_without_a_counter_that_can_the_wait_is_that_of_one_opened_now() -> None:
    arabic, others = line(2, languages=("ar",)), line(5, first=10)
    told = quoted(present([arabic, others], [post()]), wish(languages=("ar",)))
    assert (told.staffed, told.ahead) == (False, 2)
    assert told.wait.likely_s > 0


def test_nothing_is_learned_from_a_wait_without_a_counter_that_could() -> None:
    known = Knowledge()
    quote = quotes(present(), [wish()], known, choose_next)[0]
    learn(known, quote, waited_s=7.0)
    assert known.calibration.told(quote.signs, quote.groups, 1e9) == pytest.approx(
        Knowledge().calibration.told(quote.signs, quote.groups, 1e9)
    )


def test_the_longer_a_service_has_gone_on_beyond_what_is_usual_the_longer_it_will() -> None:
    short, long = (played(present(posts=[post(since=NOW - s)])) for s in (3000, 30_000))
    assert long[6] > short[6]


def test_a_counter_that_only_others_need_is_not_waited_for() -> None:
    arabic = post("varby-2", since=0.0, languages=("ar",))
    waiting = line(5, languages=("ar",))
    assert not any(played(present([waiting], [post(), arabic])))


def test_a_counter_that_closes_is_not_counted_on() -> None:
    closing = Post(server(), until=NOW)
    assert min(played(present(posts=[closing]))) == inf


def test_one_whom_only_somebody_about_to_go_home_can_serve_is_promised_nothing() -> None:
    going = Post(server(), 0.0, ("bygglov", "sv"), until=NOW + 60)
    told = quoted(present([line(9)], [going]))
    assert (told.staffed, told.in_time, told.promised) == (True, False, False)
    assert quoted(present([line(9)], [replace(going, until=inf)])).promised


def test_where_nobody_on_duty_has_the_competence_it_is_not_said_that_they_go_home() -> None:
    told = quoted(present(posts=[]))
    assert (told.staffed, told.in_time, told.promised) == (False, True, False)


def test_who_waits_longer_than_is_played_is_told_the_longest_wait_there_is() -> None:
    heads = [head(n, arrived_at=n / 10) for n in range(1, 400)]
    waits = played(present([Line(heads, len(heads))], busy_posts([0.0])))
    assert waits[-1] == estimate.HORIZON_S


def test_those_with_priority_who_are_still_to_come_are_waited_for() -> None:
    busy = busy_posts([900.0])
    prioritised = {wish(credit_s=1800): 1 / 300}
    assert played(present(posts=busy)) < played(present(posts=busy, arrivals=prioritised))


def test_nobody_of_equal_priority_who_is_still_to_come_is_waited_for() -> None:
    busy = busy_posts([900.0])
    assert played(present(posts=busy)) == played(present(posts=busy, arrivals={wish(): 1.0}))


def test_some_of_those_ahead_give_up() -> None:
    known = patient()
    known.patience.ASSUMED_S = 60.0
    busy = present([line(20)], busy_posts([0.0]))
    assert no_longer(played(busy, known=known), played(busy))
    assert played(busy, known=known) != played(busy)


def test_the_number_ahead_is_of_those_who_need_the_same_counters() -> None:
    arabic = post("varby-2", languages=("ar",))
    lines = [line(3), line(4, first=10, languages=("ar",))]
    assert quoted(present(lines, [post(), arabic])).ahead == 3


def test_one_with_priority_passes_those_who_came_shortly_before() -> None:
    recent = Line([head(n, arrived_at=NOW - 100) for n in range(4)], 4)
    assert quoted(present([recent], [post()]), wish(credit_s=600)).ahead == 0


def test_a_counter_that_the_rule_holds_back_is_asked_again_later() -> None:
    def after_a_minute(
        heads: Iterable[Head], server: Server, duty: Duty, now: float
    ) -> Choice | None:
        return choose_next(heads, server, duty, now) if now >= NOW + 60 else None

    assert simulate(present(posts=[post()]), [wish()], patient(), after_a_minute)[0][0] == 60


@given(busy_since, st.lists(st.floats(0, NOW), max_size=3), st.integers(0, 20))
def test_the_told_values_are_in_order(busy: list, pausing: list, waiting: int) -> None:
    posts = busy_posts(busy) + [post(f"p-{n}", at, pausing=True) for n, at in enumerate(pausing)]
    wait = quoted(present([line(waiting)], posts)).wait
    assert 0 <= wait.low_s <= wait.likely_s <= wait.high_s


@given(busy_since, st.integers(0, 20))
def test_one_more_ahead_shortens_no_path(busy: list, waiting: int) -> None:
    fewer, more = (present([line(n)], busy_posts(busy)) for n in (waiting, waiting + 1))
    assert no_longer(played(fewer), than=played(more))


@given(busy_since, st.integers(0, 20))
def test_one_more_ahead_shortens_no_told_wait(busy: list, waiting: int) -> None:
    fewer, more = (quoted(present([line(n)], busy_posts(busy))) for n in (waiting, waiting + 1))
    assert fewer.wait.likely_s <= more.wait.likely_s


@given(busy_since, st.integers(0, 20), st.floats(0, NOW))
def test_one_more_able_counter_lengthens_no_path(busy: list, waiting: int, since: float) -> None:
    posts = busy_posts(busy)
    fewer = present([line(waiting)], posts)
    more = present([line(waiting)], [*posts, post("varby-9", since)])
    assert no_longer(played(more), than=played(fewer))


competences = st.sets(st.sampled_from(["sv", "ar", "fi"]), min_size=1).map(tuple)


@given(
    st.lists(st.tuples(st.floats(0, NOW), competences), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(["sv", "ar", "fi"]), st.integers(0, 6)),
)
def test_wishes_asked_together_are_answered_as_if_asked_one_by_one(
    posts: list, lines: dict
) -> None:
    now = present(
        [
            line(n, first=1 + 100 * at, languages=(speaks,))
            for at, (speaks, n) in enumerate(lines.items())
        ],
        [post(f"varby-{at}", since, languages=can) for at, (since, can) in enumerate(posts)],
    )
    asked = [wish(languages=("sv",)), wish(languages=("ar", "sv")), wish(languages=("fi",))]
    together = simulate(now, asked, patient(), choose_next)
    assert together == [played(now, one) for one in asked]


def test_the_same_present_gives_the_same_answer() -> None:
    now = present([line(7)], busy_posts([0.0, 500.0]))
    assert quoted(now) == quoted(now)


@pytest.mark.parametrize("waiting", [50, 5000])
def test_the_work_of_a_quote_is_bounded_however_many_wait(waiting: int) -> None:
    shown = 0

    def counting(heads: Iterable[Head], server: Server, duty: Duty, now: float) -> Choice | None:
        nonlocal shown
        heads = list(heads)
        shown += len(heads)
        return choose_next(heads, server, duty, now)

    lines = [line(waiting // 25, first=1 + 1000 * n, languages=("sv", f"x{n}")) for n in range(25)]
    simulate(present(lines, busy_posts([0.0] * 12)), [wish()], patient(), counting)
    assert shown <= 1.1 * estimate.WORK


def test_what_is_not_played_to_its_end_goes_on_at_the_same_pace(monkeypatch) -> None:
    now = present([line(60)], busy_posts([0.0, 200.0, 400.0, 600.0]))
    monkeypatch.setattr(estimate, "HORIZON_S", 1e6)
    monkeypatch.setattr(estimate, "PATHS", (13,))
    whole = played(now)
    monkeypatch.setattr(estimate, "WORK", 13 * 2 * 30)
    assert played(now)[6] == pytest.approx(whole[6], rel=0.15)


def test_a_learned_outcome_moves_what_is_told_next() -> None:
    known = patient()
    now = present([line(3)], busy_posts([0.0]))
    before = quotes(now, [wish()], known, choose_next)[0]
    for _ in range(200):
        learn(known, quotes(now, [wish()], known, choose_next)[0], waited_s=60.0)
    after = quotes(now, [wish()], known, choose_next)[0]
    assert abs(after.forecast.wait.likely_s - 60) < abs(before.forecast.wait.likely_s - 60) / 4


# --- those who are in the line ---------------------------------------------------------------------


def rest_of(now: Present, *watched: Head) -> list[list[float]]:
    return simulate(now, [], patient(), choose_next, watched)


def test_those_in_the_line_are_called_one_after_the_other() -> None:
    waiting = line(3)
    first, second, third = rest_of(present([waiting], busy_posts([0.0])), *waiting.heads)
    assert no_longer(first, than=second)
    assert no_longer(second, than=third)
    assert first != second


def test_the_last_in_line_has_the_wait_that_one_who_came_with_the_others_ahead_would_have() -> None:
    waiting = line(4)
    [last] = rest_of(present([waiting], busy_posts([0.0, 300.0])), waiting.heads[-1])
    assert last == played(present([line(3)], busy_posts([0.0, 300.0])))


def test_only_those_who_came_before_are_ahead_of_one_in_the_line() -> None:
    waiting = line(5)
    now = present([waiting], busy_posts([0.0]))
    told = quotes(now, [], Knowledge(), choose_next, [waiting.heads[2]])[0]
    assert told.forecast.ahead == 2


def test_of_many_who_wait_counts_and_the_first_and_last_arrival_are_enough() -> None:
    whole, known = line(40), patient()
    few = Line(whole.heads[:1], 40, last_at=whole.heads[-1].arrived_at)
    likely = [
        quotes(present([each], busy_posts([0.0] * 3)), [wish()], known, choose_next)[0]
        for each in (whole, few)
    ]
    told, of_counts = (quote.forecast.wait.likely_s for quote in likely)
    assert of_counts == pytest.approx(told, rel=0.15)


# --- video rooms -----------------------------------------------------------------------------------

AWAY = {"office": "skogas", "languages": ("ar",)}


def by_video(rooms: int, **more) -> list[float]:
    lines = [line(3, languages=("ar",), way=Way.VIDEO)]
    posts = [post(f"skogas-{n}", **AWAY) for n in range(5)]
    return played(
        present(lines, posts, rooms={"varby": rooms}, **more),
        wish(languages=("ar",), way=Way.VIDEO),
    )


def test_a_video_room_is_waited_for_although_counters_are_free() -> None:
    assert not any(by_video(rooms=4))
    assert all(by_video(rooms=1))


def test_fewer_video_rooms_make_no_wait_shorter() -> None:
    assert no_longer(by_video(rooms=2), than=by_video(rooms=1))
