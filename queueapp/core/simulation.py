"""A day of the service centres, played through the rules that run live.

Visitors, staff and the rule go in; the events that the live system would have logged come out, so
that the same measures judge both. Chance lies in the arrivals alone (``core.arrivals``): the same
visitors, staff and policy always give the same events.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import heappop, heappush
from math import inf
from random import Random
from typing import Any

from queueapp.core import events as e
from queueapp.core.arrivals import Arrival, Demand, Detour, invent
from queueapp.core.discipline import Choice, Duty, Head, choose_next, turn
from queueapp.core.matching import Match, Server, Way, Wish, match, service_s

LOOK_AGAIN_S, LOOK_LATER_S = 15.0, 60.0
"""When somebody with nobody to call looks again: soon after something happened, then at times."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A staff member's day at a counter, in seconds after midnight.

    A break or the end that comes during a visit is taken after it.
    """

    server: Server
    begins: float
    ends: float
    breaks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class World:
    """A day to play: who works, who comes, and what there is.

    ``prefixes``: the letter before each office's ticket numbers; its initial where none is given.
    ``rooms``: video rooms per office; an office not named has no limit. ``midnight``: the day's
    beginning in seconds since 1970. Who still waits ``closes`` seconds after it has to leave.
    ``walk_s`` passes from the call until the service starts, ``no_show_s`` until the counter gives
    up. ``invented`` marks every event as such.
    """

    shifts: tuple[Shift, ...]
    demand: Demand
    rooms: Mapping[str, int]
    prefixes: Mapping[str, str] = field(default_factory=dict)
    closes: float = 86_400.0
    midnight: float = 0.0
    walk_s: float = 0.0
    no_show_s: float = 120.0
    invented: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """How visitors become wishes, and who is called. The defaults are the live system's.

    ``wish`` is asked when a visitor comes, when their patience with the narrower ways is over
    (``waited_s``), and when the only one who could serve them goes home. ``turn`` ranks the idle
    counters that would call: the lowest does.
    """

    name: str
    wish: Callable[[Arrival, Duty, float], Wish]
    choose: Callable[[Iterable[Head], Server, Duty, float], Choice | None] = choose_next
    turn: Callable[[Choice, Server, Duty, float], tuple[float, ...]] = turn


# Equal wishes are the same object, which makes finding them in a table much faster.
_wish = lru_cache(maxsize=10_000)(Wish)


def live_wish(arrival: Arrival, duty: Duty, waited_s: float) -> Wish:
    """What the visitor asks for at the kiosk, or has widened it to after ``waited_s``.

    An interpreter is offered at once where nobody on duty can do without.
    """
    way = Way.VIDEO if arrival.video else Way.HERE
    wish = _wish(arrival.office, arrival.service, arrival.languages, way, arrival.credit_s)
    alone = not any(match(wish, server) for server in duty.servers)
    # Whoever accepts a second language is offered that long before an interpreter.
    late = waited_s >= arrival.interpreter_after_s and len(arrival.languages) == 1
    if late or (alone and arrival.interpreter_after_s < inf):
        return replace(wish, way=Way.INTERPRETER)
    return wish


def simulate(world: World, policy: Policy, seed: int) -> list[e.Event]:
    """The events of one day with invented visitors; ``seed`` decides the day."""
    rng = Random(seed)  # noqa: S311 - a repeatable day, not a secret
    return play(world, policy, invent(world.demand, world.midnight, rng))


def play(world: World, policy: Policy, arrivals: Iterable[Arrival]) -> list[e.Event]:
    """The events of one day with these visitors, in order of time."""
    return _Day(world, policy, arrivals).run()


@dataclass(slots=True)
class _Visitor:
    arrival: Arrival
    head: Head
    waits: bool = True
    parked: bool = False


class _Day:
    """The state of the day: what has happened, who waits, who is idle since when."""

    def __init__(self, world: World, policy: Policy, arrivals: Iterable[Arrival]) -> None:
        self.world, self.policy = world, policy
        self.now = world.midnight
        self.log: list[e.Event] = []
        self.agenda: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self.visitors: dict[int, _Visitor] = {}
        self.lines: dict[Wish, list[Head]] = {}
        self.at_work: dict[str, Server] = {}  # those on a break included
        self.on_duty: dict[str, Server] = {}
        self.idle: dict[str, float] = {}
        self.rooms = dict(world.rooms)
        self.staff = self.duty = Duty((), self.rooms)
        self.stops: dict[str, float | None] = {}
        self.numbers: dict[str, int] = {}
        self.changed = self.looked = False
        self.next_look = world.midnight
        self.entries = 0
        for shift in world.shifts:
            self._at(world.midnight + shift.begins, self._begin, shift)
        for arrival in arrivals:
            self._at(arrival.at, self._arrive, arrival)
        self._at(world.midnight + world.closes, self._close_doors)

    def run(self) -> list[e.Event]:
        while self.agenda:
            self.now, _, action, about = heappop(self.agenda)
            action(*about)
            if self.changed and self.lines and self.idle:
                self._call_who_can()
            self.changed = self.looked = False
        return self.log

    def _at(self, at: float, action: Callable[..., None], *about: Any) -> None:
        self.entries += 1  # what falls at the same time happens in the order it was planned
        heappush(self.agenda, (at, self.entries, action, about))

    def _record(self, kind: type[e.Event], office: str, **told: Any) -> None:
        self.log.append(kind(at=self.now, office=office, invented=self.world.invented, **told))

    # --- visitors -----------------------------------------------------------------------------

    def _arrive(self, arrival: Arrival) -> None:
        ticket = len(self.visitors) + 1
        number = self.numbers[arrival.office] = self.numbers.get(arrival.office, 0) + 1
        wish = self.policy.wish(arrival, self.staff, 0.0)
        head = Head(ticket, f"{self._prefix(arrival.office)}{number}", wish, self.now)
        self.visitors[ticket] = _Visitor(arrival, head)
        self._queue(head)
        self._record(
            e.TicketIssued,
            arrival.office,
            ticket=ticket,
            number=head.number,
            service=arrival.service,
            languages=list(arrival.languages),
            way=str(wish.way),
            channel=arrival.channel,
            district=arrival.district,
            priority=arrival.priority,
            promised=[],
            staffed=any(match(wish, server) for server in self.duty.servers),
        )
        if arrival.patience_s < inf:
            self._at(self.now + arrival.patience_s, self._leave, ticket, "visitor")
        if arrival.interpreter_after_s < inf:
            self._at(self.now + arrival.interpreter_after_s, self._widen, ticket)

    def _prefix(self, office: str) -> str:
        return self.world.prefixes.get(office) or office[:1].upper()

    def _queue(self, head: Head) -> None:
        """Into the line of its class, at the place that the arrival gives."""
        insort(self.lines.setdefault(head.wish, []), head, key=lambda one: one.arrived_at)
        self.changed = True

    def _out_of_line(self, head: Head) -> None:
        line = self.lines[head.wish]
        line.remove(head)
        if not line:
            del self.lines[head.wish]

    def _leave(self, ticket: int, reason: str) -> None:
        visitor = self.visitors[ticket]
        if visitor.waits:
            self._out_of_line(visitor.head)
        # Whoever is away for a paper finds the doors closed.
        if visitor.waits or (visitor.parked and reason == "closing"):
            visitor.waits = visitor.parked = False
            self._record(e.TicketLeft, visitor.arrival.office, ticket=ticket, reason=reason)

    def _widen(self, ticket: int) -> None:
        """Ask the visitor again what they accept, now that the wait or the duty is another."""
        visitor = self.visitors[ticket]
        if not visitor.waits:
            return
        head = visitor.head
        wish = self.policy.wish(visitor.arrival, self.staff, self.now - head.arrived_at)
        if wish != head.wish:
            self._out_of_line(head)
            visitor.head = replace(head, wish=wish)
            self._queue(visitor.head)
            self._record(
                e.TicketWidened,
                wish.office,
                ticket=ticket,
                way=str(wish.way),
                languages=list(wish.languages),
            )

    def _close_doors(self) -> None:
        for ticket in self.visitors:
            self._leave(ticket, "closing")

    # --- staff --------------------------------------------------------------------------------

    def _begin(self, shift: Shift) -> None:
        midnight = self.world.midnight
        for begins, ends in shift.breaks:
            self._at(midnight + begins, self._stop, shift.server, ends - begins)
        self._at(midnight + shift.ends, self._stop, shift.server, None)
        self._open(shift.server)

    def _open(self, server: Server) -> None:
        self._record(e.CounterOpened, server.office, counter=server.counter)
        self.at_work[server.counter] = server
        self.on_duty[server.counter] = server
        self.idle[server.counter] = self.now
        self._set_duty()

    def _stop(self, server: Server, rest_s: float | None) -> None:
        """A break of so many seconds, or home: now, or after the visit or break under way."""
        if server.counter in self.idle:
            self._stand_up(server, rest_s)
        elif server.counter in self.at_work:
            self.stops[server.counter] = rest_s

    def _stand_up(self, server: Server, rest_s: float | None) -> None:
        del self.idle[server.counter], self.on_duty[server.counter]
        kind = e.CounterClosed if rest_s is None else e.CounterPaused
        self._record(kind, server.office, counter=server.counter)
        self._set_duty()
        if rest_s is None:
            self._go_home(server)
        else:
            self._at(self.now + rest_s, self._come_back, server)

    def _come_back(self, server: Server) -> None:
        """After a break: back to work, or home where the shift has ended meanwhile."""
        if server.counter in self.stops:
            del self.stops[server.counter]
            self._record(e.CounterClosed, server.office, counter=server.counter)
            self._go_home(server)
        else:
            self._open(server)

    def _go_home(self, server: Server) -> None:
        del self.at_work[server.counter]
        self._set_duty()
        self._offer_other_ways()

    def _offer_other_ways(self) -> None:
        """Somebody went home: whoever waits for their language is asked what else would do."""
        for wish in list(self.lines):
            if not any(match(wish, server) for server in self.at_work.values()):
                for head in list(self.lines[wish]):
                    self._widen(head.ticket)

    def _set_duty(self) -> None:
        self.changed = True
        asked = self.world.demand.shares
        # Rooms are taken and freed without notice: the duty sees them as they are.
        self.duty = Duty(tuple(self.on_duty.values()), self.rooms, asked)
        self.staff = Duty(tuple(self.at_work.values()), self.rooms, asked)

    # --- calls --------------------------------------------------------------------------------

    def _call_who_can(self) -> None:
        """Idle counters call until nobody is left to call, or until they hold back."""
        while self.lines and self.idle:
            offers = [
                (self._turn(choice, counter, since), counter, choice)
                for counter, since in self.idle.items()
                if (choice := self._choice(self.on_duty[counter]))
            ]
            if not offers:
                self._look_again()
                return
            _, counter, choice = min(offers, key=lambda offer: offer[:2])
            self._call(self.on_duty[counter], choice)

    def _choice(self, server: Server) -> Choice | None:
        heads = (line[0] for line in self.lines.values())
        return self.policy.choose(heads, server, self.duty, self.now)

    def _turn(self, choice: Choice, counter: str, since: float) -> tuple[float, ...]:
        return self.policy.turn(choice, self.on_duty[counter], self.duty, since)

    def _look_again(self) -> None:
        after = LOOK_LATER_S if self.looked else LOOK_AGAIN_S
        if self.now + after < self.next_look or self.next_look <= self.now:
            self.next_look = self.now + after
            self._at(self.next_look, self._look, self.next_look)

    def _look(self, planned: float) -> None:
        self.looked = self.changed = planned == self.next_look

    def _call(self, server: Server, choice: Choice) -> None:
        visitor, found = self.visitors[choice.head.ticket], choice.match
        visitor.waits = False
        self._out_of_line(choice.head)
        del self.idle[server.counter]
        self._occupy_room(visitor, found, -1)
        about = {"ticket": choice.head.ticket, "counter": server.counter}
        self._record(
            e.TicketCalled,
            visitor.arrival.office,
            **about,
            number=choice.head.number,
            way=str(found.way),
            language=found.language,
        )
        if visitor.arrival.comes:
            self._at(self.now + self.world.walk_s, self._start, server, visitor, found)
        else:
            self._at(self.now + self.world.no_show_s, self._miss, server, visitor, found)

    def _occupy_room(self, visitor: _Visitor, found: Match, change: int) -> None:
        office = visitor.arrival.office
        if found.way is Way.VIDEO and office in self.rooms:
            self.rooms[office] += change

    def _start(self, server: Server, visitor: _Visitor, found: Match) -> None:
        about = {"ticket": visitor.head.ticket, "counter": server.counter}
        self._record(e.ServiceStarted, visitor.arrival.office, **about)
        seconds = service_s(visitor.arrival.own_language_s, found)
        detour, until = visitor.arrival.detour, self.now + seconds
        # After closing time nobody is sent back into a line.
        if detour and until < self.world.midnight + self.world.closes:
            until -= seconds * (1 - detour.share)
            self._at(until, self._break_off, server, visitor, found, detour)
        else:
            self._at(until, self._finish, server, visitor, found)

    def _break_off(self, server: Server, visitor: _Visitor, found: Match, detour: Detour) -> None:
        """The visit leaves the counter before its end, and waits again now or later."""
        left_s = visitor.arrival.own_language_s * (1 - detour.share)
        service = detour.service or visitor.arrival.service
        visitor.arrival = replace(
            visitor.arrival, own_language_s=left_s, service=service, detour=None
        )
        self._record_detour(visitor, detour, counter=server.counter)
        if detour.away_s:
            visitor.parked = True
            self._at(self.now + detour.away_s, self._resume, visitor)
        else:
            self._wait_again(visitor)
        self._free(server, visitor, found)

    def _record_detour(self, visitor: _Visitor, detour: Detour, **told: Any) -> None:
        office, told = visitor.arrival.office, told | {"ticket": visitor.head.ticket}
        if detour.away_s:
            self._record(e.TicketParked, office, **told)
        elif detour.service:
            told |= {"service": detour.service, "languages": list(visitor.arrival.languages)}
            self._record(e.TicketTransferred, office, **told, from_office=office)
        else:
            self._record(e.TicketReturned, office, **told)

    def _resume(self, visitor: _Visitor) -> None:
        if visitor.parked:
            visitor.parked = False
            self._record(e.TicketResumed, visitor.arrival.office, ticket=visitor.head.ticket)
            self._wait_again(visitor)

    def _wait_again(self, visitor: _Visitor) -> None:
        """Back in the line, with the place the arrival gives."""
        visitor.waits = True
        wish = replace(visitor.head.wish, service=visitor.arrival.service)
        visitor.head = replace(visitor.head, wish=wish)
        self._queue(visitor.head)

    def _finish(self, server: Server, visitor: _Visitor, found: Match) -> None:
        errand = {
            "service": visitor.arrival.service,
            "owner": "municipal",
            "outcome": "resolved",
            "language": found.language,
            "interpreter": found.way is Way.INTERPRETER,
        }
        about = {"ticket": visitor.head.ticket, "counter": server.counter}
        self._record(e.TicketFinished, visitor.arrival.office, **about, errands=[errand])
        self._free(server, visitor, found)

    def _miss(self, server: Server, visitor: _Visitor, found: Match) -> None:
        about = {"ticket": visitor.head.ticket, "counter": server.counter}
        self._record(e.TicketNoShow, visitor.arrival.office, **about)
        self._free(server, visitor, found)

    def _free(self, server: Server, visitor: _Visitor, found: Match) -> None:
        self._occupy_room(visitor, found, +1)
        self.idle[server.counter] = self.now
        self.changed = True
        if server.counter in self.stops:
            self._stand_up(server, self.stops.pop(server.counter))
