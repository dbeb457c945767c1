"""What the played days cost, by what a manager has entered per office and year."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from queueapp.municipality import Municipality
from queueapp.planner.document import OpenOffice, Scenario
from queueapp.planner.workload import Workload
from queueapp.statistics.rates import HOUR_S, Costs, Where

Priced = Mapping[Where, Costs]
"""What each office costs in each year."""


@dataclass
class DayCosts:
    """What a day in one of the worlds costs.

    ``missing``: the offices and years that have no costs; then nothing is said of any.
    """

    municipality: Municipality
    rates: Priced
    missing: list[Where]
    _open_days: dict[Where, int] = field(default_factory=dict)

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
            hours = work[office.code].open_s / HOUR_S if office.code in work else 0.0
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


def of_world(
    municipality: Municipality, rates: Priced, years: Sequence[int], scenario: Scenario
) -> DayCosts:
    """The costs of a world; a new office's staff costs what staff costs at the others."""
    known = {**rates, **dict(_of_new(rates, years, scenario))}
    offices = [office.code for office in municipality.offices]
    needed = product(offices, years)
    return DayCosts(municipality, known, [one for one in needed if one not in known])


def _of_new(
    rates: Priced, years: Sequence[int], scenario: Scenario
) -> Iterator[tuple[Where, Costs]]:
    for change in scenario.changes:
        if not isinstance(change, OpenOffice) or change.fixed_cost is None:
            continue
        for year in years:
            if others := [rate for (_, of_year), rate in rates.items() if of_year == year]:
                staff_hour = _mean(rate.staff_hour for rate in others)
                interpreter = _mean(rate.interpreter for rate in others)
                yield (change.code, year), Costs(change.fixed_cost, staff_hour, interpreter)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
