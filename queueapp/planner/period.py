"""What a scenario needs of the database: the period's visitors, its log, and the costs."""

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
from queueapp.planner import fidelity, visitors
from queueapp.planner.document import Period, Scenario, Unfit
from queueapp.planner.fidelity import WHOLE, Known
from queueapp.planner.figures import BY, DayTold
from queueapp.simulate import arrivals_log, rota
from queueapp.statistics import answer, rates
from queueapp.statistics.question import Question
from queueapp.statistics.rates import Costs, Where

_event = TicketEvent.__table__
VISITS = "visits"


@dataclass
class Material:
    """The visitors of each day, and for logged days also the log.

    ``known``: the figures of the log that may be shown. ``strange``: visits left out, because
    what they came for is offered no more. ``still_open``: visits that have not ended.
    ``invented``: whether any of it is.
    """

    days: visitors.Days
    rates: Mapping[Where, Costs] = field(default_factory=dict)
    logs: dict[dt.date, list[e.Event]] = field(default_factory=dict)
    logged: list[DayTold] = field(default_factory=list)
    known: Known = field(default_factory=dict)
    strange: int = 0
    still_open: int = 0
    invented: bool = True


def gather(now: screens.Moment, scenario: Scenario) -> Material:
    """Read it all; :class:`Unfit` where the period has no visitors, or too few to tell of."""
    asked = scenario.demand
    if asked.log is not None:
        found = _logged(now.connection, now.municipality, asked.log)
        found.known = _known(now, asked.log)
    else:
        assert asked.invented is not None  # noqa: S101 - the document has one of them
        found = Material(visitors.invented(now.municipality, asked.invented, scenario.seed))
    place = "demand.log" if asked.log else "demand.invented"
    if not any(found.days.values()):
        raise Unfit.of(place, "nobody-came")
    if asked.log and VISITS not in found.known[WHOLE, ""]:
        raise Unfit.of(place, "too-few")
    found.rates = rates.costs(now.connection)
    return found


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


def _logged(connection: Connection, municipality: Municipality, period: Period) -> Material:
    arrivals = arrivals_log.read(connection, municipality, period.first, period.last)
    logs = _logs(connection, municipality, period)
    found = measures.fold(event for date in sorted(logs) for event in logs[date])
    by_date: dict[dt.date, list[measures.Visit]] = defaultdict(list)
    for visit in found:
        if _offered(municipality, visit):
            by_date[_date(municipality, visit.issued_at)].append(visit)
    dates = sorted(arrivals.days)
    return Material(
        days={date: arrivals.days[date] for date in dates},
        logs={date: logs.get(date, []) for date in dates},
        logged=[DayTold(date, by_date[date]) for date in dates],
        strange=arrivals.strange,
        still_open=sum(not visit.ended for day in by_date.values() for visit in day),
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
