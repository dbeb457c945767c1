"""How long a wait will be, as a likely value and a range that four waits in five fall within.

Two steps. First the present is played forward a number of times: the counters finish whom they
serve and call the next by the very rule that calls in the live system, until it would be the
turn of somebody who came now. That is the only published way that is right for overlapping
competences. Then :class:`~queueapp.core.learning.Calibration` corrects what comes out by how
such forecasts have missed, beside the simplest sign of all: how many are ahead.

Nothing here is drawn at random. The paths are a Latin hypercube (McKay et al. 1979): over the
paths, each service time and each patience takes every part of its distribution once. The same
present gives the same answer, and one visitor more or less changes no other's times.
"""

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import heapify, heappop, heappush
from math import exp, inf, log, sqrt

from queueapp.core.discipline import USUAL_SHARE, Choice, Duty, Head
from queueapp.core.learning import (
    LEVELS,
    LONGEST_S,
    Asked,
    Calibration,
    Patience,
    Pauses,
    Quantiles,
    ServiceTimes,
    said_s,
    scaled,
)
from queueapp.core.matching import Server, Way, Wish, match, service_s

SERVICE_VARIATION = 0.9
"""Coefficient of variation of a service time. An assumption until it is learned from the log."""

_Z80 = 1.2816  # the standard normal's 90th percentile: 80 % lie between -z and z


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait in whole seconds: 80 % range and likely value."""

    low_s: int
    likely_s: int
    high_s: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a visitor is told: the wait, how many are ahead, and whether anybody on duty can.

    ``staffed``: somebody has the competence. ``in_time``: it will probably be the visitor's turn
    before whoever has it goes home. Without both nothing is promised, and the wait is that of
    one counter opened now.
    """

    wait: Wait
    ahead: int
    staffed: bool
    in_time: bool = True

    @property
    def promised(self) -> bool:
        """Whether the wait is a promise."""
        return self.staffed and self.in_time


# --- what is known at the moment of the question -------------------------------------------------

Rule = Callable[[Iterable[Head], Server, Duty, float], Choice | None]
"""Whom a server calls of these heads at this time: ``discipline.choose_next``."""


@dataclass(frozen=True, slots=True)
class Post:
    """A counter on duty, and since when what happens there now has gone on.

    ``serving`` is the service and language of the visitor who is there. Without one the counter
    is free and calls at once, or, with ``pausing``, has been between two visitors since then.
    ``room`` is the office in whose video room that visitor is. ``until`` is when the counter
    closes, where that is known.
    """

    server: Server
    since: float = 0.0
    serving: tuple[str, str] | None = None
    pausing: bool = False
    room: str | None = None
    until: float = inf


@dataclass(frozen=True, slots=True)
class Line:
    """The visitors of one class in order of arrival: the first of them, and how many in all.

    Of the rest the last came at ``last_at``, and the others evenly before.
    """

    heads: Sequence[Head]
    count: int
    last_at: float = 0.0

    def before(self, since: float) -> int:
        """How many of them came before ``since``, priorities counted."""
        if self.count > len(self.heads):
            return self.count  # all came before now, and only one who comes now asks
        return sum(head.since < since for head in self.heads)

    def everybody(self, first_ticket: int) -> Iterator[Head]:
        """The heads, then the rest, who get ticket numbers from ``first_ticket`` downwards."""
        yield from self.heads
        rest = self.count - len(self.heads)
        begin = self.heads[-1].arrived_at
        gap = (self.last_at - begin) / rest if rest > 0 else 0.0
        for n in range(1, rest + 1):
            yield replace(self.heads[-1], ticket=first_ticket - n, arrived_at=begin + n * gap)


@dataclass(frozen=True, slots=True)
class Present:
    """All that is known at ``now`` of who waits and who serves.

    ``arrivals`` gives classes' expected arrivals per second; only those whose priority lets
    them pass a visitor who came before them matter. ``rooms``: the free video rooms of each
    office; one not named has no limit. ``groups`` names what may make forecasts
    miss at this moment, such as the hour. ``came_at``: when the one who asks came, where that is
    not now: who waits already and might choose another way.
    """

    now: float
    lines: Sequence[Line]
    posts: Sequence[Post]
    arrivals: Mapping[Wish, float] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    rooms: Mapping[str, int] = field(default_factory=dict)
    came_at: float | None = None

    @property
    def arrival(self) -> float:
        """When the one who asks came."""
        return self.now if self.came_at is None else self.came_at

    def ahead_of(self, head: Head) -> "Present":
        """The present with only those who came before ``head``, who is in one of the lines."""
        lines = [
            Line(before, len(before))
            for line in self.lines
            if (before := [other for other in line.heads if other.since < head.since])
        ]
        return replace(self, lines=lines)


class Knowledge:
    """What has been learned so far (:mod:`queueapp.core.learning`).

    ``typical_s`` gives services' typical times in seconds, from which learning starts.
    """

    def __init__(self, typical_s: Mapping[str, float] | None = None) -> None:
        self.times = ServiceTimes(typical_s)
        self.pauses = Pauses()
        self.patience = Patience()
        self.calibration = Calibration(START)
        self.asked = Asked(USUAL_SHARE)


@dataclass(frozen=True, slots=True)
class Quote:
    """A forecast with what it was made from, so that its outcome can be learned from.

    ``told``: the wait by all that was learned, in the terms that are learned from.
    """

    forecast: Forecast
    signs: tuple[float, ...] = ()
    groups: tuple[str, ...] = ()
    told: Quantiles | None = None


# --- playing the present forward -----------------------------------------------------------------

PATHS = (13, 7, 3)
"""How many times the present is played: the more there is to play, the fewer. More than 13 costs
more and tells no more (docs/waits.md)."""

WORK = 3_000
"""About how many heads the rule is shown for one quote, over all paths. Bounds its cost."""

HORIZON_S = LONGEST_S
"""No wait is played further than this."""

HELD_BACK_S = 30.0
"""After how long a counter that the rule lets hold back asks again; a quarter of the time played,
where that is longer."""

ASKS = 4
"""How often the rule is asked at most for each call of a path, since some counters hold back."""

MOST_TO_COME = 50
"""Of one class, no more later arrivals than this are expected to pass a visitor."""

_LATER = 2**62  # the ticket ids of those who came now: after everybody of the same arrival


@lru_cache(maxsize=len(PATHS))
def _hypercube(paths: int) -> list[list[float]]:
    """Shuffled rows of the midpoints of ``paths`` equal parts of (0, 1)."""
    shuffled = random.Random(paths)  # noqa: S311 - a fixed table, not a secret
    points = [(at + 0.5) / paths for at in range(paths)]
    return [shuffled.sample(points, paths) for _ in range(1021)]


class _Draws:
    """One path's quantiles: fixed per visitor and counter, whoever else there is."""

    def __init__(self, path: int, paths: int) -> None:
        self._path = path
        self._rows = _hypercube(paths)

    def service(self, ticket: int) -> float:
        return self._of(4 * ticket)

    def patience(self, ticket: int) -> float:
        return self._of(4 * ticket + 1)

    def pause(self, ticket: int) -> float:
        return self._of(4 * ticket + 2)

    def post(self, at: int) -> float:
        return self._of(4 * at + 3)

    def _of(self, row: int) -> float:
        return self._rows[row % len(self._rows)][self._path]


def simulate(
    present: Present,
    targets: Sequence[Wish],
    known: Knowledge,
    rule: Rule,
    watched: Sequence[Head] = (),
) -> list[list[float]]:
    """The waits from now in seconds, sorted, one per path: of each of ``targets``, somebody who
    comes now, and then of each of ``watched``, who are in the lines.

    The targets do not wait for each other. A wait is the time at which a counter would call the
    target before anybody else; until then the target changes nothing for the others, so one
    path answers for all. It is infinite where everybody who could has gone home before.
    """
    paths = _how_many(present, targets)
    lines = _lines(present, targets)
    walks = [
        _Walk(present, lines, targets, known, rule, _Draws(at, paths), watched)
        for at in range(paths)
    ]
    limit = WORK // (paths * _heads(present, targets))
    waits = [walk.run(limit) for walk in walks]
    return [sorted(target) for target in zip(*waits, strict=True)]


def _how_many(present: Present, targets: Sequence[Wish]) -> int:
    calls = sum(line.count for line in present.lines) + len(present.posts)
    work = calls * _heads(present, targets)
    return next((paths for paths in PATHS if paths * work <= WORK), PATHS[-1])


def _heads(present: Present, targets: Sequence[Wish]) -> int:
    """How many heads the rule chooses among."""
    return len(present.lines) + len(targets)


def _lines(present: Present, targets: Sequence[Wish]) -> dict[Wish, list[Head]]:
    """Each class's visitors, with those who are still to come and will pass a target."""
    lines: dict[Wish, list[Head]] = {}
    ticket = 0
    for line in present.lines:
        if line.heads:
            lines[line.heads[0].wish] = list(line.everybody(ticket))
            ticket -= line.count
    least = min((wish.credit_s for wish in targets), default=0)
    for wish, per_s in present.arrivals.items():
        for n in range(min(MOST_TO_COME, round((wish.credit_s - least) * per_s))):
            ticket -= 1
            later = Head(ticket, "", wish, present.now + (n + 0.5) / per_s)
            lines.setdefault(wish, []).append(later)
    return lines


class _Walk:
    """One path from the present until every target would have been called."""

    def __init__(
        self,
        present: Present,
        lines: Mapping[Wish, Sequence[Head]],
        targets: Sequence[Wish],
        known: Knowledge,
        rule: Rule,
        draws: _Draws,
        watched: Sequence[Head] = (),
    ) -> None:
        self.present, self.known, self.rule, self.draws = present, known, rule, draws
        self.targets = [
            Head(_LATER + at, "", wish, present.arrival) for at, wish in enumerate(targets)
        ]
        self.awaited = {head.ticket: head for head in (*self.targets, *watched)}
        self.waits = dict.fromkeys(self.awaited, inf)
        # Rooms are taken and freed as the path goes on; the duty sees them as they are.
        self.rooms = dict(present.rooms)
        servers = tuple(post.server for post in present.posts)
        self.duty = Duty(servers, self.rooms, known.asked.shares())
        self.in_room = {at: post.room for at, post in enumerate(present.posts) if post.room}
        self.rest = {wish: iter(line) for wish, line in lines.items()}
        self.front = {wish: next(line) for wish, line in self.rest.items()}
        self.left = {line.heads[0].wish: line.count for line in present.lines if line.heads}
        self.calls = [0] * len(present.posts)
        self.free = [(self._freed(at, post), at) for at, post in enumerate(present.posts)]
        heapify(self.free)

    def run(self, limit: int) -> list[float]:
        """The wait of each target in seconds, from at most ``limit`` calls."""
        for _ in range(ASKS * limit):
            if not self.awaited or not self.free or sum(self.calls) >= limit:
                break
            at_s, at = heappop(self.free)
            self._leave_room(at)
            self._call(at_s, at)
        if self.awaited and self.free:
            self._extrapolate(self.free[0][0])
        return list(self.waits.values())

    def _freed(self, at: int, post: Post) -> float:
        """In how many seconds a counter will call."""
        elapsed = self.present.now - post.since
        if post.serving:
            left = self.known.times.of(*post.serving).remaining(self.draws.post(at), elapsed)
            return left + self.known.pauses.remaining(self.draws.pause(-at), 0.0)
        if post.pausing:
            return self.known.pauses.remaining(self.draws.post(at), elapsed)
        return 0.0

    def _call(self, at_s: float, at: int) -> None:
        """Counter ``at`` is free ``at_s`` seconds from now."""
        post, clock = self.present.posts[at], self.present.now + at_s
        if clock >= post.until:
            self._go_home(post)
            return
        if at_s >= HORIZON_S:
            self._give_up_on(post)
            return
        waiting = self._waiting(clock)
        choice = self.rule(waiting, post.server, self.duty, clock)
        if choice:
            heappush(self.free, (at_s + self._busy(choice, at_s, at), at))
        elif any(match(head.wish, post.server) for head in waiting):
            heappush(self.free, (at_s + max(HELD_BACK_S, at_s / 4), at))

    def _go_home(self, post: Post) -> None:
        """Nobody is left to this counter any more."""
        servers = tuple(server for server in self.duty.servers if server is not post.server)
        self.duty = replace(self.duty, servers=servers)

    def _give_up_on(self, post: Post) -> None:
        """Whoever still waits for this counter waits as long as is played."""
        for head in self.awaited.values():
            if match(head.wish, post.server):
                self.waits[head.ticket] = HORIZON_S

    def _waiting(self, clock: float) -> list[Head]:
        return [head for head in self.front.values() if head.arrived_at <= clock] + self.targets

    def _busy(self, choice: Choice, at_s: float, at: int) -> float:
        """For how long the chosen one takes up the counter that called."""
        head = choice.head
        if head.ticket in self.awaited:
            self._reached(head, at_s)
        if head.ticket >= _LATER:
            return 0.0
        self._take_out(head)
        if self._gave_up(head, at_s):
            return 0.0
        self.calls[at] += 1
        self._enter_room(at, choice)
        times = self.known.times.of(head.wish.service, choice.match.language)
        pause = self.known.pauses.remaining(self.draws.pause(head.ticket), 0.0)
        return service_s(times.at(self.draws.service(head.ticket)), choice.match) + pause

    def _reached(self, head: Head, at_s: float) -> None:
        self.waits[head.ticket] = at_s
        del self.awaited[head.ticket]
        self.targets = [other for other in self.targets if other is not head]

    def _enter_room(self, at: int, choice: Choice) -> None:
        office = choice.head.wish.office
        if choice.match.way is Way.VIDEO and office in self.rooms:
            self.rooms[office] -= 1
            self.in_room[at] = office

    def _leave_room(self, at: int) -> None:
        office = self.in_room.pop(at, None)
        if office in self.rooms:
            self.rooms[office] += 1

    def _take_out(self, head: Head) -> None:
        self.left[head.wish] = self.left.get(head.wish, 0) - 1
        following = next(self.rest[head.wish], None)
        if following:
            self.front[head.wish] = following
        else:
            del self.front[head.wish]

    def _gave_up(self, head: Head, at_s: float) -> bool:
        stays = -log(1 - self.draws.patience(head.ticket))
        if head.ticket in self.waits:  # what is told is the wait of one who stays
            return False
        return stays * self.known.patience.mean_s(head.wish.service) < at_s

    def _extrapolate(self, at_s: float) -> None:
        """What was not played to its end goes on at the pace so far.

        Somebody ahead whom ``k`` counters can serve takes ``1/k`` of a call from each of them.
        Where those have not called yet, they will at the usual pace from when they are free.
        """
        able = {wish: self._able(wish) for wish in self.left}
        for awaited in self.awaited.values():
            mine = self._able(awaited.wish)
            calls = sum(self.calls[at] for at in mine)
            ahead = sum(
                left * len(mine & able[wish]) / len(able[wish])
                for wish, left in self.left.items()
                if able[wish]
            )
            if calls:
                later = at_s * (1 + ahead / calls)
            else:
                pace_s = _mean_s(awaited.wish, self.known) / max(1, len(mine))
                later = self._first_free(mine) + ahead * pace_s
            self.waits[awaited.ticket] = min(HORIZON_S, later)

    def _first_free(self, posts: Collection[int]) -> float:
        """In how many seconds the first of those counters will call; infinite where none will."""
        return min((at_s for at_s, at in self.free if at in posts), default=inf)

    def _able(self, wish: Wish) -> frozenset[int]:
        posts = enumerate(self.present.posts)
        return frozenset(at for at, post in posts if match(wish, post.server))


# --- what a visitor is told ----------------------------------------------------------------------

START = (0.0, 1.0, 0.0, 0.0)
"""Before anything is learned, the played likely wait is believed as it is."""


def quotes(
    present: Present,
    wishes: Sequence[Wish],
    known: Knowledge,
    rule: Rule,
    watched: Sequence[Head] = (),
) -> list[Quote]:
    """What one who came now would be told of each of ``wishes``, from one simulation; then what
    each of ``watched``, who are in the lines, would be told of the rest of their wait.
    """
    played = simulate(present, wishes, known, rule, watched)
    asked = [(wish, present.arrival - wish.credit_s) for wish in wishes]
    asked += [(head.wish, head.since) for head in watched]
    return [
        _quote(present, wish, since, waits, known)
        for (wish, since), waits in zip(asked, played, strict=True)
    ]


def learn(known: Knowledge, quote: Quote, waited_s: float, left: bool = False) -> None:
    """The visitor who was given ``quote`` was called after ``waited_s``, or ``left``.

    Where nothing was promised, the wait says nothing about how well waits are told.
    """
    if quote.forecast.promised and quote.told:
        known.calibration.learn(quote.signs, quote.groups, quote.told, waited_s, left)


def _quote(
    present: Present, wish: Wish, since: float, waits: Sequence[float], known: Knowledge
) -> Quote:
    able = [post.server for post in present.posts if match(wish, post.server)]
    in_time = not able or waits[len(waits) // 2] < inf
    waits = [min(wait, HORIZON_S) for wait in waits]
    ahead = _ahead(present, wish, since, able or [_just_for(wish)])
    named = groups(wish.service, wish.languages[0], *present.groups)
    signs = _signs(waits, ahead)
    told = known.calibration.told(signs, named, known.patience.mean_s(wish.service))
    if able and in_time:
        wait = Wait(*map(round, said_s(told)))
    else:
        typical_s = known.times.of(wish.service, wish.languages[0]).at(0.5)
        wait = _range(ahead * typical_s, services=ahead)
    return Quote(Forecast(wait, ahead, bool(able), in_time), signs, named, told)


def groups(service: str, language: str, *more: str) -> tuple[str, ...]:
    """The names under which a promise is corrected beside the whole."""
    return (f"service {service}", f"language {language}", *more)


def _just_for(wish: Wish) -> Server:
    """A counter that could be opened for ``wish`` where there is none."""
    return Server("", wish.office, frozenset((wish.service,)), frozenset(wish.languages))


def _ahead(present: Present, wish: Wish, since: float, able: Sequence[Server]) -> int:
    """How many came before ``since``, of those who need the same counters."""
    return sum(
        line.before(since)
        for line in present.lines
        if any(match(line.heads[0].wish, server) for server in able)
    )


def _signs(waits: Sequence[float], ahead: int) -> tuple[float, ...]:
    """What the told wait is made of, each of order one and growing with the wait.

    The latest visitors' waits and the pace of calling were tried beside these; where the present
    has been played they add nothing (docs/waits.md).
    """
    played = (scaled(waits[int(len(waits) * level)]) for level in LEVELS)
    return (*played, log(ahead + 1) - 1)


# --- the quick forecast from counts alone --------------------------------------------------------


def quick(present: Present, wish: Wish, known: Knowledge) -> Quote:
    """What one who comes now with ``wish`` would be told, without signs to learn from."""
    return Quote(_of_counts(present, wish, known))


def _of_counts(present: Present, wish: Wish, known: Knowledge) -> Forecast:
    """The time until an able counter is free, plus the visitor's share of the work ahead: of a
    visitor ahead whom ``k`` counters can serve, each takes ``1/k``.
    """
    on_duty = tuple(post.server for post in present.posts)
    able = _those_able(on_duty)(wish)
    # Where nobody is able, the wait is that of a counter opened for it.
    those_able = _those_able(on_duty if able else (*on_duty, _just_for(wish)))
    mine = able or those_able(wish)
    ahead, work_s = 0, 0.0
    for line in present.lines:
        others = those_able(line.heads[0].wish)
        if shared := len(mine & others):
            ahead += line.count
            work_s += line.count * _mean_s(line.heads[0].wish, known) * shared / len(others)
    occupied = sum(present.posts[at].serving is not None for at in able)
    first_s = _mean_s(wish, known) / (len(able) + 1) if able and occupied == len(able) else 0.0
    wait = _range(first_s + work_s / len(mine), services=ahead + occupied)
    return Forecast(wait, ahead, bool(able))


@lru_cache(maxsize=100)
def _those_able(servers: tuple[Server, ...]) -> Callable[[Wish], frozenset[int]]:
    """The places of those who can serve a wish; the same few are asked for over and over."""

    @lru_cache(maxsize=1000)
    def able(wish: Wish) -> frozenset[int]:
        return frozenset(at for at, server in enumerate(servers) if match(wish, server))

    return able


def _mean_s(wish: Wish, known: Knowledge) -> float:
    return known.times.of(wish.service, wish.languages[0]).mean_s


def _range(mean: float, services: int) -> Wait:
    variance = log(1 + SERVICE_VARIATION**2 / max(1, services))
    median = mean / exp(variance / 2)
    spread = exp(_Z80 * sqrt(variance))
    return Wait(round(median / spread), round(median), round(median * spread))
