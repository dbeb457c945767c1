"""What the page of figures shows: an answer or a comparison, in words and numbers for people."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, gettext

from queueapp import screens
from queueapp.municipality import Municipality
from queueapp.statistics.answer import Answer, Row, Shown
from queueapp.statistics.comparison import Comparison, Difference, How, Pair, by_date, is_count
from queueapp.statistics.question import PLACES, Question, values
from queueapp.web import amounts, caveats, words
from queueapp.web.notes import Notes
from queueapp.web.views import View
from queueapp.web.words import Names

ROWS_ON_PAGE = 500
BAR = 72


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in words. ``mark`` points at the note that says why it is not shown."""

    text: str
    around: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of a group beside the same figure of the earlier period."""

    figure: str
    later: Cell
    earlier: Cell
    difference: Cell
    more_than_chance: bool | None


def choices(municipality: Municipality, names: Names) -> dict[str, dict[str, str]]:
    """What each filter offers: code → name."""
    known = values(municipality)
    return {place: {code: names.value(place, code) for code in known[place]} for place in PLACES}


def page(found: Answer | Comparison, view: View, names: Names, today: dt.date) -> dict[str, Any]:
    """All that the page's template shows besides the form."""
    answers = [found.later, found.earlier] if isinstance(found, Comparison) else [found]
    answer, notes = answers[0], Notes()
    body = (
        _compared(found, view, names, notes)
        if isinstance(found, Comparison)
        else _plain(found, view, names, notes)
    )
    return {
        **body,
        "question": answer.question,
        "figures": view.question.figures,
        "names_of": words.FIGURES,
        "meanings": {name: words.meaning(name) for name in view.question.figures},
        "chosen": chosen(view.question, names),
        "still_open": still_open(answer, today),
        "caveats": caveats_of(answers),
        "empty": all(answer.empty for answer in answers),
        "address": view.form.parameters(),
        "notes": [(mark, told) for told, mark in notes.marks.items()],
    }


def still_open(answer: Answer, today: dt.date) -> str:
    """How many of the visits are not over yet; today that may be so also where it is hidden."""
    shown = answer.total.figures["open"]
    if shown.value:
        return words.STILL_OPEN.text(round(shown.value))
    if shown.note and answer.question.last >= today:
        return str(
            gettext("Visits of today may not be over yet; what comes of them is not counted.")
        )
    return ""


def caveats_of(answers: Sequence[Answer]) -> list[str]:
    """What a reader must know before the figures of one or two periods."""
    told = [
        caveats.invented(any(answer.invented for answer in answers)),
        caveats.log_begins(next((answer.began for answer in answers if answer.began), None)),
        caveats.left_out(answers[0].left_out),
    ]
    return list(filter(None, told))


def chosen(question: Question, names: Names) -> list[tuple[str, str]]:
    """What was chosen among, as pairs of dimension and values."""
    return [
        (str(words.DIMENSIONS[place]), ", ".join(names.value(place, code) for code in codes))
        for place, codes in question.where.items()
    ]


# --- one period ---------------------------------------------------------------------------------


def _plain(answer: Answer, view: View, names: Names, notes: Notes) -> dict[str, Any]:
    rows = answer.rows[:ROWS_ON_PAGE]
    most = max((_visits(row) for row in answer.rows), default=0.0)
    return {
        "compared": None,
        "rows": [
            {
                "names": _group(row.values, names),
                "cells": _cells(row, view, notes),
                "bar": round(BAR * _visits(row) / most) if most else 0,
            }
            for row in rows
        ],
        "left_out": len(answer.rows) - len(rows),
        "total": _cells(answer.total, view, notes),
    }


def _visits(row: Row) -> float:
    """For the bar; one that is hidden has none."""
    shown = row.figures.get("visits", Shown())
    return shown.value or 0.0


def _cells(row: Row, view: View, notes: Notes) -> dict[str, Cell]:
    return {
        name: cell(name, row.figures[name], notes, view.form.intervals)
        for name in view.question.figures
    }


def cell(name: str, shown: Shown, notes: Notes, interval: bool = False) -> Cell:
    """A figure in words, with its interval where that is asked for."""
    if shown.value is None:
        return Cell(amounts.NOTHING, mark=notes.mark(shown))
    around = amounts.between(name, shown.interval) if interval and shown.interval else ""
    return Cell(amounts.amount(name, shown.value), around)


def _group(values_: Mapping[str, str], names: Names) -> list[str]:
    return [_name(names, by, code) for by, code in values_.items()]


def _name(names: Names, dimension: str, code: str) -> str:
    if dimension == "day":
        return str(format_date(dt.date.fromisoformat(code), "EEE d MMM y"))
    return names.value(dimension, code)


# --- two periods --------------------------------------------------------------------------------


def _compared(found: Comparison, view: View, names: Names, notes: Notes) -> dict[str, Any]:
    most = max(1, ROWS_ON_PAGE // len(view.question.figures))
    pairs = found.pairs[:most]
    return {
        "compared": found.earlier.question,
        "same_weekdays": found.how is How.LAST_YEAR and not by_date(found.later.question),
        "cut": found.later.question.last < view.question.last,
        "rows": [
            {"names": _group(pair.values, names), "lines": list(_lines(pair, view, notes))}
            for pair in pairs
        ],
        "left_out": len(found.pairs) - len(pairs),
        "total": list(_lines(found.total, view, notes)),
    }


def _lines(pair: Pair, view: View, notes: Notes) -> Iterator[Line]:
    later = pair.later.figures if pair.later else {}
    earlier = pair.earlier.figures if pair.earlier else {}
    for name in view.question.figures:
        told = pair.differences[name]
        intervals = view.form.intervals
        yield Line(
            name,
            cell(name, later.get(name, Shown()), notes, intervals),
            cell(name, earlier.get(name, Shown()), notes, intervals),
            _difference(name, told, notes),
            told.more_than_chance,
        )


def _difference(name: str, told: Difference, notes: Notes) -> Cell:
    if told.value is None:
        return Cell(amounts.NOTHING, mark=notes.mark(told))
    around = ""
    if told.interval:
        low, high = (amounts.signed(name, end) for end in told.interval)
        around = gettext("%(low)s to %(high)s", low=low, high=high)
    text = amounts.signed(name, told.value)
    if is_count(name):
        return Cell(gettext("%(number)s per open day", number=text), around)
    return Cell(amounts.in_full(name, text), around)


# --- what a file says of itself -----------------------------------------------------------------


def facts(now: screens.Moment, found: Answer | Comparison, names: Names) -> list[tuple[str, str]]:
    """A workbook's own lines: whose figures, of when, which visits, and whether invented."""
    answer = found.later if isinstance(found, Comparison) else found
    lines = [
        (gettext("Municipality"), now.municipality.name.get(names.language_of_page)[0]),
        (gettext("Period"), span(answer.question)),
    ]
    if isinstance(found, Comparison):
        lines.append((gettext("Compared with"), span(found.earlier.question)))
    lines += chosen(answer.question, names) or [(gettext("Visits"), gettext("All"))]
    if any(now.banners.values()):
        lines.append((gettext("Invented"), gettext("Figures of a trial or of invented visits.")))
    return [*lines, (gettext("Made"), _local(now))]


def span(question: Question) -> str:
    """The question's first and last day."""
    return f"{question.first} – {question.last}"


def _local(now: screens.Moment) -> str:
    return dt.datetime.fromtimestamp(now.at, now.municipality.zone).isoformat(timespec="minutes")
