"""The figures, as a page and as a file."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request
from flask_babel import format_date

from queueapp import screens
from queueapp.core.ticket import BadInput
from queueapp.statistics import answer as answers
from queueapp.statistics import question as questions
from queueapp.web import csv_file, errors, words
from queueapp.web.access import access
from queueapp.web.site import current_language, in_staff_language, pages

DIMENSIONS_AT_ONCE = 2
BAR = 72


@pages.get("/statistics", endpoint="statistics")
@access("manager")
@in_staff_language
def shown() -> Any:
    """Figures for a period, each with its definition."""
    with screens.reading(time.time()) as now:
        try:
            question = _question(now)
            problem = None
        except BadInput as refusal:
            question = questions.ask(now)
            problem = errors.of_refusal(refusal)
        answer = answers.document(answers.answer(now, question))
        return render_template(
            "statistics.html",
            answer=answer,
            question=question,
            problem=problem,
            rows=_rows(now, answer),
            figures=words.FIGURES,
            definitions=words.DEFINITIONS,
            fields=words.STATISTICS_FIELDS,
            offices=now.municipality.offices,
            place_names=[now.municipality.office(code).name for code in question.offices],
            dimensions=words.DIMENSIONS,
            amount=_amount,
            periods=_periods(now),
            address=_address,
            **now.banners,
        ), 422 if problem else 200


def _question(now: screens.Moment) -> questions.Question:
    """What the form asks."""
    return questions.ask(
        now,
        first=request.args.get("from"),
        last=request.args.get("to"),
        by=",".join(_chosen("by")[:DIMENSIONS_AT_ONCE] or ["office"]),
        where={"office": ",".join(_chosen("office"))},
    )


def _chosen(field: str) -> list[str]:
    """The values of a field that comes once per choice, or with commas as the API has it."""
    values = ",".join(request.args.getlist(field)).split(",")
    return list(dict.fromkeys(value for value in values if value))


def _rows(now: screens.Moment, answer: dict[str, Any]) -> list[dict[str, Any]]:
    names = words.Names(now.municipality, current_language())
    most = max((row["figures"]["visits"] for row in answer["rows"]), default=0) or 1
    return [
        {
            "names": [_name(names, by, code) for by, code in row["group"].items()],
            "figures": row["figures"],
            "bar": round(BAR * row["figures"]["visits"] / most),
        }
        for row in answer["rows"]
    ]


def _name(names: words.Names, dimension: str, code: str) -> str:
    if dimension == "day":
        day = dt.date.fromisoformat(code)
        return str(format_date(day, "EEE d MMM y"))
    return names.value(dimension, code)


def _amount(figure: str, value: float | None) -> str:
    if figure.endswith("_s"):
        return words.minutes(value)
    if figure.endswith("_share"):
        return words.percent(value)
    return "–" if value is None else str(round(value))


def _periods(now: screens.Moment) -> dict[str, tuple[str, str]]:
    """The periods one asks for most, as first and last day."""
    today = questions.today(now)
    day = dt.timedelta(days=1)
    first_of_month = today.replace(day=1)
    last_month = first_of_month - day
    return {
        "today": (today.isoformat(), today.isoformat()),
        "week": ((today - 6 * day).isoformat(), today.isoformat()),
        "month": (first_of_month.isoformat(), today.isoformat()),
        "last_month": (last_month.replace(day=1).isoformat(), last_month.isoformat()),
        "year": (today.replace(month=1, day=1).isoformat(), today.isoformat()),
    }


def _address(question: questions.Question, **changes: Any) -> dict[str, Any]:
    """The question as the parameters of an address."""
    asked = {"from": question.first.isoformat(), "to": question.last.isoformat()}
    return asked | {"by": list(question.by), "office": list(question.offices)} | changes


@pages.get("/statistics.csv")
@access("manager")
@in_staff_language
def statistics_csv() -> Response:
    """The same rows as a file; with ``for=excel`` as Excel in Swedish expects them."""
    with screens.reading(time.time()) as now:
        answer = answers.document(answers.answer(now, _question(now)))
        lines = list(_lines(now, answer))
    name = "-".join(["kolapp", *answer["office"], f"{answer['from']}--{answer['to']}.csv"])
    return csv_file.response(name, lines)


def _lines(now: screens.Moment, answer: dict[str, Any]) -> Iterator[list[Any]]:
    names = words.Names(now.municipality, current_language())
    figures = list(answer["definitions"])
    yield [column for by in answer["by"] for column in (by, f"{by}_name")] + figures
    for row in answer["rows"]:
        group = [
            cell for by, code in row["group"].items() for cell in (code, names.value(by, code))
        ]
        yield group + [_number(figure, row["figures"][figure]) for figure in figures]


def _number(figure: str, value: float | None) -> float | None:
    """Counts are whole as they are, and nobody waits a part of a second; shares have decimals."""
    if value is None:
        return None
    return round(value, 4) if figure.endswith("_share") else round(value)
