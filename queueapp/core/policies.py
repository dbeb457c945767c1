"""The ways to run the line that are compared, and the bound that no rule can beat.

Only :func:`~queueapp.core.discipline.choose_next` ever calls a visitor. The others are how such
offices are usually run, to judge it by in the simulation.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from queueapp.core.arrivals import Arrival
from queueapp.core.discipline import Choice, Duty, Head, Reason, choose_next
from queueapp.core.matching import Match, Server, Way, Wish, match, service_s
from queueapp.core.simulation import Policy, World, live_wish

COMMON = "sv"
EVERYWHERE = "everywhere"


def longest_idle(
    choice: Choice, _server: Server, _duty: Duty, idle_since: float
) -> tuple[float, ...]:
    """Of idle counters the quickest way, and then the one idle longest."""
    return service_s(600.0, choice.match), idle_since


def first_come(able: Iterable[tuple[Head, Match]], now: float) -> Choice | None:
    """The one who came first."""
    first = min(able, key=lambda one: (one[0].since, one[0].ticket), default=None)
    return first and Choice(*first, Reason.LONGEST, now - first[0].arrived_at)


# (a) Each office alone, first come, first served; whoever shares no language gets an interpreter.


def any_language(arrival: Arrival, _duty: Duty, _waited_s: float) -> Wish:
    return Wish(arrival.office, arrival.service, arrival.languages, Way.INTERPRETER)


def first_here(heads: Iterable[Head], server: Server, _duty: Duty, now: float) -> Choice | None:
    found = ((head, match(head.wish, server)) for head in heads)
    return first_come(((h, m) for h, m in found if m and m.way is not Way.VIDEO), now)


# (b) Each office alone, with a line for each of its larger languages.


def per_language(world: World) -> Policy:
    lines = _counters_of_lines(world)
    kept = {(office, language) for office, language in lines.values()}

    def line_of(wish: Wish) -> tuple[str, str]:
        own = (wish.office, wish.languages[0])
        return own if own in kept else (wish.office, COMMON)

    def choose(heads: Iterable[Head], server: Server, duty: Duty, now: float) -> Choice | None:
        mine = (head for head in heads if line_of(head.wish) == lines[server.counter])
        return first_here(mine, server, duty, now)

    return Policy("queue per language", any_language, choose, longest_idle)


def _counters_of_lines(world: World) -> dict[str, tuple[str, str]]:
    """The line of each counter: in each office one counter in three has another language."""
    lines: dict[str, tuple[str, str]] = {}
    asked: dict[str, float] = defaultdict(float)
    for stream in world.demand.streams:
        asked[stream.language] += sum(stream.per_hour)
    for office in sorted({shift.server.office for shift in world.shifts}):
        servers = [shift.server for shift in world.shifts if shift.server.office == office]
        free = {server.counter: server for server in servers}
        for language in sorted(asked, key=lambda one: -asked[one]):
            able = [one for one in free.values() if language in one.languages]
            taken = len(servers) - len(free)
            if language != COMMON and able and taken < max(1, round(len(servers) / 3)):
                fewest = min(able, key=lambda one: (len(one.languages), one.counter))
                lines[fewest.counter] = (office, language)
                del free[fewest.counter]
        lines |= dict.fromkeys(free, (office, COMMON))
    return lines


# (c) Strict skills, pooled by video, first come, first served.


def first_language(arrival: Arrival, duty: Duty, _waited_s: float) -> Wish:
    way = Way.VIDEO if arrival.video else Way.HERE
    wish = Wish(arrival.office, arrival.service, arrival.languages[:1], way)
    if any(match(wish, server) for server in duty.servers):
        return wish
    return replace(wish, languages=arrival.languages, way=Way.INTERPRETER)


def first_anywhere(heads: Iterable[Head], server: Server, duty: Duty, now: float) -> Choice | None:
    found = ((head, match(head.wish, server)) for head in heads)
    return first_come(
        ((h, m) for h, m in found if m and (m.way is not Way.VIDEO or duty.room(h.wish.office))),
        now,
    )


# The bound: everyone speaks everything, there are no offices, first come, first served.


def without_bounds(world: World) -> World:
    languages = frozenset(stream.language for stream in world.demand.streams)
    return replace(
        world,
        shifts=tuple(
            replace(shift, server=replace(shift.server, office=EVERYWHERE, languages=languages))
            for shift in world.shifts
        ),
    )


def everywhere(arrival: Arrival, _duty: Duty, _waited_s: float) -> Wish:
    return Wish(EVERYWHERE, arrival.service, arrival.languages)


OURS, BOUND = "ours", "bound"
BASELINES = ALONE, PER_LANGUAGE, STRICT = (
    "(a) each office alone",
    "(b) queue per language",
    "(c) strict, pooled",
)


def arranged(name: str, world: World) -> tuple[World, Policy]:
    """The world and the policy of a compared way."""
    if name == BOUND:
        return without_bounds(world), Policy(name, everywhere, first_anywhere, longest_idle)
    if name == PER_LANGUAGE:
        return world, per_language(world)
    policies = {
        ALONE: Policy(name, any_language, first_here, longest_idle),
        STRICT: Policy(name, first_language, first_anywhere, longest_idle),
        OURS: Policy(name, live_wish, choose_next),
    }
    return world, policies[name]
