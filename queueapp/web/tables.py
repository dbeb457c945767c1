"""A view as a table of plain cells, from which every file is written: so all say the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from queueapp.statistics.answer import Answer, Row, Shown
from queueapp.statistics.comparison import Comparison, Difference, Pair, is_count
from queueapp.web import words
from queueapp.web.words import Names

Cell = str | int | float | bool | None

TEXT, COUNT, SHARE, SECONDS, NUMBER, FLAG = "text", "count", "share", "seconds", "number", "flag"
"""What a column holds: shares are from 0 to 1, seconds are whole."""

_DECIMALS = {SHARE: 4, NUMBER: 2}


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is for programs and ``label`` for people.

    ``part``: which of the table's parts it belongs to, place, value, uncertainty or comparison.
    ``figure``: the figure whose value it is.
    """

    name: str
    label: str
    kind: str
    part: str
    figure: str | None = None


@dataclass(frozen=True)
class Table:
    """``total`` is the row of all visits together, which only people's files have."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]


def kind(figure: str) -> str:
    """What a figure is a number of."""
    if figure.endswith("_share"):
        return SHARE
    if figure.endswith("_s"):
        return SECONDS
    return COUNT if is_count(figure) else NUMBER


def rounded(kind_: str, value: float | None) -> int | float | None:
    """As exact as a file tells it: nobody waits a part of a second."""
    if value is None:
        return None
    return round(value, _DECIMALS[kind_]) if kind_ in _DECIMALS else round(value)


def of(found: Answer | Comparison, names: Names, invented: bool) -> Table:
    """The table of an answer or of a comparison. ``invented`` marks every row as such."""
    answer = found.later if isinstance(found, Comparison) else found
    by, figures = answer.question.by, answer.question.figures
    compared = isinstance(found, Comparison)
    columns = [*_places(by), *_columns(figures, compared), _invented()]
    pairs = found.pairs if isinstance(found, Comparison) else map(_alone, answer.rows)
    whole = found.total if isinstance(found, Comparison) else _alone(answer.total)

    def cells(pair: Pair) -> list[Cell]:
        return [
            *_named(by, pair.values, names),
            *_cells(figures, pair, compared),
            invented,
        ]

    return Table(columns, [cells(pair) for pair in pairs], cells(whole))


def _alone(row: Row) -> Pair:
    """A row with nothing to compare it with."""
    return Pair(row.values, row, None, {})


def _places(by: Sequence[str]) -> Iterator[Column]:
    for name in by:
        label = str(words.DIMENSIONS[name])
        yield Column(name, gettext("%(what)s, code", what=label), TEXT, "code")
        yield Column(f"{name}_name", label, TEXT, "place")


def _invented() -> Column:
    return Column("invented", gettext("Invented"), FLAG, "mark")


def _columns(figures: Sequence[str], compared: bool) -> Iterator[Column]:
    for name in figures:
        yield Column(name, str(words.FIGURES[name]), kind(name), "value", name)
    for name in figures if compared else ():
        yield from _compared(name)
    for name in figures:
        yield from _interval(name, str(words.FIGURES[name]), NUMBER_OF[kind(name)])
        yield Column(f"{name}_note", "", TEXT, "note", name)


# What surrounds a count, and what differs per day, has decimals.
NUMBER_OF = {COUNT: NUMBER, NUMBER: NUMBER, SHARE: SHARE, SECONDS: SECONDS}


def _interval(name: str, label: str, kind_: str) -> Iterator[Column]:
    yield Column(f"{name}_low", gettext("%(what)s, from", what=label), kind_, "uncertainty")
    yield Column(f"{name}_high", gettext("%(what)s, to", what=label), kind_, "uncertainty")


def _compared(name: str) -> Iterator[Column]:
    label, part = str(words.FIGURES[name]), "comparison"
    of_difference = NUMBER_OF[kind(name)]
    told = gettext("%(what)s, difference per open day", what=label)
    if not is_count(name):
        told = gettext("%(what)s, difference", what=label)
    before = gettext("%(what)s, before", what=label)
    yield Column(f"{name}_earlier", before, kind(name), part, name)
    yield Column(f"{name}_difference", told, of_difference, part)
    for column in _interval(f"{name}_difference", told, of_difference):
        yield Column(column.name, column.label, column.kind, part)
    chance = gettext("%(what)s, more than chance", what=label)
    yield Column(f"{name}_more_than_chance", chance, FLAG, part)
    yield Column(f"{name}_difference_note", "", TEXT, "note")


def _named(by: Sequence[str], values: Mapping[str, str], names: Names) -> Iterator[Cell]:
    """The codes and names of a row's group; of the total there are none."""
    for name in by:
        code = values.get(name)
        yield code
        yield None if code is None else names.value(name, code)


def _cells(figures: Sequence[str], pair: Pair, compared: bool) -> Iterator[Cell]:
    later = pair.later.figures if pair.later else {}
    earlier = pair.earlier.figures if pair.earlier else {}
    for name in figures:
        yield rounded(kind(name), later.get(name, Shown()).value)
    for name in figures if compared else ():
        yield rounded(kind(name), earlier.get(name, Shown()).value)
        yield from _difference(NUMBER_OF[kind(name)], pair.differences[name])
    for name in figures:
        shown = later.get(name, Shown())
        yield from _ends(NUMBER_OF[kind(name)], shown)
        yield shown.note


def _difference(kind_: str, found: Difference) -> Iterator[Cell]:
    yield rounded(kind_, found.value)
    yield from _ends(kind_, found)
    yield found.more_than_chance
    yield found.note


def _ends(kind_: str, found: Shown | Difference) -> Iterator[Any]:
    low, high = found.interval or (None, None)
    yield rounded(kind_, low)
    yield rounded(kind_, high)
