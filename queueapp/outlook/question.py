"""What can be asked of the forecast, and the answer as the API and the files give it."""

from dataclasses import dataclass
from typing import Any

from queueapp import forecasts, screens
from queueapp.core.ticket import BadInput
from queueapp.outlook import duty
from queueapp.outlook.values import (
    USUAL_WEEKS,
    WEEKS,
    DayOutlook,
    Expected,
    OfficeOutlook,
    Outlook,
    PastError,
)
from queueapp.statistics.question import names


@dataclass(frozen=True, slots=True)
class Question:
    """The coming ``weeks`` at the ``offices``."""

    weeks: int
    offices: tuple[str, ...]

    @property
    def days(self) -> int:
        """How many days that is."""
        return 7 * self.weeks


def ask(now: screens.Moment, weeks: str | None = None, offices: str | None = None) -> Question:
    """The question that request parameters mean; :class:`BadInput` names the one that is bad."""
    known = tuple(office.code for office in now.municipality.offices)
    chosen = names("office", offices, known) or known
    text = weeks or str(USUAL_WEEKS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= WEEKS):
        raise BadInput(field="weeks", reason="not-between", low=1, high=WEEKS)
    return Question(int(text), chosen)


def rota(now: screens.Moment, outlook: Outlook, question: Question) -> duty.Look:
    """The forecast beside the rota, with the service times that the log has taught so far."""
    times = forecasts.forecaster().known.times

    def time(service: str, language: str) -> float:
        return times.of(service, language).mean_s

    return duty.look(now.municipality, outlook, question.offices, question.days, time)


def document(
    outlook: Outlook, question: Question, look: duty.Look, language: str
) -> dict[str, Any]:
    """The answer as the API gives it. Numbers of visits are means: they have a decimal."""
    offices = [outlook.of(code) for code in question.offices]
    last = max((one.days[question.days - 1].day for one in offices if one), default=outlook.first)
    return {
        "from": outlook.first.isoformat(),
        "to": last.isoformat(),
        "weeks": question.weeks,
        "offices": [_office(one, question, language) for one in offices if one],
        "rota_told": look.told,
        "occupancy": duty.OCCUPANCY,
        "short": [_short(one) for one in look.short],
        "unspoken": [_unspoken(one) for one in look.unspoken],
    }


def holiday(day: DayOutlook, language: str) -> str | None:
    """The holiday's name in that language; else in the municipality's own, Swedish."""
    return day.holiday.get(language, day.holiday["sv"]) if day.holiday else None


def _office(office: OfficeOutlook, question: Question, language: str) -> dict[str, Any]:
    days = office.days[: question.days]
    return {
        "office": office.office,
        "basis": office.basis,
        "history_since": office.since.isoformat() if office.since else None,
        "errors": [_error(one) for one in office.errors],
        "days": [
            {
                "day": day.day.isoformat(),
                "open": day.open,
                "holiday": holiday(day, language),
                **_expected(day.expected),
                "hours": {str(hour): round(visits, 1) for hour, visits in day.hours.items()},
            }
            for day in days
        ],
        "languages": [
            {
                "from": week.first.isoformat(),
                "language": week.language,
                **_expected(week.expected),
            }
            for week in office.weeks
            if days and week.first <= days[-1].day
        ],
    }


def _expected(expected: Expected | None) -> dict[str, Any]:
    if expected is None:
        return {"visits": None, "low": None, "high": None}
    return {
        "visits": round(expected.visits, 1),
        "low": expected.low,
        "high": expected.high,
    }


def _error(error: PastError) -> dict[str, Any]:
    return {
        "basis": error.basis,
        "days": error.days,
        "mean_absolute_error": round(error.mean_absolute, 2),
        "error_share": round(error.share, 4),
        "within_range_share": round(error.covered, 4),
    }


def _short(one: duty.Short) -> dict[str, Any]:
    return {
        "office": one.office,
        "weekday": one.weekday,
        "hours": [one.first, one.end],
        "visits_per_hour": round(one.visits, 1),
        "staff_needed": round(one.needed, 1),
        "staff_on_rota": round(one.there, 1),
    }


def _unspoken(one: duty.Unspoken) -> dict[str, Any]:
    return {
        "office": one.office,
        "weekday": one.weekday,
        "hours": list(one.hours) if one.hours else None,
        "language": one.language,
        "visits": round(one.visits, 1),
        "by_video_from": list(one.others),
    }
