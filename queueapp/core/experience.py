"""What the events of the log teach about waits, one event after the other.

The live system learns from its own log, and so does anything else that has the same events. What
is known at a moment never depends on a later one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from queueapp.core import estimate
from queueapp.core import events as e
from queueapp.core.learning import Quantiles
from queueapp.core.matching import Match, own_language_s

_LONGEST_PAUSE_S = 1800.0  # a counter that rested longer than this was not about to call


@dataclass(slots=True)
class _Visit:
    """A visit under way, as far as its events have told.

    ``groups``: what its promise is corrected by. ``told``: the wait by what was known when it
    began; None where none was promised.
    """

    issued: e.TicketIssued
    groups: tuple[str, ...]
    told: Quantiles | None
    match: Match | None = None
    started_at: float | None = None
    served_s: float = 0.0
    called: bool = False
    transferred: bool = False


class Experience:
    """Turns events into knowledge.

    ``typical_s`` gives each service's typical time in seconds, to begin with; ``group_of`` names
    what may make promises miss at a time (seconds since 1970), such as the hour of the day.
    """

    def __init__(
        self, typical_s: Mapping[str, float], group_of: Callable[[float], str] = lambda _: ""
    ) -> None:
        self.known = estimate.Knowledge(typical_s)
        self._group_of = group_of
        self._visits: dict[int, _Visit] = {}
        self._freed: dict[str, float] = {}

    def take(self, event: e.Event) -> None:
        """Learn from the next event."""
        if isinstance(event, e.TicketIssued) and event.ticket is not None:
            groups = self.groups(event.service, event.languages[0], event.at)
            self._visits[event.ticket] = _Visit(event, groups, self._told(event, groups))
            self.known.asked.learn(event.languages[0])
        elif event.ticket is None:
            self._freed.pop(event.counter or "", None)
        elif visit := self._visits.get(event.ticket):
            self._follow(visit, event)

    def groups(self, service: str, language: str, at: float) -> tuple[str, ...]:
        """What a promise made at ``at`` is corrected by."""
        return estimate.groups(service, language, self._group_of(at))

    def _told(self, issued: e.TicketIssued, groups: tuple[str, ...]) -> Quantiles | None:
        """The wait by what is known here.

        Not what the log says was told: with an invented past, or after an update, whoever told
        that knew other things.
        """
        if not (issued.signs and issued.promised and issued.staffed):
            return None
        patience_s = self.known.patience.mean_s(issued.service)
        return self.known.calibration.told(issued.signs, groups, patience_s)

    def _follow(self, visit: _Visit, event: e.Event) -> None:
        match event:
            case e.TicketCalled():
                self._called(visit, event)
            case e.ServiceStarted():
                visit.started_at = event.at
            case e.TicketTransferred():
                # What is still to do is another matter; neither part tells how long one takes.
                visit.transferred, visit.started_at, visit.match = True, None, None
                self._free(event)
            case e.TicketReturned() | e.TicketParked():
                visit.served_s += self._served_s(visit, event.at)
                self._free(event)
            case e.TicketFinished() | e.TicketNoShow() | e.TicketLeft():
                self._ended(visit, event)

    def _called(self, visit: _Visit, event: e.TicketCalled) -> None:
        visit.match = Match.logged(event.way, event.language, visit.issued.languages[0])
        self._rested(visit, event)
        if not visit.called:
            visit.called = True
            self._promise_met(visit, event.at - visit.issued.at, left=False)

    def _rested(self, visit: _Visit, event: e.TicketCalled) -> None:
        """How long the counter was between two visitors, where the next one waited meanwhile."""
        freed = self._freed.pop(event.counter or "", None)
        if freed is not None and visit.issued.at <= freed:
            self.known.pauses.learn(min(_LONGEST_PAUSE_S, event.at - freed))

    def _promise_met(self, visit: _Visit, waited_s: float, left: bool) -> None:
        self.known.patience.learn(visit.issued.service, waited_s, left)
        issued = visit.issued
        # Who was called at once did not wait; the promise is about those who do.
        if visit.told and waited_s > 0:
            self.known.calibration.learn(issued.signs, visit.groups, visit.told, waited_s, left)

    def _served_s(self, visit: _Visit, at: float) -> float:
        begun, visit.started_at = visit.started_at, None
        return 0.0 if begun is None else max(0.0, at - begun)

    def _ended(self, visit: _Visit, event: e.Event) -> None:
        if isinstance(event, e.TicketLeft) and event.reason == "visitor" and not visit.called:
            self._promise_met(visit, event.at - visit.issued.at, left=True)
        if isinstance(event, e.TicketFinished) and event.reason == "served":
            seconds = visit.served_s + self._served_s(visit, event.at)
            if visit.match and seconds > 0 and not visit.transferred:
                own_s = own_language_s(seconds, visit.match)
                self.known.times.learn(visit.issued.service, visit.match.language, own_s)
        self._free(event)
        self._visits.pop(event.ticket or 0, None)

    def _free(self, event: e.Event) -> None:
        if event.counter is not None:
            self._freed[event.counter] = event.at
