"""The equality report, as a page and as a PDF."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from queueapp import screens
from queueapp.core.measures import FIGURES
from queueapp.core.ticket import BadInput
from queueapp.statistics import periods
from queueapp.statistics import question as questions
from queueapp.statistics import report as reports
from queueapp.statistics.report import Compared, Report
from queueapp.web import amounts, errors, notes, printing, report_charts, report_words, words
from queueapp.web.access import access
from queueapp.web.report_words import Telling
from queueapp.web.site import current_language, in_staff_language, pages

EVERY = reports.SIDES

SECTIONS: Mapping[str, tuple[Any, Mapping[str, tuple[str, ...]]]] = {
    "use": (
        _("How much the offices are used"),
        {
            "visits_per_1000": ("office", "district"),
            "visits_per_open_hour": ("office",),
            "occupancy_share": ("office",),
        },
    ),
    "waits": (
        _("Waits"),
        {"wait_mean_s": EVERY, "within_10_share": EVERY, "left_share": EVERY},
    ),
    "languages": (
        _("Language"),
        {
            "first_language_share": EVERY,
            "unmet_share": EVERY,
            "language_extra_wait_s": EVERY,
            "interpreter_share": EVERY,
            "video_share": EVERY,
        },
    ),
    "outcomes": (_("What came of the visits"), {"resolved_own_share": EVERY}),
    "promise": (_("Promised waits"), {"promise_kept_share": EVERY}),
    "cost": (_("Cost"), {"cost_per_visit": ("office",)}),
}
"""What is drawn, by heading: each figure with the sides that it can be compared on."""

FIELDS = {"period": _("Period"), "from": _("From"), "to": _("To")}

NOT_SHOWN = (
    _(
        "People who never came, because the office is far away, closed or unknown to them. "
        "A low number of visits is not the same as a low need."
    ),
    _("Whether the visitors were satisfied, and whether the help they got was right."),
    _("What was done by phone, e-mail or e-services. Only visits with a ticket are counted."),
    _(
        "Why groups differ. Groups differ in what they come for and when; a difference here is "
        "a question to ask, not an answer."
    ),
    _(
        "The intervals take visits as independent of each other. A busy hour makes many wait at "
        "once, so that the real uncertainty of waits is somewhat larger."
    ),
)


@pages.get("/statistics/report", endpoint="report")
@access("manager")
@in_staff_language
def shown() -> Any:
    """Offices, districts and languages side by side, for a council committee to read."""
    with screens.reading(time.time()) as now:
        page, status = _page(now)
    return render_template("report/page.html", **page), status


@pages.get("/statistics/report.pdf", endpoint="report_pdf")
@access("manager")
@in_staff_language
def as_pdf() -> Response:
    """The same as a document; refused where the machine lacks what typesets it."""
    with screens.reading(time.time()) as now:
        page, _status = _page(now, forgiving=False)
    document = printing.pdf(render_template("report/document.html", **page))
    name = f"kolapp-{page['file_name']}.pdf"
    return Response(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _page(now: screens.Moment, forgiving: bool = True) -> tuple[dict[str, Any], int]:
    """What the templates need. ``forgiving``: a bad period gives the usual one, and says so."""
    began = periods.begin(now)
    problem = None
    try:
        period = periods.chosen(
            now,
            began,
            code=request.args.get("period"),
            first=request.args.get("from"),
            last=request.args.get("to"),
        )
    except BadInput as refusal:
        if not forgiving:
            raise
        problem = errors.of_refusal(refusal)
        period = periods.usual(questions.today(now), began)
    found = reports.report(now, period, periods.earlier(period, began))
    shaped = _Shaping(now, found)
    page = {
        "report": found,
        "problem": problem,
        "fields": FIELDS,
        "choices": [
            (code, report_words.code_name(code))
            for code in periods.choices(questions.today(now), began)
        ],
        "address": _address(period),
        "file_name": f"{period.first}--{period.last}",
        "made": now.municipality.now(now.at) if hasattr(now.municipality, "now") else None,
        "municipality": now.municipality.name.get(current_language())[0],
        **shaped.page(),
        **now.banners,
    }
    return page, 422 if problem else 200


def _address(period: periods.Period) -> dict[str, str]:
    if period.code:
        return {"period": period.code}
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table behind a chart."""

    name: str
    value: str
    interval: str
    visits: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure on one side: its chart, its table, and what is said of them."""

    figure: str
    side: str
    chart: report_charts.Chart | None
    rows: Sequence[Row]
    total: Row
    gap: str
    trend: Sequence[tuple[str, str]]
    told: str


class _Shaping:
    """A report, shaped for the templates."""

    def __init__(self, now: screens.Moment, found: Report) -> None:
        self.now, self.report = now, found
        self.names = words.Names(now.municipality, current_language())
        self.telling = Telling(found, self.names)
        values = questions.values(now.municipality)
        self.groups = {side: self._groups(side, values[side]) for side in reports.SIDES}

    def _groups(self, side: str, known: Sequence[str]) -> dict[str, str]:
        """The groups that have visits with their names: in the order of the configuration, then
        those that it has no more."""
        came = self.report.visits[side]
        codes = [code for code in known if code in came]
        codes += [code for code in came if code not in codes]
        return {code: self.names.value(side, code) for code in codes}

    def page(self) -> dict[str, Any]:
        telling = self.telling
        return {
            "period_name": report_words.period_name(self.report.period),
            "conclusions": [] if self.report.empty else list(telling.conclusions()),
            "glance": list(self._glance()),
            "sides": report_words.SIDES,
            "sections": [
                (code, title, list(self._figures(figures)))
                for code, (title, figures) in SECTIONS.items()
            ],
            "answers": self._answers(),
            "appendix": [self._appendix(side) for side in reports.SIDES],
            "missing": telling.missing(),
            "not_shown": NOT_SHOWN,
            "figures": words.FIGURES,
            "definitions": words.DEFINITIONS,
            "denominators": {
                name: words.DENOMINATORS[one.among] for name, one in FIGURES.items()
            },
            "sources": {name: words.SOURCES[one.source] for name, one in FIGURES.items()},
            "coded": amounts.amount("coded_share", self.report.total["coded_share"].value),
            "invented_visits": amounts.decimal(self.report.invented, 0),
            "enough": reports.ENOUGH_VISITS,
        }

    def _glance(self) -> Iterator[tuple[str, list[report_words.Glance]]]:
        for figure in report_words.GLANCE:
            yield (
                figure,
                [self.telling.glance(self.report.sides[side][figure]) for side in reports.SIDES],
            )

    # --- charts and their tables ----------------------------------------------------------------

    def _figures(
        self, figures: Mapping[str, tuple[str, ...]]
    ) -> Iterator[tuple[str, list[Panel]]]:
        for figure, sides in figures.items():
            yield figure, [self._panel(self.report.sides[side][figure]) for side in sides]

    def _panel(self, compared: Compared) -> Panel:
        names = self.groups[compared.side]
        gap = compared.gap
        return Panel(
            compared.figure,
            compared.side,
            report_charts.chart(compared, names),
            [self._row(compared, code) for code in names if code in compared.groups],
            self._total(compared),
            report_words.gap_text(compared.figure, gap) if gap else "",
            [
                (
                    report_words.period_name(period),
                    report_words.gap_text(compared.figure, one),
                )
                for period, one in (compared.trend.points if compared.trend else ())
            ],
            self._told(compared),
        )

    def _told(self, compared: Compared) -> str:
        gap = compared.gap
        if gap is None:
            hidden = {notes.text(one) for one in compared.groups.values() if one.note}
            return " ".join(sorted(hidden)) or report_words.short_why(compared)
        names = {end: self.names.value(compared.side, getattr(gap, end)) for end in ENDS}
        text = _CERTAIN if gap.certain else _CHANCE
        return str(text) % names | {}

    def _row(self, compared: Compared, code: str) -> Row:
        shown = compared.groups[code]
        visits = self.report.visits[compared.side][code]
        return Row(
            self.groups[compared.side][code],
            amounts.cell(compared.figure, shown),
            amounts.between(compared.figure, shown.interval),
            amounts.cell("visits", visits),
        )

    def _total(self, compared: Compared) -> Row:
        shown = compared.total
        return Row(
            str(gettext("All")),
            amounts.cell(compared.figure, shown),
            amounts.between(compared.figure, shown.interval),
            amounts.cell("visits", self.report.total["visits"]),
        )
