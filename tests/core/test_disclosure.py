"""Small numbers. The attacks at the end ask everything that may be asked, and then calculate."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueapp.core.disclosure import (
    FEWEST,
    Boundary,
    Cell,
    Counts,
    Period,
    Place,
    Vector,
    boundary,
    canonical,
)

OFFICE, LANGUAGE, SERVICE = 0, 1, 2


@dataclass(frozen=True)
class World:
    """A log with a short calendar: so many years of so many months of so many days.

    ``unfinished``: the parts of those whose visit is not over.
    """

    days: Mapping[Cell, list[Vector]]
    calendar: tuple[int, int, int] = (2, 2, 2)
    unfinished: tuple[int, ...] = ()

    def midnights(self) -> Iterator[tuple[int, Place]]:
        """Every midnight: after how many days, and where. Each has its coarsest name."""
        years, months, days = self.calendar
        yield 0, (0,)
        for passed, (year, month, day) in enumerate(
            product(range(years), range(months), range(1, days + 1)), start=1
        ):
            if day < days:
                yield passed, (year, month, day)
            else:
                yield passed, (year, month + 1) if month + 1 < months else (year + 1,)

    def counts(self, place: Place) -> dict[Cell, Counts]:
        """What :func:`boundary` is to be told about a midnight."""
        return {cell: self._counts(days, place) for cell, days in self.days.items()}

    def _counts(self, days: list[Vector], place: Place) -> Counts:
        _, months, length = self.calendar
        by_month = sums(days, length)
        first = place[0] * months
        return Counts(
            years=sums(by_month, months),
            months=by_month[first : first + months] if place[1:] else [],
            days=days[(first + place[1]) * length :][:length] if place[2:] else [],
        )

    def boundary(self, place: Place) -> Boundary:
        return boundary(self.counts(place), place, self.unfinished)

    def period(self, first: Place, last: Place) -> Period:
        return Period(self.boundary(first), self.boundary(last))


def sums(vectors: list[Vector], size: int) -> list[Vector]:
    return [
        tuple(map(sum, zip(*vectors[start : start + size], strict=True)))
        for start in range(0, len(vectors), size)
    ]


def single(days: Mapping[Cell, Iterable[int]], calendar: tuple[int, int, int]) -> World:
    """A world of whole visits, day by day."""
    return World({cell: [(came,) for came in some] for cell, some in days.items()}, calendar)


def one_day(table: Mapping[Cell, int], others: int = 50) -> Boundary:
    """The midnight after a day on which this many came; ``others`` came to each cell the day after.

    Only the first of two days is told; both are a year long.
    """
    return single({cell: [came, others] for cell, came in table.items()}, (1, 1, 2)).boundary(
        (0, 0, 1)
    )


def shown(at: Boundary, *dimensions: int) -> set[Cell]:
    """The cells shown in a table."""
    values = (sorted(at.values[i]) for i in dimensions)
    return {
        cell
        for cell in product(*values)
        if at.shows({i: [value] for i, value in zip(dimensions, cell, strict=True)})
    }


THREE_OFFICES = {("centrum",): 40, ("skogas",): 30, ("varby",): 20}


def test_a_dense_table_hides_nothing() -> None:
    table = {
        cell: 20 + i for i, cell in enumerate(product(("centrum", "varby"), ("sv", "ar"), "xyz"))
    }
    assert len(shown(one_day(table), OFFICE, LANGUAGE, SERVICE)) == len(table)


@pytest.mark.parametrize("few", range(FEWEST))
def test_fewer_than_five_are_never_shown_not_even_none(few: int) -> None:
    at = one_day(THREE_OFFICES | {("skogas",): few})
    assert ("skogas",) not in shown(at, OFFICE)


def test_five_are_shown() -> None:
    assert shown(one_day(THREE_OFFICES | {("skogas",): 5}), OFFICE) == set(THREE_OFFICES)


def test_a_hidden_cell_takes_the_smallest_that_suffices_with_it() -> None:
    at = one_day(THREE_OFFICES | {("skogas",): 4})
    assert shown(at, OFFICE) == {("centrum",)}


def test_the_hidden_together_are_five_on_either_side() -> None:
    days = {("a",): [1, 50], ("b",): [3, 50], ("c",): [6, 50], ("d",): [50, 50]}
    assert shown(single(days, (1, 1, 2)).boundary((0, 0, 1)), 0) == {("d",)}


def test_a_hidden_cell_of_a_table_takes_a_rectangle_with_it() -> None:
    table = dict.fromkeys(product(("centrum", "skogas", "varby"), ("ar", "fi", "sv")), 20)
    at = one_day(table | {("skogas", "fi"): 2})
    assert len(shown(at, OFFICE, LANGUAGE)) == 9 - 4
    assert len(shown(at, OFFICE)) == len(shown(at, LANGUAGE)) == 3


def test_what_is_hidden_in_a_small_table_is_hidden_in_the_larger_ones() -> None:
    table = dict.fromkeys(product(("centrum", "skogas", "varby"), ("ar", "fi", "sv")), 20)
    at = one_day(table | {(office, "fi"): 1 for office in ("centrum", "skogas", "varby")})
    assert ("fi",) not in shown(at, LANGUAGE)
    assert not {cell for cell in shown(at, OFFICE, LANGUAGE) if cell[1] == "fi"}


def test_a_combination_that_never_came_is_protected_like_one_of_few() -> None:
    table = dict.fromkeys(product(("centrum", "skogas", "varby"), ("ar", "fi", "sv")), 20)
    del table["skogas", "fi"]
    at = one_day(table)
    assert ("skogas", "fi") not in shown(at, OFFICE, LANGUAGE)
    assert len(shown(at, OFFICE, LANGUAGE)) == 9 - 4


def test_where_fewer_than_five_came_in_all_nothing_is_shown() -> None:
    world = single({("centrum",): [1, 0], ("varby",): [2, 1]}, (1, 1, 2))
    assert not world.period((0,), (1,)).shows({})


def test_a_sum_is_shown_where_each_of_its_cells_is() -> None:
    at = one_day(THREE_OFFICES | {("skogas",): 4, ("flemingsberg",): 50})
    assert at.shows({OFFICE: ["centrum", "flemingsberg"]})
    assert not at.shows({OFFICE: ["centrum", "skogas"]})


def test_all_values_of_a_dimension_are_the_same_as_no_choice() -> None:
    at = one_day(THREE_OFFICES | {("skogas",): 4})
    assert at.shows({OFFICE: ["centrum", "skogas", "varby"]})


def test_a_value_that_the_log_does_not_know_is_not_shown() -> None:
    assert not one_day(THREE_OFFICES).shows({OFFICE: ["flemingsberg"]})


def test_two_periods_that_differ_by_a_day_of_few_are_not_both_shown() -> None:
    world = single({("centrum",): [50] * 4, ("varby",): [10, 9, 2, 30]}, (1, 1, 4))
    varby = {OFFICE: ["varby"]}
    assert world.period((0,), (0, 0, 1)).shows(varby)
    assert not world.period((0,), (0, 0, 3)).shows(varby)
    assert world.period((0,), (1,)).shows(varby)


def test_few_left_of_a_month_hide_its_last_days_and_not_the_month() -> None:
    world = single({("centrum",): [50] * 4, ("varby",): [10, 9, 8, 2]}, (1, 2, 2))
    varby = {OFFICE: ["varby"]}
    assert not world.period((0,), (0, 1, 1)).shows(varby)
    assert world.period((0,), (0, 1)).shows(varby)


def test_a_rare_group_is_shown_for_the_month_and_for_no_day() -> None:
    world = single({("sv",): [50] * 8, ("fi",): [2] * 8}, (1, 2, 4))
    finnish = {0: ["fi"]}
    assert world.period((0,), (0, 1)).shows(finnish)
    assert not any(
        world.boundary((0, month, day)).shows(finnish) for month in (0, 1) for day in (1, 2, 3)
    )


def test_a_finished_year_stays_although_few_have_come_in_the_new_one() -> None:
    world = single({("sv",): [500, 600, 50], ("fi",): [20, 30, 1]}, (3, 1, 1))
    finnish = {0: ["fi"]}
    assert world.period((1,), (2,)).shows(finnish)
    assert not world.period((1,), (3,)).shows(finnish)


def test_a_group_too_rare_for_any_year_is_shown_for_all_years() -> None:
    world = single({("sv",): [500] * 3, ("fi",): [2] * 3}, (3, 1, 1))
    finnish = {0: ["fi"]}
    assert world.period((0,), (3,)).shows(finnish)
    assert not world.period((0,), (1,)).shows(finnish)
    assert not world.period((1,), (3,)).shows(finnish)


def test_in_a_period_in_which_nobody_came_every_figure_is_zero_and_shown() -> None:
    world = single({("centrum",): [50, 0, 0, 50], ("varby",): [1, 0, 0, 0]}, (1, 1, 4))
    assert world.period((0, 0, 1), (0, 0, 3)).shows({OFFICE: ["varby"]})


def test_in_an_empty_log_every_figure_is_zero_and_shown() -> None:
    assert Period(boundary({}, (3, 5, 12)), boundary({}, (4,))).shows({OFFICE: ["varby"]})


SPLIT = {
    ("centrum",): [(30, 10), (30, 10)],
    ("skogas",): [(20, 2), (20, 20)],
    ("varby",): [(20, 20), (20, 20)],
}


def test_a_split_with_a_small_part_is_hidden_and_the_visits_are_not() -> None:
    at = World(SPLIT, (1, 1, 2)).boundary((0, 0, 1))
    assert at.shows({OFFICE: ["skogas"]})
    assert not at.shows({OFFICE: ["skogas"]}, split=True)


def test_a_hidden_split_is_not_alone_either() -> None:
    at = World(SPLIT, (1, 1, 2)).boundary((0, 0, 1))
    assert [at.shows({OFFICE: [office]}, split=True) for (office,) in SPLIT] == [False, False, True]


GOING_ON = {
    ("skogas",): [(12, 8, 0), (9, 6, 2)],
    ("varby",): [(20, 15, 0), (7, 5, 0)],
}
"""Two days of each office: served, left, and not over yet."""


def test_who_waits_today_does_not_hide_what_became_of_those_before() -> None:
    at = World(GOING_ON, (1, 1, 2), unfinished=(2,)).boundary((0, 0, 1))
    assert at.shows({OFFICE: ["skogas"]}, split=True)
    assert not World(GOING_ON, (1, 1, 2)).boundary((0, 0, 1)).shows({}, split=True)


def test_what_became_of_todays_visitors_hides_while_few_of_them_wait() -> None:
    at = World(GOING_ON, (1, 1, 2), unfinished=(2,)).boundary((1,))
    assert at.shows({})
    assert not at.shows({}, split=True)


def test_a_visit_of_an_earlier_day_that_is_not_over_is_a_secret_like_any_other() -> None:
    forgotten = GOING_ON | {("varby",): [(20, 15, 1), (7, 5, 0)]}
    at = World(forgotten, (1, 1, 2), unfinished=(2,)).boundary((0, 0, 1))
    assert not at.shows({}, split=True)


def test_where_everybody_was_served_so_far_those_served_today_are_not_told() -> None:
    days = {("skogas",): [(20, 0), (2, 9)]}
    now = World(days, (1, 1, 2), unfinished=(1,)).boundary((1,))
    assert now.shows({})
    assert not now.shows({}, split=True)


def everybody(years: str, months: str = "", days: str = "") -> Counts:
    return Counts(*([(int(digit),) for digit in digits] for digits in (years, months, days)))


@pytest.mark.parametrize(
    ("place", "counts", "same"),
    [
        ((0, 0, 3), everybody("9", "99", "5500055"), (0, 0, 2)),  # Saturday, Sunday
        ((0, 0, 2), everybody("9", "99", "5500000"), (0, 1)),
        ((0, 1, 2), everybody("9", "99", "0055555"), (0, 1)),
        ((0, 1, 2), everybody("99", "99", "5500000"), (1,)),
        ((1, 0, 2), everybody("99", "99", "0055555"), (1,)),
        ((0, 2, 0), everybody("99", "909", ""), (0, 1)),
        ((3,), everybody("9900"), (2,)),
        ((0, 3, 4), everybody("9", "9900", ""), (1,)),  # after now
        ((7,), everybody("99"), (2,)),
        ((0,), everybody("99"), ()),
        ((1,), everybody("09"), ()),
        ((0, 0, 2), everybody("9", "9", "005"), ()),
    ],
)
def test_midnights_that_nobody_came_between_are_one(
    place: Place, counts: Counts, same: Place
) -> None:
    assert canonical(place, counts) == same


# What holds in every world.


@st.composite
def worlds(draw: st.DrawFn, dimensions: int, parts: int = 1, going_on: int = 0) -> World:
    """Small worlds, sparse and dense, with rare values, and days when few or none came.

    Drawn from a seed: choices one by one come out too tame, and need not be made smaller.
    ``going_on``: so many of the last parts are those whose visit is not over, all of them of the
    last day.
    """
    random = draw(st.randoms(use_true_random=True))
    calendar = random.choice([(1, 1, 3), (1, 2, 2), (1, 3, 2), (2, 2, 1), (2, 2, 2), (3, 1, 2)])
    busy = [random.choice([0, 0.3, 1, 1, 1, 3]) for _ in range(prod(calendar))]
    scale = random.choice([2, 5, 15])
    sizes = [random.choice([2, 3, 4] if dimensions < 3 else [2, 2, 3]) for _ in range(dimensions)]
    weights = [
        {value: random.choice([0.1, 0.5, 1, 4]) for value in "abcd"[:size]} for size in sizes
    ]
    cells: dict[Cell, list[Vector]] = {}
    for cell in product(*weights):
        mean = scale * prod(few[value] for few, value in zip(weights, cell, strict=True))
        days = [tuple(_some(random, mean * day) for _ in range(parts)) for day in busy]
        if going_on:
            days[:-1] = [(*day[:-going_on], *[0] * going_on) for day in days[:-1]]
        if any(map(any, days)):
            cells[cell] = days
    return World(cells, calendar, tuple(range(parts - going_on, parts)))


def _some(random: Random, mean: float) -> int:
    """About so many: none, as many as always, or as chance will have it."""
    return random.choice(
        [0, round(mean), int(mean * random.expovariate(1)), int(mean + random.random())]
    )


@settings(deadline=None, max_examples=50)
@given(world=worlds(3))
def test_a_cell_is_shown_alike_in_every_view(world: World) -> None:
    narrow: dict[Cell, list[Vector]] = {}
    for (office, _, service), days in world.days.items():
        known = narrow.get((office, service), [(0,)] * len(days))
        narrow[office, service] = [(a + b,) for (a,), (b,) in zip(known, days, strict=True)]
    for _, place in world.midnights():
        wide = world.boundary(place)
        view = World(narrow, world.calendar).boundary(place)
        if wide.values:
            assert shown(view, 0, 1) == shown(wide, OFFICE, SERVICE)


@settings(deadline=None, max_examples=50)
@given(world=worlds(2))
def test_the_order_of_the_cells_does_not_matter(world: World) -> None:
    turned = World(dict(reversed(world.days.items())), world.calendar)
    for _, place in world.midnights():
        assert world.boundary(place) == turned.boundary(place)


@settings(deadline=None, max_examples=100)
@given(world=worlds(2))
def test_in_no_line_is_one_hidden_alone_or_are_the_hidden_together_few(world: World) -> None:
    for passed, place in world.midnights():
        at = world.boundary(place)
        if not at.place or min(map(len, at.values)) < 2:
            continue
        table = shown(at, OFFICE, LANGUAGE)
        for (office,) in shown(at, OFFICE):
            hidden = [(office, value) for value in at.values[1] if (office, value) not in table]
            assert len(hidden) != 1
            before = sum(sum(map(sum, world.days.get(cell, [])[:passed])) for cell in hidden)
            assert not hidden or before >= FEWEST


# The attacks. Unknown is how many came to each cell, in each part, on each day. Each figure shown
# is an equation; whatever follows from all of them together is known.

PRIME = 2**31 - 1
"""Equations are solved modulo a prime: exact integers, and a wrong verdict is next to impossible."""


def solved(rows: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """The reduced row echelon form of ``rows`` and its pivot columns, by Gaussian elimination."""
    rows, pivots = np.unique(rows, axis=0), []
    for column in range(rows.shape[1]):
        top = len(pivots)
        found = np.flatnonzero(rows[top:, column])
        if len(found):
            rows[[top, top + found[0]]] = rows[[top + found[0], top]]
            rows[top] = rows[top] * pow(int(rows[top, column]), -1, PRIME) % PRIME
            others = np.flatnonzero(rows[:, column])
            others = others[others != top]
            rows[others] = (rows[others] - rows[others, column][:, None] * rows[top]) % PRIME
            pivots.append(column)
    return rows[: len(pivots)], pivots


@dataclass(frozen=True)
class Question:
    """How many of some values in each dimension, and of one part or all, came in a period."""

    chosen: tuple[tuple[str, ...], ...]
    part: int | None
    first: int
    last: int


class Attack:
    """Everything that can be asked about a world, and what follows from what is answered."""

    def __init__(self, world: World) -> None:
        self.values = [sorted(set(column)) for column in zip(*world.days, strict=True)]
        self.parts = len(next(iter(world.days.values()))[0])
        nobody = [(0,) * self.parts] * prod(world.calendar)
        self.unfinished = world.unfinished
        self.truth = np.array([world.days.get(cell, nobody) for cell in product(*self.values)])
        self.at = {passed: world.boundary(place) for passed, place in world.midnights()}

    def questions(self) -> Iterator[Question]:
        """Every choice of values and of a part, in every period."""
        some = [
            [few for size in range(1, len(values) + 1) for few in combinations(values, size)]
            for values in self.values
        ]
        parts = [None, *range(self.parts)] if self.parts > 1 else [None]
        for chosen, part in product(product(*some), parts):
            for first, last in combinations(sorted(self.at), 2):
                yield Question(chosen, part, first, last)

    def answered(self, asked: Question) -> bool:
        period = Period(self.at[asked.first], self.at[asked.last])
        return period.shows(dict(enumerate(asked.chosen)), split=asked.part is not None)

    def equation(self, asked: Question) -> np.ndarray:
        """Which of the unknown numbers the answer is the sum of."""
        row = np.zeros_like(self.truth)
        cells = [all(map(tuple.__contains__, asked.chosen, c)) for c in product(*self.values)]
        parts = slice(None) if asked.part is None else slice(asked.part, asked.part + 1)
        row[cells, asked.first : asked.last, parts] = 1
        return row.ravel()

    def closed(self) -> np.ndarray:
        """Equations that everybody knows: on some days nobody came, and what began before today is
        over."""
        days = np.zeros(self.truth.shape, dtype=bool)
        days[:, self.truth.sum(axis=(0, 2)) == 0, :] = True
        if self.unfinished:
            days[:, :-1, self.unfinished] = True
        return np.eye(self.truth.size, dtype=self.truth.dtype)[days.ravel()]

    def few(self) -> list[Question]:
        """The questions with an answer under five that follows from the answers given.

        A sure zero would count too: whoever knows it can calculate on with it.
        """
        asked = list(self.questions())
        rows = np.array([self.equation(one) for one in asked])
        given = rows[[self.answered(one) for one in asked]]
        known, pivots = solved(np.concatenate([given, self.closed()]))
        left = (rows - rows[:, pivots] @ known) % PRIME
        secret = (rows @ (1 - self.closed().sum(axis=0))) > 0
        answers = rows @ self.truth.ravel()
        return [
            one
            for one, rest, answer, hidden in zip(asked, left, answers, secret, strict=True)
            if answer < FEWEST and not rest.any() and hidden
        ]


@pytest.mark.parametrize(("parts", "going_on"), [(1, 0), (2, 0), (2, 1), (3, 1), (3, 2)])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_differencing_over_filters_and_periods_reveals_nothing(
    dimensions: int, parts: int, going_on: int
) -> None:
    @settings(deadline=None, max_examples=40)
    @given(world=worlds(dimensions, parts, going_on))
    def attack(world: World) -> None:
        if world.days:
            assert Attack(world).few() == []

    attack()


def test_an_office_that_closes_does_not_give_another_away() -> None:
    # On the last day skogas is closed. If its zero were shown, then the day's 7 in Arabic came to
    # varby, and of varby's 9 in the month 2 came before.
    days = {
        ("skogas", "ar"): [91, 0],
        ("varby", "ar"): [2, 7],
        ("skogas", "sv"): [300, 0],
        ("varby", "sv"): [100, 90],
    }
    world = single(days, (1, 1, 2))
    assert Attack(world).few() == []
    assert world.period((0, 0, 1), (1,)).shows({LANGUAGE: ["ar"]})
    assert world.period((0,), (1,)).shows({OFFICE: ["varby"], LANGUAGE: ["ar"]})
    assert not world.period((0, 0, 1), (1,)).shows({OFFICE: ["skogas"]})


def test_the_attack_finds_what_hiding_small_cells_alone_leaves() -> None:
    days = {cell: [20, 20] for cell in product("ab", "xy")} | {("a", "x"): [2, 20]}
    world = single(days, (1, 1, 2))
    attack = Attack(world)
    at = attack.at[1]
    careless = {**at.shown, ((0, 1), False): set(world.days) - {("a", "x")}}
    attack.at[1] = Boundary(at.place, at.values, careless)
    assert Question((("a",), ("x",)), None, 0, 1) in attack.few()
