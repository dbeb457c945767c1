"""What the offices cost, entered by managers: the cost per visit is worked out from it."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from queueapp import configuration, screens, write
from queueapp.core.ticket import BadInput
from queueapp.statistics import question as questions
from queueapp.statistics import rates
from queueapp.statistics.rates import Costs
from queueapp.web import amounts, fields, words
from queueapp.web.access import access
from queueapp.web.site import current_language, in_staff_language, pages

T = TypeVar("T")

AMOUNTS = {
    "fixed": _("Fixed costs for the year"),
    "staff_hour": _("Cost per staff hour"),
    "interpreter": _("Cost per visit with an interpreter"),
}
HINTS = {
    "fixed": _("Premises, systems and all else that does not follow from how many work there."),
    "staff_hour": _("Salary with social fees, for an hour at an open counter."),
    "interpreter": _("What the interpreter costs, besides the staff's time."),
}
LABELS = {"office": _("Office"), "year": _("Year"), **AMOUNTS}


@pages.get("/statistics/costs", endpoint="costs")
@access("manager")
@in_staff_language
def shown() -> Any:
    """What has been entered, and the form for more."""
    return _page(request.args, {})


@pages.post("/statistics/costs")
@access("manager")
@in_staff_language
def save_costs() -> Any:
    """Enter or correct the costs of an office and year."""
    wrong: dict[str, str] = {}
    office = _read(wrong, "office", _office)
    year = _read(wrong, "year", lambda text: rates.year_of("year", text))
    sums = {name: _read(wrong, name, _sum(name)) for name in AMOUNTS}
    if wrong:
        return _page(request.form, wrong), 422
    with write.transaction() as connection:
        rates.keep(connection, str(office), int(year or 0), Costs(**_known(sums)))
    flash(gettext("The costs are saved. They are used in every figure from now on."), "done")
    return redirect(url_for("pages.costs"), 303)


@pages.post("/statistics/costs/remove")
@access("manager")
@in_staff_language
def remove_costs() -> Any:
    """Forget the costs of an office and year."""
    office, year = request.form.get("office", ""), rates.year_of("year", _given("year"))
    with write.transaction() as connection:
        rates.remove(connection, office, year)
    flash(gettext("The costs are removed."), "done")
    return redirect(url_for("pages.costs"), 303)


def _given(name: str) -> str:
    return request.form.get(name, "")


def _read(wrong: dict[str, str], name: str, read: Callable[[str], T]) -> T | None:
    """What the form says in that field; what is wrong with it goes to ``wrong``."""
    try:
        return read(_given(name))
    except BadInput as refusal:
        wrong[name] = fields.of_refusal(refusal)["message"]
        return None


def _office(text: str) -> str:
    if text not in {office.code for office in configuration.current().offices}:
        raise BadInput(field="office", reason="unknown", value=text or "–")
    return text


def _sum(name: str) -> Callable[[str], float]:
    return lambda text: rates.amount(name, text)


def _known(sums: Mapping[str, float | None]) -> dict[str, float]:
    return {name: one for name, one in sums.items() if one is not None}


def _page(given: Mapping[str, str], wrong: Mapping[str, str]) -> str:
    """The page, with the form as it was filled in; or with what was entered, to be corrected."""
    with screens.reading(time.time()) as now:
        entered = rates.costs(now.connection)
        names = words.Names(now.municipality, current_language())
        return render_template(
            "statistics/costs.html",
            rows=[
                {
                    "office": office,
                    "name": names.value("office", office),
                    "year": year,
                    "sums": [amounts.kronor(getattr(price, name)) for name in AMOUNTS],
                }
                for (office, year), price in sorted(
                    entered.items(), key=lambda one: (-one[0][1], one[0][0])
                )
            ],
            given=_filled(given, entered) or {"year": str(questions.today(now).year)},
            wrong=wrong,
            amounts=AMOUNTS,
            hints=HINTS,
            labels=LABELS,
            offices=now.municipality.offices,
            **now.banners,
        )


def _filled(given: Mapping[str, str], entered: Mapping[rates.Where, Costs]) -> dict[str, str]:
    """The form's fields: as given, and where only an office and year are, what is entered there."""
    filled = {name: given[name] for name in LABELS if name in given}
    key = filled.get("office", ""), filled.get("year", "")
    price = entered.get((key[0], int(key[1]))) if key[1].isdecimal() else None
    if price and not set(AMOUNTS) & filled.keys():
        filled |= {name: amounts.editable(getattr(price, name)) for name in AMOUNTS}
    return filled
