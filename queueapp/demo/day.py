"""A day of invented visitors and staff, played against the running service through its API.

Who comes, when and for what follows from the seed alone; what then happens is up to the service
and to anybody who joins in by hand. Every request carries a token issued as invented, so every
visit is marked in the log. A refusal means that somebody else was first: the demonstration looks
again and goes on.
"""

import heapq
import itertools
import math
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from sqlalchemy import update

from queueapp import assumptions as assumed
from queueapp import tokens, write
from queueapp.assumptions import (
    ARRIVALS_PER_HOUR,
    HOUR,
    LONGEST_SERVICE,
    MEDIAN_OF_MEAN,
    MINUTE,
    NEVER_COMES,
    SECOND_LANGUAGE,
    SHORTEST_SERVICE,
    added,
    breaks,
    can,
    places,
    rush,
    spoken,
)
from queueapp.core.ticket import State
from queueapp.demo.ending import CannotPlay, Ending
from queueapp.models import Credential, db
from queueapp.municipality import (
    UNDISCLOSED_DISTRICT,
    Municipality,
    Office,
    Service,
    StaffMember,
)
from queueapp.web import accounts

Body = dict[str, Any]

DAY_BEGINS_AT = 8  # o'clock, in the played day

# Two of five counters stay free, so that a person can sit down and take part.
SHARE_OF_COUNTERS = 0.6
COUNTERS_AT_MOST = 8

WAITING_AT_OPENING = 3  # more than there are counters: a screen must have something to show

SPREAD = math.sqrt(2 * math.log(1 / MEDIAN_OF_MEAN))

IMPATIENT = 0.12  # of the visitors; about half of them are called before they give up
COMES_LATE = 0.03

LOOK_EVERY_REAL_S = 2.0  # at an idle counter, for visitors whom somebody else sent
AWAY = 5 * MINUTE
SERVICE_GONE_REAL_S = 30.0
TOKENS_OUTLIVE_REAL_S = HOUR


class Refused(Exception):
    """The service said no; ``code`` names the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- who comes, and who serves: decided by the seed alone ---------------------------------------


@dataclass(slots=True)
class Visitor:
    """An invented visitor. Times are seconds of the played day."""

    at: float
    office: str
    service: str
    languages: list[str]
    district: str
    channel: str
    service_s: float
    patience_s: float | None
    comes_at_call: int  # 1, 2, or 0: never
    detour: str
    errands: list[dict[str, str]]


@dataclass(slots=True)
class Desk:
    """A staff member's working day. ``counter`` is where they sit, once they do."""

    office: str
    staff: str
    breaks: list[tuple[float, float]]
    counter: str | None = None
    idle: bool = False
    calls: int = 0
    ticket: Body = field(default_factory=dict)
    step: int = 0


def desks(municipality: Municipality, hours: float, not_for_us: set[str]) -> list[Desk]:
    """Who works where: at every office in turn, whoever adds most to what it can serve."""
    free = _staff(municipality, not_for_us)
    offices = _places(municipality)
    found: list[Desk] = []
    for code in offices:
        here = [member for member in free if code in municipality.offices_of(member.name)]
        if here:
            colleagues = [
                municipality.staff_member(one.staff) for one in found if one.office == code
            ]
            best = max(here, key=lambda member: added(municipality, code, member, colleagues))
            free.remove(best)
            found.append(Desk(code, best.name, breaks(len(found), len(offices), hours * HOUR)))
    return found


def _staff(municipality: Municipality, not_for_us: set[str]) -> list[StaffMember]:
    """Those who serve visitors; whom a person is likely to sign in as comes in only at need."""
    able = [
        member
        for member in municipality.staff
        if member.role == "staff" and municipality.services_of(member.name)
    ]
    ours = [member for member in able if member.name not in not_for_us]
    needed = len(_places(municipality))
    # The first of them is whom the first look at the system suggests to sign in as.
    return ours[1:] if len(ours) > needed else ours or able


def _places(municipality: Municipality) -> list[str]:
    """The office of each counter to be used: first one at every office, then the second, …"""
    wanted = {
        office.code: max(1, round(office.counters * SHARE_OF_COUNTERS))
        for office in municipality.offices
    }
    return places(wanted)[: max(COUNTERS_AT_MOST, len(wanted))]


def visitors(
    municipality: Municipality, staffed: list[Desk], hours: float, seed: int
) -> list[Visitor]:
    """The day's visitors, earliest first. The same seed gives the same ones."""
    found: list[Visitor] = []
    for office in municipality.offices:
        team = [desk for desk in staffed if desk.office == office.code]
        chance = random.Random(f"{seed} {office.code}")  # noqa: S311 - nothing here is secret
        crowd = _Crowd(municipality, office, team, chance)
        times = [*_at_opening(len(team), chance), *_arrivals(len(team), hours, chance)]
        found += [crowd.visitor(at) for at in times]
    return sorted(found, key=lambda visitor: visitor.at)


def _at_opening(counters: int, chance: random.Random) -> Iterator[float]:
    number = counters + WAITING_AT_OPENING if counters else 0
    return (chance.uniform(15, 45) for _ in range(number))


def _arrivals(counters: int, hours: float, chance: random.Random) -> Iterator[float]:
    """A Poisson process whose rate follows the day, by thinning one with the highest rate."""
    highest = 2.0
    day = hours * HOUR
    mean_gap = HOUR / (ARRIVALS_PER_HOUR * highest * max(1, counters))
    at = MINUTE
    while counters and (at := at + chance.expovariate(1 / mean_gap)) < day:
        if chance.random() < rush(at / day) / highest:
            yield at


class _Crowd:
    """Whoever comes to one office, drawn from one stream of chance."""

    def __init__(
        self, municipality: Municipality, office: Office, team: list[Desk], chance: random.Random
    ) -> None:
        self._municipality, self._office, self._chance = municipality, office, chance
        served = {code for desk in team for code in municipality.services_of(desk.staff)}
        offered = municipality.services_at(office.code)
        self._services = [one for one in offered if one.code in served] or list(offered)

    def visitor(self, at: float) -> Visitor:
        chance = self._chance
        service = chance.choice(self._services)
        return Visitor(
            at=at,
            office=self._office.code,
            service=service.code,
            languages=self._languages(),
            district=assumed.lives(self._municipality, self._office, chance),
            channel=assumed.channel(self._office, chance),
            service_s=self._service_s(service),
            patience_s=chance.uniform(3, 20) * MINUTE if chance.random() < IMPATIENT else None,
            comes_at_call=self._comes_at_call(),
            detour=assumed.pick(chance, assumed.DETOURS),
            errands=assumed.errands(service, self._services, chance),
        )

    def _languages(self) -> list[str]:
        usual = self._municipality.default_language
        first = assumed.pick(self._chance, spoken(self._municipality))
        also = first != usual and self._chance.random() < SECOND_LANGUAGE
        return [first, usual] if also else [first]

    def _service_s(self, service: Service) -> float:
        median = service.typical_minutes * MINUTE * MEDIAN_OF_MEAN
        drawn = self._chance.lognormvariate(math.log(median), SPREAD)
        return min(max(drawn, SHORTEST_SERVICE), LONGEST_SERVICE)

    def _comes_at_call(self) -> int:
        drawn = self._chance.random()
        if drawn < NEVER_COMES:
            return 0
        return 2 if drawn < NEVER_COMES + COMES_LATE else 1


# --- the service --------------------------------------------------------------------------------


class Running:
    """The running service, over HTTP. A fault of the network is waited out; a refusal is not."""

    def __init__(self, address: str) -> None:
        self.address = address
        # The service is our own: whatever proxy the shell is set to use is not for it.
        self._client = httpx.Client(base_url=address, timeout=10, trust_env=False)
        self.patience_s = SERVICE_GONE_REAL_S

    def close(self) -> None:
        self._client.close()

    def check(self) -> None:
        """Raise :class:`CannotPlay` unless the service can serve."""
        try:
            answer = self._client.get("/readyz")
            body = answer.json()
            ready, database = body["status"] == "ok", body["database"]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, KeyError):
            raise CannotPlay(
                f"the service does not answer at {self.address}: start it with `queueapp run`"
            ) from None
        if not ready:
            raise CannotPlay(
                f"the service at {self.address} cannot serve now: its database is {database}"
            )

    def ask(self, token: str, method: str, path: str, body: Body | None = None) -> Any:
        """The answer's body (None where it has none), or :class:`Refused`."""
        answer = self._patiently(method, f"/api/v1{path}", body, token)
        if answer.status_code == 401:
            raise CannotPlay(
                f"the service at {self.address} does not know the demonstration's tokens: "
                "it uses another database or secret key, or they were revoked"
            )
        if answer.is_error:
            raise Refused(_problem(answer))
        return answer.json() if answer.content else None

    def _patiently(self, method: str, path: str, body: Body | None, token: str) -> httpx.Response:
        give_up = time.monotonic() + self.patience_s
        headers = {"Authorization": f"Bearer {token}"}
        while True:
            try:
                answer = self._client.request(method, path, json=body, headers=headers)
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
                fault = f"answers {answer.status_code}"
            except httpx.TransportError:
                fault = "does not answer any more"
            if time.monotonic() > give_up:
                raise CannotPlay(f"the service at {self.address} {fault}")
            time.sleep(0.5)


def _problem(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["type"]).rpartition("/")[2]
    except (ValueError, TypeError, KeyError):
        return str(answer.status_code)


@dataclass(slots=True)
class Keys:
    """The demonstration's tokens: a kiosk's by office, and each staff member's."""

    kiosks: dict[str, str]
    staff: dict[str, str]


@contextmanager
def invented_tokens(municipality: Municipality, team: list[Desk], valid_s: float) -> Iterator[Keys]:
    """Tokens that mark all that is done with them as invented; they end with the day."""
    now = time.time()
    with write.transaction() as connection:
        keys = Keys(
            {
                office.code: tokens.issue(
                    connection, "kiosk", f"demo-{office.code}", now,
                    office=office.code, invented=True, valid_s=valid_s,
                )
                for office in municipality.offices
            },
            {
                desk.staff: tokens.issue(
                    connection, "staff", desk.staff, now, invented=True, valid_s=valid_s
                )
                for desk in team
            },
        )  # fmt: skip
    try:
        yield keys
    finally:
        _revoke([*keys.kiosks.values(), *keys.staff.values()])


def _revoke(issued: list[str]) -> None:
    """By number and not by name: a person's own token for the same staff member stays valid."""
    credential = Credential.__table__
    numbers = [int(token.partition(".")[0]) for token in issued]
    with write.transaction() as connection:
        connection.execute(
            update(credential).where(credential.c.id.in_(numbers)).values(revoked_at=time.time())
        )


# --- the day ------------------------------------------------------------------------------------


class Clock:
    """When it is what time in the played day."""

    def __init__(self, speed: float, rest: Callable[[float], None]) -> None:
        self._speed, self._rest = speed, rest
        self._began = time.monotonic()

    def wait_until(self, at: float) -> None:
        """Until ``at``. Time lost to a slow or absent service is lost: nothing is rushed after."""
        ahead = self._began + at / self._speed - time.monotonic()
        self._rest(max(0.0, ahead))
        if ahead < -1:
            self._began -= ahead


@dataclass(slots=True)
class Tally:
    """What has happened so far."""

    issued: int = 0
    served: int = 0
    missing: int = 0
    left: int = 0
    refused: int = 0


class Day:
    """The played day: a heap of what is due when, done in turn by one thread."""

    def __init__(
        self,
        service: Running,
        municipality: Municipality,
        keys: Keys,
        team: list[Desk],
        speed: float,
        seed: int,
    ) -> None:
        self.tally = Tally()
        self.now = 0.0
        self._service, self._municipality = service, municipality
        self._keys, self._team, self._speed = keys, team, speed
        self._chance = random.Random(f"{seed} day")  # noqa: S311
        # The same visitors must get new tickets when they are played again.
        self._run = secrets.token_hex(8)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._visitors: dict[int, Visitor] = {}
        self._tokens: dict[int, str] = {}  # of those who have not finished
        self._waiting: set[int] = set()

    @property
    def waiting(self) -> int:
        """How many of the invented visitors wait now."""
        return len(self._waiting)

    def play(
        self,
        coming: list[Visitor],
        until: float,
        seen: Callable[[], None],
        rest: Callable[[float], None],
    ) -> None:
        """Play until closing time, with ``rest`` before and ``seen`` after whatever happens."""
        for place, desk in enumerate(self._team):
            self._plan(desk, float(place), self._sit_down)
        for visitor in coming:
            self._later(visitor.at, partial(self._arrive, visitor))
        clock = Clock(self._speed, rest)
        while self._due and self._due[0][0] <= until:
            at, _, action = heapq.heappop(self._due)
            clock.wait_until(at)
            self.now = at
            action()
            seen()

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + delay_s, next(self._count), action))

    # Visitors.

    def _arrive(self, visitor: Visitor) -> None:
        try:
            ticket = self._take_ticket(visitor)
        except Refused:
            self.tally.refused += 1
            return
        number = ticket["id"]
        self.tally.issued += 1
        self._visitors[number], self._tokens[number] = visitor, ticket["token"]
        self._waits(number)
        if visitor.patience_s is not None:
            self._later(visitor.patience_s, partial(self._give_up, number))

    def _take_ticket(self, visitor: Visitor) -> Body:
        path = f"/offices/{visitor.office}"
        wish = {"service": visitor.service, "languages": visitor.languages}
        body = wish | {
            "request_key": f"demo-{self._run}-{next(self._count)}",
            "district": visitor.district,
            "channel": visitor.channel,
            "way": self._way(path, wish),
        }
        kiosk = self._keys.kiosks[visitor.office]
        by_staff = next((d.staff for d in self._team if d.office == visitor.office), None)
        token = self._keys.staff[by_staff] if by_staff and visitor.channel == "staff" else kiosk
        ask = partial(self._ask, method="POST", path=f"{path}/tickets", body=body)
        try:
            ticket: Body = ask(token)
        except Refused as refused:
            # Staff may give out tickets at any hour: the day can be played when it is night.
            if refused.code != "office-closed" or by_staff is None:
                raise
            ticket = ask(self._keys.staff[by_staff])
        return ticket

    def _way(self, path: str, wish: Body) -> str:
        """Here or by video, wherever the visitor's language is spoken; else the next best."""
        first, *others = wish["languages"]
        if first == self._municipality.default_language:
            return "here"
        office = path.rpartition("/")[2]
        quotes = self._ask(self._keys.kiosks[office], "POST", f"{path}/quotes", wish)["quotes"]
        staffed = {one["way"]: one["language"] for one in quotes if one["staffed"]}
        own = [way for way in ("here", "video") if staffed.get(way) == first]
        if own:
            return own[0]
        return "here" if others or "interpreter" not in staffed else "interpreter"

    def _waits(self, number: int) -> None:
        """In the line, which is the whole municipality's; whoever sits idle notices."""
        self._waiting.add(number)
        for desk in self._team:
            if desk.idle:
                desk.idle = False
                self._plan(desk, self._chance.uniform(3, 15), self._look)

    def _give_up(self, number: int) -> None:
        if number in self._waiting:
            self._leave(number)

    def _leave(self, number: int) -> None:
        token = self._tokens.pop(number)
        self._waiting.discard(number)
        kiosk = self._keys.kiosks[self._visitors[number].office]
        with suppress(Refused):
            # A person may have called them: then they are no longer ours to take away.
            if self._ask(kiosk, "GET", f"/tickets/{token}")["state"] in {
                State.WAITING,
                State.PARKED,
            }:
                self._ask(kiosk, "DELETE", f"/tickets/{token}")
                self.tally.left += 1

    # Staff. Each desk has one next step at a time.

    def _plan(self, desk: Desk, delay_s: float, step: Callable[[Desk], None]) -> None:
        desk.step += 1
        number = desk.step
        self._later(delay_s, partial(self._do, desk, number, step))

    def _do(self, desk: Desk, number: int, step: Callable[[Desk], None]) -> None:
        if desk.step != number:  # something more urgent came between
            return
        desk.idle = False
        try:
            step(desk)
        except Refused as refused:
            self._refused(desk, refused.code)

    def _refused(self, desk: Desk, code: str) -> None:
        """Somebody joined in by hand. Their will is done, and the desk looks how things stand."""
        if code == "counter-busy":
            self._plan(desk, 5, self._go_on)
        elif desk.counter is None or code in {"counter-not-open", "counter-taken"}:
            desk.counter = None
            self._plan(desk, AWAY, self._sit_down)
        else:
            self._plan(desk, 20 if code == "wrong-state" else AWAY, self._look)

    def _sit_down(self, desk: Desk) -> None:
        counter = self._free_counter(desk)
        if counter is None:
            self._plan(desk, AWAY, self._sit_down)
            return
        self._set_counter(desk, counter, "open")
        desk.counter = counter
        self._plan(desk, self._chance.uniform(2, 10), self._look)

    def _free_counter(self, desk: Desk) -> str | None:
        """A closed counter, from the last one on; one more must be left for a person."""
        counters = self._municipality.counters(desk.office)
        closed = [code for code in counters if self._state(desk, code)["state"] == "closed"]
        return closed[-1] if len(closed) > 1 or closed == list(counters) else None

    def _look(self, desk: Desk) -> None:
        """Call the next visitor, unless it is time for a break."""
        if desk.breaks and desk.breaks[0][0] <= self.now:
            self._take_break(desk)
            return
        ticket = self._of_staff(desk, "POST", f"/counters/{desk.counter}/next")
        if ticket is None:
            desk.idle = True
            self._plan(desk, LOOK_EVERY_REAL_S * self._speed, self._look)
        else:
            desk.calls = 1
            self._called(desk, ticket)

    def _take_break(self, desk: Desk) -> None:
        _, length = desk.breaks.pop(0)
        self._set_counter(desk, str(desk.counter), "break")
        self._plan(desk, length, self._come_back)

    def _come_back(self, desk: Desk) -> None:
        self._set_counter(desk, str(desk.counter), "open")
        self._plan(desk, self._chance.uniform(2, 10), self._look)

    def _go_on(self, desk: Desk) -> None:
        """Take up the visitor who is at the counter: an answer got lost, or a person called."""
        seen = self._state(desk, str(desk.counter))
        ticket = seen["ticket"]
        if seen["staff"] != desk.staff:
            desk.counter = None
            self._plan(desk, AWAY, self._sit_down)
        elif ticket is None:
            self._plan(desk, 5, self._look)
        elif ticket["state"] == State.CALLED:
            desk.calls = 1
            self._called(desk, ticket)
        else:
            desk.ticket = ticket
            self._plan(desk, self._visitor(ticket).service_s, self._finish)

    def _called(self, desk: Desk, ticket: Body) -> None:
        desk.ticket = ticket
        self._waiting.discard(ticket["id"])
        visitor = self._visitor(ticket)
        if visitor.comes_at_call == desk.calls:
            first = self._return if visitor.detour == "return" else self._start
            self._plan(desk, self._chance.uniform(10, 50), first)
        elif desk.calls == 1:
            self._plan(desk, self._chance.uniform(60, 100), self._call_again)
        else:
            self._plan(desk, self._chance.uniform(60, 100), self._no_show)

    def _call_again(self, desk: Desk) -> None:
        self._verb(desk, "call-again")
        desk.calls = 2
        self._called(desk, desk.ticket)

    def _no_show(self, desk: Desk) -> None:
        self._verb(desk, "no-show")
        self.tally.missing += 1
        self._gone(desk)

    def _return(self, desk: Desk) -> None:
        self._visitor(desk.ticket).detour = ""
        self._verb(desk, "return")
        self._waits(desk.ticket["id"])
        self._plan(desk, self._chance.uniform(30, 60), self._look)

    def _start(self, desk: Desk) -> None:
        self._verb(desk, "start")
        visitor = self._visitor(desk.ticket)
        if visitor.detour in {"park", "transfer"}:
            first = self._park if visitor.detour == "park" else self._transfer
            visitor.detour = ""
            visitor.service_s /= 2
            self._plan(desk, visitor.service_s, first)
        else:
            self._plan(desk, visitor.service_s, self._finish)

    def _park(self, desk: Desk) -> None:
        self._verb(desk, "park")
        number = desk.ticket["id"]
        self._later(self._chance.uniform(*assumed.FETCHING), partial(self._resume, desk, number))
        self._plan(desk, self._chance.uniform(5, 20), self._look)

    def _resume(self, desk: Desk, number: int) -> None:
        with suppress(Refused):
            self._of_staff(desk, "POST", f"/tickets/{number}/resume")
            self._waits(number)

    def _transfer(self, desk: Desk) -> None:
        visitor = self._visitor(desk.ticket)
        office, service = self._elsewhere(visitor)
        self._verb(desk, "transfer", {"office": office, "service": service})
        visitor.office, visitor.service = office, service
        visitor.errands = [*visitor.errands[1:], {"service": service, "outcome": "resolved"}]
        self._waits(desk.ticket["id"])
        self._plan(desk, self._chance.uniform(5, 20), self._look)

    def _elsewhere(self, visitor: Visitor) -> tuple[str, str]:
        """Another service or office where somebody of ours can serve the visitor."""
        places = [
            (desk.office, service.code)
            for desk in self._team
            for service in self._municipality.services_at(desk.office)
            if (desk.office == visitor.office) != (service.code == visitor.service)
            and any(
                can(
                    self._municipality,
                    self._municipality.staff_member(desk.staff),
                    service.code,
                    language,
                )
                for language in visitor.languages
            )
        ]
        away = [place for place in places if place[0] != visitor.office]
        near = [place for place in places if place[0] == visitor.office]
        chosen = away if away and self._chance.random() < 0.4 else near or away
        return self._chance.choice(chosen or [(visitor.office, visitor.service)])

    def _finish(self, desk: Desk) -> None:
        self._verb(desk, "finish", {"errands": self._visitor(desk.ticket).errands})
        self.tally.served += 1
        self._gone(desk)

    def _gone(self, desk: Desk) -> None:
        self._tokens.pop(desk.ticket["id"], None)
        self._plan(desk, self._chance.uniform(10, 40), self._look)

    def _visitor(self, ticket: Body) -> Visitor:
        """The visitor with the ticket. One whom a person sent in is served like any other."""
        found = self._visitors.get(ticket["id"])
        if found is None:
            errands = [{"service": ticket["service"], "outcome": "resolved"}]
            found = self._visitors[ticket["id"]] = Visitor(
                self.now, ticket["office"], ticket["service"], ticket["languages"],
                UNDISCLOSED_DISTRICT, "kiosk", 7 * MINUTE, None, 1, "", errands,
            )  # fmt: skip
        return found

    # Closing time.

    def close(self) -> None:
        """Nobody is left at a counter, the counters close, and who still waits goes home."""
        self._service.patience_s = 3.0
        for desk in self._team:
            with suppress(Refused):
                self._close_desk(desk)
        for number in list(self._tokens):
            self._leave(number)

    def _close_desk(self, desk: Desk) -> None:
        if desk.counter is None:
            return
        seen = self._state(desk, desk.counter)
        if seen["staff"] != desk.staff:
            return
        desk.ticket = seen["ticket"] or {}
        with suppress(Refused):
            if desk.ticket.get("state") == State.SERVING:
                self._finish(desk)
            elif desk.ticket:
                self._verb(desk, "return")
        self._set_counter(desk, desk.counter, "closed")

    # Asking.

    def _ask(self, token: str, method: str, path: str, body: Body | None = None) -> Any:
        return self._service.ask(token, method, path, body)

    def _of_staff(self, desk: Desk, method: str, path: str, body: Body | None = None) -> Any:
        return self._ask(self._keys.staff[desk.staff], method, path, body)

    def _verb(self, desk: Desk, verb: str, body: Body | None = None) -> None:
        self._of_staff(desk, "POST", f"/tickets/{desk.ticket['id']}/{verb}", body)

    def _set_counter(self, desk: Desk, counter: str, state: str) -> None:
        self._of_staff(desk, "PUT", f"/counters/{counter}", {"state": state})

    def _state(self, desk: Desk, counter: str) -> Body:
        seen: Body = self._of_staff(desk, "GET", f"/counters/{counter}")
        return seen


# --- the command --------------------------------------------------------------------------------


def play_day(
    address: str, municipality: Municipality, *, speed: float, hours: float, seed: int
) -> None:
    """Play ``hours`` of a day, ``speed`` times faster than real, at the service at ``address``."""
    _check(speed, hours)
    console = Console(highlight=False, soft_wrap=True)
    with ExitStack() as stack:
        service = Running(address)
        stack.callback(service.close)
        service.check()
        team = desks(municipality, hours, _people())
        coming = visitors(municipality, team, hours, seed)
        ending = stack.enter_context(Ending())
        valid_s = hours * HOUR / speed + TOKENS_OUTLIVE_REAL_S
        keys = stack.enter_context(invented_tokens(municipality, team, valid_s))
        console.print(
            f"Invented visitors and staff at {address}, {speed:g} times faster than real."
        )
        console.print("Everything they do is marked as invented. Ctrl-C ends the day early.")
        day = Day(service, municipality, keys, team, speed, seed)
        interrupted = _play(day, coming, hours, console, ending)
    tally = day.tally
    console.print(
        f"{'Ended early' if interrupted else 'The day is over'}: {tally.issued} tickets, "
        f"{tally.served} served, {tally.missing} did not come, {tally.left} left."
    )
    if interrupted:
        raise click.exceptions.Exit(130)


def _check(speed: float, hours: float) -> None:
    if not 1 <= speed <= 3600:
        raise CannotPlay(f"--speed is {speed:g}: it must be from 1 to 3600")
    if not 0 < hours <= 24:
        raise CannotPlay(f"--hours is {hours:g}: it must be more than 0, and at most 24")


def _people() -> set[str]:
    """Those who have a password: a person may sit down as one of them at any moment."""
    with db.engine.connect() as connection:
        return accounts.with_password(connection)


def _play(day: Day, coming: list[Visitor], hours: float, console: Console, ending: Ending) -> bool:
    """Play and close the day; whether somebody ended it early."""
    try:
        with _progress(console, hours, day) as seen:
            day.play(coming, hours * HOUR, seen, ending.rest)
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    except CannotPlay:
        # Whatever can still be put in order is; what is wrong was said already.
        with suppress(CannotPlay):
            day.close()
        raise
    day.close()
    return interrupted


@contextmanager
def _progress(console: Console, hours: float, day: Day) -> Iterator[Callable[[], None]]:
    columns = (
        TextColumn("{task.fields[clock]}"),
        BarColumn(),
        TextColumn(
            "{task.fields[issued]} tickets · {task.fields[served]} served · "
            "{task.fields[waiting]} waiting"
        ),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=hours * HOUR, **_told(day))

        def seen() -> None:
            progress.update(task, completed=day.now, **_told(day))

        yield seen


def _told(day: Day) -> dict[str, Any]:
    minutes = int(day.now // MINUTE)
    clock = f"{(DAY_BEGINS_AT + minutes // 60) % 24:02}:{minutes % 60:02}"
    tally = day.tally
    return {
        "clock": clock,
        "issued": tally.issued,
        "served": tally.served,
        "waiting": day.waiting,
    }
