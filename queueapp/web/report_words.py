"""The equality report in sentences: what a council committee reads first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _

from queueapp.core.measures import ENOUGH_CODED
from queueapp.statistics.answer import Shown
from queueapp.statistics.periods import Period
from queueapp.statistics.report import Compared, Gap, Report, Trend, Why
from queueapp.web import amounts, notes
from queueapp.web.words import Names

SIDES = {"office": _("Offices"), "district": _("Districts"), "language": _("Languages")}
_AMONG = {
    "office": _("the offices"),
    "district": _("the districts"),
    "language": _("the languages"),
}

# The visitors of a group, within a sentence.
_WHO = {
    "office": _("visitors at %(name)s"),
    "district": _("visitors from %(name)s"),
    "language": _("visitors who ask for %(name)s"),
}

# What differs, within a sentence.
_WHAT = {
    "wait_mean_s": _("the mean wait"),
    "within_10_share": _("how many are called within ten minutes"),
    "left_share": _("how many leave without help"),
    "first_language_share": _("how many get help in their first language"),
    "unmet_share": _("how many come when nobody on duty can help them"),
    "resolved_own_share": _("how many get the municipality's errands resolved at once"),
}

_GAPS = {
    "wait_mean_s": _("%(worst)s waited %(gap)s longer on average than %(best)s (%(sure)s)."),
    "within_10_share": _(
        "Of %(worst)s %(worst_value)s were called within ten minutes, of %(best)s "
        "%(best_value)s. The difference is %(gap)s (%(sure)s)."
    ),
    "left_share": _(
        "Of %(worst)s %(worst_value)s left without help, of %(best)s %(best_value)s. "
        "The difference is %(gap)s (%(sure)s)."
    ),
    "first_language_share": _(
        "Of %(worst)s %(worst_value)s got help in their first language, of %(best)s "
        "%(best_value)s. The difference is %(gap)s (%(sure)s)."
    ),
    "unmet_share": _(
        "Of %(worst)s %(worst_value)s came when nobody on duty could help them, of %(best)s "
        "%(best_value)s. The difference is %(gap)s (%(sure)s)."
    ),
    "resolved_own_share": _(
        "Of %(worst)s %(worst_value)s got the municipality's errands resolved at once, of "
        "%(best)s %(best_value)s. The difference is %(gap)s (%(sure)s)."
    ),
}

_WAITS_BY_WAY = {
    "here": _("Those served at the office they came to waited %(wait)s on average."),
    "video": _("Those served by video waited %(wait)s on average."),
    "interpreter": _("Those served with an interpreter waited %(wait)s on average."),
}

TOLD_FIRST = (
    ("wait_mean_s", "office"),
    ("wait_mean_s", "district"),
    ("first_language_share", "language"),
    ("unmet_share", "language"),
)
"""What the conclusions are about, besides the number of visits and the extra wait."""

GLANCE = (
    "wait_mean_s",
    "within_10_share",
    "left_share",
    "first_language_share",
    "unmet_share",
    "resolved_own_share",
)
"""The figures of the table at a glance."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A cell of the table at a glance; only ``text`` where there is nothing to compare."""

    text: str = ""
    worst: str = ""
    best: str = ""
    gap: str = ""
    certain: bool = False
    trend: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """A report being told in the language of the page. ``short``: the groups' names for tables."""

    report: Report
    names: Names
    short: Mapping[str, Mapping[str, str]]

    # --- conclusions ----------------------------------------------------------------------------

    def conclusions(self) -> Iterator[str]:
        """Three to six sentences, the most important first."""
        yield self._visits()
        for figure, side in TOLD_FIRST:
            if figure == "first_language_share":
                yield self._extra_wait()
            yield self.gap(self.report.sides[side][figure])

    def _visits(self) -> str:
        visits = self.report.total["visits"]
        if visits.value is None:
            return str(gettext("How many visits there were is not shown: they were too few."))
        return str(
            gettext(
                "%(during)s the offices had %(visits)s visits.",
                during=during(self.report.period),
                visits=amounts.amount("visits", visits.value),
            )
        )

    def _extra_wait(self) -> str:
        shown = self.report.total["language_extra_wait_s"]
        figure = "language_extra_wait_s"
        if shown.value is None or shown.interval is None:
            return str(
                gettext(
                    "Whether it takes longer to ask for another language than Swedish cannot be "
                    "said for this period."
                )
            )
        facts = {
            "time": amounts.apart(figure, abs(shown.value)),
            "sure": _sure(figure, shown.interval),
        }
        low, high = shown.interval
        if low <= 0 <= high:
            return str(
                gettext(
                    "Asking for another language than Swedish made no certain difference to the "
                    "wait at the same office in the same hour (%(sure)s).",
                    **facts,
                )
            )
        if shown.value < 0:
            return str(
                gettext(
                    "Whoever asked for another language than Swedish waited %(time)s less on "
                    "average than others at the same office in the same hour (%(less)s).",
                    time=facts["time"],
                    less=_sure(figure, (-high, -low)),
                )
            )
        return str(
            gettext(
                "Whoever asked for another language than Swedish waited %(time)s longer on "
                "average than others at the same office in the same hour (%(sure)s).",
                **facts,
            )
        )

    def gap(self, compared: Compared) -> str:
        """Best and worst with their difference and its trend, in one or two sentences."""
        found = compared.gap
        if found is None:
            return self.why(compared)
        said = self._certain(compared, found) if found.certain else self._chance(compared, found)
        sentences = [_first_upper(said), self.trend(compared), self.left_out(compared)]
        return " ".join(filter(None, sentences))

    def left_out(self, compared: Compared) -> str:
        """Which groups are not compared: one of them may be the best or the worst."""
        if not compared.left_out:
            return ""
        groups = ", ".join(self.short[compared.side][code] for code in compared.left_out)
        return str(gettext("Left out, as too few are concerned: %(groups)s.", groups=groups))

    def _certain(self, compared: Compared, found: Gap) -> str:
        figure = compared.figure
        return str(_GAPS[figure]) % {
            "worst": self.who(compared.side, found.worst),
            "best": self.who(compared.side, found.best),
            "worst_value": amounts.amount(figure, compared.groups[found.worst].value),
            "best_value": amounts.amount(figure, compared.groups[found.best].value),
            "gap": amounts.apart(figure, found.value),
            "sure": _sure(figure, found.interval),
        }

    def _chance(self, compared: Compared, found: Gap) -> str:
        return str(
            gettext(
                "between %(groups)s there is no certain difference in %(what)s: the largest, "
                "%(gap)s, may be chance.",
                groups=str(_AMONG[compared.side]),
                what=str(_WHAT[compared.figure]),
                gap=amounts.apart(compared.figure, found.value),
            )
        )

    def why(self, compared: Compared) -> str:
        """Why nothing is concluded, in a sentence."""
        if compared.why is Why.UNCODED:
            return str(
                gettext(
                    "Nothing is concluded about %(what)s: errands were recorded for %(coded)s of "
                    "the visits served, and %(enough)s are needed.",
                    what=str(_WHAT[compared.figure]),
                    coded=amounts.amount("coded_share", self.report.total["coded_share"].value),
                    enough=amounts.amount("coded_share", ENOUGH_CODED),
                )
            )
        return str(
            gettext(
                "%(groups)s cannot be compared in %(what)s: too few are concerned.",
                groups=_first_upper(str(_AMONG[compared.side])),
                what=str(_WHAT[compared.figure]),
            )
        )

    def trend(self, compared: Compared) -> str:
        """How the gap has changed, in a sentence; nothing where there is no certain change of a
        gap that is itself not certain, nor where the two could not be compared before."""
        trend = compared.trend
        if trend is None or compared.gap is None or not trend.of(compared.gap):
            return ""
        if not trend.certain and not compared.gap.certain:
            return ""
        return str(_change(trend)) % self._since(compared.figure, trend)

    def _since(self, figure: str, trend: Trend) -> Mapping[str, str]:
        first, then = trend.points[0]
        return {"since": period_name(first), "then": amounts.apart(figure, then.value)}

    def who(self, side: str, code: str) -> str:
        """The visitors of a group, within a sentence."""
        return str(_WHO[side]) % {"name": self.names.value(side, code)}

    # --- the memo's questions ---------------------------------------------------------------------

    def on_languages(self) -> Iterator[str]:
        """Whether everybody is served in their language, and what it costs them."""
        yield self._value(
            "first_language_share",
            _(
                "%(value)s of the visitors got help in their first language, without an "
                "interpreter."
            ),
        )
        yield self.gap(self.report.sides["language"]["first_language_share"])
        yield self.gap(self.report.sides["office"]["first_language_share"])
        yield self._value(
            "unmet_share",
            _("%(value)s came when nobody on duty had the competence they needed."),
        )
        yield self._value("interpreter_share", _("%(value)s were served with an interpreter."))
        yield self._extra_wait()

    def on_video(self) -> Iterator[str]:
        """How much is served by video, and how long those wait."""
        yield self._value(
            "video_share", _("%(value)s of the visitors were served by video from another office.")
        )
        waits = {row.values["way"]: row.figures["wait_mean_s"] for row in self.report.by_way.rows}
        for way, text in _WAITS_BY_WAY.items():
            if way in waits and waits[way].value is not None:
                yield str(text) % {"wait": shown_text("wait_mean_s", waits[way])}
        yield str(
            gettext(
                "Visitors choose video mostly where nobody at their own office can help them, so "
                "the figures do not tell how long they would have waited without it."
            )
        )

    def _value(self, figure: str, text: Any) -> str:
        """A sentence about everybody; else why there is none."""
        shown = self.report.total[figure]
        if shown.note:
            return notes.text(shown)
        return str(text) % {"value": shown_text(figure, shown)}

    # --- at a glance ----------------------------------------------------------------------------

    def glance(self, compared: Compared) -> Glance:
        """Best and worst of a side, with as few words as can be."""
        found, figure = compared.gap, compared.figure
        if found is None:
            return Glance(short_why(compared))
        named = {
            end: f"{self.short[compared.side][code]} "
            + amounts.amount(figure, compared.groups[code].value)
            for end, code in (("worst", found.worst), ("best", found.best))
        }
        return Glance(
            worst=named["worst"],
            best=named["best"],
            gap=plain_gap(figure, found),
            certain=found.certain,
            trend=self.short_trend(compared),
        )

    def short_trend(self, compared: Compared) -> str:
        """How the gap has changed, for a table; nothing where no period is earlier."""
        trend = compared.trend
        if not self.report.earlier:
            return ""
        if trend is None or compared.gap is None or not trend.of(compared.gap):
            return str(gettext("these could not be compared before"))
        since = {"since": period_name(trend.points[0][0])}
        if not trend.certain:
            return str(gettext("no certain change since %(since)s", **since))
        if trend.change < 0:
            return str(gettext("smaller than in %(since)s", **since))
        return str(gettext("larger than in %(since)s", **since))

    # --- what is missing ------------------------------------------------------------------------

    def missing(self) -> list[str]:
        """Why figures of the report are not shown, each reason once."""
        every = (
            shown
            for figures in self.report.sides.values()
            for one in figures.values()
            for shown in (one.total, *one.groups.values())
        )
        return notes.together(shown for shown in every if shown.note in TOLD_ONCE)


TOLD_ONCE = ("small", "uncoded", "no-population", "no-costs", "no-staff-time")
"""The notes that say something of the period, and not only of what a figure can be of."""


def _change(trend: Trend) -> Any:
    if not trend.certain:
        return _("No certain change since %(since)s (%(then)s then).")
    if trend.change < 0:
        return _("The difference has become smaller since %(since)s (%(then)s then).")
    return _("The difference has become larger since %(since)s (%(then)s then).")


def _sure(figure: str, interval: tuple[float, float]) -> str:
    low, high = interval
    return str(
        gettext(
            "surely between %(low)s and %(high)s",
            low=amounts.number(figure, low),
            high=amounts.number(figure, high),
        )
    )


def plain_gap(figure: str, found: Gap) -> str:
    """The difference with its interval."""
    return f"{amounts.apart(figure, found.value)} ({amounts.between(figure, found.interval)})"


def gap_text(figure: str, found: Gap) -> str:
    """The difference with its interval, and where there is one the ratio with its own."""
    text = plain_gap(figure, found)
    if found.ratio is None:
        return text
    around = found.around_ratio
    within = f" ({_times(around[0])}–{_times(around[1])})" if around else ""
    ratio = _times(found.ratio) + within
    return str(gettext("%(gap)s; %(ratio)s times as long", gap=text, ratio=ratio))


def _times(ratio: float) -> str:
    return amounts.number("visits_per_open_hour", ratio)


def short_why(compared: Compared) -> str:
    """Why there is no gap, for a table."""
    return str(
        {
            Why.NEUTRAL: _("neither end is the better one"),
            Why.UNCODED: _("too few errands recorded"),
            Why.FEW: _("too few concerned to compare"),
        }[compared.why or Why.FEW]
    )


_PARTS = {
    "H1": _("the first half of %(year)s"),
    "H2": _("the second half of %(year)s"),
    "Q1": _("the first quarter of %(year)s"),
    "Q2": _("the second quarter of %(year)s"),
    "Q3": _("the third quarter of %(year)s"),
    "Q4": _("the fourth quarter of %(year)s"),
}


def code_name(code: str) -> str:
    """A year, half year or quarter."""
    year, _dash, part = code.partition("-")
    return str(_PARTS[part]) % {"year": year} if part else year


def period_name(period: Period) -> str:
    """The period, for a heading and within a sentence."""
    if period.code and period.whole:
        return code_name(period.code)
    return f"{format_date(period.first, 'd MMM y')} – {format_date(period.last, 'd MMM y')}"


def during(period: Period) -> str:
    """The period, at the beginning of a sentence."""
    if period.code and period.whole:
        return str(gettext("During %(period)s", period=code_name(period.code)))
    return str(gettext("In the period %(period)s", period=period_name(period)))


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def shown_text(figure: str, shown: Shown) -> str:
    """A value with its interval, in a sentence."""
    value = amounts.cell(figure, shown)
    if shown.value is None or shown.interval is None:
        return value
    return f"{value} ({amounts.between(figure, shown.interval)})"
