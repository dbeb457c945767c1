"""How well the simulator reproduces the logged period: the log beside its own replay.

The days are replayed in the world as it was: who sat at which counter and when is taken from the
log. With what competence is not in it, for it holds nobody's identity. That is guessed: the staff
of the configuration are given to the counters so that they agree best with the languages that
were spoken there, and with who is usually on duty.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from queueapp.core import events as e
from queueapp.core.matching import Server, Way
from queueapp.core.measures import KEYS, Visit, stretches
from queueapp.core.simulation import Shift
from queueapp.municipality import Municipality, StaffMember
from queueapp.planner import figures
from queueapp.planner.figures import DayTold
from queueapp.simulate import rota
from queueapp.simulate.scenario import Day

CLOSE_S, CLOSE_SHARE = 30.0, 0.01
"""A difference within this is none that matters, however sure it is."""

FIGURES = (
    "wait_mean_s",
    "wait_p90_s",
    "within_10_share",
    "left_share",
    "first_language_share",
    "video_share",
)

WHOLE = "all"

Known = Mapping[tuple[str, str], Collection[str]]
"""The figures of the log that may be shown, by dimension and group; of everybody by WHOLE."""

NOT_ON_DUTY = 3.0
"""Somebody who is usually off then is as unlikely as so many calls in an unknown language."""


# --- the world as it was --------------------------------------------------------------------------


def as_it_was(
    municipality: Municipality, day: Day, date: dt.date, log: Sequence[e.Event]
) -> Day | None:
    """The day with the counters staffed as its ``log`` says; None where it says nothing."""
    staffed = {
        counter: session
        for counter, session in sessions(log).items()
        if _known(municipality, counter)
    }
    if not staffed:
        return None
    spoken = _spoken(log)
    seated = _seated(municipality, date, staffed, spoken)
    midnight = day.world.midnight
    shifts = tuple(
        _shift(_server(municipality, counter, session, seated.get(counter), spoken), session)
        for counter, session in sorted(staffed.items())
    )
    moved = tuple(_from_midnight(shift, midnight) for shift in shifts)
    return replace(day, world=replace(day.world, shifts=moved))


@dataclass
class Session:
    """A counter's day: the times when somebody sat there, breaks left out, by beginning."""

    office: str
    spans: list[tuple[float, float]]


def sessions(log: Sequence[e.Event]) -> dict[str, Session]:
    """When each counter was open in a day's log; one left open counts until the log's end."""
    found: dict[str, Session] = {}
    for one in sorted(stretches(log, log[-1].at if log else 0.0), key=lambda one: one.begins):
        if not one.serving:
            session = found.setdefault(one.counter, Session(one.office, []))
            session.spans.append((one.begins, one.ends))
    return found


def _known(municipality: Municipality, counter: str) -> bool:
    return any(counter in municipality.counters(office.code) for office in municipality.offices)


def _spoken(log: Sequence[e.Event]) -> Mapping[str, Counter[str]]:
    """How often each counter called somebody in each language, without an interpreter."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for event in log:
        if isinstance(event, e.TicketCalled) and event.counter and event.way != Way.INTERPRETER:
            found[event.counter][event.language] += 1
    return found


def _seated(
    municipality: Municipality,
    date: dt.date,
    staffed: Mapping[str, Session],
    spoken: Mapping[str, Counter[str]],
) -> dict[str, StaffMember]:
    """Who sat at each counter, so far as can be guessed: the assignment that fits best."""
    staff, counters = rota.serving(municipality), sorted(staffed)
    misfit = np.array(
        [
            [_misfit(municipality, date, one, staffed[counter], spoken[counter]) for one in staff]
            for counter in counters
        ]
    )
    # Loaded only where it is needed: no serving process plays a plan.
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    pairs = zip(*linear_sum_assignment(misfit), strict=True)
    return {counters[row]: staff[column] for row, column in pairs}


def _misfit(
    municipality: Municipality,
    date: dt.date,
    member: StaffMember,
    session: Session,
    spoken: Mapping[str, int],
) -> float:
    """How badly the member fits what the log tells of the counter; languages not used count too."""
    calls = sum(spoken.values()) or 1
    unknown = sum(number for code, number in spoken.items() if code not in member.languages)
    unused = sum(code not in spoken for code in member.spoken)
    away = session.office not in municipality.offices_of(member.name)
    on_duty = not member.on_duty or any(h.weekday == date.isoweekday() for h in member.on_duty)
    return unknown + unused / (calls + 1) + NOT_ON_DUTY * (not on_duty) + calls * away


def _server(
    municipality: Municipality,
    counter: str,
    session: Session,
    member: StaffMember | None,
    spoken: Mapping[str, Counter[str]],
) -> Server:
    """The competence there: the member's, and whatever language was spoken there anyway."""
    used = frozenset(spoken[counter]) if counter in spoken else frozenset[str]()
    if member is None:
        everything = frozenset(service.code for service in municipality.services)
        known = used | {municipality.default_language}
        video = municipality.with_video_rooms
        return Server(counter, session.office, everything, known, by_video=video)
    seated = municipality.seated(counter, session.office, member.name)
    return replace(seated, languages=seated.languages | (used - seated.basic))


def _shift(server: Server, session: Session) -> Shift:
    breaks = tuple((one[1], other[0]) for one, other in pairwise(session.spans))
    return Shift(server, session.spans[0][0], session.spans[-1][1], breaks)


def _from_midnight(shift: Shift, midnight: float) -> Shift:
    return Shift(
        shift.server,
        shift.begins - midnight,
        shift.ends - midnight,
        tuple((begins - midnight, ends - midnight) for begins, ends in shift.breaks),
    )


# --- the comparison -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Replay:
    """The log's days and their replay. ``counters_known``: on how many the log tells who sat
    where.
    """

    logged: Sequence[DayTold]
    replayed: Sequence[DayTold]
    counters_known: int


def compare(replay: Replay, known: Known) -> dict[str, Any]:
    """The log beside the replay, figure by figure; ``fits`` where they agree, None if unsure."""
    return {
        "days": len(replay.logged),
        "counters_known": replay.counters_known,
        "rows": [
            row
            for (by, code), names in known.items()
            for row in _rows(by, code, [name for name in FIGURES if name in names], replay)
        ],
    }


def _is(by: str, code: str) -> Callable[[Visit], bool]:
    return lambda visit: by == WHOLE or KEYS[by](visit, None) == code


def _rows(by: str, code: str, names: Iterable[str], replay: Replay) -> list[dict[str, Any]]:
    keep = _is(by, code)
    logged, replayed = (figures.spread(days, keep) for days in (replay.logged, replay.replayed))
    told = figures.beside(logged, replayed)
    return [
        {
            "by": by,
            "group": code,
            "figure": name,
            "logged": told[name]["today"],
            "replayed": told[name]["changed"],
            "difference": told[name]["difference"],
            "interval": told[name]["interval_difference"],
            "fits": _fits(name, told[name]["difference"], told[name]["interval_difference"]),
        }
        for name in names
    ]


def _fits(name: str, difference: float | None, interval: Sequence[float] | None) -> bool | None:
    if difference is None:
        return None
    if abs(difference) <= (CLOSE_S if name.endswith("_s") else CLOSE_SHARE):
        return True
    return interval[0] <= 0 <= interval[1] if interval else None
