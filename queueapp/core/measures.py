"""The definitions of every figure shown, computed from events alone.

``fold`` turns the log into visits; a column of :data:`COLUMNS` says one thing of a visit; a
:class:`Figure` is a count, share, mean or quantile of a column. So whoever computes the figures in
another way (``statistics`` does it in SQL over ten years of visits) computes the same ones. Every
page that shows a figure shows its definition, its denominator and its source with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from queueapp.core import events as e

SOON_S = 600
"""A visitor called within so many seconds was called soon: ten minutes."""


@dataclass(slots=True)
class Visit:
    """One visit, as the log tells it. Times in seconds since 1970; ``None`` where unknown.

    ``extra_wait_s`` is set by :func:`compare_waits`, which needs the other visits of the hour.
    """

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
    extra_wait_s: int | None = None

    @property
    def wait_s(self) -> int | None:
        """Waiting time in whole seconds: from the ticket's issue to the first call."""
        return None if self.called_at is None else max(0, round(self.called_at - self.issued_at))

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen to the visit."""
        return self.outcome is not None

    @property
    def served(self) -> bool:
        """Whether it was finished at a counter."""
        return self.outcome == "finished"

    @property
    def coded(self) -> bool:
        """Whether it was finished with what it was about and what came of it."""
        return self.served and bool(self.errands)

    @property
    def promise_error_s(self) -> int | None:
        """How much longer the wait was than the likely one promised; None where none was.

        Nothing was promised where nobody on duty had the competence.
        """
        if self.wait_s is None or not self.staffed or not self.promised:
            return None
        return self.wait_s - self.promised[1]

    @property
    def promise_kept(self) -> bool | None:
        """Whether the wait fell within the promised range, rounded outwards to whole minutes.

        So it was shown: nobody is told seconds, and no wait at all as less than a minute. None
        where nothing was promised, or nobody called.
        """
        if self.promise_error_s is None:
            return None
        low, _, high = self.promised
        return low // 60 * 60 <= (self.wait_s or 0) <= max(1, -(-high // 60)) * 60

    @property
    def in_first_language(self) -> bool:
        """Whether every errand was handled in the visitor's first language, by a speaker of it."""
        return all(
            errand["language"] == self.languages[0] and not errand["interpreter"]
            for errand in self.errands
        )

    @property
    def interpreted(self) -> bool:
        """Whether an interpreter was needed for any of it."""
        return self.way == "interpreter" or any(errand["interpreter"] for errand in self.errands)

    @property
    def within_soon(self) -> bool | None:
        """Whether it was called within ten minutes; who left before that was not.

        None while that is still open.
        """
        if self.wait_s is not None:
            return self.wait_s <= SOON_S
        return False if self.ended else None

    def resolved(self, owner: str | None = None) -> bool | None:
        """Whether all its errands were resolved; with ``owner``, all of that owner's.

        None where no such errand was recorded.
        """
        found = [one["outcome"] for one in self.errands if owner in {None, one.get("owner")}]
        return all(outcome == "resolved" for outcome in found) if found else None


# --- the log → visits ---------------------------------------------------------------------------


def fold(log: Iterable[e.Event]) -> list[Visit]:
    """The visits in ``log``, which is in sequence order.

    Events of a visit whose issue lies before the log's start are left out with the visit, so
    that a period holds whole visits: those issued in it.
    """
    return list(follow(log).values())


def follow(log: Iterable[e.Event]) -> dict[int, Visit]:
    """The same, by ticket, in order of issue."""
    visits: dict[int, Visit] = {}
    go_on(visits, log)
    return visits


def go_on(visits: dict[int, Visit], log: Iterable[e.Event]) -> None:
    """Let what ``log`` tells happen to ``visits``; those that begin in it are added."""
    for event in log:
        if event.ticket is None:
            continue
        if isinstance(event, e.TicketIssued):
            visits[event.ticket] = _begin(event)
        elif visit := visits.get(event.ticket):
            _apply(visit, event)


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


HOUR_S = 3600


def compare_waits(visits: Iterable[Visit], common: str) -> None:
    """Set each visit's ``extra_wait_s``: its wait less that of its hour's ``common`` visits.

    Like is compared with like: the mean wait of the called visits whose first language is
    ``common``, issued at the same office in the same hour. None for those themselves, for who was
    never called, and where that hour had nobody to compare with.
    """
    hours: dict[tuple[str, int], list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.wait_s is not None:
            hours[visit.office, int(visit.issued_at // HOUR_S)].append(visit)
    for there in hours.values():
        usual = mean([one.wait_s or 0 for one in there if one.languages[0] == common])
        for visit in there:
            if usual is not None and visit.languages[0] != common:
                visit.extra_wait_s = round((visit.wait_s or 0) - usual)


# --- what can be said of a visit ----------------------------------------------------------------

Column = Callable[[Visit], bool | int | None]

COLUMNS: dict[str, Column] = {
    "arrived": lambda visit: True,
    "open": lambda visit: not visit.ended,
    "called": lambda visit: visit.called_at is not None,
    "served": lambda visit: visit.served if visit.ended else None,
    "left": lambda visit: visit.outcome == "left" if visit.ended else None,
    "no_show": lambda visit: (
        visit.outcome == "no_show" if visit.outcome in {"no_show", "finished"} else None
    ),
    "unserved": lambda visit: not visit.served if visit.ended else None,
    "unmet": lambda visit: not visit.staffed,
    "within_soon": lambda visit: visit.within_soon,
    "coded": lambda visit: visit.coded if visit.served else None,
    "resolved": lambda visit: visit.resolved(),
    "resolved_own": lambda visit: visit.resolved("municipal"),
    "first_language": lambda visit: visit.in_first_language if visit.coded else None,
    "other_language": lambda visit: (
        not visit.in_first_language and not visit.interpreted if visit.coded else None
    ),
    "interpreter": lambda visit: visit.interpreted if visit.served else None,
    "video": lambda visit: visit.way == "video" if visit.served else None,
    "promise_kept": lambda visit: visit.promise_kept,
    "wait_s": lambda visit: visit.wait_s,
    "service_s": lambda visit: round(visit.served_s) if visit.served else None,
    "promise_error_s": lambda visit: visit.promise_error_s,
    "extra_wait_s": lambda visit: visit.extra_wait_s,
}
"""What is said of each visit: yes or no, or whole seconds; None where nothing can be said."""

SECONDS = frozenset(name for name in COLUMNS if name.endswith("_s"))
"""The columns in seconds; the others are yes or no."""


def quantile(values: Sequence[float], q: float) -> float | None:
    """The ``q`` quantile by linear interpolation (Hyndman & Fan 1996, type 7); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return sum(values) / len(values) if values else None


@dataclass(slots=True)
class Group:
    """The visits and the errands that a row of a table is about."""

    visits: list[Visit] = field(default_factory=list)
    errands: list[dict[str, Any]] = field(default_factory=list)

    def known(self, column: str) -> list[float]:
        """What a column says of those visits of which it says anything."""
        of = COLUMNS[column]
        return [value for visit in self.visits if (value := of(visit)) is not None]

    @property
    def waits(self) -> list[float]:
        """The waiting times of those who were called."""
        return self.known("wait_s")


# --- figures ------------------------------------------------------------------------------------


class Kind(StrEnum):
    """How a figure comes from its column."""

    COUNT = "count"  # of the visits of which it is true
    SHARE = "share"  # of those, among the visits of which anything is known
    MEAN = "mean"
    MEDIAN = "median"
    P90 = "p90"
    ERRANDS = "errands"  # the number of errands; no column
    RATE = "rate"  # the column's visits by something besides the visits: Figure.per


QUANTILES = {Kind.MEDIAN: 0.5, Kind.P90: 0.9}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its ``kind`` of ``column``, with what a reader must know of it.

    ``definition`` says what it is, ``among`` its denominator, ``source`` where the definition
    comes from. ``per``: what a rate is divided by (:class:`Outside`). ``coded``: it rests on what
    staff recorded, so nothing is concluded from it where too little was.
    """

    kind: Kind
    column: str
    definition: str
    among: str
    source: str
    per: str | None = None
    coded: bool = False

    def __call__(self, group: Group) -> float | None:
        """The figure of ``group``; None where nothing can be said, and for rates."""
        if self.kind is Kind.ERRANDS:
            return len(group.errands)
        known = group.known(self.column)
        match self.kind:
            case Kind.COUNT:
                return sum(known)
            case Kind.SHARE | Kind.MEAN:
                return mean(known)
            case Kind.MEDIAN | Kind.P90:
                return quantile(known, QUANTILES[self.kind])
        return None


QUEUEING = "Usual in queueing and contact centres (Gans, Koole & Mandelbaum 2003)"
OWN = "Kölapp"
MEMO = "The evaluation of 2004 and the memo of 2017: visits and errands, per area"

FIGURES: dict[str, Figure] = {
    "visits": Figure(
        Kind.COUNT,
        "arrived",
        "Tickets issued in the period. A visit moved between counters counts once.",
        "All tickets issued.",
        MEMO,
    ),
    "errands": Figure(
        Kind.ERRANDS,
        "",
        "Matters handled in those visits, as recorded when each visit was finished.",
        "All errands recorded.",
        MEMO,
    ),
    "visits_per_1000": Figure(
        Kind.RATE,
        "arrived",
        "Visits per 1,000 inhabitants: per home district, by who lives there; per office, by who "
        "lives in the office's own district. Scaled to a year.",
        "Inhabitants that year, as entered with their source.",
        MEMO,
        per="inhabitants",
    ),
    "visits_per_open_hour": Figure(
        Kind.RATE,
        "arrived",
        "Visits per hour in which at least one counter of the office was open.",
        "Open hours, from when counters were opened and closed.",
        OWN,
        per="open_hours",
    ),
    "visits_per_staff_hour": Figure(
        Kind.RATE,
        "arrived",
        "Visits per hour that somebody sat at an open counter.",
        "Staff hours, from when counters were opened, paused and closed.",
        OWN,
        per="staff_hours",
    ),
    "occupancy_share": Figure(
        Kind.RATE,
        "serving_s",
        "Time spent serving, as a share of the time that somebody sat at an open counter.",
        "Staff hours, from when counters were opened, paused and closed.",
        QUEUEING,
        per="staff_hours",
    ),
    "cost_per_visit": Figure(
        Kind.RATE,
        "served",
        "What the office cost, with staff and interpreters, per visit served.",
        "Visits served. The costs are those that were entered for the year.",
        OWN,
        per="cost",
    ),
    "called": Figure(
        Kind.COUNT, "called", "Visits called at least once.", "All tickets issued.", QUEUEING
    ),
    "served": Figure(
        Kind.COUNT,
        "served",
        "Visits that were finished at a counter.",
        "All tickets issued.",
        QUEUEING,
    ),
    "no_show": Figure(
        Kind.COUNT,
        "no_show",
        "Visits called where the visitor did not come.",
        "All tickets issued.",
        QUEUEING,
    ),
    "left": Figure(
        Kind.COUNT,
        "left",
        "Visits where the visitor left, or still waited at closing, before being served.",
        "All tickets issued.",
        QUEUEING,
    ),
    "open": Figure(
        Kind.COUNT,
        "open",
        "Visits that are not over yet. What will come of them is in no other figure.",
        "All tickets issued.",
        OWN,
    ),
    "wait_mean_s": Figure(
        Kind.MEAN,
        "wait_s",
        "Waiting time, from ticket to first call: the mean of those called.",
        "Visits called.",
        QUEUEING,
    ),
    "wait_median_s": Figure(
        Kind.MEDIAN,
        "wait_s",
        "Waiting time, from ticket to first call: half of those called waited less.",
        "Visits called.",
        QUEUEING,
    ),
    "wait_p90_s": Figure(
        Kind.P90,
        "wait_s",
        "Waiting time, from ticket to first call: nine of ten called waited less.",
        "Visits called.",
        QUEUEING,
    ),
    "within_10_share": Figure(
        Kind.SHARE,
        "within_soon",
        "Share of all who took a ticket that were called within ten minutes.",
        "All tickets issued, those who left included.",
        QUEUEING,
    ),
    "left_share": Figure(
        Kind.SHARE,
        "left",
        "Share of all who took a ticket that left, or still waited at closing.",
        "All visits that are over.",
        QUEUEING,
    ),
    "no_show_share": Figure(
        Kind.SHARE,
        "no_show",
        "Share of those whose turn came who did not come. Who left, also after a call, is not "
        "among them but among those who left.",
        "Visits served, and those called where the visitor did not come.",
        QUEUEING,
    ),
    "service_median_s": Figure(
        Kind.MEDIAN,
        "service_s",
        "Service time, from start to finish without interruptions: half took less.",
        "Visits served.",
        QUEUEING,
    ),
    "resolved_share": Figure(
        Kind.SHARE,
        "resolved",
        "Share of the visits where every errand was resolved at once, errands of other "
        "authorities included.",
        "Visits served whose errands were recorded.",
        OWN,
        coded=True,
    ),
    "resolved_own_share": Figure(
        Kind.SHARE,
        "resolved_own",
        "Share of the visits where every errand of the municipality's own was resolved at once.",
        "Visits served with an errand of the municipality's own recorded.",
        OWN,
        coded=True,
    ),
    "first_language_share": Figure(
        Kind.SHARE,
        "first_language",
        "Share of the served visits whose errands were all handled in the visitor's first "
        "language, without an interpreter.",
        "Visits served whose errands were recorded.",
        OWN,
        coded=True,
    ),
    "other_language_share": Figure(
        Kind.SHARE,
        "other_language",
        "Share of the served visits where an errand was handled in another language than the "
        "visitor's first, without an interpreter.",
        "Visits served whose errands were recorded.",
        OWN,
        coded=True,
    ),
    "interpreter_share": Figure(
        Kind.SHARE,
        "interpreter",
        "Share of the served visits where an interpreter was needed.",
        "Visits served.",
        OWN,
    ),
    "video_share": Figure(
        Kind.SHARE,
        "video",
        "Share of the served visits that were served by video from another office.",
        "Visits served.",
        OWN,
    ),
    "unserved_share": Figure(
        Kind.SHARE,
        "unserved",
        "Share of the visits that ended without being served at all.",
        "All visits that are over.",
        OWN,
    ),
    "by_video": Figure(
        Kind.COUNT, "video", "Visits served by video from another office.", "Visits served.", OWN
    ),
    "by_interpreter": Figure(
        Kind.COUNT, "interpreter", "Visits served with an interpreter.", "Visits served.", OWN
    ),
    "language_extra_wait_s": Figure(
        Kind.MEAN,
        "extra_wait_s",
        "How much longer those who ask for another language than Swedish wait than those who ask "
        "for Swedish, at the same office and in the same hour.",
        "Visits called for another language, in hours when somebody who asked for Swedish was "
        "called too.",
        OWN,
    ),
    "promise_kept_share": Figure(
        Kind.SHARE,
        "promise_kept",
        "Share of the called visits whose wait was within the range shown with the ticket. "
        "Four of five should be.",
        "Visits called that were promised a wait.",
        OWN,
    ),
    "promise_error_median_s": Figure(
        Kind.MEDIAN,
        "promise_error_s",
        "Waiting time less the likely wait shown with the ticket: half of the called visits had "
        "a smaller difference.",
        "Visits called that were promised a wait.",
        OWN,
    ),
    "unmet": Figure(
        Kind.COUNT,
        "unmet",
        "Tickets taken when nobody on duty had the competence asked for.",
        "All tickets issued.",
        OWN,
    ),
    "unmet_share": Figure(
        Kind.SHARE,
        "unmet",
        "Share of the tickets taken when nobody on duty had the competence asked for.",
        "All tickets issued.",
        OWN,
    ),
    "coded_share": Figure(
        Kind.SHARE,
        "coded",
        "Share of the served visits whose errands and outcomes were recorded. Where it is below "
        "four of five, nothing is concluded from them.",
        "Visits served.",
        OWN,
    ),
}
"""Figure name → what it is."""

ENOUGH_CODED = 0.8
"""The share of served visits that must have been coded before anything is concluded from it."""

DEFINITIONS: dict[str, str] = {name: figure.definition for name, figure in FIGURES.items()}


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


# --- staff time ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time during which a counter was open, or (``serving``) had a visitor who had come.

    In seconds since 1970. ``office`` is the counter's own, also where it serves another by video.
    """

    office: str
    begins: float
    ends: float
    serving: bool = False
    counter: str = ""


_OPENS = e.CounterOpened
_CLOSES = (e.CounterPaused, e.CounterClosed)
_ENDS_SERVICE = (e.TicketFinished, e.TicketParked, e.TicketReturned, e.TicketTransferred)


def stretches(log: Iterable[e.Event], until: float) -> list[Stretch]:
    """When counters were open and when they served, by ``log``, which is that of one day.

    A break is not open time. What has not ended by ``until`` is counted until then.
    """
    open_since: dict[str, tuple[str, float]] = {}
    serving_since: dict[str, tuple[str, float]] = {}
    found: list[Stretch] = []

    def end(running: dict[str, tuple[str, float]], counter: str, at: float) -> None:
        if counter in running:
            office, since = running.pop(counter)
            found.append(Stretch(office, since, at, running is serving_since, counter))

    for event in log:
        counter = event.counter
        if counter is None:
            continue
        if isinstance(event, (_OPENS, *_CLOSES)):
            end(open_since, counter, event.at)
            if isinstance(event, _OPENS):
                open_since[counter] = event.office, event.at
        elif isinstance(event, e.ServiceStarted) and counter in open_since:
            serving_since[counter] = open_since[counter][0], event.at
        elif isinstance(event, _ENDS_SERVICE):
            end(serving_since, counter, event.at)
    for running in (open_since, serving_since):
        for counter in list(running):
            end(running, counter, max(until, running[counter][1]))
    return found
