"""A figure by weekday and hour: a table whose cells are darker where there is more."""

import datetime as dt
from dataclasses import replace
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from queueapp.core.ticket import BadInput
from queueapp.statistics.answer import SMALL, Answer, Shown
from queueapp.web import amounts, explorer, views, words
from queueapp.web.notes import Notes
from queueapp.web.views import OWN, Form
from queueapp.web.words import Names

BY = ("weekday", "hour")
STEPS = 5
NONE, HIDDEN = "none", "hidden"
"""Classes of cells without a number: no visits, and a number that may not be shown."""


def form(args: MultiDict[str, str], today: dt.date) -> Form:
    """The form that the parameters fill in: as the other view's, by weekday and hour.

    Without dates it is of the last twelve whole months: a period that begins or ends within one
    hides most of the hours (docs/decisions/0010-small-numbers.md).
    """
    asked = views.form(args)
    if not asked.first and not asked.last:
        month = today.replace(day=1)
        first, last = month.replace(year=month.year - 1), month - dt.timedelta(days=1)
        asked = replace(asked, first=first.isoformat(), last=last.isoformat())
    figure = asked.figures or "visits"
    if "," in figure:
        raise BadInput(field="figure", reason="unknown", value=figure)
    return replace(asked, by=BY, figures=figure, set=OWN, compare="none")


def page(answer: Answer, names: Names) -> dict[str, Any]:
    """All that the template shows besides the form."""
    [figure] = answer.question.figures
    notes = Notes()
    shown = {
        (row.values["weekday"], row.values["hour"]): row.figures[figure] for row in answer.rows
    }
    numbers = [one.value for one in shown.values() if one.value is not None]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    days = sorted({day for day, _ in shown})

    def cell(day: str, hour: str) -> dict[str, Any]:
        one = shown.get((day, hour), Shown())
        told = explorer.cell(figure, one, notes)
        known = (day, hour) in shown
        return {"cell": told if known else None, "step": step(one, low, high)}

    return {
        "question": answer.question,
        "figure": figure,
        "meaning": words.meaning(figure),
        "days": {day: names.value("weekday", day) for day in days},
        "rows": [
            {"name": names.value("hour", hour), "cells": [cell(day, hour) for day in days]}
            for hour in _hours({hour for _, hour in shown})
        ],
        "legend": _legend(figure, low, high) if numbers else [],
        "chosen": explorer.chosen(answer.question, names),
        "empty": answer.empty,
        "caveats": explorer.caveats_of([answer]),
        "notes": [(mark, text) for text, mark in notes.marks.items()],
    }


def _hours(known: set[str]) -> list[str]:
    """Every hour from the first with visits to the last."""
    numbers = [int(hour) for hour in known]
    return [f"{hour:02}" for hour in range(min(numbers), max(numbers) + 1)] if numbers else []


def step(shown: Shown, low: float, high: float) -> str:
    """Which of the steps between the lowest and the highest number a cell stands on."""
    if shown.note == SMALL:
        return HIDDEN
    if shown.value is None:
        return NONE
    if high == low:
        return "1"
    return str(min(STEPS, 1 + int(STEPS * (shown.value - low) / (high - low))))


def _legend(figure: str, low: float, high: float) -> list[tuple[str, str]]:
    """Each step with the numbers that are on it."""
    ends = [low + place * (high - low) / STEPS for place in range(STEPS + 1)]
    steps = range(1, STEPS + 1) if high > low else (1,)
    return [
        (
            str(place),
            gettext(
                "%(low)s to %(high)s",
                low=amounts.amount(figure, ends[place - 1]),
                high=amounts.amount(figure, ends[place]),
            ),
        )
        for place in steps
    ]
