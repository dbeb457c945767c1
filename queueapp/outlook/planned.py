"""The forecast as visitors of a day, so that a scenario can play days that have not come yet."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from queueapp.core.arrivals import HOUR_S, Demand, Stream
from queueapp.municipality import Municipality
from queueapp.outlook.values import Expected, OfficeOutlook, Outlook
from queueapp.simulate import rota
from queueapp.simulate.rota import Span
from queueapp.simulate.scenario import Day, Scenario

IN_THE_RANGE = 2.56
"""So many standard deviations is a range of four outcomes in five wide."""


def hour_span(municipality: Municipality, date: dt.date, hour: int) -> Span:
    """An hour of the clock, in seconds after midnight: not the same on a day the clocks change."""
    begin = dt.datetime.combine(date, dt.time(hour), municipality.zone).timestamp()
    first = begin - rota.midnight(municipality, date)
    return first, first + HOUR_S


def streams(outlook: Outlook, municipality: Municipality, date: dt.date) -> tuple[Stream, ...]:
    """Who is likely to come on that date; nobody where the forecast says nothing of it.

    The rates are for the hours as they pass, while the office is open: where it opens at half
    past, the visits of that hour come in its second half, at twice the rate.
    """
    opening = rota.opening(municipality, date)
    return tuple(
        stream
        for office in outlook.offices
        if opening.get(office.office)
        for stream in _of_office(municipality, office, date, opening[office.office])
    )


def _of_office(
    municipality: Municipality, office: OfficeOutlook, date: dt.date, opening: list[Span]
) -> Iterator[Stream]:
    day = next((one for one in office.days if one.day == date), None)
    cells = office.cells(day) if day else {}
    offered = {
        service: share
        for service, share in office.services.items()
        if municipality.offers(office.office, service)
    }
    whole = sum(offered.values())
    for service, share in offered.items():
        for language in sorted({language for _, language in cells}):
            rates = [0.0] * 24
            for hour in sorted({hour for hour, _ in cells}):
                span = hour_span(municipality, date, hour)
                open_s = sum(end - begin for begin, end in rota.common([span], opening))
                place = int(span[0] // HOUR_S)
                if open_s and place < 24:
                    rates[place] += share / whole * cells[hour, language] * HOUR_S / open_s
            yield Stream(office.office, service, language, tuple(rates))


Rush = Mapping[str, float]
"""How many times as many visitors come to each office on a day as is likely."""


def rush(outlook: Outlook, date: dt.date, key: str) -> Rush:
    """Drawn so that the visits of a day lie in the forecast's range as often as it says.

    Without it every day would be as the forecast has it but for the chance of who comes when, and
    the busy days, which make the long waits, would be missing. ``key`` repeats the draw.
    """
    return {
        office.office: _drawn(expected, Random(f"{key} {office.office}"))  # noqa: S311
        for office in outlook.offices
        for day in office.days
        if day.day == date and (expected := day.expected) and expected.visits
    }


def _drawn(expected: Expected, chance: Random) -> float:
    """A gamma: with Poisson's chance on top, the visits are negative binomial, as the range is."""
    deviation = (expected.high - expected.low + 1) / IN_THE_RANGE
    dispersion = (deviation**2 - expected.visits) / expected.visits**2
    return chance.gammavariate(1 / dispersion, dispersion) if dispersion > 0 else 1.0


def day(scenario: Scenario, outlook: Outlook, date: dt.date, rush: Rush) -> Day:
    """That day of the scenario, with the visitors that are likely to come, and its rush."""
    made = scenario.day(date)
    expected = (
        replace(one, per_hour=tuple(rush.get(one.office, 1.0) * rate for rate in one.per_hour))
        for one in streams(outlook, scenario.municipality, date)
    )
    demand = Demand(tuple(expected), scenario.service_times, scenario.habits)
    return replace(made, world=replace(made.world, demand=demand))
