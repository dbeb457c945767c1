"""What the log teaches about waits: how long services take, who gives up, how far promises miss.

Everything here learns from one fact at a time and can be asked at any moment, so a question never
sees more than what had happened by then. Nothing is learned about a staff member.
"""

from bisect import bisect_right, insort
from collections import Counter, deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A service time in seconds whose logarithm has mean ``mu`` and deviation ``sigma``.

    Service times in service centres are log-normal, far rather than exponential (Brown et al.
    2005, "Statistical Analysis of a Telephone Call Center", on the log that bench/waits.py reads).
    """

    mu: float
    sigma: float

    @classmethod
    def of_mean(cls, mean_s: float, sigma: float) -> "LogNormal":
        """The one with that mean in seconds."""
        return cls(log(mean_s) - sigma**2 / 2, sigma)

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return exp(self.mu + self.sigma**2 / 2)

    def at(self, u: float) -> float:
        """The ``u`` quantile, 0 < u < 1."""
        return exp(self.mu + self.sigma * _NORMAL.inv_cdf(u))

    def remaining(self, u: float, elapsed_s: float) -> float:
        """The ``u`` quantile of what is left of a service that has gone on for ``elapsed_s``."""
        if elapsed_s <= 1:
            return self.at(u)
        done = _NORMAL.cdf((log(elapsed_s) - self.mu) / self.sigma)
        if done > 0.999:  # far beyond what was ever seen: the longer it was, the longer it lasts
            return elapsed_s * u / 2
        return max(0.0, self.at(done + u * (1 - done)) - elapsed_s)


@dataclass(slots=True)
class Moments:
    """Running mean and variance; beyond ``memory`` observations, old ones fade."""

    memory: int
    count: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def add(self, value: float) -> None:
        self.count = min(self.count + 1, self.memory)
        off = value - self.mean
        self.mean += off / self.count
        self.variance += (off * (value - self.mean) - self.variance) / self.count


class ServiceTimes:
    """Learned service times per service and language.

    Each level leans on the one above it (service and language, service, everything, an
    assumption) in proportion to what it has seen: after ``TRUST`` observations it weighs as much
    as what it leans on. So none and one observation both give something sensible.
    """

    ASSUMED = LogNormal(log(420), 0.95)  # median 7 min, mean 11: service offices (anchors: RiR)
    TRUST = 10
    MEMORY = 1000
    OUTLIER = 3.0  # deviations; a service left open overnight counts as this long, not ten hours

    def __init__(self, typical_s: Mapping[str, float] | None = None) -> None:
        self._typical_s = typical_s or {}
        self._seen: dict[tuple[str, ...], Moments] = {}
        self._known: dict[tuple[str, ...], LogNormal] = {}

    def learn(self, service: str, language: str, seconds: float) -> None:
        """A service has been finished."""
        value = log(max(1.0, seconds))
        for level in ((), (service,), (service, language)):
            known = self._of(level)
            far = self.OUTLIER * known.sigma
            within = min(max(value, known.mu - far), known.mu + far)
            self._seen.setdefault(level, Moments(self.MEMORY)).add(within)
        self._known.clear()

    def of(self, service: str, language: str) -> LogNormal:
        """How long ``service`` takes in ``language``."""
        return self._of((service, language))

    def _of(self, level: tuple[str, ...]) -> LogNormal:
        known = self._known.get(level)
        if known is None:
            known = self._known[level] = self._leaning(self._seen.get(level), self._above(level))
        return known

    def _above(self, level: tuple[str, ...]) -> LogNormal:
        """What a level leans on; a service on its typical (mean) time, where one is given."""
        if not level:
            return self.ASSUMED
        if len(level) == 1 and (mean_s := self._typical_s.get(level[0])):
            return LogNormal.of_mean(mean_s, self.ASSUMED.sigma)
        return self._of(level[:-1])

    def _leaning(self, seen: Moments | None, above: LogNormal) -> LogNormal:
        if seen is None:
            return above
        own = seen.count / (seen.count + self.TRUST)
        mu = own * seen.mean + (1 - own) * above.mu
        variance = own * seen.variance + (1 - own) * above.sigma**2
        return LogNormal(mu, sqrt(variance))


class Pauses:
    """The time from one visitor's end to the next call at the same counter while someone waits.

    Mostly seconds, sometimes a coffee or the end of a shift: no simple curve fits, so the latest
    ones themselves are kept.
    """

    ASSUMED = (5.0, 10.0, 20.0, 60.0, 300.0)
    MEMORY = 1000

    def __init__(self) -> None:
        self._latest = deque(self.ASSUMED)
        self._sorted = sorted(self.ASSUMED)

    def learn(self, seconds: float) -> None:
        """A counter called ``seconds`` after its last visitor had gone."""
        if len(self._latest) >= self.MEMORY:
            self._sorted.remove(self._latest.popleft())
        self._latest.append(seconds)
        insort(self._sorted, seconds)

    def remaining(self, u: float, elapsed_s: float) -> float:
        """The ``u`` quantile of what is left of a pause that has gone on for ``elapsed_s``."""
        first = bisect_right(self._sorted, elapsed_s)
        longer = len(self._sorted) - first
        if not longer:
            return elapsed_s
        return self._sorted[first + int(u * longer)] - elapsed_s


class Patience:
    """How fast visitors give up, per service: those who left, per second that anybody waited.

    The maximum likelihood estimate of an exponential patience where those who were served are
    censored: of them only is known that they would have stayed at least so long. A service
    leans on all of them with the weight of ``TRUST`` who left, and all on an assumption with
    that of one.
    """

    TRUST = 5
    ASSUMED_S = 3 * 3600.0  # of visits some 5 % end so, after waits of some ten minutes

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._waited_s: dict[str, float] = {}

    def learn(self, service: str, waited_s: float, left: bool) -> None:
        """A wait has ended after ``waited_s``; the visitor ``left`` or was called."""
        for key in ("", service):
            self._left[key] = self._left.get(key, 0) + left
            self._waited_s[key] = self._waited_s.get(key, 0.0) + waited_s

    def mean_s(self, service: str) -> float:
        """How long a visitor for ``service`` would wait on average before giving up."""
        return self._leaning(service, self._leaning("", self.ASSUMED_S, 1), self.TRUST)

    def _leaning(self, key: str, above_s: float, trust: int) -> float:
        waited_s = self._waited_s.get(key, 0.0) + trust * above_s
        return waited_s / (self._left.get(key, 0) + trust)


SHORT_S = 20.0
"""Waits far above this are compared as ratios, those far below as differences."""

USUAL_S = 120.0
"""Where the scale has its zero."""

LONGEST_S = 4 * 3600.0
"""No wait is told that is longer than this, half of an opening day."""


def scaled(seconds: float) -> float:
    """A wait on the scale on which forecasts are made and missed."""
    return log((seconds + SHORT_S) / (USUAL_S + SHORT_S))


def unscaled(value: float) -> float:
    """The wait in seconds that has this value on the scale, at most :data:`LONGEST_S`."""
    return max(0.0, exp(min(value, _LONGEST)) * (USUAL_S + SHORT_S) - SHORT_S)


_LONGEST = scaled(LONGEST_S)


class Asked:
    """The share of visitors who prefer each language; a language leans on ``usual`` with the
    weight of ``TRUST`` visitors.
    """

    TRUST = 100

    def __init__(self, usual: float) -> None:
        self._usual = usual
        self._counts: Counter[str] = Counter()
        self._shares: dict[str, float] | None = None

    def learn(self, language: str) -> None:
        """Somebody came who prefers ``language``."""
        self._counts[language] += 1
        self._shares = None

    def shares(self) -> Mapping[str, float]:
        """The share of each language that anybody has preferred; the same until more is learned."""
        if self._shares is None:
            total = self._counts.total() + self.TRUST
            usual = self._usual * self.TRUST
            self._shares = {one: (n + usual) / total for one, n in self._counts.items()}
        return self._shares


LOW, LIKELY, HIGH = 0, 1, 2
LEVELS = (0.1, 0.5, 0.9)
"""The quantiles that are told: four waits in five fall between the first and the last."""

_SPREAD = 0.8  # how far the bounds start from the likely value on the scale, until learned
_Z80 = _NORMAL.inv_cdf(LEVELS[HIGH])
_GRID = [_NORMAL.inv_cdf((at + 0.5) / 20) / _Z80 for at in range(20)]

Quantiles = tuple[float, float, float]
"""Low, likely and high on the scale, each learned by itself, so not always in order."""


def said_s(told: Quantiles) -> list[float]:
    """The waits in seconds that are said, in order (Chernozhukov et al. 2010)."""
    return [unscaled(value) for value in sorted(told)]


Signs = Sequence[float]
Groups = Sequence[Hashable]


class Calibration:
    """Turns signs of the wait into a range that holds, by learning from every wait that ends.

    Three steps. (1) Each quantile of the wait is linear in the signs (Ang et al. 2016 combine
    queueing estimates so) and takes a gradient step of the pinball loss whenever a wait ends. A
    visitor who left is censored: of them is only known that it would have lasted longer, and
    the step is the one expected given that (mass moved to the right: Portnoy 2003). (2) That is
    the wait of everybody. Who is called has been patient enough, so the wait of those who are
    called leans to the short side, by how patient visitors are; only that can be held against
    the outcome, and it is what is told. (3) Each group, such as a service or an hour, corrects
    each quantile by how often it was missed: the adaptive conformal rule of Gibbs & Candès 2021,
    on quantile regression as in Romano, Patterson & Candès 2019. Too many misses on one side
    move that bound out, whatever waits are distributed like. Missed is what had been told, not
    what would be told now: by the time a long wait ends the corrections have often moved, and the
    promise was no better for it. A group starts at nothing, so a rare one leans on the rest.

    Signs should be of order one and grow with the wait; :func:`scaled` waits do.
    """

    STEP = 0.005
    """How far a miss moves a quantile's weights."""

    GROUP_STEPS = (0.03, 0.002, 0.03)
    """… and a group's correction: the bounds follow the day, the likely value is steady."""

    EARLY = 400
    """Until so many waits are known the steps are longer: it is far to go from an assumption."""

    def __init__(self, start: Signs) -> None:
        self._weights = [list(start) for _ in LEVELS]
        self._constants = [-_SPREAD, 0.0, _SPREAD]
        self._corrections: dict[Hashable, list[float]] = {}
        self._learned = 0

    def told(self, signs: Signs, groups: Groups, patience_s: float) -> Quantiles:
        """The low, likely and high wait on the scale, to be said (:func:`said_s`) and learned
        from."""
        low, likely, high = _of_those_called(sorted(self._of_everybody(signs)), patience_s)
        known = [self._corrections[group] for group in groups if group in self._corrections]
        off = [sum(own) for own in zip((0.0, 0.0, 0.0), *known, strict=True)]
        return low + off[LOW], likely + off[LIKELY], high + off[HIGH]

    def learn(
        self,
        signs: Signs,
        groups: Groups,
        told: Quantiles,
        waited_s: float,
        left: bool = False,
    ) -> None:
        """A wait ended after ``waited_s``: the visitor was called, or ``left``.

        ``told`` is what :meth:`told` gave when it began. It must be this one's own: corrected by
        what another's promises missed, the bounds would move on without end.
        """
        self._learned += 1
        hurry = max(1.0, sqrt(self.EARLY / self._learned))
        waited = scaled(waited_s)
        everybody = self._of_everybody(signs)
        if not left:
            self._correct(groups, [hurry * miss for miss in _misses(told, waited)])
        misses = _expected_misses(everybody, waited) if left else _misses(everybody, waited)
        self._step(signs, [hurry * self.STEP * miss for miss in misses])

    def _of_everybody(self, signs: Signs) -> list[float]:
        return [
            constant + sum(weight * sign for weight, sign in zip(weights, signs, strict=True))
            for constant, weights in zip(self._constants, self._weights, strict=True)
        ]

    def _correct(self, groups: Groups, misses: list[float]) -> None:
        for group in groups:
            own = self._corrections.setdefault(group, [0.0, 0.0, 0.0])
            for at, miss in enumerate(misses):
                own[at] += self.GROUP_STEPS[at] * miss

    def _step(self, signs: Signs, steps: list[float]) -> None:
        for at, step in enumerate(steps):
            self._constants[at] += step
            # A sign of a longer wait must never shorten what is told: no weight below zero.
            self._weights[at] = [
                max(0.0, weight + step * sign)
                for weight, sign in zip(self._weights[at], signs, strict=True)
            ]


def _misses(told: Sequence[float], waited: float) -> list[float]:
    """How each quantile should move, up or down, having seen ``waited``."""
    return [level - (waited < value) for level, value in zip(LEVELS, told, strict=True)]


def _expected_misses(told: Sequence[float], stayed: float) -> list[float]:
    """The same, having seen somebody leave at ``stayed``: the mean over how it might have gone."""
    low, likely, high = sorted(told)
    side = likely - low if stayed < likely else high - likely
    passed = _NORMAL.cdf(_Z80 * (stayed - likely) / max(side, 0.05))
    return [
        level - (max(0.0, level - passed) / (1 - passed) if stayed < value else 0.0)
        for level, value in zip(LEVELS, told, strict=True)
    ]


def _of_those_called(told: Sequence[float], patience_s: float) -> list[float]:
    """The quantiles of the waits of those who stay until they are called.

    Patience is taken as exponential, so one who would wait ``w`` is there to be called with
    chance exp(-w/patience).
    """
    low, likely, high = told
    values = [likely + z * (high - likely if z > 0 else likely - low) for z in _GRID]
    stay = [exp(-unscaled(value) / patience_s) for value in values]
    return _weighted(values, stay)


def _weighted(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The told quantiles of ascending ``values`` with these weights, linear between them."""
    total, below = sum(weights), 0.0
    if not total:
        return [values[0]] * len(LEVELS)
    shares = []
    for weight in weights:
        shares.append((below + weight / 2) / total)
        below += weight
    return [_between(values, shares, level) for level in LEVELS]


def _between(values: Sequence[float], shares: Sequence[float], level: float) -> float:
    above = bisect_right(shares, level)
    if above in (0, len(shares)):
        return values[max(0, above - 1)]
    part = (level - shares[above - 1]) / (shares[above] - shares[above - 1])
    return values[above - 1] + part * (values[above] - values[above - 1])
