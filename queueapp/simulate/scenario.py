"""A municipality's configuration → days to simulate: who works, who comes, and what for.

Who comes is invented from ``assumptions``, or given. A day is plain values, so that it can be sent
to another process.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from queueapp import assumptions as assumed
from queueapp.core.arrivals import HOUR_S, Arrival, Demand, Habits, ServiceTime, Stream, invent
from queueapp.core.simulation import World
from queueapp.municipality import SEARCH_DAYS, Municipality
from queueapp.simulate import rota
from queueapp.simulate.rota import Duty, Hours, Span


@dataclass(frozen=True)
class Day:
    """A day to simulate. ``given`` are its visitors; where it is None they are invented.

    ``open``: when each office is. ``leave``: when those who still wait there have to go.
    """

    world: World
    open: Hours
    leave: Mapping[str, float]
    given: tuple[Arrival, ...] | None = None

    def arrivals(self, chance: Random) -> Iterator[Arrival]:
        """The day's visitors, by arrival."""
        came = self.invented(chance) if self.given is None else self.given
        yield from map(self._until_closing, came)

    def invented(self, chance: Random) -> Iterator[Arrival]:
        """Visitors invented for the day, by arrival, while their office is open."""
        for arrival in invent(self.world.demand, self.world.midnight, chance):
            at = arrival.at - self.world.midnight
            if any(opens <= at < closes for opens, closes in self.open[arrival.office]):
                yield replace(arrival, own_language_s=likely_s(arrival.own_language_s))

    def _until_closing(self, arrival: Arrival) -> Arrival:
        """The world closes with the last office; in one that closes before, one leaves then."""
        stay_s = self.world.midnight + self.leave[arrival.office] - arrival.at
        if self.leave[arrival.office] == self.world.closes or arrival.patience_s <= stay_s:
            return arrival
        return replace(arrival, patience_s=stay_s)


def likely_s(seconds: float) -> float:
    """A drawn service time, within what is assumed to be possible."""
    return min(max(seconds, assumed.SHORTEST_SERVICE), assumed.LONGEST_SERVICE)


@dataclass(frozen=True)
class Scenario:
    """How days are made: the municipality, who is ill, and how many visitors are invented a day.

    ``per_day``: their mean number; where it is None it follows from the number of counters, so
    that it stays the same when the staff is another. ``times`` as many are invented then.
    """

    municipality: Municipality
    ill: frozenset[str] = frozenset()
    per_day: int | None = None
    times: float = 1.0
    # Most days are alike: what they share is made once, and sent to a process once.
    _demands: dict[object, Demand] = field(default_factory=dict, compare=False, repr=False)
    _rotas: dict[object, list[Duty]] = field(default_factory=dict, compare=False, repr=False)

    def day(self, date: dt.date, given: Sequence[Arrival] | None = None) -> Day:
        """The day on that date: with the visitors ``given``, or with invented ones.

        Where visitors are given outside of the opening hours, somebody must have been there.
        """
        midnight = rota.midnight(self.municipality, date)
        hours = rota.opening(self.municipality, date)
        met = _met(given or (), midnight)
        worked = {
            code: spans or [met[code]] for code, spans in hours.items() if spans or code in met
        }
        leave = {
            code: max(spans[-1][1], met.get(code, spans[-1])[1]) + assumed.AFTER_CLOSING
            for code, spans in worked.items()
        }
        longer = {code: (first, leave[code]) for code, (first, _) in met.items()}
        duties = rota.stretched(self._duties(date, worked), longer)
        world = World(
            shifts=tuple(duty.shift for duty in duties if duty.staff not in self.ill),
            demand=self._demand(hours),
            rooms=self._rooms,
            closes=max(leave.values(), default=rota.WHOLE_DAY[1]),
            midnight=midnight,
            prefixes={o.code: o.number_prefix for o in self.municipality.offices},
            walk_s=assumed.WALK,
            no_show_s=assumed.NO_SHOW_AFTER,
        )
        return Day(world, hours, leave, None if given is None else tuple(given))

    def open_days(self, first: dt.date) -> Iterator[dt.date]:
        """The dates from ``first`` on when any office is open; ends when none is for a year."""
        closed = 0
        while closed < SEARCH_DAYS:
            closed += 1
            if any(office.opening(first) for office in self.municipality.offices):
                closed = 0
                yield first
            first += dt.timedelta(days=1)

    @cached_property
    def _rooms(self) -> dict[str, int]:
        """How many video rooms each office has."""
        offices = self.municipality.offices
        return {office.code: len(office.video_rooms) for office in offices}

    @cached_property
    def habits(self) -> Habits:
        """What visitors accept and do."""
        return Habits(
            common=self.municipality.default_language,
            second_language=assumed.SECOND_LANGUAGE,
            video=assumed.ACCEPT_VIDEO,
            interpreter=assumed.ACCEPT_INTERPRETER,
            interpreter_after_s=assumed.INTERPRETER_AFTER,
            patience_s=assumed.PATIENCE,
            no_show=assumed.NEVER_COMES,
        )

    @cached_property
    def service_times(self) -> dict[str, ServiceTime]:
        """Each service's time, varying so much that the median is what is assumed of the mean."""
        variation = (1 / assumed.MEDIAN_OF_MEAN**2 - 1) ** 0.5
        typical = self.municipality.typical_s
        return {code: ServiceTime(mean_s, variation) for code, mean_s in typical.items()}

    def _duties(self, date: dt.date, hours: Hours) -> list[Duty]:
        midnight, next_one = (
            rota.midnight(self.municipality, date + dt.timedelta(days=days)) for days in (0, 1)
        )
        # The day's length too: it is another when the clocks are changed.
        key = (date.isoweekday(), next_one - midnight, _key(hours))
        if key not in self._rotas:
            self._rotas[key] = rota.duties(self.municipality, date, hours)
        return self._rotas[key]

    def _demand(self, hours: Hours) -> Demand:
        key = _key(hours)
        if key not in self._demands:
            streams = tuple(self._streams(hours))
            self._demands[key] = Demand(streams, self.service_times, self.habits)
        return self._demands[key]

    def _streams(self, hours: Hours) -> Iterator[Stream]:
        """Every service is asked for as often, and in every language as its speakers are many."""
        spoken = assumed.spoken(self.municipality)
        for office, rates in self._rates(hours).items():
            services = self.municipality.services_at(office)
            for service in services:
                for language, weight in spoken.items():
                    part = weight / sum(spoken.values()) / len(services)
                    if any(rates):
                        rate = tuple(part * rate for rate in rates)
                        yield Stream(office, service.code, language, rate)

    def _rates(self, hours: Hours) -> dict[str, list[float]]:
        """How many visitors an hour come to each office, hour by hour."""
        per_counter = assumed.ARRIVALS_PER_HOUR * assumed.COUNTERS_STAFFED * self.times
        rates = {
            office.code: [per_counter * office.counters * one for one in _busy(hours[office.code])]
            for office in self.municipality.offices
        }
        if self.per_day is None or not any(hours.values()):
            return rates
        scale = self.per_day / _expected(rates, hours)
        return {code: [scale * rate for rate in of_office] for code, of_office in rates.items()}


def _key(hours: Hours) -> tuple[object, ...]:
    return tuple((code, tuple(spans)) for code, spans in hours.items())


def _busy(spans: Sequence[Span]) -> list[float]:
    """How busy each hour of the day is; not at all while it is closed."""
    if not spans:
        return [0.0] * 24
    opens, day_s = spans[0][0], spans[-1][1] - spans[0][0]
    return [
        assumed.rush(((hour + 0.5) * HOUR_S - opens) / day_s) if _open_s(spans, hour) else 0.0
        for hour in range(24)
    ]


def _open_s(spans: Sequence[Span], hour: int) -> float:
    """For how many seconds of the hour it is open."""
    within = rota.common(spans, [(hour * HOUR_S, (hour + 1) * HOUR_S)])
    return sum(end - begin for begin, end in within)


def _expected(rates: Mapping[str, Sequence[float]], hours: Hours) -> float:
    """How many visitors the rates mean for the time that is open."""
    return sum(
        rate * _open_s(hours[code], hour) / HOUR_S
        for code, of_office in rates.items()
        for hour, rate in enumerate(of_office)
    )


def _met(given: Sequence[Arrival], midnight: float) -> dict[str, Span]:
    """When each office met the first and the last of the visitors given."""
    met: dict[str, Span] = {}
    for arrival in given:
        at = arrival.at - midnight
        first, last = met.get(arrival.office, (at, at))
        met[arrival.office] = (min(first, at), max(last, at + 1.0))
    return met
