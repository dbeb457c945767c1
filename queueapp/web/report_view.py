"""The equality report, shaped for its templates: what is drawn, what stands in which table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from queueapp import screens
from queueapp.core.measures import FIGURES
from queueapp.statistics import question as questions
from queueapp.statistics import report as reports
from queueapp.statistics.answer import Shown
from queueapp.statistics.report import Compared, Report
from queueapp.web import amounts, caveats, notes, report_charts, report_words, words
from queueapp.web.report_words import Telling
from queueapp.web.site import current_language

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


ENDS = ("worst", "best")
NO_VISITS = Shown()
_CERTAIN = _("Worst: %(worst)s. Best: %(best)s. The difference is more than chance.")
_CHANCE = _("No certain difference: that between %(worst)s and %(best)s may be chance.")


_WHY = {
    reports.Why.NEUTRAL: _("Neither high nor low is better in itself."),
    reports.Why.UNCODED: _("Nothing is concluded from it."),
    reports.Why.FEW: _("Fewer than two groups have enough visits to be compared."),
}


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


class Shaping:
    """A report, shaped for the templates."""

    def __init__(self, now: screens.Moment, found: Report) -> None:
        self.now, self.report = now, found
        self.names = words.Names(now.municipality, current_language())
        values = questions.values(now.municipality)
        self.groups = {side: self._groups(side, values[side]) for side in reports.SIDES}
        self.telling = Telling(found, self.names, self.groups)

    def _groups(self, side: str, known: Sequence[str]) -> dict[str, str]:
        """The groups that have visits with their names: in the order of the configuration, then
        those that it has no more."""
        came = self.report.visits[side]
        codes = [code for code in known if code in came]
        codes += [code for code in came if code not in codes]
        names = [self.names.value(side, code) for code in codes]
        return dict(zip(codes, shortened(names), strict=True))

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
            "matrix": self.matrix(),
            "appendix": [self._appendix(side) for side in reports.SIDES],
            "missing": telling.missing(),
            "not_shown": NOT_SHOWN,
            "figures": words.FIGURES,
            "definitions": words.DEFINITIONS,
            "denominators": {name: words.DENOMINATORS[one.among] for name, one in FIGURES.items()},
            "sources": {name: words.SOURCES[one.source] for name, one in FIGURES.items()},
            "coded": amounts.amount("coded_share", self.report.total["coded_share"].value),
            "invented_visits": caveats.invented(self.report.invented),
            "log_begins": caveats.log_begins(self.report.began),
            "enough": reports.ENOUGH_VISITS,
        }

    def _glance(self) -> Iterator[tuple[str, list[report_words.Glance]]]:
        for figure in report_words.GLANCE:
            yield (
                figure,
                [self.telling.glance(self.report.sides[side][figure]) for side in reports.SIDES],
            )

    # --- charts and their tables ----------------------------------------------------------------

    def _figures(self, figures: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, list[Panel]]]:
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
                    report_words.plain_gap(compared.figure, one),
                )
                for period, one in (compared.trend.points if compared.trend else ())
            ],
            " ".join(filter(None, [self._told(compared), self._left_out(compared)])),
        )

    def _left_out(self, compared: Compared) -> str:
        """Which visits the total beside the districts does not count."""
        by_inhabitants = (compared.figure, compared.side) == ("visits_per_1000", "district")
        return caveats.left_out(self.report.left_out) if by_inhabitants else ""

    def _told(self, compared: Compared) -> str:
        gap = compared.gap
        if gap is None:
            hidden = notes.together(compared.groups.values())
            return " ".join([*hidden, str(_WHY[compared.why or reports.Why.FEW])])
        names = {end: self.groups[compared.side][getattr(gap, end)] for end in ENDS}
        return str(_CERTAIN if gap.certain else _CHANCE) % names

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

    # --- the memo's questions ---------------------------------------------------------------------

    def _answers(self) -> list[tuple[str, list[str]]]:
        """The two questions of 2017, each with what the figures say of it."""
        return [
            (
                str(gettext("Is language competence there for everybody?")),
                list(self.telling.on_languages()),
            ),
            (
                str(gettext("Do digital ways make the service easier to reach?")),
                list(self.telling.on_video()),
            ),
        ]

    def matrix(self) -> tuple[list[str], list[tuple[str, list[str]]]]:
        """Served in the first language, per language and office: the offices, then the rows."""
        figure = "first_language_share"
        offices = self.groups["office"]
        found = {
            (row.values["language"], row.values["office"]): row.figures[figure]
            for row in self.report.by_language_and_office.rows
        }
        return list(offices.values()), [
            (
                name,
                [
                    amounts.cell(figure, found[code, office])
                    if (code, office) in found
                    else amounts.NOTHING
                    for office in offices
                ],
            )
            for code, name in self.groups["language"].items()
        ]

    # --- all figures ------------------------------------------------------------------------------

    def _appendix(self, side: str) -> dict[str, Any]:
        """Every figure of a side: its groups' values and intervals, and the gap."""
        names = self.groups[side]
        return {
            "side": side,
            "names": list(names.values()),
            "rows": [self._line(self.report.sides[side][figure], names) for figure in FIGURES],
        }

    def _line(self, compared: Compared, names: Mapping[str, str]) -> dict[str, Any]:
        figure, gap = compared.figure, compared.gap
        shown = [compared.total, *(compared.groups.get(code, NO_VISITS) for code in names)]
        return {
            "figure": figure,
            "cells": [
                (amounts.cell(figure, one), amounts.between(figure, one.interval)) for one in shown
            ],
            "gap": report_words.plain_gap(figure, gap) if gap else amounts.NOTHING,
            "certain": bool(gap and gap.certain),
            "trend": (self.telling.short_trend(compared) if gap else "") or amounts.NOTHING,
        }


def shortened(names: Sequence[str]) -> list[str]:
    """The names without the words that all begin with: "Vårby" for "Servicecenter Vårby"."""
    words_of = [name.split() for name in names]
    shared = 0
    while len(names) > 1 and all(len(one) > shared + 1 for one in words_of):
        if len({one[shared] for one in words_of}) > 1:
            break
        shared += 1
    return [" ".join(one[shared:]) for one in words_of]
