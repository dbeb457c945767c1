"""What a reader must know to read a plan's figures right.

Each note is a code and its facts; ``web/plan_words.py`` has the words for it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from queueapp.municipality import Municipality
from queueapp.planner import figures, visitors
from queueapp.planner.changes import Changed
from queueapp.planner.document import OpenOffice, Scenario
from queueapp.planner.figures import BY
from queueapp.planner.period import Material
from queueapp.planner.visitors import ONE_DAY, Days
from queueapp.simulate import rota
from queueapp.simulate.rota import Span

USUAL_WEEK = [dt.date(2027, 1, 11 + number) for number in range(7)]
"""Monday to Sunday, without holidays."""

Note = dict[str, Any]


def about(number: int) -> int:
    """To the nearest ten: asking again with a small difference tells nothing of single visitors."""
    return round(number, -1)


def of(
    scenario: Scenario, material: Material, today: Changed, final: Changed, went: visitors.Went
) -> Iterator[Note]:
    """What a reader must know to read the figures right, each by a code and its facts."""
    if material.past and material.past.strange:
        yield {"code": "strange", "number": about(material.past.strange)}
    if material.past and material.past.still_open:
        yield {"code": "still_open", "number": about(material.past.still_open)}
    if material.past and material.past.not_over:
        yield {"code": "not_over"}
    yield from _not_played(scenario, today.municipality, material.days)
    if len(material.days) < 5:
        yield {"code": "few_days", "number": len(material.days)}
    if any(isinstance(change, OpenOffice) for change in scenario.changes):
        yield from _about_homes(material, went)
    yield from _without_counter(today, final)
    yield from _without_staff(today, final)
    played = {date.isoweekday() for date in material.days}
    if weekdays := sorted(played & _all_taken(final) - _all_taken(today)):
        yield {"code": "all_taken", "weekdays": weekdays}
    well = {code for m in final.municipality.staff if m.name not in final.ill for code in m.spoken}
    for code in sorted(final.municipality.right_languages - well):
        yield {"code": "right_unmet", "language": code}


def not_compared(both: figures.InBoth, groups: Mapping[str, Sequence[str]]) -> Iterator[Note]:
    """Which of the groups shown are in one world only, so that their equality is in no figure."""
    for by in BY:
        if left_out := [code for code in groups[by] if code not in both[by]]:
            yield {"code": "not_compared", "by": by, "groups": left_out, "number": len(both[by])}


def _not_played(scenario: Scenario, municipality: Municipality, days: Days) -> Iterator[Note]:
    """Days that were asked for or changed, of which the period has no visitors."""
    if asked := scenario.demand.log:
        dates = (asked.first + ONE_DAY * n for n in range((asked.last - asked.first).days + 1))
        if without := sum(date not in days and _opens(municipality, date) for date in dates):
            yield {"code": "days_without_visits", "number": without}
    changed = {
        weekday
        for change in scenario.changes
        if not getattr(change, "closed", False)
        for weekday in getattr(change, "weekdays", ())
    }
    if weekdays := sorted(changed - {date.isoweekday() for date in days}):
        yield {"code": "weekdays_not_played", "weekdays": weekdays}


def _opens(municipality: Municipality, date: dt.date) -> bool:
    return any(rota.opening(municipality, date).values())


def _about_homes(material: Material, went: visitors.Went) -> Iterator[Note]:
    districts = [arrival.district for came in material.days.values() for arrival in came]
    known = sum(district is not None for district in districts)
    if not went.told["to_new"]:
        yield {"code": "nobody_moves"}
    elif known < 0.9 * len(districts):
        yield {"code": "homes_unknown", "share": 1 - known / len(districts)}


def _without_counter(today: Changed, final: Changed) -> Iterator[Note]:
    """On which weekdays more are on duty than there are counters, in the changed world only."""
    before, after = (_unseated(world.municipality) for world in (today, final))
    for weekday, number in after.items():
        if number > before[weekday]:
            yield {"code": "no_counter", "weekday": weekday, "number": number}


def _without_staff(today: Changed, final: Changed) -> Iterator[Note]:
    """When an office is open in the changed world and nobody is there, where it is not so today."""
    before, after = (_unstaffed(world) for world in (today, final))
    alike: dict[tuple[str, tuple[Span, ...]], list[int]] = defaultdict(list)
    for (office, weekday), spans in after.items():
        if new := rota.without(spans, before.get((office, weekday), ())):
            alike[office, tuple(new)].append(weekday)
    times: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (office, new_spans), weekdays in alike.items():
        clocks = [[_clock(end) for end in span] for span in new_spans]
        times[office].append({"weekdays": weekdays, "spans": clocks})
    for office, told in times.items():
        yield {"code": "unstaffed", "office": office, "times": told}


def _unstaffed(world: Changed) -> dict[tuple[str, int], list[Span]]:
    """The open times without anybody at a counter, by office and weekday; breaks are not meant."""
    found = {}
    for date in USUAL_WEEK:
        hours = rota.opening(world.municipality, date)
        there = [
            duty.shift
            for duty in rota.duties(world.municipality, date, hours)
            if duty.staff not in world.ill
        ]
        for office, spans in hours.items():
            staffed = [(one.begins, one.ends) for one in there if one.server.office == office]
            found[office, date.isoweekday()] = rota.without(spans, staffed)
    return found


def _all_taken(world: Changed) -> set[int]:
    """The weekdays on which an office opens and nobody is on duty: the rota takes everybody."""
    found = set()
    for date in USUAL_WEEK:
        hours = rota.opening(world.municipality, date)
        if any(hours.values()) and not rota.somebody_is_told(world.municipality, date, hours):
            found.add(date.isoweekday())
    return found


def _clock(after_midnight: float) -> str:
    return f"{int(after_midnight // 3600):02}:{int(after_midnight % 3600 // 60):02}"


def _unseated(municipality: Municipality) -> dict[int, int]:
    """How many on duty have no counter, by weekday, in a week without holidays."""
    found = {}
    for date in USUAL_WEEK:
        hours = rota.opening(municipality, date)
        weekday = date.isoweekday()
        if any(hours.values()):
            present = [
                member
                for member in rota.serving(municipality)
                if not member.on_duty or any(h.weekday == weekday for h in member.on_duty)
            ]
            found[weekday] = len(present) - len(rota.duties(municipality, date, hours))
    return {weekday: found.get(weekday, 0) for weekday in range(1, 8)}
