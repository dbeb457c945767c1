"""Which figures may be shown, so that nobody can be singled out by them.

A figure of a period is the difference of two readings of a tally: how many had come by the
period's last midnight, less how many by its first. So it is decided for each cell of each table
and each midnight whether the tally may be known (:func:`boundary`), and a figure is shown where
both its tallies may (:class:`Period`). The rule, its proof and its price are told in
docs/decisions/0010-small-numbers.md.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations, product
from operator import add

FEWEST = 5
"""A figure about fewer than this many, none included, is neither shown nor can be worked out."""

FEWEST_FOR_QUANTILES = 10
"""A median or another quantile of fewer than this many is not shown."""

Vector = tuple[int, ...]
"""How many came, divided into the parts of a split; one number where nothing is split."""

Cell = tuple[str, ...]
"""A value for each dimension of a table, in the order of the dimensions."""

Dimensions = tuple[int, ...]
"""Which dimensions a table has, by number, ascending."""

Place = tuple[int, ...]
"""Where a midnight lies in the log: (3,) after its third year; (3, 5) in its fourth year after the
fifth month; (3, 5, 12) in the month after that, after the 12th day."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many came in each year of the log, and around one midnight in more detail.

    ``months`` are those of the midnight's year, ``days`` those of its month; empty where the
    midnight is the end of a year or a month. The log's last year ends now.
    """

    years: Sequence[Vector]
    months: Sequence[Vector] = ()
    days: Sequence[Vector] = ()

    def at(self, place: Place) -> Sequence[Vector]:
        """The counts in which the last number of ``place`` counts."""
        return (self.years, self.months, self.days)[len(place) - 1]


def canonical(place: Place, everybody: Counts) -> Place:
    """The one name of the midnight at ``place``, among those that nobody came between.

    The end of a year goes before that of a month, and that before a day's; otherwise the earliest
    is taken. () is the start of the log. ``everybody``: the counts of all visits.
    """
    if not place:
        return ()
    came = [any(vector) for vector in everybody.at(place)]
    last = place[-1]
    if len(place) > 1 and any(came) and not any(came[last:]):
        return canonical((*place[:-2], place[-2] + 1), everybody)
    while last and not any(came[last - 1 : last]):
        last -= 1
    return (*place[:-1], last) if last else canonical(place[:-1] if place[1:] else (), everybody)


@dataclass(frozen=True, slots=True)
class _Midnight:
    """What is asked of a cell's counts at one midnight. They are given as one flat list.

    ``unfinished``: the parts that matter now and at no earlier midnight.
    """

    place: Place
    now: bool
    unfinished: Collection[int] = ()

    def counts(self, counts: Counts) -> list[int]:
        """The counts that matter, part by part.

        Those of the day, month or year before, and of what is left of the month, year or log
        after; now, of every year.
        """
        periods, last = counts.at(self.place), self.place[-1]
        if self.now:
            return [count for vector in periods[:last] for count in vector]
        return [*periods[last - 1], *map(sum, zip(*periods[last:], strict=True))]

    def around(self, counts: list[int], parts: int) -> list[int]:
        """Those of them that came just before and after."""
        return counts[-parts:] if self.now else counts

    def allows(self, counts: list[int], parts: int) -> bool:
        """Whether a tally with these counts may be known as far as they go.

        At the end of a year nothing is asked of the time after: that few have come in a new year
        does not take away the figures of the old one.
        """
        if self.now:
            return _enough_until_now(counts, parts, self.unfinished if parts > 1 else ())
        return min(counts[:parts] if len(self.place) == 1 else counts) >= FEWEST


def _enough_until_now(years: list[int], parts: int, unfinished: Collection[int]) -> bool:
    """Whether enough came, in every part, since the last end of a year that may be known."""
    since = [0] * parts
    for start in range(len(years) - parts, -1, -parts):
        since = list(map(add, since, years[start : start + parts]))
        before = _without(years[max(0, start - parts) : start], parts, unfinished)
        if before and min(before) >= FEWEST:
            break
    return min(since) >= FEWEST


_Box = tuple[frozenset[str], ...]
"""Some values of each dimension of a table: the cells that have one of them in each."""

_Block = tuple[tuple[int, frozenset[str]], ...]
"""Some values of some dimensions, such that every cell that has one of them in each is hidden.

So nothing can be worked out about a box that holds such a cell, unless in one of these dimensions
the box has all the block's values."""

_MOST_BLOCKS = 6
"""How many blocks are looked at to protect a cell; more would cost time and gain little."""


@dataclass(slots=True)
class _Table:
    """A table at one midnight: what is shown, and the blocks that protect what is not."""

    dimensions: Dimensions
    values: _Box
    around: dict[Cell, list[int]]
    shown: set[Cell]
    blocks: dict[Cell, tuple[_Block, ...]] = field(init=False)
    made: defaultdict[Cell, list[_Block]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[_Box, bool] = field(default_factory=dict)
    columns: list[dict[Cell, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.blocks = dict.fromkeys(self.around, ())
        columns = zip(*self.around.values(), strict=True)
        self.columns = [dict(zip(self.around, column, strict=True)) for column in columns]

    def inherit(self, margins: Sequence["_Table"]) -> None:
        """Hide the cells that belong to a hidden cell of a margin, and take over its blocks."""
        for margin in margins:
            kept = [self.dimensions.index(dimension) for dimension in margin.dimensions]
            for cell in self.around:
                whole = tuple([cell[i] for i in kept])
                if whole not in margin.shown:
                    self.shown.discard(cell)
                    self.blocks[cell] += margin.blocks[whole]
        for cell, blocks in self.blocks.items():
            self.blocks[cell] = tuple(dict.fromkeys(blocks))[:_MOST_BLOCKS]

    def protect(self) -> None:
        """Hide further cells, until nothing small can be worked out about those hidden.

        A cell that is hidden for the sake of another has enough visits itself, and needs nothing.
        """
        for cell in sorted(self.around.keys() - self.shown):
            if self.shown and min(self.around[cell]) < FEWEST:
                self._protect(cell)

    def _protect(self, cell: Cell) -> None:
        """Find a block that protects the hidden ``cell``, or hide what makes one."""
        exposed = self._exposed(cell)
        if not exposed:
            return
        for block in self.made[cell]:
            if not any(map(self._small, self._widened(exposed, block))):
                self.blocks[cell] += (block,)
                return
        box = self._hideable(cell, exposed)
        self.shown.difference_update(product(*box))
        block = tuple(zip(self.dimensions, box, strict=True))
        for other in product(*box):
            self.made[other].append(block)
        self.blocks[cell] += (block,)

    def _exposed(self, cell: Cell) -> list[_Box]:
        """The smallest boxes with ``cell`` that its blocks do not protect, if too few came."""
        boxes = [tuple(frozenset((value,)) for value in cell)]
        for block in self.blocks[cell]:
            boxes = list(dict.fromkeys(self._widened(boxes, block)))
        return [box for box in boxes if self._small(box)]

    def _widened(self, boxes: Iterable[_Box], block: _Block) -> Iterator[_Box]:
        """The smallest boxes around ``boxes`` that ``block`` does not protect."""
        at = [(self.dimensions.index(dimension), few) for dimension, few in block]
        for box in boxes:
            if any(few <= box[i] for i, few in at):
                yield box
            else:
                wider = ((i, box[i] | few) for i, few in at)
                yield from (_with(box, i, few) for i, few in wider if few != self.values[i])

    def _small(self, box: _Box) -> bool:
        """Whether too few came to ``box``, just before or after, in any part."""
        if box not in self.sizes:
            self.sizes[box] = not all(
                any(map(FEWEST.__le__, accumulate(map(column.__getitem__, product(*box)))))
                for column in self.columns
            )
        return self.sizes[box]

    def _hideable(self, cell: Cell, exposed: list[_Box]) -> _Box:
        """A box to hide so that none of the ``exposed`` boxes can be worked out."""
        box: _Box = tuple(frozenset((value,)) for value in cell)
        for i in range(len(cell)):
            box = _with(box, i, self._enough(i, self._cheapest(i, cell, box), box[i], exposed))
        return self._filled(box)

    def _filled(self, box: _Box) -> _Box:
        """``box`` with the values that nothing more is hidden for: it may protect others too."""
        for i, values in enumerate(self.values):
            for value in sorted(values - box[i]):
                if self.shown.isdisjoint(product(*_with(box, i, frozenset((value,))))):
                    box = _with(box, i, box[i] | {value})
        return box

    def _enough(
        self, i: int, others: list[str], few: frozenset[str], exposed: list[_Box]
    ) -> frozenset[str]:
        """``few`` and as many of the ``others`` as none of the ``exposed`` boxes can do with."""

        def enough(count: int) -> bool:
            block = ((self.dimensions[i], few.union(others[:count])),)
            return not any(map(self._small, self._widened(exposed, block)))

        count = 1 + bisect_left(range(1, len(others)), True, key=enough)
        return few.union(others[:count])

    def _cheapest(self, i: int, cell: Cell, box: _Box) -> list[str]:
        """The other values of dimension ``i``: first those that protect, and hide the least."""

        def price(value: str) -> tuple[bool, int, int, str]:
            protects = sum(self.around[*cell[:i], value, *cell[i + 1 :]])
            cells = product(*_with(box, i, frozenset((value,))))
            hides = sum(sum(self.around[one]) for one in cells if one in self.shown)
            return not protects, hides, -protects, value

        return sorted(self.values[i] - box[i], key=price)


def _with(box: _Box, i: int, few: frozenset[str]) -> _Box:
    """``box`` with ``few`` as its values in dimension ``i``."""
    return (*box[:i], few, *box[i + 1 :])


_Key = tuple[Dimensions, bool]
"""A table's dimensions, and whether its cells are split into parts."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Which tallies may be known at one midnight."""

    place: Place
    values: _Box
    shown: Mapping[_Key, Collection[Cell]]

    def shows(self, chosen: Mapping[int, Collection[str]], split: bool = False) -> bool:
        """Whether the tally of those with one of the ``chosen`` values of each dimension shows.

        A sum shows where each of its cells does. All values of a dimension are as no choice.
        """
        if not self.place:
            return True
        asked = {i: set(few) for i, few in sorted(chosen.items()) if not self.values[i] <= set(few)}
        shown = self.shown.get((tuple(asked), split), ())
        return all(cell in shown for cell in product(*asked.values()))


@dataclass(frozen=True, slots=True)
class Period:
    """The time between two midnights, for which figures show or do not."""

    first: Boundary
    last: Boundary

    def shows(self, chosen: Mapping[int, Collection[str]], split: bool = False) -> bool:
        """Whether the figure about ``chosen`` shows; see :meth:`Boundary.shows`.

        In a period in which nobody came at all, every figure shows: it is zero.
        """
        return self.first.place == self.last.place or (
            self.first.shows(chosen, split) and self.last.shows(chosen, split)
        )


def boundary(
    counts: Mapping[Cell, Counts], place: Place, unfinished: Collection[int] = ()
) -> Boundary:
    """Which tallies may be known at ``place``: in the table of ``counts`` and in all its margins.

    ``unfinished`` are the parts of those whose visit is not over yet. Everybody knows that none of
    them came before today, so there nothing is asked of those parts: else whoever waits now would
    hide what became of the visitors of years ago.

    ``counts`` holds every cell that ever had a visit, all with equally many periods and parts, and
    not only those that are filtered for. Parts do not overlap and together are all visits; with
    more than one, the visits and their split are decided. Every view must name the dimensions in
    the same order, as it decides between cells that could be hidden for another alike.
    """
    everybody = _everybody(counts)
    values = tuple(frozenset(column) for column in zip(*counts, strict=True))
    place = canonical(place, everybody)
    if not place:
        return Boundary(place, values, {})
    now = len(place) == 1 and not any(map(any, everybody.years[place[0] :]))
    parts = len(everybody.years[0])
    free = () if now or _came(everybody, place, unfinished) else unfinished
    midnight = _Midnight(place, now, unfinished if now else ())
    decided = _decide(counts, values, midnight, parts, free)
    if now and unfinished and parts - len(unfinished) == 1:
        # All who came before today are in the other part, so who joined it today would be known.
        decided = {key: table for key, table in decided.items() if not key[1]}
    return Boundary(place, values, {key: table.shown for key, table in decided.items()})


def _came(everybody: Counts, place: Place, parts: Collection[int]) -> bool:
    """Whether anybody of those parts came before the midnight at ``place``."""
    before = (everybody.at(place[: depth + 1])[:last] for depth, last in enumerate(place))
    return any(vector[part] for some in before for vector in some for part in parts)


def _everybody(counts: Mapping[Cell, Counts]) -> Counts:
    """The counts of all cells together."""

    def total(cells: Iterable[Sequence[Vector]]) -> list[Vector]:
        periods = zip(*cells, strict=True)
        return [tuple(map(sum, zip(*vectors, strict=True))) for vectors in periods]

    every = counts.values()
    return Counts(
        total(one.years for one in every),
        total(one.months for one in every),
        total(one.days for one in every),
    )


def _decide(
    counts: Mapping[Cell, Counts],
    values: _Box,
    midnight: _Midnight,
    parts: int,
    free: Collection[int],
) -> dict[_Key, _Table]:
    """Every table at a midnight, each after its margins. Nothing is asked of the parts ``free``."""
    tables: dict[_Key, _Table] = {}
    came = {cell: midnight.counts(one) for cell, one in counts.items()}
    nobody = [0] * len(next(iter(came.values())))
    flat = {cell: came.get(cell, nobody) for cell in product(*map(sorted, values))}
    for dimensions, cells in reversed(_sums(flat, values).items()):
        whole = {cell: _whole(one, parts) for cell, one in cells.items()}
        tables[dimensions, False] = _table((dimensions, False), whole, 1, midnight, values, tables)
        if parts > 1:
            key = dimensions, True
            asked = {cell: _without(one, parts, free) for cell, one in cells.items()}
            left = parts - len(free)
            tables[key] = _table(key, asked, left, midnight, values, tables)
    return tables


def _sums(cells: dict[Cell, list[int]], values: _Box) -> dict[Dimensions, dict[Cell, list[int]]]:
    """``cells`` and all their margins, without the dimensions that have a single value."""
    every = tuple(range(len(values)))
    several = tuple(i for i in every if len(values[i]) > 1)
    sums = {several: _margin(cells, every, several)}
    for size in reversed(range(len(several))):
        for kept in combinations(several, size):
            wider = next(one for one in sums if len(one) == size + 1 and set(kept) < set(one))
            sums[kept] = _margin(sums[wider], wider, kept)
    return sums


def _margin(
    cells: dict[Cell, list[int]], dimensions: Dimensions, kept: Dimensions
) -> dict[Cell, list[int]]:
    """The sums of ``cells`` over the dimensions that are not ``kept``."""
    sums: dict[Cell, list[int]] = {}
    at = [dimensions.index(dimension) for dimension in kept]
    for cell, counts in cells.items():
        margin = tuple([cell[i] for i in at])
        sums[margin] = list(map(add, sums[margin], counts)) if margin in sums else counts
    return sums


def _whole(counts: list[int], parts: int) -> list[int]:
    """The counts with the parts of each period summed."""
    return [sum(counts[start : start + parts]) for start in range(0, len(counts), parts)]


def _without(counts: list[int], parts: int, free: Collection[int]) -> list[int]:
    """The counts of the other parts of each period."""
    return [count for i, count in enumerate(counts) if i % parts not in free]


def _table(
    key: _Key,
    cells: dict[Cell, list[int]],
    parts: int,
    midnight: _Midnight,
    values: _Box,
    tables: Mapping[_Key, _Table],
) -> _Table:
    """One table, decided: what is hidden in a margin of it is hidden in it."""
    dimensions, split = key
    margins = (
        [tables[kept, split] for kept in combinations(dimensions, len(dimensions) - 1)]
        if dimensions
        else []
    )
    if split:
        margins.append(tables[dimensions, False])
    made = _Table(
        dimensions,
        tuple(values[i] for i in dimensions),
        {cell: midnight.around(counts, parts) for cell, counts in cells.items()},
        {cell for cell, counts in cells.items() if midnight.allows(counts, parts)},
    )
    made.inherit(margins)
    made.protect()
    return made
