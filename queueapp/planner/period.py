"""What a scenario needs of the database: its visitors, the log or the forecast they are from, and
the costs.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from queueapp import screens
from queueapp.core import events as e
from queueapp.core import measures
from queueapp.models import TicketEvent, read_event
from queueapp.municipality import Municipality
from queueapp.outlook import current
from queueapp.outlook.current import NoForecast
from queueapp.outlook.values import Outlook
from queueapp.planner import fidelity, visitors
from queueapp.planner.document import Forecast, Period, Scenario, Unfit, coming
from queueapp.planner.fidelity import WHOLE, Known
from queueapp.planner.figures import BY, DayTold
from queueapp.planner.visitors import ONE_DAY
from queueapp.simulate import arrivals_log, rota
from queueapp.statistics import answer, rates
from queueapp.statistics.question import Question, today
from queueapp.statistics.rates import Costs, Where

_event = TicketEvent.__table__
VISITS = "visits"

LATELY = dt.timedelta(weeks=8)
"""The part of the log that a forecast is played with: the weeks that its past error is told of."""


@dataclass
class Past:
    """Logged days as they were: their visitors, their log, and what it tells of each.

    ``known``: the figures of the log that may be shown. ``strange``: visits left out, because
    what they came for is offered no more. ``still_open``: visits that have not ended.
    ``not_over``: whether the last day is today. ``invented``: whether any of it is.
    """

    days: visitors.Days
    logs: dict[dt.date, list[e.Event]]
    told: list[DayTold]
    known: Known = field(default_factory=dict)
    strange: int = 0
    still_open: int = 0
    not_over: bool = False
    invented: bool = True


@dataclass
class Material:
    """The visitors of each day, and what they cost.

    ``past``: the log that the simulator is held against; None where there is none. ``forecast``:
    what the visitors were drawn from, where they are those of days to come. ``invented``: whether
    any of it is.
    """

    days: visitors.Days
    rates: Mapping[Where, Costs] = field(default_factory=dict)
    past: Past | None = None
    forecast: Outlook | None = None
    invented: bool = True


def gather(now: screens.Moment, scenario: Scenario) -> Material:
    """Read it all; :class:`Unfit` where there are no visitors, or too few to tell of.

    :class:`engine.NotReady` where the statistics are still being made.
    """
    asked = scenario.demand
    if asked.log is not None:
        place, found = "log", _of_log(now, asked.log)
    elif asked.forecast is not None:
        place, found = "forecast", _of_forecast(now, asked.forecast, scenario.seed)
    else:
        assert asked.invented is not None  # noqa: S101 - the document has one of them
        came = visitors.invented(now.municipality, asked.invented, scenario.seed)
        place, found = "invented", Material(came)
    if not any(found.days.values()):
        raise Unfit.of(f"demand.{place}", "nobody-came")
    found.rates = rates.costs(now.connection)
    return found


def _of_log(now: screens.Moment, period: Period) -> Material:
    past = _logged(now, period)
    if past.days and not _enough(past):
        raise Unfit.of("demand.log", "too-few")
    return Material(past.days, past=past, invented=past.invented)


def _of_forecast(now: screens.Moment, asked: Forecast, seed: int) -> Material:
    period = coming(asked, today(now))
    try:
        outlook = current.at(now)
    except NoForecast:
        raise Unfit.of("demand.forecast", "forecast-failed") from None
    if all(office.basis == "nothing" for office in outlook.offices):
        raise Unfit.of("demand.forecast", "too-little-history")
    lately = _logged(now, Period(first=outlook.first - LATELY, last=outlook.first - ONE_DAY))
    past = lately if _enough(lately) else None
    came = [arrival for day in past.days.values() for arrival in day] if past else []
    return Material(
        visitors.foreseen(now.municipality, outlook, period, came, seed),
        past=past,
        forecast=outlook,
        invented=lately.invented or now.invented,
    )


def _enough(past: Past) -> bool:
    """Whether anything of it may be shown."""
    return VISITS in past.known[WHOLE, ""]


def _known(now: screens.Moment, period: Period) -> Known:
    """What the statistics show of the period: the planner tells no more of the log than they do."""
    names = (VISITS, *fidelity.FIGURES)
    found: dict[tuple[str, str], set[str]] = {}
    for by in BY:
        told = answer.answer(now, Question(period.first, period.last, (by,), names))
        found[WHOLE, ""] = _shown(told.total)
        for row in told.rows:
            found[by, row.values[by]] = _shown(row)
    return found


def _shown(row: answer.Row) -> set[str]:
    return {name for name, figure in row.figures.items() if figure.note is None}


def _logged(now: screens.Moment, period: Period) -> Past:
    connection, municipality = now.connection, now.municipality
    arrivals = arrivals_log.read(connection, municipality, period.first, period.last)
    logs = _logs(connection, municipality, period)
    found = measures.fold(event for date in sorted(logs) for event in logs[date])
    by_date: dict[dt.date, list[measures.Visit]] = defaultdict(list)
    for visit in found:
        if _offered(municipality, visit):
            by_date[_date(municipality, visit.issued_at)].append(visit)
    dates = sorted(arrivals.days)
    return Past(
        days={date: arrivals.days[date] for date in dates},
        logs={date: logs.get(date, []) for date in dates},
        told=[DayTold(date, by_date[date]) for date in dates],
        known=_known(now, period),
        strange=arrivals.strange,
        still_open=sum(not visit.ended for day in by_date.values() for visit in day),
        not_over=today(now) in arrivals.days,
        invented=any(visit.invented for visit in found),
    )


def _offered(municipality: Municipality, visit: measures.Visit) -> bool:
    known = any(office.code == visit.office for office in municipality.offices)
    return known and municipality.offers(visit.office, visit.service)


def _logs(
    connection: Connection, municipality: Municipality, period: Period
) -> dict[dt.date, list[e.Event]]:
    """The events of each local day; an office ends its day, so no visit ends on the next."""
    begin = rota.midnight(municipality, period.first)
    end = rota.midnight(municipality, period.last + dt.timedelta(days=1))
    rows = connection.execute(
        select(_event).where(_event.c.at >= begin, _event.c.at < end).order_by(_event.c.seq)
    )
    logs: dict[dt.date, list[e.Event]] = defaultdict(list)
    for event in map(read_event, rows):
        logs[_date(municipality, event.at)].append(event)
    return logs


def _date(municipality: Municipality, at: float) -> dt.date:
    return dt.datetime.fromtimestamp(at, municipality.zone).date()
