"""A scenario played: the same visitors in today's world and in the changed one.

Nothing here reads or writes the database, and the same material always gives the same result.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from queueapp.core.arrivals import Arrival
from queueapp.core.disclosure import FEWEST
from queueapp.core.measures import KEYS
from queueapp.core.simulation import Shift
from queueapp.municipality import Municipality
from queueapp.planner import (
    changes,
    costs,
    fidelity,
    figures,
    foreseen,
    notes,
    rosters,
    staffing,
    visitors,
)
from queueapp.planner.changes import Changed
from queueapp.planner.document import Scenario, Unfit, to_document
from queueapp.planner.figures import BY, OTHERS, DayTold, World
from queueapp.planner.period import Material
from queueapp.planner.staffing import Search
from queueapp.planner.visitors import HOME, Days
from queueapp.planner.workload import workloads
from queueapp.simulate import rota
from queueapp.simulate import scenario as simulated
from queueapp.simulate.runs import Run, playing
from queueapp.simulate.scenario import Day

RULE = "ours"  # the one that runs live

Seen = Callable[[int, int], None]
"""Told after each day how many are played, of how many as far as is known."""


def quiet(done: int, of: int) -> None:
    """Tells nobody."""


@dataclass
class Player:
    """Plays days in so many processes, and tells how far it has come."""

    seed: int = 1
    jobs: int = 1
    seen: Seen = quiet
    done: int = 0
    planned: int = 0

    def plan(self, days: int) -> None:
        """So many days more are to be played."""
        self.planned += days
        self.seen(self.done, self.planned)

    def play(self, days: Mapping[dt.date, Day]) -> list[DayTold]:
        """Every day, by the live rule. What is played must have been planned."""
        dates = list(days)
        run = Run(tuple(days.values()), RULE, self.seed, keep_log=True)
        told = []
        with playing(run, min(self.jobs, max(1, len(dates)))) as played:
            for date, one in zip(dates, played, strict=True):
                told.append(DayTold(date, one.visits, workloads(one.log, _closing(days[date]))))
                self.done += 1
                self.seen(self.done, max(self.planned, self.done))
        return told


def _closing(day: Day) -> dict[str, float]:
    return {code: day.world.midnight + spans[-1][1] for code, spans in day.open.items() if spans}


# --- the worlds' days -----------------------------------------------------------------------------


def days_of(world: Changed, days: Days) -> dict[dt.date, Day]:
    """The days of a world with these visitors."""
    made = simulated.Scenario(world.municipality, world.ill)
    offered = visitors.without_rooms(days, world.municipality)
    return {date: _day(made, date, came) for date, came in offered.items()}


def _day(made: simulated.Scenario, date: dt.date, came: Sequence[Arrival]) -> Day:
    day = made.day(date, [arrival for arrival in came if arrival.office != HOME])
    if all(arrival.office != HOME for arrival in came):
        return day
    # From home one is served by video by any counter, until the last office closes.
    shifts = tuple(_reaching_home(shift) for shift in day.world.shifts)
    return replace(
        day,
        world=replace(day.world, shifts=shifts),
        open={**day.open, HOME: [rota.WHOLE_DAY]},
        leave={**day.leave, HOME: day.world.closes},
        given=tuple(came),
    )


def _reaching_home(shift: Shift) -> Shift:
    by_video = shift.server.by_video
    reached = by_video if by_video is None else by_video | {HOME}
    return replace(shift, server=replace(shift.server, by_video=reached))


# --- the result -----------------------------------------------------------------------------------


def play(
    scenario: Scenario, municipality: Municipality, material: Material, player: Player
) -> dict[str, Any]:
    """The result as JSON: fidelity first, then both worlds side by side."""
    changes.refer(municipality, scenario.demand.scale)
    worlds = changes.apply(municipality, scenario.changes)
    came = visitors.scaled(material.days, scenario.demand.scale, scenario.seed)
    went = visitors.moved(came, worlds, scenario)
    _check(scenario, worlds[-1], came, went.days)
    player.plan(2 * len(came) + len(material.past.days if material.past else ()))
    reproduced = _fidelity(municipality, material, player)
    final, staffed = _staffed(scenario, worlds, went.days, player)
    today = World(player.play(days_of(worlds[0], came)), _costs(worlds[0], material, scenario))
    changed = World(player.play(days_of(final, went.days)), _costs(final, material, scenario))
    groups = _groups(material, today, changed)
    return {
        "format": 1,
        "scenario": to_document(scenario),
        "first": min(came).isoformat(),
        "last": max(came).isoformat(),
        "days": len(came),
        "logged": scenario.demand.log is not None,
        "invented": material.invented,
        "names": _names(municipality, final.municipality),
        "groups": groups,
        "notes": [
            *notes.of(scenario, material, worlds[0], final, went),
            *notes.not_compared(figures.in_both(today, changed), groups),
        ],
        "costs_missing": _costs_missing(today, changed),
        "went": {what: notes.about(number) for what, number in went.told.items()},
        "fidelity": reproduced,
        "rows": _coarse(figures.compare(today, changed, groups), material),
        "staffing": staffed and _of_shown(staffed, groups["language"]),
        "forecast": material.forecast and foreseen.told(material.forecast, list(came)),
    }


def _check(scenario: Scenario, changed: Changed, came: Days, went: Days) -> None:
    """:class:`Unfit` where there is nobody to play with, or to look for staff among or for."""
    if not any(came.values()):
        raise Unfit.of("demand.scale", "nobody-left")
    if scenario.staffing and not any(went.values()):
        raise Unfit.of("staffing", "nobody-to-serve")
    if scenario.staffing and not rota.serving(changed.municipality):
        raise Unfit.of("staffing", "nobody-serves")


def _staffed(
    scenario: Scenario, worlds: Sequence[Changed], days: Days, player: Player
) -> tuple[Changed, dict[str, Any] | None]:
    """The changed world, with the fewest staff that keep the promise where that was asked."""
    if scenario.staffing is None:
        return worlds[-1], None
    municipality = worlds[-1].municipality

    def judge(tried: Municipality) -> list[DayTold]:
        if len(search.judged) > staffing.USUAL_TRIES:
            player.plan(len(days))
        return player.play(days_of(Changed(tried), days))

    search = Search(municipality, days, scenario.staffing, judge)
    player.plan(staffing.USUAL_TRIES * len(days))
    found = search.run()
    player.plan(-max(0, staffing.USUAL_TRIES - len(search.judged)) * len(days))
    told = found.facts | {
        "kept": found.kept,
        "tries": len(search.judged),
        "minutes": scenario.staffing.minutes,
        "share": scenario.staffing.days,
    }
    if found.roster is None:
        return worlds[-1], told
    staffed = rosters.staffed(municipality, found.roster)
    return Changed(staffed), told | {
        "hours_a_day": staffing.hours_a_day(staffed, list(days)),
        "hours_a_day_today": staffing.hours_a_day(worlds[0].municipality, list(days)),
        "weekdays_not_played": _usual_but_not_played(staffed, days),
    }


def _of_shown(staffed: dict[str, Any], shown: Collection[str]) -> dict[str, Any]:
    """What is told of the fewest staff, with the languages that may not be shown as one.

    On how many days somebody came who speaks one of them would tell more of the log than the
    statistics do.
    """
    found = dict(staffed)
    if "languages" in found:
        found["languages"] = _with_others(found["languages"], shown)
    if "promise" in found:
        known = [row for row in found["promise"] if row["language"] in shown]
        others = [row for row in found["promise"] if row["language"] not in shown]
        kept = all(row["share"] >= found["share"] for row in others)
        together = {"language": OTHERS, "days": None, "kept": None, "worst_s": None}
        found["promise"] = known + [together | {"share": float(kept)}] * bool(others)
    return found


def _with_others(codes: Iterable[str], shown: Collection[str]) -> list[str]:
    return sorted({code if code in shown else OTHERS for code in codes})


def _usual_but_not_played(municipality: Municipality, days: Days) -> list[int]:
    """The weekdays on which an office is usually open, but that none of the days is."""
    usual = {hours.weekday for office in municipality.offices for hours in office.opening_hours}
    return sorted(usual - {date.isoweekday() for date in days})


def _fidelity(
    municipality: Municipality, material: Material, player: Player
) -> dict[str, Any] | None:
    """The logged days beside their replay in the world as it was; None where there are none."""
    past = material.past
    if past is None:
        return None
    days = days_of(Changed(municipality), past.days)
    told = 0
    for date, day in days.items():
        if as_was := fidelity.as_it_was(municipality, day, date, past.logs[date]):
            days[date] = as_was
            told += 1
    replay = fidelity.Replay(past.told, player.play(days), told)
    here = {office.code for office in municipality.offices}
    known = {
        (by, code): names
        for (by, code), names in past.known.items()
        if by != "office" or code in here
    }
    told_of = {"first": min(past.days).isoformat(), "last": max(past.days).isoformat()}
    return fidelity.compare(replay, known) | told_of


def _costs(world: Changed, material: Material, scenario: Scenario) -> costs.DayCosts:
    years = sorted({date.year for date in material.days})
    return costs.of_world(world.municipality, material.rates, years, scenario)


def _costs_missing(today: World, changed: World) -> list[list[Any]]:
    missing = {one for world in (today, changed) if world.costs for one in world.costs.missing}
    return [list(one) for one in sorted(missing)]


def _counts(days: Sequence[DayTold], by: str) -> Counter[str]:
    return Counter(KEYS[by](visit, None) for day in days for visit in day.visits)


def _groups(material: Material, today: World, changed: World) -> dict[str, list[str]]:
    """The groups to show: those of which the statistics show the visits, and those that are new."""
    found = {}
    for by in BY:
        before, after = (_counts(world.days, by) for world in (today, changed))
        shown = [code for code in before if _may_be_shown(material, by, code, before[code])]
        new = [code for code, n in after.items() if code not in before and n >= FEWEST]
        found[by] = sorted(shown) + sorted(new)
    return found


def _may_be_shown(material: Material, by: str, code: str, number: int) -> bool:
    if material.past:
        return "visits" in material.past.known.get((by, code), ())
    return number >= FEWEST


def _coarse(rows: list[dict[str, Any]], material: Material) -> list[dict[str, Any]]:
    """With whole visits a day where they are from the log: see :func:`notes.about`."""
    for row in rows if material.past else ():
        told = row["figures"]["visits_per_day"]
        row["figures"]["visits_per_day"] = {name: _whole(value) for name, value in told.items()}
    return rows


def _whole(value: Any) -> Any:
    if value is None:
        return None
    return tuple(map(round, value)) if isinstance(value, tuple) else round(value)


def _names(before: Municipality, after: Municipality) -> dict[str, dict[str, str]]:
    both = {office.code: office.name for m in (after, before) for office in m.offices}
    return {"office": both}
