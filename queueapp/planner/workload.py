"""How long a played day's counters were open, and how much of it they served."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from queueapp.core.events import Event
from queueapp.core.measures import Stretch, stretches


@dataclass(slots=True)
class Workload:
    """Seconds of one office's counters, whoever's visitors they served; breaks are left out."""

    open_s: float = 0.0
    serving_s: float = 0.0


def workloads(log: Iterable[Event], closing: Mapping[str, float]) -> dict[str, Workload]:
    """The workload of each office in a day's log.

    ``closing``: when each office closed. A simulated counter stays for whoever may still be
    served; after that it counts only while there was somebody.
    """
    found: dict[str, Workload] = defaultdict(Workload)
    all_ = stretches(log, until=0.0)
    last = _last_served(all_)
    for one in all_:
        if one.serving:
            found[one.office].serving_s += one.ends - one.begins
        else:
            left = max(closing.get(one.office, one.ends), last.get(one.counter, one.begins))
            found[one.office].open_s += max(0.0, min(one.ends, left) - one.begins)
    return dict(found)


def _last_served(all_: Iterable[Stretch]) -> dict[str, float]:
    """When each counter's last visitor was served."""
    last: dict[str, float] = {}
    for one in all_:
        if one.serving:
            last[one.counter] = max(one.ends, last.get(one.counter, 0.0))
    return last
