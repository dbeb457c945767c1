"""Several figures of the same visits: what each tells, and what follows from all of them together.

An interval tells the denominator of its share, so that a share divides the visits more than once.
Here a visitor's visit is of one of some kinds. The attack asks every figure of every choice and
period, and finds no kind of which fewer than five follow.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings

from queueapp.core.disclosure import FEWEST, Boundary, Period
from queueapp.statistics import splits
from queueapp.statistics.splits import CALLING, FATE, OUTCOME, OWN, PROMISED, SERVED, WHOLE
from tests.core.test_disclosure import PRIME, World, solved, worlds

Kinds = frozenset[int]
"""Some kinds of visit, by number."""


def kinds(text: str) -> Kinds:
    return frozenset(map(int, text))


@dataclass(frozen=True)
class Figures:
    """Figures about visits of ``number`` kinds.

    ``splits``: the parts of each split. ``told``: of which kinds a figure tells how many there are:
    its numerator and its denominator.
    """

    number: int
    splits: Mapping[str, Sequence[Kinds]]
    told: Mapping[str, Sequence[Kinds]]


def split(*parts: str) -> list[Kinds]:
    return list(map(kinds, parts))


# Resolved, coded and not resolved, coded with errands of others alone, not coded, no-show, left.
CODING = Figures(
    6,
    {
        WHOLE: split("012345"),
        OUTCOME: split("0123", "4", "5"),
        SERVED: split("0123", "45"),
        "coded": split("012", "3", "45"),
        OWN: split("01", "2", "345"),
        "resolved_own": split("0", "1", "2345"),
    },
    {
        "visits": split("012345"),
        "served": split("0123"),
        "no_show": split("4"),
        "left": split("5"),
        "no_show_share": split("4", "01234"),
        "coded_share": split("012", "0123"),
        "resolved_own_share": split("0", "01"),
    },
)

# First language, another, not coded, no-show, left.
LANGUAGE = Figures(
    5,
    {
        WHOLE: split("01234"),
        OUTCOME: split("012", "3", "4"),
        SERVED: split("012", "34"),
        "coded": split("01", "2", "34"),
        "first_language": split("0", "1", "234"),
    },
    {
        "visits": split("01234"),
        "served": split("012"),
        "unserved_share": split("34"),
        "coded_share": split("01", "012"),
        "first_language_share": split("0", "01"),
    },
)

# Kept and called soon, kept and called late, not kept (late), promised nothing (late), left.
PROMISES = Figures(
    5,
    {
        WHOLE: split("01234"),
        FATE: split("0123", "4"),
        CALLING: split("0", "123", "4"),
        PROMISED: split("012", "3", "4"),
        "promise_kept": split("01", "2", "34"),
    },
    {
        "visits": split("01234"),
        "called": split("0123"),
        "promise_kept_share": split("01", "012"),
    },
)


class Attack:
    """All figures of a world, asked of every choice and in every period."""

    def __init__(self, world: World, figures: Figures) -> None:
        self.figures = figures
        self.values = [sorted(set(column)) for column in zip(*world.days, strict=True)]
        nobody = [(0,) * figures.number] * prod(world.calendar)
        self.truth = np.array([world.days.get(cell, nobody) for cell in product(*self.values)])
        self.never = {kind for kind in range(figures.number) if not self.truth[:, :, kind].any()}
        self.divided = {name: self._divided(world, parts) for name, parts in figures.splits.items()}
        self.midnights = sorted(passed for passed, _ in world.midnights())

    def _divided(self, world: World, parts: Sequence[Kinds]) -> tuple[bool, dict[int, Boundary]]:
        """Whether a split divides anything, and what it lets be known at each midnight."""
        some = [part for part in parts if part - self.never]
        days = {
            cell: [tuple(sum(day[kind] for kind in part) for part in some) for day in came]
            for cell, came in world.days.items()
        }
        as_split = World(days, world.calendar)
        return len(some) > 1, {at: as_split.boundary(place) for at, place in world.midnights()}

    def asked(self) -> Iterator[tuple[tuple[tuple[str, ...], ...], int, int]]:
        """Every choice of values in every period."""
        some = [
            [few for size in range(1, len(values) + 1) for few in combinations(values, size)]
            for values in self.values
        ]
        for chosen in product(*some):
            for first, last in combinations(self.midnights, 2):
                yield chosen, first, last

    def row(
        self, chosen: tuple[tuple[str, ...], ...], first: int, last: int, some: Kinds
    ) -> np.ndarray:
        """Which of the unknown numbers the answer is the sum of."""
        row = np.zeros_like(self.truth)
        cells = [all(map(tuple.__contains__, chosen, cell)) for cell in product(*self.values)]
        for kind in some:
            row[cells, first:last, kind] = 1
        return row.ravel()

    def shows(
        self, chosen: tuple[tuple[str, ...], ...], first: int, last: int, splits: Collection[str]
    ) -> bool:
        for divides, at in (self.divided[name] for name in splits):
            if not Period(at[first], at[last]).shows(dict(enumerate(chosen)), divides):
                return False
        return True

    def known_to_all(self) -> np.ndarray:
        """On some days nobody came, and of some kinds nobody ever was."""
        none = np.zeros(self.truth.shape, dtype=bool)
        none[:, self.truth.sum(axis=(0, 2)) == 0, :] = True
        none[:, :, sorted(self.never)] = True
        return np.eye(self.truth.size, dtype=self.truth.dtype)[none.ravel()]

    def few(self, needed: Mapping[str, Collection[str]]) -> list[tuple[object, ...]]:
        """What follows of fewer than five, where each figure shows as its splits ``needed`` do."""
        given, secrets, rows = [], [], []
        parts = {part for split in self.figures.splits.values() for part in split}
        every = parts | {frozenset((kind,)) for kind in range(self.figures.number)}
        for asked in self.asked():
            # A sum of cells shows where each of them does, so it tells nothing that they do not.
            single = all(
                len(few) in {1, len(values)}
                for few, values in zip(asked[0], self.values, strict=True)
            )
            for name, told in self.figures.told.items() if single else ():
                if self.shows(*asked, needed[name]):
                    given += [self.row(*asked, some) for some in told]
            secrets += [(*asked, set(some)) for some in every]
            rows += [self.row(*asked, some) for some in every]
        public = self.known_to_all()
        known, pivots = solved(np.array([*given, *public, np.zeros(self.truth.size, dtype=int)]))
        asked_rows = np.array(rows)
        left = (asked_rows - asked_rows[:, pivots] @ known[: len(pivots)]) % PRIME
        secret = (asked_rows @ (1 - public.sum(axis=0))) > 0
        answers = asked_rows @ self.truth.ravel()
        return [
            one
            for one, rest, answer, hidden in zip(secrets, left, answers, secret, strict=True)
            if answer < FEWEST and not rest.any() and hidden
        ]


@pytest.mark.parametrize("figures", [CODING, LANGUAGE, PROMISES])
@pytest.mark.parametrize(("dimensions", "examples"), [(1, 40), (2, 15)])
def test_all_figures_together_reveal_nothing(
    figures: Figures, dimensions: int, examples: int
) -> None:
    needed = {name: splits.of(name) for name in figures.told}

    @settings(deadline=None, max_examples=examples)
    @given(world=worlds(dimensions, figures.number))
    def attack(world: World) -> None:
        if world.days:
            assert Attack(world, figures).few(needed) == []

    attack()


def test_the_attack_finds_what_a_denominator_tells() -> None:
    # 40 served a day and 3 of them not coded: the interval of the share in the first language tells
    # of 37.
    world = World({("a",): [(20, 17, 3, 8, 9)] * 2}, (1, 1, 2))
    needed = {name: splits.of(name) for name in LANGUAGE.told}
    assert Attack(world, LANGUAGE).few(needed) == []
    careless = needed | {"first_language_share": ("first_language",)}
    assert ((("a",),), 0, 1, {2}) in Attack(world, LANGUAGE).few(careless)
