"""What two played worlds come to, side by side, with how sure each figure is.

The same days are played in both, so the difference is taken day by day: what makes a day busy is
in both and cancels out, and the interval of the difference is much narrower than the two beside.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from queueapp.core import measures
from queueapp.core.disclosure import FEWEST_FOR_QUANTILES
from queueapp.core.measures import KEYS, Group, Visit
from queueapp.core.uncertainty import PARTS, Interval, interval
from queueapp.planner.costs import DayCosts
from queueapp.planner.workload import Workload
from queueapp.statistics.rates import HOUR_S

BY = ("office", "language")

OTHERS = "others"
"""Stands for all languages of which nothing may be shown."""


@dataclass(slots=True)
class DayTold:
    """A day of one world: its visits, and the counters' workload per office."""

    date: dt.date
    visits: list[Visit]
    work: Mapping[str, Workload] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """A world's days, and what they cost."""

    days: Sequence[DayTold]
    costs: DayCosts | None = None


Row = dict[str, float | None]


# --- equality -------------------------------------------------------------------------------------

InBoth = Mapping[str, Collection[str]]
"""The groups that can be compared, of each kind."""


def in_both(today: World, changed: World) -> dict[str, list[str]]:
    """The groups that have waits enough in both worlds: only they can become more or less equal.

    A gap is not closed because the office on one side of it is.
    """
    return {by: sorted(_waiting(today, by) & _waiting(changed, by)) for by in BY}


def _waiting(world: World, by: str) -> set[str]:
    called = Counter(
        KEYS[by](visit, None)
        for day in world.days
        for visit in day.visits
        if visit.wait_s is not None
    )
    return {code for code, number in called.items() if number >= measures.FEWEST_CALLED}


# --- the figures ----------------------------------------------------------------------------------


OF_VISITS = (
    "wait_mean_s",
    "wait_median_s",
    "wait_p90_s",
    "within_10_share",
    "left_share",
    "first_language_share",
    "video_share",
    "interpreter_share",
)
"""The figures that visits alone tell, in the order they are shown."""

OF_WORK = ("occupancy_share", "staff_hours_per_day")
OF_ALL = ("worst_office", "worst_language", "cost_per_day", "cost_per_visit")


def of_visits(days: Sequence[DayTold], keep: Callable[[Visit], bool]) -> Row:
    """The figures of the days' visits that are kept."""
    group = Group([visit for day in days for visit in day.visits if keep(visit)])
    row: Row = {"visits_per_day": len(group.visits) / len(days)}
    return row | {name: _of_group(name, group) for name in OF_VISITS}


def _of_group(name: str, group: Group) -> float | None:
    figure = measures.FIGURES[name]
    if figure.kind in measures.QUANTILES and len(group.waits) < FEWEST_FOR_QUANTILES:
        return None
    return figure(group)


def _of_work(days: Sequence[DayTold], office: str | None) -> Row:
    loads = [
        load for day in days for code, load in day.work.items() if office is None or code == office
    ]
    signed_in = sum(load.open_s for load in loads)
    serving = sum(load.serving_s for load in loads)
    return {
        "occupancy_share": serving / signed_in if signed_in else None,
        "staff_hours_per_day": sum(load.open_s for load in loads) / HOUR_S / len(days),
    }


def _of_all(both: InBoth, world: World, days: Sequence[DayTold]) -> Row:
    visits = [visit for day in days for visit in day.visits]
    cost = _cost(world, days)
    return {
        **{f"worst_{by}": _worst(visits, by, both[by]) for by in BY},
        "cost_per_day": None if cost is None else cost / len(days),
        "cost_per_visit": cost / len(visits) if cost is not None and visits else None,
    }


def _worst(visits: Iterable[Visit], by: str, among: Collection[str]) -> float | None:
    """How unequal the groups ``among`` are; None where there are not two to compare."""
    groups = {code: Group() for code in among}
    for visit in visits:
        if (code := KEYS[by](visit, None)) in groups:
            groups[code].visits.append(visit)
    whole = Group([visit for group in groups.values() for visit in group.visits])
    return measures.worst_to_overall(groups.values(), whole) if len(groups) > 1 else None


def _cost(world: World, days: Sequence[DayTold]) -> float | None:
    if world.costs is None:
        return None
    total = 0.0
    for day in days:
        interpreted = Counter(visit.office for visit in day.visits if visit.way == "interpreter")
        cost = world.costs.of_day(day.date, day.work, interpreted)
        if cost is None:
            return None
        total += cost
    return total


# --- side by side ---------------------------------------------------------------------------------

Told = Callable[[World, Sequence[DayTold]], Row]
"""The figures of one group on some of a world's days."""


def compare(today: World, changed: World, groups: Mapping[str, Sequence[str]]) -> list[Any]:
    """A row for all, and one for each of the ``groups`` (of offices, of languages)."""
    of_all = partial(_told_of_all, in_both(today, changed))
    rows = [_compared("all", "", of_all, today, changed)]
    for by, codes in groups.items():
        for code in codes:
            rows.append(_compared(by, code, partial(_told_of_group, by, code), today, changed))
    return rows


def _told_of_all(both: InBoth, world: World, days: Sequence[DayTold]) -> Row:
    return of_visits(days, lambda _: True) | _of_work(days, None) | _of_all(both, world, days)


def _told_of_group(by: str, code: str, world: World, days: Sequence[DayTold]) -> Row:
    del world
    row = of_visits(days, lambda visit: KEYS[by](visit, None) == code)
    return row | _of_work(days, code) if by == "office" else row


def _compared(by: str, code: str, told: Told, today: World, changed: World) -> dict[str, Any]:
    both = [_jackknife(told, world) for world in (today, changed)]
    return {"by": by, "group": code, "figures": beside(*both)}


Spread = tuple[Row, list[Row]]
"""A row of figures over all days, and over all but each part of them."""


def _jackknife(told: Told, world: World) -> Spread:
    return told(world, world.days), [told(world, days) for days in _without_parts(world.days)]


def _without_parts(days: Sequence[DayTold]) -> list[list[DayTold]]:
    parts = min(PARTS, len(days))
    if parts < 2:
        return []
    return [
        [day for number, day in enumerate(days) if number % parts != part] for part in range(parts)
    ]


def beside(today: Spread, changed: Spread) -> dict[str, dict[str, Any]]:
    """Each figure in both worlds and their difference, with 95 % intervals."""
    return {
        name: {
            "today": today[0][name],
            "changed": changed[0][name],
            "difference": _minus(changed[0][name], today[0][name]),
            "interval_today": _interval(name, *today),
            "interval_changed": _interval(name, *changed),
            "interval_difference": _interval(name, *_differences(today, changed)),
        }
        for name in today[0]
    }


def _differences(today: Spread, changed: Spread) -> Spread:
    def minus(one: Row, other: Row) -> Row:
        return {name: _minus(one[name], other[name]) for name in one}

    pairs = zip(changed[1], today[1], strict=True)
    return minus(changed[0], today[0]), [minus(*pair) for pair in pairs]


def _interval(name: str, whole: Row, parts: Sequence[Row]) -> Interval | None:
    value = whole[name]
    without = [part[name] for part in parts]
    known = [one for one in without if one is not None]
    # A figure that some of the days do not have is too unsure for an interval.
    return interval(value, known) if value is not None and len(known) == len(without) else None


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def spread(days: Sequence[DayTold], keep: Callable[[Visit], bool]) -> Spread:
    """The figures of the visits that are kept, of all days and without each part."""
    return of_visits(days, keep), [of_visits(some, keep) for some in _without_parts(days)]
