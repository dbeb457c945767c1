"""The explorer: figures as a page, as a heat map and as files, each with an address to share."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, jsonify, render_template, request

from queueapp import screens
from queueapp.core.ticket import BadInput
from queueapp.statistics import answer as answers
from queueapp.statistics import comparison
from queueapp.statistics import question as questions
from queueapp.statistics.answer import Answer
from queueapp.statistics.comparison import Comparison
from queueapp.web import errors, explorer, exports, heat, tables, views, words
from queueapp.web.access import access
from queueapp.web.site import current_language, in_staff_language, pages
from queueapp.web.views import View

Found = Answer | Comparison


@pages.get("/statistics", endpoint="statistics")
@access("manager")
@in_staff_language
def shown() -> Any:
    """Figures for a period, each with its definition, and beside another period's."""
    with screens.reading(time.time()) as now:
        return _page(now, "statistics.html", views.form(request.args), _explored)


@pages.get("/statistics/heat", endpoint="statistics_heat")
@access("manager")
@in_staff_language
def heat_map() -> Any:
    """A figure by weekday and hour."""
    with screens.reading(time.time()) as now:
        return _page(
            now, "statistics/heat.html", heat.form(request.args, questions.today(now)), _heated
        )


def _page(
    now: screens.Moment,
    template: str,
    form: views.Form,
    fill: Callable[[screens.Moment, View], dict[str, Any]],
) -> Any:
    """The form, and what it asks for; where it cannot be answered, what is wrong with it."""
    names = words.Names(now.municipality, current_language())
    about = {
        "fields": words.STATISTICS_FIELDS,
        "dimensions": words.DIMENSIONS,
        "sets": views.SET_NAMES,
        "comparisons": views.COMPARISONS,
        "all_figures": words.FIGURES,
        "choices": explorer.choices(now.municipality, names),
        "periods": _periods(now),
        **now.banners,
    }
    try:
        view = views.view(now, form)
        filled = fill(now, view)
    except BadInput as refusal:
        problem = errors.of_refusal(refusal)
        return render_template(template, form=form, problem=problem, **about), 422
    return render_template(template, form=view.form, problem=None, **about, **filled)


def _explored(now: screens.Moment, view: View) -> dict[str, Any]:
    # How many visits are not over yet is told with any figures.
    found = _answer(now, view, ("open",))
    names = words.Names(now.municipality, current_language())
    return explorer.page(found, view, names, questions.today(now))


def _heated(now: screens.Moment, view: View) -> dict[str, Any]:
    names = words.Names(now.municipality, current_language())
    return heat.page(answers.answer(now, view.question), names)


def _answer(now: screens.Moment, view: View, also: tuple[str, ...] = ()) -> Found:
    asked = tuple(dict.fromkeys((*view.question.figures, *also)))
    question = replace(view.question, figures=asked)
    if view.compared:
        return comparison.compare(now, question, view.compared)
    return answers.answer(now, question)


def _periods(now: screens.Moment) -> dict[str, tuple[str, str]]:
    """The periods one asks for most, as first and last day."""
    today = questions.today(now)
    day = dt.timedelta(days=1)
    first_of_month = today.replace(day=1)
    last_month = questions.last_month(today)
    last_year = today.year - 1
    return {
        "today": (today.isoformat(), today.isoformat()),
        "week": ((today - 6 * day).isoformat(), today.isoformat()),
        "month": (first_of_month.isoformat(), today.isoformat()),
        "last_month": (last_month[0].isoformat(), last_month[1].isoformat()),
        "year": (today.replace(month=1, day=1).isoformat(), today.isoformat()),
        "last_year": (f"{last_year}-01-01", f"{last_year}-12-31"),
    }


# --- as files -----------------------------------------------------------------------------------


@pages.get("/statistics.csv")
@access("manager")
@in_staff_language
def statistics_csv() -> Response:
    """The view as CSV; with ``for=excel`` as Excel in Swedish expects it."""
    swedish = request.args.get("for") == "excel"
    with screens.reading(time.time()) as now:
        _, found, table = _table(now)
    return _file(found, "csv", exports.as_csv(table, swedish), "text/csv; charset=utf-8")


@pages.get("/statistics.xlsx")
@access("manager")
@in_staff_language
def statistics_xlsx() -> Response:
    """The view as a workbook."""
    with screens.reading(time.time()) as now:
        view, found, table = _table(now)
        facts = explorer.facts(now, found, words.Names(now.municipality, current_language()))
        about = exports.About(facts, view.question.figures)
        return _file(found, "xlsx", exports.as_xlsx(table, about))


@pages.get("/statistics.parquet")
@access("manager")
@in_staff_language
def statistics_parquet() -> Response:
    """The view as a Parquet file; what it is about is in its metadata."""
    with screens.reading(time.time()) as now:
        _, found, table = _table(now)
        about = _metadata(now, found)
    return _file(found, "parquet", exports.as_parquet(table, about))


@pages.get("/statistics.json")
@access("manager")
@in_staff_language
def statistics_json() -> Response:
    """The view as the API's document."""
    with screens.reading(time.time()) as now:
        found = _answer(now, views.view(now, views.form(request.args)))
        body = jsonify({**document(found), **now.banners}).get_data()
    return _file(found, "json", body)


def document(found: Found) -> dict[str, Any]:
    """An answer or a comparison as the API gives it."""
    if isinstance(found, Comparison):
        return comparison.document(found)
    return answers.document(found)


def _table(now: screens.Moment) -> tuple[View, Found, tables.Table]:
    view = views.view(now, views.form(request.args))
    found = _answer(now, view)
    names = words.Names(now.municipality, current_language())
    return view, found, tables.of(found, names, any(now.banners.values()))


def _metadata(now: screens.Moment, found: Found) -> Mapping[str, str]:
    question = (found.later if isinstance(found, Comparison) else found).question
    chosen = "; ".join(f"{name}={','.join(of)}" for name, of in question.where.items())
    return {
        "period": f"{question.first}/{question.last}",
        "chosen": chosen or "all",
        "municipality": now.municipality.code,
        "invented": str(any(now.banners.values())).lower(),
    }


def _file(found: Found, kind: str, body: str | bytes, media: str = "") -> Response:
    question = (found.later if isinstance(found, Comparison) else found).question
    name = "-".join(["kolapp", *question.offices, f"{question.first}--{question.last}"])
    return Response(
        body,
        content_type=media or exports.MEDIA[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
