"""Weekly schedules to choose from, and the covering model that chooses the shortest of them.

A schedule says how many work at each office, with which competence, in which weekly pattern. The
model (set covering, Dantzig 1954; Aykin 1996) is solved by HiGHS through scipy. It knows hours and
heads only; what waits come of them, the simulator tells (``staffing``).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from queueapp.municipality import Municipality, Office, StaffMember, parse, to_document
from queueapp.simulate import rota

SOLVE_AT_MOST_S = 20.0
CLOSE_ENOUGH = 0.01  # of the hours: a schedule that much longer than the shortest is taken

PERSON_H = 3.0
"""What one person more weighs against hours: of as many hours the fewer people are better."""

MISSED_H = 200.0
"""What it costs to miss a wished row by one person: more than a person's week."""

Half = tuple[int, int]
"""A weekday, and its first (0) or second (1) part."""

Span = tuple[dt.time, dt.time]


@dataclass(frozen=True)
class Profile:
    """A competence that somebody on the staff has: one may look for others who have it."""

    languages: tuple[tuple[str, str], ...]
    services: tuple[str, ...]
    offices: frozenset[str]

    @property
    def spoken(self) -> frozenset[str]:
        """The languages spoken well enough for any errand."""
        return frozenset(code for code, level in self.languages if level != "basic")


@dataclass(frozen=True)
class Column:
    """One person's week at an office. ``hours``: by weekday, from when until when."""

    office: str
    profile: Profile
    pattern: str
    halves: frozenset[Half]
    hours: tuple[tuple[int, Span], ...]

    @property
    def length_h(self) -> float:
        """How many hours a week."""
        return sum(_hours(span) for _, span in self.hours)


Roster = dict[Column, int]
"""How many work each week."""


def hours_a_week(roster: Mapping[Column, int]) -> float:
    """The hours of all of them."""
    return sum(column.length_h * number for column, number in roster.items())


# --- what there is to choose from -----------------------------------------------------------------


def profiles(municipality: Municipality) -> list[Profile]:
    """The competences on the staff, each once."""
    return list(dict.fromkeys(_profile(municipality, one) for one in rota.serving(municipality)))


def _profile(municipality: Municipality, member: StaffMember) -> Profile:
    return Profile(
        tuple(sorted(member.languages.items())),
        tuple(sorted(municipality.services_of(member.name))),
        municipality.offices_of(member.name),
    )


def columns(municipality: Municipality) -> list[Column]:
    """Every competence, at every office where it may work, in every pattern."""
    return [
        Column(office.code, profile, pattern, frozenset(halves), tuple(sorted(hours.items())))
        for office in municipality.offices
        for pattern, halves, hours in _patterns(office)
        for profile in profiles(municipality)
        if office.code in profile.offices
    ]


def _patterns(office: Office) -> Iterator[tuple[str, list[Half], dict[int, Span]]]:
    """The whole week, its first or second halves of the days, or one whole day of it."""
    week = _week(office)
    if not week:
        return
    first = {day: (opens, _middle(opens, closes)) for day, (opens, closes) in week.items()}
    second = {day: (_middle(opens, closes), closes) for day, (opens, closes) in week.items()}
    yield "week", [(day, half) for day in week for half in (0, 1)], week
    yield "first", [(day, 0) for day in week], first
    yield "second", [(day, 1) for day in week], second
    for day, span in week.items():
        yield f"day-{day}", [(day, 0), (day, 1)], {day: span}


def _week(office: Office) -> dict[int, Span]:
    """From when until when the office is open on each weekday, a closed lunch included."""
    found: dict[int, Span] = {}
    for hours in office.opening_hours:
        opens, closes = found.get(hours.weekday, (hours.opens, hours.closes))
        found[hours.weekday] = min(opens, hours.opens), max(closes, hours.closes)
    return dict(sorted(found.items()))


def _middle(opens: dt.time, closes: dt.time) -> dt.time:
    half_hours = round((_minutes(opens) + _minutes(closes)) / 60)
    return dt.time(half_hours // 2, 30 * (half_hours % 2))


def halves(municipality: Municipality) -> dict[str, list[Half]]:
    """The parts of the week in which each office is open."""
    return {
        office.code: [(day, half) for day in _week(office) for half in (0, 1)]
        for office in municipality.offices
    }


def half_of(municipality: Municipality, office: str, moment: dt.datetime) -> Half:
    """The part of the week in which a local moment falls at an office."""
    span = _week(municipality.office(office)).get(moment.isoweekday())
    late = span is not None and moment.time() >= _middle(*span)
    return moment.isoweekday(), int(late)


def _minutes(clock: dt.time) -> int:
    return 60 * clock.hour + clock.minute


def _hours(span: Span) -> float:
    return (_minutes(span[1]) - _minutes(span[0])) / 60


# --- a schedule as a municipality -----------------------------------------------------------------


def staffed(municipality: Municipality, roster: Mapping[Column, int]) -> Municipality:
    """The municipality with the roster's people instead of those who serve today."""
    document = to_document(municipality)
    serving = {member.name for member in rota.serving(municipality)}
    people = [one for one, number in roster.items() for _ in range(number)]
    document["staff"] = [m for m in document["staff"] if m["name"] not in serving] + [
        _person(f"plan-{number}", column) for number, column in enumerate(people, start=1)
    ]
    return parse(document)


def _person(name: str, column: Column) -> dict[str, Any]:
    return {
        "name": name,
        "display_name": name,
        "role": "staff",
        "services": list(column.profile.services),
        "offices": [column.office],
        "languages": dict(column.profile.languages),
        "on_duty": [
            {"weekday": day, "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}
            for day, (opens, closes) in column.hours
        ],
    }


# --- the model ------------------------------------------------------------------------------------

Counts = Callable[[Column], float]


@dataclass
class Model:
    """The shortest schedule that fulfils every row: so much of what it counts, at least.

    A row that is only ``wished`` may be missed, at a price: so the counters there are go to where
    they are missed most.
    """

    columns: Sequence[Column]
    counters: Mapping[str, int]
    _rows: list[np.ndarray[Any, Any]] = field(default_factory=list)
    _least: list[float] = field(default_factory=list)
    _wished: list[bool] = field(default_factory=list)

    def require(self, counts: Counts, least: float, *, wished: bool = False) -> None:
        """What ``counts`` gives for each person is at least so much in all."""
        self._rows.append(np.array([counts(column) for column in self.columns]))
        self._least.append(least)
        self._wished.append(wished)

    def fulfilled(self, roster: Mapping[Column, int]) -> bool:
        """Whether a schedule fulfils every row."""
        chosen = np.array([roster.get(column, 0) for column in self.columns])
        return all(
            row @ chosen >= least - 1e-9 for row, least in zip(self._rows, self._least, strict=True)
        )

    def solve(self) -> Roster | None:
        """The shortest schedule; None where the counters do not suffice for any."""
        weights = np.array([column.length_h + PERSON_H for column in self.columns])
        # One more variable for each row that is wished: by how much it is missed.
        missed = np.eye(len(self._rows))[:, self._wished]
        price = np.full(missed.shape[1], MISSED_H)
        seats, room = self._seats()
        none = np.zeros((len(seats), missed.shape[1]))
        # Loaded only where it is needed: no serving process plays a plan.
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

        found = milp(
            np.concatenate([weights, price]),
            integrality=np.concatenate([np.ones(len(weights)), np.zeros(len(price))]),
            bounds=Bounds(0, np.inf),
            constraints=[
                LinearConstraint(np.hstack([np.array(self._rows), missed]), lb=self._least),
                LinearConstraint(np.hstack([seats, none]), ub=room),
            ],
            options={"time_limit": SOLVE_AT_MOST_S, "mip_rel_gap": CLOSE_ENOUGH},
        )
        if found.x is None:
            return None
        numbers = [round(number) for number in found.x[: len(weights)]]
        return {c: number for c, number in zip(self.columns, numbers, strict=True) if number}

    def _seats(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Nobody shares a counter on a day: at each office as many people as there are counters."""
        places = sorted(
            {(column.office, day) for column in self.columns for day, _ in column.hours}
        )
        seats = np.array(
            [
                [float(c.office == office and day in dict(c.hours)) for c in self.columns]
                for office, day in places
            ]
        )
        return seats, np.array([float(self.counters[office]) for office, _ in places])
