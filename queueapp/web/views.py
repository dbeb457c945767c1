"""A view of the figures: what an address asks for, and the address that asks for it again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from queueapp import screens
from queueapp.core import measures
from queueapp.core.ticket import BadInput
from queueapp.statistics import comparison
from queueapp.statistics.comparison import Wanted
from queueapp.statistics.periods import begin
from queueapp.statistics.question import PLACES, Question, ask, last_month, today

USUAL = "main"
OWN = "own"
SETS: dict[str, tuple[str, ...]] = {
    USUAL: (
        "visits",
        "errands",
        "wait_median_s",
        "wait_p90_s",
        "within_10_share",
        "left_share",
        "first_language_share",
        "unmet_share",
    ),
    "waits": (
        "visits",
        "called",
        "wait_mean_s",
        "wait_median_s",
        "wait_p90_s",
        "within_10_share",
        "left_share",
        "service_median_s",
        "promise_kept_share",
        "promise_error_median_s",
    ),
    "language": (
        "visits",
        "first_language_share",
        "other_language_share",
        "interpreter_share",
        "video_share",
        "unserved_share",
        "unmet_share",
        "language_extra_wait_s",
        "coded_share",
    ),
    "outcomes": (
        "visits",
        "errands",
        "served",
        "no_show_share",
        "left_share",
        "unserved_share",
        "resolved_share",
        "resolved_own_share",
        "coded_share",
    ),
    "use": (
        "visits",
        "visits_per_1000",
        "visits_per_open_hour",
        "visits_per_staff_hour",
        "occupancy_share",
        "service_median_s",
        "cost_per_visit",
    ),
    "all": tuple(measures.FIGURES),
}
"""The figures that are shown together, so that a table can be read."""

SET_NAMES = {
    USUAL: _("The most asked for"),
    "waits": _("Waits"),
    "language": _("Language"),
    "outcomes": _("What came of the visits"),
    "use": _("Use and cost"),
    "all": _("All"),
}
COMPARISONS = {
    "none": _("Nothing"),
    comparison.How.LAST_YEAR: _("The same period last year"),
    comparison.How.BEFORE_AFTER: _("Before and after a date"),
}


@dataclass(frozen=True)
class Form:
    """What an address says, as it was written: also where it cannot be answered."""

    first: str
    last: str
    by: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]]
    figures: str
    set: str
    compare: str
    at: str
    intervals: bool

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """The parameters of the address that shows the same; ``changes`` replace some."""
        asked: dict[str, Any] = {"from": self.first, "to": self.last, "by": list(self.by)}
        asked |= {name: list(values) for name, values in self.where.items()}
        asked |= {"figure": self.figures} if self.set == OWN else {"set": self.set}
        if self.compare != "none":
            asked |= {"compare": self.compare, "at": self.at or None}
        return asked | {"intervals": "1" if self.intervals else None} | changes


@dataclass(frozen=True)
class View:
    """A form that can be answered. ``compared`` is None where nothing is."""

    form: Form
    question: Question
    compared: Wanted | None


def form(args: MultiDict[str, str]) -> Form:
    """The form that the parameters fill in."""
    figures = ",".join(_chosen(args, "figure"))
    return Form(
        first=args.get("from", ""),
        last=args.get("to", ""),
        by=_chosen(args, "by") or ("office",),
        where={name: found for name in PLACES if (found := _chosen(args, name))},
        figures=figures,
        set=args.get("set") or (OWN if figures else USUAL),
        compare=args.get("compare") or "none",
        at=args.get("at", ""),
        intervals=args.get("intervals") == "1",
    )


def _chosen(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    """The values of a field that comes once per choice, or with commas as the API has it."""
    values = ",".join(args.getlist(name)).split(",")
    return tuple(dict.fromkeys(value for value in values if value))


def view(now: screens.Moment, asked: Form) -> View:
    """What the form asks for, its dates filled in; :class:`BadInput` names what is bad."""
    asked = asked if asked.first or asked.last else _usual(now, asked)
    question = ask(
        now,
        first=asked.first,
        last=asked.last,
        by=",".join(asked.by),
        figures=_figures(asked),
        where={name: ",".join(values) for name, values in asked.where.items()},
    )
    compared = comparison.wanted(asked.compare, asked.at)
    first, last = question.first.isoformat(), question.last.isoformat()
    return View(replace(asked, first=first, last=last), question, compared)


def _usual(now: screens.Moment, asked: Form) -> Form:
    """The form with the last whole month, if the log began before it: today's visits that are not
    over would hide what came of the others. Else without dates."""
    (first, last), began = last_month(today(now)), begin(now)
    if began is None or began >= first:
        return asked
    return replace(asked, first=first.isoformat(), last=last.isoformat())


def _figures(asked: Form) -> str:
    if asked.set == OWN:
        return asked.figures
    if asked.set not in SETS:
        raise BadInput(field="set", reason="unknown", value=asked.set)
    return ",".join(SETS[asked.set])
