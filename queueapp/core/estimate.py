"""How long a wait will be, as a likely value and a range that four waits in five fall within.

The likely wait is the time until one of the counters that can serve the visitor is free, plus
the visitor's share of the work ahead. A visitor ahead whom ``k`` counters can serve takes
``1/k`` of the service time from each of them, so someone whom only other counters can serve is
not waited for. Service times vary about as much as their mean (coefficient of variation near
one, as in service-centre logs), so the wait behind ``n`` services has a coefficient of variation
near ``1/√n``; the range is that of a log-normal with this mean and variation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from queueapp.core.matching import Server, Wish, match

SERVICE_VARIATION = 0.9
"""Coefficient of variation of a service time. An assumption until it is learned from the log."""

_Z80 = 1.2816  # the standard normal's 90th percentile: 80 % lie between -z and z


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait in whole seconds: 80 % range and likely value."""

    low_s: int
    likely_s: int
    high_s: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a visitor is told: the wait, how many are ahead, and whether anybody on duty can.

    Where nobody is (``staffed`` is false) the wait is that of one counter opened now.
    """

    wait: Wait
    ahead: int
    staffed: bool


def forecast(
    wish: Wish,
    ahead: Mapping[Wish, int],
    servers: Sequence[Server],
    busy: frozenset[str],
    typical_s: Mapping[str, float],
) -> Forecast:
    """The forecast for ``wish`` behind ``ahead`` (how many of each class).

    ``servers`` are the open counters, ``busy`` the codes of those that have a visitor now;
    ``typical_s`` gives each service's typical service time in seconds.
    """
    able = _able(wish, servers)
    count = sum(ahead.values())
    if able:
        work = sum(
            number * typical_s[other.service] * len(able & others) / len(others)
            for other, number in ahead.items()
            if (others := _able(other, servers))
        ) / len(able)
        free = bool(able - busy)
        occupied = len(able & busy)
    else:
        work = sum(number * typical_s[other.service] for other, number in ahead.items())
        free, occupied = True, 0
    until_one_is_free = 0.0 if free else typical_s[wish.service] / (len(able) + 1)
    return Forecast(_range(until_one_is_free + work, services=count + occupied), count, bool(able))


def _able(wish: Wish, servers: Sequence[Server]) -> frozenset[str]:
    return frozenset(server.counter for server in servers if match(wish, server))


def _range(mean: float, services: int) -> Wait:
    variance = log(1 + SERVICE_VARIATION**2 / max(1, services))
    median = mean / exp(variance / 2)
    spread = exp(_Z80 * sqrt(variance))
    return Wait(round(median / spread), round(median), round(median * spread))
