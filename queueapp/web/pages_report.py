"""The equality report, as a page and as a PDF."""

import time
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import lazy_gettext as _

from queueapp import screens
from queueapp.core.ticket import BadInput
from queueapp.statistics import periods
from queueapp.statistics import question as questions
from queueapp.statistics import report as reports
from queueapp.web import fields, printing, report_words
from queueapp.web.access import access
from queueapp.web.report_view import Shaping
from queueapp.web.site import current_language, in_staff_language, pages

FIELDS = {"period": _("Period"), "from": _("From"), "to": _("To")}


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
    return _document("report/document.html", "report")


@pages.get("/statistics/report/summary.pdf", endpoint="report_summary")
@access("manager")
@in_staff_language
def summary() -> Response:
    """What a committee has time to read: the report's one page."""
    return _document("report/summary.html", "summary")


def _document(template: str, kind: str) -> Response:
    with screens.reading(time.time()) as now:
        page, _status = _page(now, forgiving=False)
    whole = url_for("pages.report", _external=True, **page["address"])
    document = printing.pdf(render_template(template, whole=whole, **page))
    name = f"kolapp-{kind}-{page['file_name']}.pdf"
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
        problem = fields.of_refusal(refusal)
        period = periods.usual(questions.today(now), began)
    found = reports.report(now, period, periods.earlier(period, began))
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
        "made": questions.today(now),
        "municipality": now.municipality.name.get(current_language())[0],
        **Shaping(now, found).page(),
        **now.banners,
    }
    return page, 422 if problem else 200


def _address(period: periods.Period) -> dict[str, str]:
    if period.code:
        return {"period": period.code}
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}
