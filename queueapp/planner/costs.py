"""What the played days cost, by what a manager has entered per office and year."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from sqlalchemy import Connection, select

from queueapp.core.workload import Workload
from queueapp.models import Cost
from queueapp.municipality import Municipality
from queueapp.planner.document import OpenOffice, Scenario

HOUR_S = 3600.0
_cost = Cost.__table__


@dataclass(frozen=True, slots=True)
class Rate:
    """An office's costs in a year; ``fixed`` is that of the whole year."""

    fixed: float
    staff_hour: float
    interpreter: float


Rates = Mapping[tuple[str, int], Rate]
"""By office and year."""


@dataclass
class Costs:
    """What a day in one of the worlds costs.

    ``missing``: the offices and years that have no costs; then nothing is said of any.
    """

    municipality: Municipality
    rates: Rates
    missing: list[tuple[str, int]]
    _open_days: dict[tuple[str, int], int] = field(default_factory=dict)

    def of_day(
        self, date: dt.date, work: Mapping[str, Workload], interpreted: Mapping[str, int]
    ) -> float | None:
        """The cost of that day: a day's part of what is fixed, the staff's hours, interpreters.

        ``interpreted``: each office's visits with an interpreter.
        """
        if self.missing:
            return None
        total = 0.0
        for office in self.municipality.offices:
            rate = self.rates[office.code, date.year]
            hours = work[office.code].at_work_s / HOUR_S if office.code in work else 0.0
            total += hours * rate.staff_hour + interpreted.get(office.code, 0) * rate.interpreter
            if office.opening(date):
                total += rate.fixed / self._days(office.code, date.year)
        return total

    def _days(self, office: str, year: int) -> int:
        """On how many days of the year the office is open."""
        if (office, year) not in self._open_days:
            place = self.municipality.office(office)
            first = dt.date(year, 1, 1)
            days = (first + dt.timedelta(days=number) for number in range(365))
            self._open_days[office, year] = sum(bool(place.opening(day)) for day in days)
        return self._open_days[office, year]


def read(connection: Connection) -> dict[tuple[str, int], Rate]:
    """Everything that was entered."""
    rows = connection.execute(select(_cost))
    return {
        (row.office, row.year): Rate(row.fixed, row.staff_hour, row.interpreter) for row in rows
    }


def of_world(
    municipality: Municipality, rates: Rates, years: Sequence[int], scenario: Scenario
) -> Costs:
    """The costs of a world; a new office's staff costs what staff costs at the others."""
    known = {**rates, **dict(_of_new(rates, years, scenario))}
    offices = [office.code for office in municipality.offices]
    needed = product(offices, years)
    return Costs(municipality, known, [one for one in needed if one not in known])


def _of_new(
    rates: Rates, years: Sequence[int], scenario: Scenario
) -> Iterator[tuple[tuple[str, int], Rate]]:
    for change in scenario.changes:
        if not isinstance(change, OpenOffice) or change.fixed_cost is None:
            continue
        for year in years:
            if others := [rate for (_, of_year), rate in rates.items() if of_year == year]:
                staff_hour = _mean(rate.staff_hour for rate in others)
                interpreter = _mean(rate.interpreter for rate in others)
                yield (change.code, year), Rate(change.fixed_cost, staff_hour, interpreter)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
