"""How long counters were staffed, and how much of it they served: from the log alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from queueapp.core import events as e


@dataclass(slots=True)
class Workload:
    """Seconds in all. ``at_work_s`` holds the breaks too, ``signed_in_s`` does not."""

    at_work_s: float = 0.0
    signed_in_s: float = 0.0
    serving_s: float = 0.0


@dataclass(slots=True)
class Session:
    """A counter's day: when somebody sat there, breaks left out, each from when until when."""

    office: str
    spans: list[tuple[float, float]] = field(default_factory=list)
    since: float | None = None
    begun: float | None = None
    at_work_s: float = 0.0

    def sit(self, at: float) -> None:
        """Somebody sits down, or is back."""
        self.since = at if self.since is None else self.since
        self.begun = at if self.begun is None else self.begun

    def pause(self, at: float) -> None:
        """Somebody stands up."""
        if self.since is not None:
            self.spans.append((self.since, at))
            self.since = None

    def go(self, at: float) -> None:
        """Somebody goes home."""
        self.pause(at)
        if self.begun is not None:
            self.at_work_s += at - self.begun
            self.begun = None


def sessions(
    log: Iterable[e.Event], closing: Mapping[str, float] | None = None
) -> dict[str, Session]:
    """When each counter was staffed in a day's log; one left open counts until its last event.

    ``closing``: when each office closed. Whoever stayed on after that with nothing to do does not
    count as being there.
    """
    found: dict[str, Session] = {}
    last: dict[str, float] = {}
    for event in log:
        if event.counter is None:
            continue
        match event:
            case e.CounterOpened():
                found.setdefault(event.counter, Session(event.office)).sit(event.at)
            case e.CounterPaused() if event.counter in found:
                found[event.counter].pause(event.at)
            case e.CounterClosed() if event.counter in found:
                closed = (closing or {}).get(event.office, event.at)
                found[event.counter].go(min(event.at, max(closed, last[event.counter])))
        last[event.counter] = event.at
    for counter, session in found.items():
        session.go(last[counter])
    return found


def workloads(
    log: Iterable[e.Event], closing: Mapping[str, float] | None = None
) -> dict[str, Workload]:
    """The workload of each office's counters in a day's log, whoever's visitors they served.

    ``closing`` as for :func:`sessions`.
    """
    events = list(log)
    staffed = sessions(events, closing)
    found: dict[str, Workload] = defaultdict(Workload)
    for session in staffed.values():
        load = found[session.office]
        load.at_work_s += session.at_work_s
        load.signed_in_s += sum(end - begin for begin, end in session.spans)
    for counter, seconds in _served(events):
        if counter in staffed:
            found[staffed[counter].office].serving_s += seconds
    return dict(found)


def _served(log: Iterable[e.Event]) -> Iterable[tuple[str, float]]:
    """Each stretch of service: the counter, and its seconds."""
    begun: dict[int, tuple[str, float]] = {}
    for event in log:
        if event.ticket is None:
            continue
        match event:
            case e.ServiceStarted(counter=str(counter)):
                begun[event.ticket] = (counter, event.at)
            case e.TicketFinished() | e.TicketReturned() | e.TicketParked() | e.TicketTransferred():
                if event.ticket in begun:
                    counter, since = begun.pop(event.ticket)
                    yield counter, event.at - since
