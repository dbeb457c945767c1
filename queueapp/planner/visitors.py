"""Where the visitors of a period go when the world is another.

Whatever chance decides about a visitor is drawn from the scenario's seed, the change and the
visitor alone, so that a change says nothing about those it does not concern.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from random import Random
from typing import Any

from queueapp.core.arrivals import Arrival
from queueapp.municipality import Municipality
from queueapp.outlook import planned
from queueapp.outlook.values import Outlook
from queueapp.planner.changes import Changed
from queueapp.planner.document import (
    Change,
    CloseOffice,
    Invented,
    OpeningHours,
    OpenOffice,
    Period,
    Scale,
    Scenario,
    Video,
)
from queueapp.simulate import rota
from queueapp.simulate import scenario as simulated
from queueapp.simulate.rota import Span

Days = dict[dt.date, list[Arrival]]
"""The visitors of each day."""

ONE_DAY = dt.timedelta(days=1)

ALIKE = 5
"""Of an office's visitors for a service in a language, fewer say little of those to come."""

HOME = "(home)"
"""Where those are who are served by video from home: an office with no counters, and with a code
that no real one can have.
"""

JITTER_S = 1800.0  # how far from the visitor it was made from an additional one may come


@dataclass
class Went:
    """The visitors of the changed world, and how many went where because of the changes."""

    days: Days
    told: Counter[str] = field(default_factory=Counter)


# --- who comes ------------------------------------------------------------------------------------


def invented(municipality: Municipality, asked: Invented, seed: int) -> Days:
    """Days of invented visitors. Their home districts are drawn by the number of inhabitants."""
    world = simulated.Scenario(municipality, per_day=asked.per_day)
    days: Days = {}
    for number, date in zip(range(asked.days), world.open_days(asked.first), strict=False):
        chance = Random(f"{seed} {number}")  # noqa: S311 - a repeatable day, not a secret
        homes = _homes(municipality, Random(f"{seed} {number} homes"))  # noqa: S311
        came = world.day(date).invented(chance)
        days[date] = [replace(arrival, district=next(homes)) for arrival in came]
    return days


def _homes(municipality: Municipality, chance: Random) -> Iterator[str | None]:
    told = [d for d in municipality.districts if d.population]
    people = list(accumulate(max(d.population, key=_year).inhabitants for d in told))
    codes = [d.code for d in told]
    while True:
        yield chance.choices(codes, cum_weights=people)[0] if codes else None


def _year(population: Any) -> int:
    return int(population.year)


def foreseen(
    municipality: Municipality,
    outlook: Outlook,
    period: Period,
    lately: Iterable[Arrival],
    seed: int,
) -> Days:
    """Visitors of days to come: how many, at which office and hour, for what and in which language
    is drawn from the forecast.

    All else about each is somebody's who came ``lately`` for the same; where nobody did it is
    drawn from ``assumptions``.
    """
    world, alike = simulated.Scenario(municipality), _Alike(lately)
    days: Days = {}
    for number in range((period.last - period.first).days + 1):
        date = period.first + number * ONE_DAY
        if any(day.open for office in outlook.offices for day in office.days if day.day == date):
            key = f"{seed} forecast {date}"
            rush = planned.rush(outlook, date, key)
            who = Random(f"{key} who")  # noqa: S311
            came = planned.day(world, outlook, date, rush).invented(Random(key))  # noqa: S311
            days[date] = [alike.to(arrival, who) for arrival in came]
    return days


class _Alike:
    """Those who came lately, to take the traits of visitors to come from."""

    def __init__(self, lately: Iterable[Arrival]) -> None:
        self._known: dict[tuple[str, ...], list[Arrival]] = defaultdict(list)
        for one in lately:
            for key in ((one.office,), *_kinds(one)):
                self._known[key].append(one)

    def to(self, drawn: Arrival, chance: Random) -> Arrival:
        """The visitor drawn, otherwise like somebody; always as many draws, whoever comes."""
        who, home = chance.random(), chance.random()
        here, anywhere = (self._known.get(key, []) for key in _kinds(drawn))
        some = here if len(here) >= ALIKE else anywhere
        neighbours = self._known.get((drawn.office,), [])
        district = neighbours[int(home * len(neighbours))].district if neighbours else None
        if not some:
            return replace(drawn, district=district)
        like = some[int(who * len(some))]
        district = like.district if like.office == drawn.office else district
        return replace(like, at=drawn.at, office=drawn.office, district=district)


def _kinds(one: Arrival) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the visitor comes for in which language, at this office and at any."""
    return (one.office, one.service, one.languages[0]), (one.service, one.languages[0])


def scaled(days: Days, scales: Sequence[Scale], seed: int) -> Days:
    """So many times as many visitors: some stay away, or come once more at about the same time."""
    for number, scale in enumerate(scales):
        days = {
            date: sorted(_scaled(came, scale, f"{seed} scale {number} {date}"), key=_at)
            for date, came in days.items()
        }
    return days


def _scaled(came: Sequence[Arrival], scale: Scale, key: str) -> Iterator[Arrival]:
    chance = Random(key)  # noqa: S311
    for arrival in came:
        concerned = scale.office in {None, arrival.office} and scale.language in {
            None,
            arrival.languages[0],
        }
        times, part = divmod(scale.factor if concerned else 1.0, 1)
        copies = int(times) + (chance.random() < part)
        for copy in range(copies):
            shift = chance.uniform(-JITTER_S, JITTER_S)
            yield replace(arrival, at=arrival.at + shift) if copy else arrival


def _at(arrival: Arrival) -> float:
    return arrival.at


# --- where they go --------------------------------------------------------------------------------

Choice = Callable[[dt.date, Arrival, Random], Arrival | None]
"""What becomes of a visitor of that day: as they come now, or None for who comes no more."""


def moved(days: Days, worlds: Sequence[Changed], scenario: Scenario) -> Went:
    """The visitors of the world after all changes; ``worlds`` are those before and after each."""
    went = Went({date: list(came) for date, came in days.items()})
    for number, change in enumerate(scenario.changes):
        if choices := _CHOICES.get(type(change)):
            after = worlds[number + 1].municipality
            move = Move(worlds[number].municipality, after, sorted(days), went.told)
            went.days = _each(went.days, choices(move, change), f"{scenario.seed} {number}", after)
    return went


def _each(days: Days, becomes: Choice, key: str, municipality: Municipality) -> Days:
    found: Days = {date: [] for date in days}
    for date, came in days.items():
        chance = Random(f"{key} {date}")  # noqa: S311
        for arrival in came:
            # One stream of chance a visitor: whatever one draws, it moves nobody else's.
            now = becomes(date, arrival, Random(chance.random()))  # noqa: S311
            if now is not None:
                found[_date(now, municipality)].append(now)
    return {date: sorted(came, key=_at) for date, came in found.items()}


def _date(arrival: Arrival, municipality: Municipality) -> dt.date:
    return dt.datetime.fromtimestamp(arrival.at, municipality.zone).date()


def without_rooms(days: Days, municipality: Municipality) -> Days:
    """Nobody is offered video where there is no room for it, as at the kiosk."""
    none = {office.code for office in municipality.offices if not office.video_rooms}
    return {
        date: [replace(one, video=False) if one.office in none else one for one in came]
        for date, came in days.items()
    }


@dataclass
class Move:
    """What a change's visitors meet: the municipality before and after it, on these days.

    ``told`` counts what became of how many.
    """

    before: Municipality
    after: Municipality
    dates: Sequence[dt.date]
    told: Counter[str]

    def opening(self, office: str, date: dt.date) -> Sequence[Span]:
        """When the office is open now."""
        return rota.opening(self.after, date)[office]

    def is_open(self, arrival: Arrival, office: str, date: dt.date) -> bool:
        """Whether the office is open now when the visitor comes."""
        at = arrival.at - rota.midnight(self.after, date)
        return any(opens <= at < closes for opens, closes in self.opening(office, date))

    def when_open(
        self, arrival: Arrival, office: str, date: dt.date, chance: Random
    ) -> Arrival | None:
        """The visitor at this office, when it is open: at another time where it is not then.

        On the same day where it opens then, any time as likely as another; else on the next day
        that it does. None where the period has no such day.
        """
        there = replace(arrival, office=office)
        if not self.after.offers(office, arrival.service):
            self.told["not_offered"] += 1
            return None
        if self.is_open(arrival, office, date):
            return there
        for other in (one for one in self.dates if one >= date):
            if spans := self.opening(office, other):
                self.told["other_time"] += 1
                at = rota.midnight(self.after, other) + _some_time(spans, chance)
                return replace(there, at=at)
        self.told["lost"] += 1
        return None


def _some_time(spans: Sequence[Span], chance: Random) -> float:
    """A moment within the spans, in seconds after midnight: each as likely as the others."""
    lengths = [closes - opens for opens, closes in spans]
    (opens, closes), *_ = chance.choices(spans, weights=lengths)
    return chance.uniform(opens, closes - 1.0)


def _open(move: Move, change: OpenOffice) -> Choice:
    def becomes(date: dt.date, arrival: Arrival, chance: Random) -> Arrival | None:
        if arrival.district not in change.districts or chance.random() >= change.takes:
            return arrival
        if not move.is_open(arrival, change.code, date):
            return arrival  # when it is closed one goes where one went before
        move.told["to_new"] += 1
        return replace(arrival, office=change.code)

    return becomes


def _close(move: Move, change: CloseOffice) -> Choice:
    def becomes(date: dt.date, arrival: Arrival, chance: Random) -> Arrival | None:
        if arrival.office != change.office:
            return arrival
        drawn = chance.random()
        if drawn < change.lost:
            move.told["lost"] += 1
            return None
        if drawn < change.lost + change.from_home:
            move.told["home"] += 1
            return replace(arrival, office=HOME, video=True)
        move.told["elsewhere"] += 1
        return move.when_open(arrival, change.to, date, chance)

    return becomes


def _hours(move: Move, change: OpeningHours) -> Choice:
    def becomes(date: dt.date, arrival: Arrival, chance: Random) -> Arrival | None:
        if arrival.office != change.office or date.isoweekday() not in change.weekdays:
            return arrival
        before = rota.opening(move.before, date)[change.office]
        new = rota.without(move.opening(change.office, date), before)
        if new and chance.random() < change.move:
            move.told["other_time"] += 1
            at = rota.midnight(move.after, date) + _some_time(new, chance)
            return replace(arrival, at=at)
        return move.when_open(arrival, change.office, date, chance)

    return becomes


def _video(move: Move, change: Video) -> Choice:
    del move

    def becomes(date: dt.date, arrival: Arrival, chance: Random) -> Arrival | None:
        del date
        concerned = change.office in {None, arrival.office} and change.rooms
        accepts = chance.random() < change.accept
        return replace(arrival, video=True) if concerned and accepts else arrival

    return becomes


_CHOICES: Mapping[type[Change], Callable[[Move, Any], Choice]] = {
    OpenOffice: _open,
    CloseOffice: _close,
    OpeningHours: _hours,
    Video: _video,
}
