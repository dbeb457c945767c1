"""The definitions of every figure shown, computed from events alone.

``fold`` turns the log into visits, ``figures`` turns visits into numbers. A figure's definition
stands in :data:`DEFINITIONS`, and every page that shows the figure shows its definition.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from queueapp.core import events as e


@dataclass(slots=True)
class Visit:
    """One visit, as the log tells it. Times in seconds since 1970; ``None`` where unknown."""

    office: str
    service: str
    languages: tuple[str, ...]
    channel: str
    way: str
    district: str | None
    issued_at: float
    invented: bool
    promised: tuple[int, ...] = ()
    staffed: bool = True
    called_at: float | None = None
    started_at: float | None = None
    served_s: float = 0.0
    ended_at: float | None = None
    outcome: str | None = None
    legs: int = 1
    errands: list[dict[str, Any]] = field(default_factory=list)

    @property
    def wait_s(self) -> float | None:
        """Waiting time: from the ticket's issue to the first call."""
        return None if self.called_at is None else max(0.0, self.called_at - self.issued_at)

    @property
    def promise_error_s(self) -> float | None:
        """How much longer the wait was than the likely one promised; None where none was.

        Nothing was promised where nobody on duty had the competence.
        """
        if self.wait_s is None or not self.staffed or not self.promised:
            return None
        return self.wait_s - self.promised[1]

    @property
    def promise_kept(self) -> bool:
        """Whether the wait fell within the promised range, rounded outwards to whole minutes.

        So it was shown: nobody is told seconds.
        """
        low, _, high = self.promised
        return low // 60 * 60 <= (self.wait_s or 0.0) <= -(-high // 60) * 60

    @property
    def in_first_language(self) -> bool:
        """Whether every errand was handled in the visitor's first language, by a speaker of it."""
        return all(
            errand["language"] == self.languages[0] and not errand["interpreter"]
            for errand in self.errands
        )


def fold(log: Iterable[e.Event]) -> list[Visit]:
    """The visits in ``log``, which is in sequence order.

    Events of a visit whose issue lies before the log's start are left out with the visit, so
    that a period holds whole visits: those issued in it.
    """
    visits: dict[int, Visit] = {}
    for event in log:
        if event.ticket is None:
            continue
        if isinstance(event, e.TicketIssued):
            visits[event.ticket] = _begin(event)
        elif visit := visits.get(event.ticket):
            _apply(visit, event)
    return list(visits.values())


def _begin(event: e.TicketIssued) -> Visit:
    return Visit(
        office=event.office,
        service=event.service,
        languages=tuple(event.languages),
        channel=event.channel,
        way=event.way,
        district=event.district,
        issued_at=event.at,
        invented=event.invented,
        promised=tuple(event.promised),
        staffed=event.staffed,
    )


def _apply(visit: Visit, event: e.Event) -> None:
    match event:
        case e.TicketCalled():
            visit.called_at = event.at if visit.called_at is None else visit.called_at
            visit.way = event.way
        case e.TicketWidened():
            visit.way = event.way
        case e.ServiceStarted():
            visit.started_at = event.at
        case e.TicketReturned() | e.TicketParked():
            _pause(visit, event.at)
        case e.TicketTransferred():
            _pause(visit, event.at)
            visit.legs += 1
        case e.TicketFinished():
            _pause(visit, event.at)
            visit.ended_at, visit.outcome, visit.errands = event.at, "finished", event.errands
        case e.TicketNoShow():
            visit.ended_at, visit.outcome = event.at, "no_show"
        case e.TicketLeft():
            visit.ended_at, visit.outcome = event.at, "left"


def _pause(visit: Visit, at: float) -> None:
    """Close the running stretch of service: parking and transfer do not count as service."""
    if visit.started_at is not None:
        visit.served_s += max(0.0, at - visit.started_at)
        visit.started_at = None


def quantile(values: Sequence[float], q: float) -> float | None:
    """The ``q`` quantile by linear interpolation (Hyndman & Fan 1996, type 7); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def share(values: Iterable[bool]) -> float | None:
    """The share of true ones; None of nothing."""
    found = list(values)
    return sum(found) / len(found) if found else None


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return sum(values) / len(values) if values else None


@dataclass(slots=True)
class Group:
    """The visits and the errands that a row of a table is about."""

    visits: list[Visit] = field(default_factory=list)
    errands: list[dict[str, Any]] = field(default_factory=list)

    @property
    def waits(self) -> list[float]:
        """The waiting times of those who were called."""
        return [wait for visit in self.visits if (wait := visit.wait_s) is not None]

    @property
    def promises(self) -> list[Visit]:
        """The called visits that were promised a wait."""
        return [visit for visit in self.visits if visit.promise_error_s is not None]

    def ended(self, outcome: str) -> list[Visit]:
        """The visits that ended in ``outcome``."""
        return [visit for visit in self.visits if visit.outcome == outcome]


FIGURES: dict[str, Callable[[Group], float | None]] = {
    "visits": lambda group: len(group.visits),
    "errands": lambda group: len(group.errands),
    "called": lambda group: len(group.waits),
    "served": lambda group: len(group.ended("finished")),
    "no_show": lambda group: len(group.ended("no_show")),
    "left": lambda group: len(group.ended("left")),
    "wait_mean_s": lambda group: mean(group.waits),
    "wait_median_s": lambda group: quantile(group.waits, 0.5),
    "wait_p90_s": lambda group: quantile(group.waits, 0.9),
    "service_median_s": lambda group: quantile(
        [visit.served_s for visit in group.ended("finished")], 0.5
    ),
    "promise_kept_share": lambda group: share(visit.promise_kept for visit in group.promises),
    "promise_error_median_s": lambda group: quantile(
        [visit.promise_error_s or 0.0 for visit in group.promises], 0.5
    ),
    "unmet": lambda group: sum(not visit.staffed for visit in group.visits),
    "by_video": lambda group: sum(visit.way == "video" for visit in group.ended("finished")),
    "by_interpreter": lambda group: sum(
        visit.way == "interpreter" for visit in group.ended("finished")
    ),
    "first_language_share": lambda group: share(
        visit.in_first_language for visit in group.ended("finished") if visit.errands
    ),
}
"""Figure name → its computation from the visits and errands of one group."""

DEFINITIONS: dict[str, str] = {
    "visits": "Tickets issued in the period. A visit moved between counters counts once.",
    "errands": "Matters handled in those visits, as recorded when each visit was finished.",
    "called": "Visits called at least once.",
    "served": "Visits that were finished at a counter.",
    "no_show": "Visits called where the visitor did not come.",
    "left": "Visits where the visitor left, or still waited at closing, before being served.",
    "wait_mean_s": "Waiting time, from ticket to first call: the mean of those called.",
    "wait_median_s": "Waiting time, from ticket to first call: half of those called waited less.",
    "wait_p90_s": "Waiting time, from ticket to first call: nine of ten called waited less.",
    "service_median_s": "Service time, from start to finish without interruptions: half took less.",
    "promise_kept_share": "Share of the called visits whose wait was within the range shown with "
    "the ticket. Four of five should be.",
    "promise_error_median_s": "Waiting time less the likely wait shown with the ticket: half of "
    "the called visits had a smaller difference.",
    "unmet": "Tickets taken when nobody on duty had the competence asked for.",
    "by_video": "Visits served by video from another office.",
    "by_interpreter": "Visits served with an interpreter.",
    "first_language_share": "Share of the served visits whose errands were all handled in the "
    "visitor's first language, without an interpreter.",
}


Key = Callable[[Visit, dict[str, Any] | None], str]
"""A dimension's value for a visit, or for one of its errands."""

KEYS: dict[str, Key] = {
    "office": lambda visit, _: visit.office,
    "district": lambda visit, _: visit.district or "unknown",
    "channel": lambda visit, _: visit.channel,
    "way": lambda visit, _: visit.way,
    # An errand has a service and a language of its own, which may differ from what the visitor
    # chose at the kiosk: errands are counted where they were handled.
    "service": lambda visit, errand: errand["service"] if errand else visit.service,
    "language": lambda visit, errand: errand["language"] if errand else visit.languages[0],
}
"""The dimensions that need no calendar; the days and hours of a timezone are added outside."""


def tabulate(visits: Iterable[Visit], keys: Sequence[Key]) -> dict[tuple[str, ...], Group]:
    """Visits and errands grouped by ``keys``, in sorted order."""
    groups: dict[tuple[str, ...], Group] = defaultdict(Group)
    for visit in visits:
        groups[tuple(key(visit, None) for key in keys)].visits.append(visit)
        for errand in visit.errands:
            groups[tuple(key(visit, errand) for key in keys)].errands.append(errand)
    return dict(sorted(groups.items()))


def figures(group: Group, names: Iterable[str]) -> dict[str, float | None]:
    """The named figures of ``group``; a figure that nothing can be said of is None."""
    return {name: FIGURES[name](group) for name in names}


FEWEST_CALLED = 10
"""A group with fewer called visits says too little to be called the worst."""


def worst_to_overall(groups: Iterable[Group], whole: Group) -> float | None:
    """The longest mean wait of a group, divided by the mean wait of all.

    1 where all groups wait alike. Groups with fewer than :data:`FEWEST_CALLED` called visits are
    left out; None where nothing remains, or nobody waited.
    """
    waits = [waits for group in groups if len(waits := group.waits) >= FEWEST_CALLED]
    overall = mean(whole.waits)
    return max(sum(one) / len(one) for one in waits) / overall if waits and overall else None
