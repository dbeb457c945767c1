"""Who comes: visitors invented from rates and habits, or taken from the log of past days.

Everything that chance decides about a visitor is drawn here, before anybody is called: how long
their matter takes, what they accept, how long they have patience. So two rules can be compared on
the very same visitors, and a day is repeated by its seed.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import exp, inf, log, sqrt
from random import Random

from queueapp.core import events as e
from queueapp.core.learning import LogNormal
from queueapp.core.matching import Match, Way, own_language_s

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Detour:
    """What breaks a visit off, once, when ``share`` of its service time has passed.

    The visitor goes away for ``away_s`` to fetch something (parked), or waits again at once: for
    another ``service`` (transferred) or for the same (returned). What is left takes what is left
    of the time.
    """

    share: float = 0.5
    away_s: float = 0.0
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visitor who comes at ``at`` (seconds since 1970), and what they will accept.

    ``languages``: first the preferred one. ``own_language_s``: the service time in seconds in
    that language at a counter here. ``interpreter_after_s``: the wait after which they accept an
    interpreter, ``patience_s``: the wait after which they leave; infinite where never.
    ``comes``: whether they come when they are called. ``credit_s`` is what ``priority`` is worth.
    """

    at: float
    office: str
    service: str
    languages: tuple[str, ...]
    own_language_s: float
    video: bool = True
    interpreter_after_s: float = inf
    patience_s: float = inf
    comes: bool = True
    credit_s: int = 0
    district: str | None = None
    channel: str = "kiosk"
    priority: str | None = None
    detour: Detour | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Visitors alike: how many an hour come to ``office``, for each hour of the day from 0."""

    office: str
    service: str
    language: str
    per_hour: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """A service's time in the visitor's own language: log-normal, as service logs are."""

    mean_s: float
    variation: float = 0.9

    @property
    def law(self) -> LogNormal:
        """How service times are distributed."""
        return LogNormal.of_mean(self.mean_s, sqrt(log(1 + self.variation**2)))

    def draw(self, rng: Random) -> float:
        """One service time in seconds."""
        law = self.law
        return exp(rng.gauss(law.mu, law.sigma))


@dataclass(frozen=True, slots=True)
class Habits:
    """What visitors accept and do; every share is between 0 and 1.

    ``second_language``: of those who do not prefer ``common``, the share who also accept it.
    ``interpreter_after_s``: the wait after which those who accept an interpreter do so.
    ``patience_s``: the mean patience, exponential; None where everybody stays.
    """

    common: str = "sv"
    second_language: float = 0.5
    video: float = 1.0
    interpreter: float = 1.0
    interpreter_after_s: float = 1500.0
    patience_s: float | None = None
    no_show: float = 0.0


@dataclass(frozen=True)
class Demand:
    """What a day of visitors is invented from."""

    streams: tuple[Stream, ...]
    services: Mapping[str, ServiceTime]
    habits: Habits = field(default_factory=Habits)

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of the visitors who prefer each language."""
        daily: dict[str, float] = defaultdict(float)
        for stream in self.streams:
            daily[stream.language] += sum(stream.per_hour)
        whole = sum(daily.values()) or 1.0
        return {language: number / whole for language, number in daily.items()}


def invent(demand: Demand, midnight: float, rng: Random) -> Iterator[Arrival]:
    """The visitors of one day, by arrival: a Poisson process with the rate of each hour."""
    for hour in range(24):
        rates = [stream.per_hour[hour] for stream in demand.streams]
        heights = list(accumulate(rates))
        if not heights or not heights[-1]:
            continue
        at = rng.expovariate(heights[-1])
        while at < 1.0:
            stream = demand.streams[bisect(heights, rng.random() * heights[-1])]
            yield _visitor(demand, stream, midnight + (hour + at) * HOUR_S, rng)
            at += rng.expovariate(heights[-1])


def _visitor(demand: Demand, stream: Stream, at: float, rng: Random) -> Arrival:
    habits = demand.habits
    # Each visitor takes the same number of draws, so that a changed habit changes nothing else.
    second, video, interpreter, comes, patience = (rng.random() for _ in range(5))
    bilingual = stream.language != habits.common and second < habits.second_language
    return Arrival(
        at=at,
        office=stream.office,
        service=stream.service,
        languages=(stream.language, habits.common) if bilingual else (stream.language,),
        own_language_s=demand.services[stream.service].draw(rng),
        video=video < habits.video,
        interpreter_after_s=habits.interpreter_after_s if interpreter < habits.interpreter else inf,
        patience_s=inf if habits.patience_s is None else -habits.patience_s * log(1 - patience),
        comes=comes >= habits.no_show,
    )


@dataclass(slots=True)
class _Past:
    """A visit as far as the log has told it."""

    issued: e.TicketIssued
    match: Match | None = None
    started_at: float | None = None
    served_s: float = 0.0
    interpreter_after_s: float = inf
    patience_s: float = inf
    comes: bool = True


def demand_of(log_: Iterable[e.Event], typical_s: Mapping[str, float]) -> list[Arrival]:
    """The visitors of a log, as they would come again, by arrival.

    Their service time is what it would have been in their own language at a counter here; where
    the log does not tell it (who left or did not come) it is ``typical_s`` of the service.
    Whoever left before being called is taken to have had patience for just as long.
    """
    past: dict[int, _Past] = {}
    for event in log_:
        if isinstance(event, e.TicketIssued) and event.ticket is not None:
            past[event.ticket] = _Past(event)
        elif event.ticket in past:
            _follow(past[event.ticket], event)
    return sorted((_again(visit, typical_s) for visit in past.values()), key=lambda one: one.at)


def _follow(visit: _Past, event: e.Event) -> None:
    match event:
        case e.TicketCalled():
            visit.match = Match.logged(event.way, event.language, visit.issued.languages[0])
        case e.ServiceStarted():
            visit.started_at = event.at
        case e.TicketReturned() | e.TicketParked() | e.TicketTransferred() | e.TicketFinished():
            if visit.started_at is not None:
                visit.served_s += max(0.0, event.at - visit.started_at)
                visit.started_at = None
        case e.TicketWidened(way=Way.INTERPRETER):
            visit.interpreter_after_s = event.at - visit.issued.at
        case e.TicketNoShow():
            visit.comes = False
        case e.TicketLeft(reason="visitor"):
            visit.patience_s = event.at - visit.issued.at


def _again(visit: _Past, typical_s: Mapping[str, float]) -> Arrival:
    issued = visit.issued
    wide = issued.way == Way.INTERPRETER
    known = visit.match is not None and visit.served_s > 0
    return Arrival(
        at=issued.at,
        office=issued.office,
        service=issued.service,
        languages=tuple(issued.languages),
        own_language_s=own_language_s(visit.served_s, visit.match)
        if known and visit.match
        else typical_s[issued.service],
        video=issued.way != Way.HERE,
        interpreter_after_s=0.0 if wide else visit.interpreter_after_s,
        patience_s=visit.patience_s,
        comes=visit.comes,
        district=issued.district,
        channel=issued.channel,
        priority=issued.priority,
    )
