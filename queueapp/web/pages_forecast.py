"""The forecast of visits, as a page and as files."""

import datetime as dt
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import get_day_names
from flask import Response, render_template, request
from flask_babel import format_date, format_decimal, gettext
from flask_babel import lazy_gettext as _

from queueapp import screens
from queueapp.core.ticket import BadInput
from queueapp.outlook import current, duty
from queueapp.outlook import question as questions
from queueapp.outlook.duty import Look, Short, Unspoken
from queueapp.outlook.question import Question
from queueapp.outlook.values import COVERED, WEEKS, DayOutlook, Expected, OfficeOutlook, Outlook
from queueapp.web import charts, csv_file, errors, words
from queueapp.web.access import access
from queueapp.web.site import current_language, in_staff_language, pages

WAYS = {
    "model": _("Weekday, season, holidays and growth"),
    "four-weeks": _("Mean of the last four same weekdays"),
    "last-week": _("Same weekday last week"),
}
BASES = {
    "model": _("Worked out from weekday, season, holidays and growth."),
    "four-weeks": _(
        "The mean of the last four same weekdays: lately that has missed less here than anything "
        "more learned."
    ),
    "last-week": _(
        "The same weekday of the week before: lately that has missed less here than anything more "
        "learned."
    ),
    "weekday-mean": _(
        "There are less than eight weeks of visits to learn from. This is the mean of each "
        "weekday, and it may be far off."
    ),
    "nothing": _(
        "There are less than two weeks of visits to learn from, or none in the last eight weeks. "
        "Nothing can be said yet."
    ),
}
FIELDS = {"weeks": _("Weeks"), "office": _("Office")}
TABLES = ("days", "hours", "languages", "errors")


@pages.get("/statistics/forecast", endpoint="forecast")
@access("manager")
@in_staff_language
def shown() -> Any:
    """The coming weeks, with how far the forecast has missed, beside the rota."""
    with screens.reading(time.time()) as now:
        try:
            question, problem = _question(now), None
        except BadInput as refusal:
            question, problem = questions.ask(now), errors.of_refusal(refusal)
        outlook = current.at(now)
        names = words.Names(now.municipality, current_language())
        drawn = _Page(names, outlook, question, questions.rota(now, outlook, question))
        return render_template(
            "forecast.html",
            page=drawn,
            question=question,
            problem=problem,
            fields=FIELDS,
            ways=WAYS,
            bases=BASES,
            most_weeks=WEEKS,
            covered=words.percent(COVERED),
            occupancy=words.percent(duty.OCCUPANCY),
            offices=now.municipality.offices,
            percent=words.percent,
            **now.banners,
        ), 422 if problem else 200


def _question(now: screens.Moment) -> Question:
    return questions.ask(now, request.args.get("weeks"), request.args.get("office"))


def _amount(visits: float) -> str:
    """A mean: in whole visits where there are many of them."""
    return str(format_decimal(visits, "#,##0" if round(visits, 1) >= 10 else "0.0"))


def _range(expected: Expected) -> str:
    return f"{expected.low}–{expected.high}"


def _day(day: dt.date) -> str:
    return str(format_date(day, "EEE d MMM"))


@dataclass(frozen=True)
class _Page:
    """What the template draws."""

    names: words.Names
    outlook: Outlook
    question: Question
    look: Look

    @property
    def offices(self) -> list["_Office"]:
        found = (self.outlook.of(code) for code in self.question.offices)
        return [_Office(self, office) for office in found if office]

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last of the days."""
        first = self.outlook.first
        last = first + dt.timedelta(days=self.question.days - 1)
        return str(format_date(first, "d MMM y")), str(format_date(last, "d MMM y"))

    def weekday(self, number: int) -> str:
        return self.names.value("weekday", str(number))


@dataclass(frozen=True)
class _Office:
    """One office's part of the page."""

    page: _Page
    office: OfficeOutlook

    @property
    def code(self) -> str:
        return self.office.office

    @property
    def name(self) -> str:
        return self.page.names.office(self.code)

    @property
    def known(self) -> bool:
        return self.office.basis != "nothing"

    @property
    def days(self) -> tuple[DayOutlook, ...]:
        return self.office.days[: self.page.question.days]

    @property
    def chart(self) -> charts.Band:
        return charts.band(
            [
                charts.Point(str(format_date(day.day, "d MMM")), one.visits, one.low, one.high)
                if day.open and (one := day.expected)
                else charts.Point(str(format_date(day.day, "d MMM")))
                for day in self.days
            ]
        )

    @property
    def total(self) -> str:
        return _amount(sum(day.expected.visits for day in self.days[:7] if day.expected))

    @property
    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """The days as a table; ordinary closed days are left out."""
        for day in self.days:
            holiday = questions.holiday(day, self.page.names.language_of_page) or ""
            if day.open and day.expected:
                yield _day(day.day), _amount(day.expected.visits), _range(day.expected), holiday
            elif holiday or day.day.weekday() < 5:
                yield _day(day.day), str(gettext("Closed")), "", holiday

    @property
    def heat(self) -> tuple[list[str], list[tuple[str, list[tuple[str, int | None]]]]]:
        """The coming week by hour: the days, and each hour's cells."""
        week = [day for day in self.days[:7] if day.hours]
        hours = sorted({hour for day in week for hour in day.hours})
        cells = [[day.hours.get(hour) for day in week] for hour in hours]
        rows = [
            (
                self.page.names.value("hour", f"{hour:02}"),
                [
                    ("" if visits is None else _amount(visits), shade)
                    for visits, shade in zip(row, shades, strict=True)
                ],
            )
            for hour, row, shades in zip(hours, cells, charts.shades(cells), strict=True)
        ]
        return [str(format_date(day.day, "EEE d")) for day in week], rows

    @property
    def weeks(self) -> list[str]:
        return [_day(day.day) for day in self.days[::7]]

    @property
    def languages(self) -> list[tuple[str, list[str]]]:
        """Each language and what is told of it week by week, the most asked for first."""
        told: dict[str, list[Expected]] = {}
        for week in self.office.weeks:
            if week.first <= self.days[-1].day:
                told.setdefault(week.language, []).append(week.expected)
        ordered = sorted(told, key=lambda code: -sum(one.visits for one in told[code]))
        return [
            (
                self.page.names.value("language", code),
                [f"{_amount(one.visits)} ({_range(one)})" for one in told[code]],
            )
            for code in ordered
        ]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [
            {
                "name": WAYS[error.basis],
                "used": error.basis == self.office.basis,
                "missed": _amount(error.mean_absolute),
                "share": words.percent(error.share),
                "covered": words.percent(error.covered),
            }
            for error in self.office.errors
        ]

    @property
    def staffing(self) -> tuple[list[str], list[tuple[str, list[tuple[str, str | None]]]]]:
        """Staff needed and on the rota: the weekdays, and each hour's cells."""
        slots = self.page.look.hours.get(self.code, {})
        weekdays = sorted({weekday for weekday, _ in slots})
        hours = sorted({hour for _, hour in slots})
        return [self.page.weekday(one) for one in weekdays], [
            (
                self.page.names.value("hour", f"{hour:02}"),
                [_staff(slots.get((weekday, hour))) for weekday in weekdays],
            )
            for hour in hours
        ]

    @property
    def minutes(self) -> str:
        """How long a visit takes there, as it is reckoned with."""
        slots = self.page.look.hours.get(self.code, {}).values()
        visits = sum(one.visits for one in slots)
        worked = 60 * duty.OCCUPANCY * sum(one.needed for one in slots)
        return _amount(worked / visits if visits else 0.0)

    @property
    def short(self) -> list[str]:
        return [self._short(one) for one in self.page.look.short if one.office == self.code]

    def _short(self, one: Short) -> str:
        return str(
            gettext(
                "%(when)s: about %(visits)s visits an hour need %(needed)s staff, and the rota has "
                "%(there)s.",
                when=f"{self.page.weekday(one.weekday)} {one.first:02}–{one.end:02}",
                visits=_amount(one.visits),
                needed=_staff_number(one.needed),
                there=_staff_number(one.there),
            )
        )

    @property
    def unspoken(self) -> list[dict[str, str]]:
        """Each language, apart where it can be met by video and where it cannot."""
        alike: dict[tuple[str, bool], list[Unspoken]] = {}
        for one in self.page.look.unspoken:
            if one.office == self.code:
                alike.setdefault((one.language, bool(one.others)), []).append(one)
        ordered = sorted(alike.values(), key=lambda some: -sum(one.visits for one in some))
        return [self._unspoken(some) for some in ordered]

    def _unspoken(self, some: list[Unspoken]) -> dict[str, str]:
        others = sorted({other for one in some for other in one.others})
        places = ", ".join(self.page.names.office(code) for code in others)
        return {
            "language": self.page.names.value("language", some[0].language),
            "visits": str(round(sum(one.visits for one in some))),
            "when": ", ".join(_times(self.page, some)),
            "video": gettext("Yes, from %(offices)s", offices=places) if others else gettext("No"),
        }


def _times(page: _Page, some: Iterable[Unspoken]) -> Iterator[str]:
    for one in some:
        if one.weekday and one.hours:
            yield _when(page, one.weekday, one.hours)
        else:
            yield str(gettext("now and then at other times"))


def _when(page: _Page, weekday: int, hours: tuple[int, int]) -> str:
    day = get_day_names("abbreviated", "stand-alone", page.names.language_of_page)[weekday - 1]
    # Never broken over two lines: a space and joints that do not break.
    return f"{day}\N{NO-BREAK SPACE}{hours[0]:02}\N{WORD JOINER}–\N{WORD JOINER}{hours[1]:02}"


def _staff_number(staff: float) -> str:
    return str(format_decimal(staff, "0.0"))


def _staff(hour: duty.Hour | None) -> tuple[str, str | None]:
    if hour is None:
        return "", None
    one = hour.each
    text = f"{_staff_number(one.needed)} / {_staff_number(one.there)}"
    return text, "short" if hour.short else None


@pages.get("/statistics/forecast.csv")
@access("manager")
@in_staff_language
def forecast_csv() -> Response:
    """The rows of one of the page's tables: ``table`` is days, hours, languages or errors."""
    table = request.args.get("table", TABLES[0])
    if table not in TABLES:
        raise BadInput(field="table", reason="unknown", value=table)
    with screens.reading(time.time()) as now:
        question = _question(now)
        outlook = current.at(now)
        told = questions.document(
            outlook, question, questions.rota(now, outlook, question), current_language()
        )
        names = words.Names(now.municipality, current_language())
    lines = [line for office in told["offices"] for line in _LINES[table](office, names)]
    places = question.offices if request.args.get("office") else ()
    name = "-".join(["kolapp-forecast", table, *places, f"{told['from']}--{told['to']}.csv"])
    return csv_file.response(name, [_HEADS[table], *lines])


def _csv_days(office: Mapping[str, Any], names: words.Names) -> Iterator[list[Any]]:
    for day in office["days"]:
        told = [day[name] for name in ("day", "open", "holiday", "visits", "low", "high")]
        yield [*_csv_office(office, names), *told, office["basis"]]


def _csv_hours(office: Mapping[str, Any], names: words.Names) -> Iterator[list[Any]]:
    for day in office["days"]:
        for hour, visits in day["hours"].items():
            yield [*_csv_office(office, names), day["day"], hour, visits]


def _csv_languages(office: Mapping[str, Any], names: words.Names) -> Iterator[list[Any]]:
    for week in office["languages"]:
        code = week["language"]
        name = names.value("language", code)
        told = [week[part] for part in ("visits", "low", "high")]
        yield [*_csv_office(office, names), week["from"], code, name, *told]


def _csv_errors(office: Mapping[str, Any], names: words.Names) -> Iterator[list[Any]]:
    for error in office["errors"]:
        used = error["basis"] == office["basis"]
        yield [*_csv_office(office, names), *error.values(), used]


def _csv_office(office: Mapping[str, Any], names: words.Names) -> list[str]:
    return [office["office"], names.office(office["office"])]


_LINES = {
    "days": _csv_days,
    "hours": _csv_hours,
    "languages": _csv_languages,
    "errors": _csv_errors,
}
_OFFICE = ["office", "office_name"]
_HEADS = {
    "days": [*_OFFICE, "day", "open", "holiday", "visits", "low", "high", "basis"],
    "hours": [*_OFFICE, "day", "hour", "visits"],
    "languages": [*_OFFICE, "week_from", "language", "language_name", "visits", "low", "high"],
    "errors": [
        *_OFFICE,
        "basis",
        "days",
        "mean_absolute_error",
        "error_share",
        "within_range_share",
        "used",
    ],
}
