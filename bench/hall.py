"""The bank's hall as the estimator sees it: who waits, who serves, all inferred from the replay.

The log does not say who is on duty or what they can do. It is inferred from the facts so far: a
server is on duty while they serve and for half an hour after their last call; they have the
services they have lately taken, but not one whose longest-waiting caller they have passed over.
"""

from collections import deque
from dataclasses import dataclass, field

from bench.queue_log import Arrived, Called, Caller, Fact, Finished, Left
from queueapp.core.discipline import Head
from queueapp.core.estimate import Knowledge, Line, Post, Present
from queueapp.core.matching import Server, Wish

OFFICE, LANGUAGE = "bank", "he"

CREDIT_S = {0: 0, 1: 90, 2: 180}
"""The log's description gives only priority 2 a head start, of 90 s. The calls of days 1 to 10 say
that each step is worth 90 s: across services, whose turn it is changes sharply there."""

GONE_S = 1800  # this long after the last call, a server is taken to have gone
LOST_S = 2400  # a service this long without an end: the end was not recorded
TO_COME_S = 900  # over how long arrivals are counted
PASSED_S = 5  # passed over by less than this, it may be the clocks


@dataclass(slots=True)
class _Agent:
    """One server as inferred: what they take, what they do since when."""

    services: set[str] = field(default_factory=set)
    serving: Caller | None = None
    since: float = 0.0


def wish(caller: Caller) -> Wish:
    return Wish(OFFICE, caller.service, (LANGUAGE,), credit_s=CREDIT_S[caller.priority])


class Hall:
    """Takes one fact after the other, learns from each, and tells the present at any moment."""

    def __init__(self) -> None:
        self.known = Knowledge()
        self.competence: dict[str, set[str]] = {}
        self.open()

    def open(self) -> None:
        """A new day begins: nobody waits, nobody is on duty."""
        self.waiting: dict[Wish, dict[int, Head]] = {}
        self.agents: dict[str, _Agent] = {}
        self.arrivals: dict[Wish, deque[float]] = {}

    # --- facts

    def take(self, fact: Fact) -> None:
        match fact:
            case Arrived(at, caller):
                self._arrived(at, caller)
            case Left(at, caller):
                self._off_line(caller)
                self.known.patience.learn(caller.service, at - caller.at, left=True)
            case Called():
                self._called(fact)
            case Finished():
                self._finished(fact)

    def _arrived(self, at: float, caller: Caller) -> None:
        asked = wish(caller)
        head = Head(caller.id, "", asked, at)
        self.waiting.setdefault(asked, {})[caller.id] = head
        self.arrivals.setdefault(asked, deque()).append(at)

    def _off_line(self, caller: Caller) -> None:
        line = self.waiting[wish(caller)]
        del line[caller.id]
        if not line:
            del self.waiting[wish(caller)]

    def _called(self, fact: Called) -> None:
        caller, waited_s = fact.caller, fact.at - fact.caller.at
        self._off_line(caller)
        self.known.patience.learn(caller.service, waited_s, left=False)
        agent = self._agent(fact)
        if agent.since and not agent.serving and waited_s:
            self.known.pauses.learn(fact.at - agent.since)
        agent.serving, agent.since = caller, fact.at
        agent.services.add(caller.service)
        if waited_s:
            agent.services -= self._passed_over(caller, fact.at)

    def _agent(self, fact: Called | Finished) -> _Agent:
        name = fact.server or f"caller {fact.caller.id}"  # not named: there for one call
        if name not in self.agents:
            self.agents[name] = _Agent(self.competence.setdefault(name, set()))
        return self.agents[name]

    def _passed_over(self, caller: Caller, now: float) -> set[str]:
        """Services with someone who would have been called before ``caller``."""
        since = caller.at - CREDIT_S[caller.priority] - PASSED_S
        return {
            asked.service
            for asked, line in self.waiting.items()
            if asked.service != caller.service
            and any(h.since < since and h.arrived_at < now - PASSED_S for h in line.values())
        }

    def _finished(self, fact: Finished) -> None:
        self.known.times.learn(fact.caller.service, LANGUAGE, fact.lasted_s)
        agent = self._agent(fact)
        if agent.serving is not fact.caller:
            return
        agent.serving, agent.since = None, fact.at
        if not fact.server:
            del self.agents[f"caller {fact.caller.id}"]

    # --- the present

    def present(self, now: float) -> Present:
        lines = [Line(list(line.values()), len(line)) for line in self.waiting.values()]
        groups = (f"hour {int(now) // 3600 % 24}",)
        return Present(now, lines, self._posts(now), self._to_come(now), groups)

    def _posts(self, now: float) -> list[Post]:
        return [
            _post(name, agent, now)
            for name, agent in self.agents.items()
            if now - agent.since <= (LOST_S if agent.serving else GONE_S)
        ]

    def _to_come(self, now: float) -> dict[Wish, float]:
        for times in self.arrivals.values():
            while times and times[0] < now - TO_COME_S:
                times.popleft()
        return {asked: len(times) / TO_COME_S for asked, times in self.arrivals.items() if times}


def _post(name: str, agent: _Agent, now: float) -> Post:
    """One who is not seen to serve pauses: a free one would have taken whoever has to wait."""
    server = Server(name, OFFICE, frozenset(agent.services), frozenset((LANGUAGE,)))
    if agent.serving:
        return Post(server, agent.since, (agent.serving.service, LANGUAGE))
    return Post(server, agent.since, pausing=True)
