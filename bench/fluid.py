"""The most that could be served in the first language if the work flowed evenly: a linear program.

Visitors are rates and staff are minutes; nobody waits and chance plays no part. Each class of
visitors is divided among the staff and ways that can serve it, nobody works longer than the day,
and as many as possible (other than those who prefer Swedish) are served in their first language.
No rule can do better in the long run.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from bench.worlds import CLOSES, HOUR, OPENS
from queueapp.core.matching import Match, Way, Wish, match, service_s
from queueapp.core.policies import COMMON
from queueapp.core.simulation import Shift, World

UNSERVED = 100.0  # what not being served costs, against one served in the first language


@dataclass(frozen=True)
class Flow:
    """A class of visitors (its number and how many a day) served by a shift in a way."""

    group: int
    shift: int
    match: Match
    seconds: float


def own_language_bound(world: World) -> float:
    """The largest share of those who prefer another language than Swedish."""
    groups = [one for one in _groups(world) if one[1] > 0]
    flows = list(_flows(world, [wish for wish, _ in groups]))
    rates = np.array([rate for _, rate in groups])
    own = [flow.match.preferred and groups[flow.group][0].languages[0] != COMMON for flow in flows]
    gain = -(np.array(own, float) + UNSERVED)
    work = coo_matrix(
        ([flow.seconds for flow in flows], ([flow.shift for flow in flows], range(len(flows))))
    )
    served = coo_matrix(
        (np.ones(len(flows)), ([flow.group for flow in flows], range(len(flows)))),
        shape=(len(groups), len(flows)),
    )
    limits = np.array([_seconds(shift) for shift in world.shifts])
    both = coo_matrix(np.vstack([work.toarray(), served.toarray()]))
    found = linprog(gain, A_ub=both, b_ub=np.concatenate([limits, rates]), method="highs")
    asked = sum(rate for wish, rate in groups if wish.languages[0] != COMMON)
    return float(found.x @ np.array(own, float) / asked)


def _seconds(shift: Shift) -> float:
    """The working time of a shift while the offices are open."""
    rest = sum(ends - begins for begins, ends in shift.breaks)
    return min(shift.ends, CLOSES * HOUR) - max(shift.begins, OPENS * HOUR) - rest


def _groups(world: World) -> Iterator[tuple[Wish, float]]:
    habits = world.demand.habits
    for stream in world.demand.streams:
        rate = sum(stream.per_hour) * (1 - habits.no_show)
        second = 0.0 if stream.language == COMMON else habits.second_language
        for languages, part in (
            ((stream.language, COMMON), second),
            ((stream.language,), 1 - second),
        ):
            for way, share in ((Way.INTERPRETER, habits.video), (Way.HERE, 1 - habits.video)):
                yield Wish(stream.office, stream.service, languages, way), rate * part * share


def _flows(world: World, wishes: list[Wish]) -> Iterator[Flow]:
    for group, wish in enumerate(wishes):
        own_s = world.demand.services[wish.service].mean_s
        for place, shift in enumerate(world.shifts):
            if found := match(wish, shift.server):
                yield Flow(group, place, found, service_s(own_s, found))
