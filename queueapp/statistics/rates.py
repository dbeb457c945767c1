"""What visits are divided by: inhabitants, open and staff hours, costs. Each per group and time."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, delete, insert, select

from queueapp.core.ticket import BadInput
from queueapp.models import Cost
from queueapp.municipality import Municipality
from queueapp.statistics.cube import Duty, Numbers
from queueapp.statistics.question import CLOCK, Question

HOUR_S = 3600.0
PER_INHABITANTS = 1000
OF_DUTY = frozenset({"visits_per_open_hour", "visits_per_staff_hour", "occupancy_share"})
"""The rates by staff time."""

Where = tuple[str, int]
"""An office and a year."""

Span = tuple[dt.date, dt.date]
"""A first day, and the day after the last."""

_cost = Cost.__table__


class Missing(Exception):
    """Something that the rate is divided by is not known; ``note`` says what, for people."""

    def __init__(self, note: str, **facts: object) -> None:
        super().__init__(note)
        self.note, self.facts = note, facts


@dataclass(frozen=True, slots=True)
class Costs:
    """What an office costs in a year: ``fixed``, per staff hour, and per interpreted visit."""

    fixed: float
    staff_hour: float
    interpreter: float


@dataclass(frozen=True, slots=True)
class Used:
    """What an office used in the question's part of a year: staff time, interpreted visits."""

    staff_s: float = 0.0
    interpreted: int = 0


@dataclass(frozen=True)
class Rates:
    """The rates of a question's groups.

    ``log``: the days that the log holds. Other days have no visits that could be divided.
    """

    municipality: Municipality
    question: Question
    log: Span
    costs: Mapping[Where, Costs] = field(default_factory=dict)
    used: Mapping[Where, Used] = field(default_factory=dict)

    def of(
        self, name: str, values: Mapping[str, str], span: Span, numbers: Numbers, duty: Duty | None
    ) -> tuple[float, float]:
        """The figure's numerator and its denominator for a group; :class:`Missing`."""
        match name:
            case "visits_per_1000":
                lived = self._inhabitants(values, *self._logged(span))
                return PER_INHABITANTS * numbers.visits, lived
            case "visits_per_open_hour":
                return numbers.visits, _worked(duty).open_s / HOUR_S
            case "visits_per_staff_hour":
                return numbers.visits, _worked(duty).staff_s / HOUR_S
            case "occupancy_share":
                self._whole_offices()
                return _worked(duty).serving_s, _worked(duty).staff_s
        if span != (self.question.first, self.question.end):
            raise Missing("not-of-part")
        cost = self._cost(values, *self._logged(span), self.used)
        return cost, numbers.said["served"].true

    def _logged(self, span: Span) -> Span:
        """As much of that time as the log holds."""
        first = max(span[0], self.log[0])
        return first, max(first, min(span[1], self.log[1]))

    def _whole_offices(self) -> None:
        """Only where the visits are all those of their offices: others cannot be told apart."""
        if set(self.question.dimensions) - {"office", *CLOCK}:
            raise Missing("not-of-part")

    # --- inhabitants ----------------------------------------------------------------------------

    def _inhabitants(self, values: Mapping[str, str], first: dt.date, end: dt.date) -> float:
        """How many live there, times the years that the time lasts."""
        return self._living_in(self._districts(values), first, end)

    def _living_in(self, districts: Sequence[str], first: dt.date, end: dt.date) -> float:
        return sum(
            share * self._population(code, year)
            for year, share in years(first, end)
            for code in districts
        )

    def living_in(self, districts: Sequence[str], span: Span) -> float:
        """How many live in these districts, times the years that the time lasts in the log."""
        return self._living_in(districts, *self._logged(span))

    def _districts(self, values: Mapping[str, str]) -> list[str]:
        """By home district where the question has it; else the offices' own; else all."""
        known = [district.code for district in self.municipality.districts]
        where = self.question.where
        if "district" in values or "district" in where:
            found = [values["district"]] if "district" in values else list(where["district"])
            if set(found) - set(known):
                raise Missing("no-inhabitants")
            return found
        offices = [values["office"]] if "office" in values else list(where.get("office", ()))
        own = {self.municipality.office(office).district for office in offices}
        return sorted(own) or known

    def populated(self, span: Span) -> list[str]:
        """The home districts chosen whose inhabitants are known for all of that time."""
        every = [district.code for district in self.municipality.districts]
        chosen = self.question.where.get("district", every)
        return [code for code in every if code in chosen and self._is_populated(code, span)]

    def _is_populated(self, district: str, span: Span) -> bool:
        known = {one.year for one in self.municipality.district(district).population}
        return all(year in known for year, _ in years(*self._logged(span)))

    def _population(self, district: str, year: int) -> int:
        for one in self.municipality.district(district).population:
            if one.year == year:
                return one.inhabitants
        name = self.municipality.district(district).name
        raise Missing("no-population", district=name, year=year)

    # --- costs ----------------------------------------------------------------------------------

    def _cost(
        self, values: Mapping[str, str], first: dt.date, end: dt.date, used: Mapping[Where, Used]
    ) -> float:
        """What the offices cost in that time, by the prices entered for each year."""
        if set(self.question.dimensions) - {"office"}:
            raise Missing("not-of-part")
        every = [office.code for office in self.municipality.offices]
        chosen = self.question.where.get("office", every)
        offices = [values["office"]] if "office" in values else chosen
        return sum(
            self._office_cost(office, year, share, used.get((office, year), Used()))
            for office in offices
            for year, share in years(first, end)
        )

    def _office_cost(self, office: str, year: int, share: float, used: Used) -> float:
        price = self._priced(office, year)
        hours = used.staff_s / HOUR_S
        return price.fixed * share + price.staff_hour * hours + price.interpreter * used.interpreted

    def _priced(self, office: str, year: int) -> Costs:
        try:
            return self.costs[office, year]
        except KeyError:
            name = self.municipality.office(office).name
            raise Missing("no-costs", office=name, year=year) from None


def _worked(duty: Duty | None) -> Duty:
    if duty is None or not duty.staff_s:
        raise Missing("no-staff-time")
    return duty


def years(first: dt.date, end: dt.date) -> Iterator[tuple[int, float]]:
    """Each year that the time touches, with how much of the year it is."""
    for year in range(first.year, (end - dt.timedelta(days=1)).year + 1):
        begins, ends = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
        if days := (min(end, ends) - max(first, begins)).days:
            yield year, days / (ends - begins).days


# --- kept costs ---------------------------------------------------------------------------------


def costs(connection: Connection) -> dict[Where, Costs]:
    """All that was entered."""
    rows = connection.execute(select(_cost))
    return {
        (row.office, row.year): Costs(row.fixed, row.staff_hour, row.interpreter) for row in rows
    }


def keep(connection: Connection, office: str, year: int, price: Costs) -> None:
    """Enter what an office costs in a year, in place of what was entered before."""
    remove(connection, office, year)
    connection.execute(insert(_cost).values(office=office, year=year, **asdict(price)))


def remove(connection: Connection, office: str, year: int) -> None:
    """Forget what was entered for an office and year."""
    connection.execute(delete(_cost).where(_cost.c.office == office, _cost.c.year == year))


_AMOUNT = re.compile(r"\d{1,12}(?:[.,]\d{1,2})?", re.ASCII)


def amount(field_: str, text: str) -> float:
    """A sum of money as people write it, not below zero; :class:`BadInput`.

    Three digits after a comma or a point are refused: they may be meant as thousands.
    """
    digits = "".join(text.split())
    if not _AMOUNT.fullmatch(digits):
        raise BadInput(field=field_, reason="no-amount")
    return float(digits.replace(",", "."))


FIRST_YEAR, LAST_YEAR = 2000, 2100


def year_of(field_: str, text: str) -> int:
    """A year that costs can be entered for; :class:`BadInput`."""
    if not re.fullmatch(r"\d{4}", text.strip(), re.ASCII) or not (
        FIRST_YEAR <= int(text) <= LAST_YEAR
    ):
        raise BadInput(field=field_, reason="not-between", low=FIRST_YEAR, high=LAST_YEAR)
    return int(text)
