"""The planner: a question put together from a form, and its answer."""

import datetime as dt
import time
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import format_datetime, gettext
from sqlalchemy import func, select

from queueapp import configuration, screens
from queueapp.core.ticket import Refusal
from queueapp.models import TicketEvent, db
from queueapp.municipality import Municipality
from queueapp.outlook.values import WEEKS
from queueapp.planner import document, examples, store
from queueapp.planner.document import Fault, Unfit
from queueapp.planner.examples import Example
from queueapp.planner.store import PlanRow
from queueapp.simulate import rota
from queueapp.statistics.question import today
from queueapp.web import plan_amounts, plan_chart, plan_form, plan_question, plan_words, words
from queueapp.web.access import access
from queueapp.web.plan_form import Draft, Form
from queueapp.web.site import attempt, current_language, in_staff_language, pages

USUAL_PERIOD = dt.timedelta(days=27)
_event = TicketEvent.__table__


@pages.get("/planner")
@access("manager")
@in_staff_language
def planner() -> Any:
    """The plans there are, and ways to begin one."""
    with screens.reading(time.time()) as now:
        names = words.Names(now.municipality, current_language())
        return render_template(
            "planner/list.html",
            plans=store.newest(now.connection),
            states=plan_words.STATES,
            when=partial(_when, now.municipality),
            examples=[(one, _title(one, names)) for one in examples.of(now.municipality)],
            **now.banners,
        )


def _when(municipality: Municipality, at: float) -> str:
    moment = dt.datetime.fromtimestamp(at, municipality.zone)
    return str(format_datetime(moment, "d MMM y HH:mm", rebase=False))


def _title(example: Example, names: words.Names) -> str:
    match example.kind:
        case "open":
            return str(gettext("Open an office in %(place)s", place=names.district(example.about)))
        case "close":
            return str(gettext("Close %(office)s", office=names.office(example.about)))
        case "speaker":
            spoken = names.language(example.about)
            return str(gettext("One more who speaks %(language)s", language=spoken))
        case "video":
            return str(gettext("Video everywhere"))
        case "rota":
            return str(gettext("The fewest staff for the coming weeks"))
        case _:
            return str(gettext("One more on Mondays"))


# --- asking --------------------------------------------------------------------------------------


@pages.get("/planner/new")
@access("manager")
@in_staff_language
def new_plan() -> Any:
    """The form: empty, from an example, or from another plan."""
    token = request.args.get("from")
    with screens.reading(time.time()) as now:
        kept = store.find(now.connection, token).document if token else None
        draft = Draft(_usual_period(now))
        if not kept:
            _begin_with(draft, request.args.get("example"), now.municipality)
            if weeks := request.args.get("weeks"):
                draft.fill({"demand": "forecast", "weeks": weeks})
    try:
        return _form(plan_form.of_scenario(document.read(kept)) if kept else draft)
    except Unfit as unfit:  # it was kept when more was allowed
        return _form(draft, unfit.faults), 422


def _usual_period(now: screens.Moment) -> Form:
    """Four weeks of the log, to its last day that is over; invented days where there is none."""
    latest = select(func.max(_event.c.at))
    over = latest.where(_event.c.at < rota.midnight(now.municipality, today(now)))
    at = now.connection.execute(over).scalar() or now.connection.execute(latest).scalar()
    if at is None:
        return Form({"demand": "invented"})
    last = dt.datetime.fromtimestamp(at, now.municipality.zone).date()
    return Form({"demand": "log", "first": str(last - USUAL_PERIOD), "last": str(last)})


def _begin_with(draft: Draft, kind: str | None, municipality: Municipality) -> None:
    names = words.Names(municipality, current_language())
    for example in examples.of(municipality):
        if example.kind == kind:
            draft.fill({"title": _title(example, names)} | plan_form.asked_by(example))
            draft.changes = [
                change.model_dump(mode="json", exclude_none=True) for change in example.changes
            ]


@pages.post("/planner/new")
@access("manager")
@in_staff_language
def put_together() -> Any:
    """A button of the form: add a change, take one out, or play it."""
    draft, action = Draft(request.form.copy()), request.form.get("do", "")
    try:
        draft = plan_form.read(request.form)
        if action == "play":
            token = _saved(draft)
            return redirect(url_for("pages.plan", token=token), 303)
        plan_form.do(draft, action, configuration.current())
    except Unfit as unfit:
        return _form(draft, unfit.faults, action), 422
    return _form(draft)


def _saved(draft: Draft) -> str:
    return store.save(plan_form.scenario(draft), configuration.current(), time.time())


def _form(draft: Draft, faults: tuple[Fault, ...] = (), action: str = "") -> str:
    with screens.reading(time.time()) as now:
        names = words.Names(now.municipality, current_language())
        return render_template(
            "planner/new.html",
            draft=draft,
            fields=draft.fields,
            faults={
                plan_form.FIELDS.get(one.field, one.field): plan_words.fault(one, names)
                for one in faults
            },
            problems=[(plan_words.placed(one, names), _place(one)) for one in faults],
            most_invented=document.MOST_INVENTED,
            weeks=[(str(number), number) for number in range(1, WEEKS + 1)],
            opened=action.partition(":")[2],
            told_changes=plan_question.changes(draft.changes, names),
            told_scale=partial(plan_question.scale, names=names),
            weekdays=[(day, names.value("weekday", str(day))) for day in range(1, 8)],
            languages=[(x.code, names.language(x.code)) for x in now.municipality.languages],
            offices=_places(draft, now.municipality),
            today_offices=[(one.code, one.name) for one in now.municipality.offices],
            districts=[(one.code, one.name) for one in now.municipality.districts],
            staff=[(one.name, one.display_name) for one in rota.serving(now.municipality)],
            **now.banners,
        )


def _place(fault: Fault) -> str:
    """The part of the page that the fault is about."""
    field = plan_form.FIELDS.get(fault.field, fault.field)
    part = field.partition(".")[0]
    return part if part in {"changes", "demand"} else field.removesuffix(".")


def _places(draft: Draft, municipality: Municipality) -> list[tuple[str, str]]:
    """The offices one can choose: those that the changes open too."""
    opened = [
        (str(one.get("code")), str(one.get("name")))
        for one in draft.changes
        if one.get("kind") == "open_office"
    ]
    return [(office.code, office.name) for office in municipality.offices] + opened


# --- the answer ----------------------------------------------------------------------------------


@pages.get("/planner/<token>")
@access("manager")
@in_staff_language
def plan(token: str) -> Any:
    """The plan: how far it has come, or what it says."""
    with screens.reading(time.time()) as now:
        row = store.find(now.connection, token)
        names = words.Names(now.municipality, current_language())
        return render_template(
            "planner/plan.html",
            plan=row,
            states=plan_words.STATES,
            asked=_asked(row, names),
            faults=[plan_words.fault(one, names) for one in store.faults(row)],
            result=row.result and _shown(row.result, names),
            when=partial(_when, now.municipality),
            address=url_for("pages.plan", token=token, _external=True),
            **now.banners,
        )


def _asked(row: PlanRow, names: words.Names) -> list[str]:
    told = row.document
    scales = [plan_question.scale(one, names) for one in told["demand"].get("scale", ())]
    changes = plan_question.changes(told.get("changes", ()), names)
    of_staff = plan_question.asked_of_staff(told.get("staffing"))
    return [plan_question.demand(told["demand"]), *scales, *changes, *of_staff]


def _shown(result: dict[str, Any], names: words.Names) -> dict[str, Any]:
    """The answer as the page draws it."""
    name = partial(_named, names=names, result=result)
    return {
        "period": plan_words.period(result),
        "origin": plan_words.origin(result),
        "forecast": list(plan_words.forecast(result, names)),
        "conclusions": list(plan_words.conclusions(result, names)),
        "reproduced": list(plan_words.reproduced(result, names)),
        "fidelity": _fidelity(result, names),
        "notes": list(plan_words.notes(result, names)),
        "charts": {
            by: plan_chart.waits([row for row in result["rows"] if row["by"] in {"all", by}], name)
            for by in ("office", "language")
        },
        "tables": _tables(result, names),
        "staffing": result["staffing"]
        and {
            "told": list(plan_words.staffing(result, names)),
            "roster": _by_office(plan_words.roster(result, names)),
            "promise": plan_words.promise(result, names),
        },
    }


def _by_office(roster: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(office, list(rows)) for office, rows in groupby(roster, itemgetter("office"))]


def _named(row: dict[str, Any], names: words.Names, result: dict[str, Any]) -> str:
    return plan_words.group(row["by"], row["group"], names, result)


def _tables(result: dict[str, Any], names: words.Names) -> list[dict[str, Any]]:
    """One table for all, and one for each figure with its groups."""
    whole = result["rows"][0]
    return [
        {
            "figure": figure,
            "name": plan_words.FIGURES[figure],
            "definition": plan_words.DEFINITIONS[figure],
            "all": _cells(figure, whole["figures"][figure]),
            "groups": [
                {"name": _named(row, names, result), "by": row["by"]}
                | _cells(figure, row["figures"][figure])
                for row in result["rows"][1:]
                if figure in row["figures"]
            ],
        }
        for figure in plan_words.FIGURES
        if figure in whole["figures"]
        and not (figure.startswith("cost") and result["costs_missing"])
    ]


def _cells(figure: str, told: dict[str, Any]) -> dict[str, Any]:
    apart = plan_amounts.apart(figure, told["today"], told["changed"])
    ends = plan_amounts.around(told["interval_difference"], apart)
    return {
        "today": plan_amounts.amount(figure, told["today"]),
        "changed": plan_amounts.amount(figure, told["changed"]),
        "difference": plan_amounts.difference(figure, apart),
        "of_today": plan_amounts.span(figure, told["interval_today"]),
        "of_changed": plan_amounts.span(figure, told["interval_changed"]),
        "of_difference": plan_amounts.span(figure, ends, signed=True),
    }


def _fidelity(result: dict[str, Any], names: words.Names) -> list[tuple[str, list[dict[str, Any]]]]:
    """The log beside its replay: each group, and its figures."""
    told = result["fidelity"]
    judged = [row for row in (told["rows"] if told else ()) if row["difference"] is not None]
    of_group = groupby(judged, lambda row: _named(row, names, result))
    return [(name, [_replayed(row) for row in rows]) for name, rows in of_group]


def _replayed(row: dict[str, Any]) -> dict[str, Any]:
    figure = row["figure"]
    apart = plan_amounts.apart(figure, row["logged"], row["replayed"])
    ends = plan_amounts.around(row["interval"], apart)
    return {
        "figure": plan_words.FIGURES[figure],
        "logged": plan_amounts.amount(figure, row["logged"]),
        "replayed": plan_amounts.amount(figure, row["replayed"]),
        "difference": plan_amounts.difference(figure, apart),
        "interval": plan_amounts.span(figure, ends, signed=True),
        "fits": row["fits"],
    }


@pages.get("/planner/<token>.json")
@access("manager")
def plan_json(token: str) -> Response:
    """The plan as it is kept: question, state and answer; seconds, shares from 0 to 1."""
    with db.engine.connect() as connection:
        row = store.find(connection, token)
    kept = ("title", "state", "days_done", "days_all", "document", "result", "problem")
    return jsonify({name: getattr(row, name) for name in kept})


@pages.post("/planner/<token>/stop")
@access("manager")
@in_staff_language
def stop_plan(token: str) -> Any:
    """Play it no further."""
    attempt(lambda: str(gettext("The plan is stopped.")) if store.stop(token) else None)
    return redirect(url_for("pages.plan", token=token), 303)


@pages.post("/planner/<token>/again")
@access("manager")
@in_staff_language
def play_again(token: str) -> Any:
    """The same question once more, on today's configuration: a plan of its own."""
    with db.engine.connect() as connection:
        row = store.find(connection, token)
    try:
        asked = document.read(row.document)
        fresh = store.save(asked, configuration.current(), time.time())
    except Refusal:
        flash(gettext("It does not fit as things are today: change it first."), "problem")
        again: dict[str, Any] = {"from": token}
        return redirect(url_for("pages.new_plan", **again), 303)
    return redirect(url_for("pages.plan", token=fresh), 303)
