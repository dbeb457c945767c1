from hypothesis import given
from hypothesis import strategies as st

from queueapp.core.discipline import choose_next, order
from queueapp.core.matching import Match, Way, match
from tests.builders import head, server, wish


def test_the_one_who_has_waited_longest_is_next() -> None:
    first, second = head(1, arrived_at=10.0), head(2, arrived_at=5.0, service="bygglov")
    assert choose_next([first, second], server(), now=20.0).head is second


def test_of_equal_waits_the_lower_ticket_is_next() -> None:
    assert choose_next([head(7), head(3, languages=("en",))], server(), now=1.0).head.ticket == 3


def test_a_priority_counts_as_minutes_already_waited() -> None:
    earlier, prioritised = head(1, arrived_at=0.0), head(2, arrived_at=500.0, credit_s=600)
    choice = choose_next([earlier, prioritised], server(), now=600.0)
    assert (choice.head, choice.reason) == (prioritised, "priority")


def test_a_priority_is_a_credit_and_not_an_absolute() -> None:
    earlier, prioritised = head(1, arrived_at=0.0), head(2, arrived_at=700.0, credit_s=600)
    assert choose_next([earlier, prioritised], server(), now=800.0).head is earlier


def test_nobody_is_called_whom_the_counter_cannot_serve() -> None:
    assert choose_next([head(1, languages=("ar",))], server(), now=1.0) is None
    assert choose_next([head(1, service="bostad")], server(), now=1.0) is None
    assert choose_next([head(1, office="skogas")], server(), now=1.0) is None


def test_a_language_the_visitor_did_not_accept_is_never_chosen() -> None:
    assert match(wish(languages=("fi",)), server(languages=("sv",))) is None


def test_the_language_chosen_is_the_visitors_first_that_the_counter_speaks() -> None:
    both = server(languages=("sv", "ar"))
    assert match(wish(languages=("fi", "ar", "sv")), both) == Match(Way.HERE, "ar")


def test_an_interpreter_comes_in_only_where_the_visitor_chose_it() -> None:
    asked = wish(languages=("ar",), way=Way.INTERPRETER)
    assert match(asked, server()) == Match(Way.INTERPRETER, "ar")
    assert match(wish(languages=("ar",)), server()) is None


def test_a_wish_is_read_back_from_its_key() -> None:
    asked = wish(languages=("ar", "sv"), way=Way.INTERPRETER, credit_s=600)
    assert type(asked).of_key(asked.key) == asked


wishes = st.builds(
    wish,
    office=st.sampled_from(["varby", "skogas"]),
    service=st.sampled_from(["bygglov", "bostad"]),
    languages=st.lists(st.sampled_from(["sv", "en", "ar", "fi"]), min_size=1, unique=True).map(
        tuple
    ),
    credit_s=st.sampled_from([0, 600]),
)
arrivals = st.lists(st.tuples(wishes, st.floats(0, 1e4)), max_size=30)
servers = st.builds(
    server,
    services=st.sets(st.sampled_from(["bygglov", "bostad"]), min_size=1).map(tuple),
    languages=st.sets(st.sampled_from(["sv", "en", "ar", "fi"]), min_size=1).map(tuple),
)


def classes(arrived: list) -> list:
    lines: dict = {}
    for ticket, (asked, at) in enumerate(arrived, 1):
        lines.setdefault(asked, []).append(
            head(
                ticket,
                at,
                office=asked.office,
                service=asked.service,
                languages=asked.languages,
                credit_s=asked.credit_s,
            )
        )
    return [sorted(line, key=lambda one: (one.arrived_at, one.ticket)) for line in lines.values()]


@given(arrivals, servers)
def test_the_order_shown_is_the_order_called(arrived: list, able) -> None:
    lines = classes(arrived)
    shown = [choice.head for choice in order(lines, able, 2e4, limit=50)]
    called = []
    left = [list(line) for line in lines]
    while choice := choose_next((line[0] for line in left if line), able, 2e4):
        called.append(choice.head)
        for line in left:
            if line and line[0] == choice.head:
                line.pop(0)
    assert shown == called


@given(arrivals, servers)
def test_no_one_it_could_serve_is_left_and_no_one_else_is_called(arrived: list, able) -> None:
    lines = classes(arrived)
    everybody = [one for line in lines for one in line]
    shown = {choice.head.ticket for choice in order(lines, able, 2e4, limit=50)}
    assert shown == {one.ticket for one in everybody if match(one.wish, able)}


@given(arrivals, servers)
def test_a_later_arrival_never_passes_one_of_equal_priority(arrived: list, able) -> None:
    shown = [choice.head for choice in order(classes(arrived), able, 2e4, limit=50)]
    for credit in (0, 600):
        waits = [one.arrived_at for one in shown if one.wish.credit_s == credit]
        assert waits == sorted(waits)
