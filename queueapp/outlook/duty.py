"""The forecast beside the rota: how much work comes, who is there, and who is missing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from queueapp.core.arrivals import HOUR_S
from queueapp.core.simulation import Shift
from queueapp.municipality import Municipality
from queueapp.outlook.planned import hour_span
from queueapp.outlook.values import DayOutlook, OfficeOutlook, Outlook
from queueapp.simulate import rota

OCCUPANCY = 0.8
"""The part of the staff's time that visits should take: with more of it, lines grow."""

SHORT = 0.25
"""What the rota lacks of a person is named from here on: less is a matter of minutes."""

FEWEST = 3.0
"""Visits in a language are named from here on, summed over the weeks: fewer would be about
single people.
"""

ServiceS = Callable[[str, str], float]
"""The mean service time in seconds of a service in a language."""

Slot = tuple[int, int]
"""A weekday (1 is Monday) and an hour of the clock."""


@dataclass(slots=True)
class Hour:
    """An hour of a weekday at an office, summed over ``days`` dates.

    ``needed``: staff for the work that comes; ``there``: staff by the rota, breaks not counted.
    """

    days: int = 0
    visits: float = 0.0
    needed: float = 0.0
    there: float = 0.0

    @property
    def each(self) -> "Hour":
        """One such hour, on the mean."""
        return Hour(1, self.visits / self.days, self.needed / self.days, self.there / self.days)

    @property
    def short(self) -> bool:
        """Whether the rota lacks anybody."""
        return (self.needed - self.there) / self.days >= SHORT


@dataclass(frozen=True, slots=True)
class Short:
    """Hours on end of a weekday when an office has too few by the rota."""

    office: str
    weekday: int
    first: int
    end: int
    visits: float
    needed: float
    there: float


@dataclass(frozen=True, slots=True)
class Unspoken:
    """Visits that will ask for a language when nobody on duty at the office speaks it well.

    ``visits``: in all of the weeks. ``weekday`` and ``hours`` (from, to) are None where they are
    too few to be named by the hour. ``others``: the offices where somebody on duty does speak it,
    and could help by video; none where this office has no video room.
    """

    office: str
    weekday: int | None
    hours: tuple[int, int] | None
    language: str
    visits: float
    others: tuple[str, ...]


@dataclass(slots=True)
class _Asked:
    visits: float = 0.0
    others: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Look:
    """What comes and who is there. ``told``: whether the configuration says when anybody works."""

    told: bool
    hours: dict[str, dict[Slot, Hour]]
    short: list[Short]
    unspoken: list[Unspoken]


def look(
    municipality: Municipality, outlook: Outlook, offices: Sequence[str], days: int, time: ServiceS
) -> Look:
    """Compare the first ``days`` days at the ``offices`` with the rota."""
    return _Comparison(municipality, outlook, time).look(offices, days)


class _Comparison:
    def __init__(self, municipality: Municipality, outlook: Outlook, time: ServiceS) -> None:
        self._municipality, self._outlook, self._time = municipality, outlook, time
        self._hours: dict[str, dict[Slot, Hour]] = defaultdict(lambda: defaultdict(Hour))
        self._asked: dict[tuple[str, str], dict[Slot, _Asked]] = defaultdict(
            lambda: defaultdict(_Asked)
        )
        self._rotas: dict[object, list[Shift]] = {}

    def look(self, offices: Sequence[str], days: int) -> Look:
        for code in offices:
            office = self._outlook.of(code)
            for day in office.days[:days] if office else ():
                if office and day.hours:
                    self._take(office, day)
        staff = rota.serving(self._municipality)
        return Look(
            told=any(member.on_duty for member in staff),
            hours={code: dict(self._hours[code]) for code in offices},
            short=[one for code in offices for one in self._short(code)],
            unspoken=[one for code in offices for one in self._unspoken(code)],
        )

    def _take(self, office: OfficeOutlook, day: DayOutlook) -> None:
        shifts = self._shifts(day.day)
        cells = office.cells(day)
        for hour, visits in day.hours.items():
            slot = (day.day.isoweekday(), hour)
            there = self._there(shifts, day.day, hour)
            one = self._hours[office.office][slot]
            one.days += 1
            one.visits += visits
            one.there += sum(part for shift, part in there if _at(shift) == office.office)
            for language, asked in _of_hour(cells, hour):
                one.needed += asked * self._work_s(office, language) / HOUR_S / OCCUPANCY
                self._ask(office.office, language, slot, asked, [shift for shift, _ in there])

    def _ask(
        self, office: str, language: str, slot: Slot, visits: float, there: Sequence[Shift]
    ) -> None:
        able = {_at(shift) for shift in there if language in shift.server.languages}
        # Where nobody at all is there, it is the hour that is named and not each language.
        if office not in able and any(_at(shift) == office for shift in there):
            asked = self._asked[office, language][slot]
            asked.visits += visits
            asked.others |= able if self._municipality.video_rooms(office) else set()

    def _work_s(self, office: OfficeOutlook, language: str) -> float:
        return sum(
            share * self._time(service, language) for service, share in office.services.items()
        )

    def _shifts(self, date: dt.date) -> list[Shift]:
        hours = rota.opening(self._municipality, date)
        key = (date.isoweekday(), *((code, tuple(spans)) for code, spans in hours.items()))
        if key not in self._rotas:
            duties = rota.duties(self._municipality, date, hours)
            self._rotas[key] = [duty.shift for duty in duties]
        return self._rotas[key]

    def _there(
        self, shifts: Sequence[Shift], date: dt.date, hour: int
    ) -> list[tuple[Shift, float]]:
        """Who is there for any of the hour, and for which part of what their office is open."""
        opening = rota.opening(self._municipality, date)
        span = hour_span(self._municipality, date, hour)
        found = []
        for shift in shifts:
            open_ = rota.common([span], opening[_at(shift)])
            worked = rota.common(open_, [(shift.begins, shift.ends)])
            worked_s = _length(worked) - _length(rota.common(worked, shift.breaks))
            if worked_s > 0:
                found.append((shift, worked_s / _length(open_)))
        return found

    def _short(self, office: str) -> Iterator[Short]:
        hours = self._hours[office]
        for weekday, first, end in _on_end([slot for slot in hours if hours[slot].short]):
            some = [hours[weekday, hour].each for hour in range(first, end)]
            visits, needed, there = (
                sum(part) / len(some)
                for part in zip(*((one.visits, one.needed, one.there) for one in some), strict=True)
            )
            yield Short(office, weekday, first, end, visits, needed, there)

    def _unspoken(self, office: str) -> Iterator[Unspoken]:
        """Where it is enough to name by weekday and hours; the rest over all of the weeks."""
        for (place, language), slots in self._asked.items():
            for video in (False, True) if place == office else ():
                alike = {slot: one for slot, one in slots.items() if bool(one.others) == video}
                rest = _Asked()
                for weekday, first, end in _on_end(list(alike)):
                    whole = _sum(alike[weekday, hour] for hour in range(first, end))
                    if whole.visits >= FEWEST:
                        yield _named(office, language, whole, weekday, (first, end))
                    else:
                        rest = _sum([rest, whole])
                if rest.visits >= FEWEST:
                    yield _named(office, language, rest)


def _named(
    office: str,
    language: str,
    asked: _Asked,
    weekday: int | None = None,
    hours: tuple[int, int] | None = None,
) -> Unspoken:
    return Unspoken(office, weekday, hours, language, asked.visits, tuple(sorted(asked.others)))


def _sum(some: Iterable[_Asked]) -> _Asked:
    whole = _Asked()
    for one in some:
        whole.visits += one.visits
        whole.others |= one.others
    return whole


def _at(shift: Shift) -> str:
    return shift.server.office


def _of_hour(cells: Mapping[tuple[int, str], float], hour: int) -> Iterator[tuple[str, float]]:
    return ((language, visits) for (at, language), visits in cells.items() if at == hour)


def _length(spans: Sequence[rota.Span]) -> float:
    return sum(end - begin for begin, end in spans)


def _on_end(slots: Sequence[Slot]) -> Iterator[tuple[int, int, int]]:
    """The slots as weekday, first hour and the end of hours that follow on each other."""
    ordered = sorted(slots)
    begin = None
    for place, (weekday, hour) in enumerate(ordered):
        begin = hour if begin is None else begin
        if place + 1 == len(ordered) or ordered[place + 1] != (weekday, hour + 1):
            yield weekday, begin, hour + 1
            begin = None
