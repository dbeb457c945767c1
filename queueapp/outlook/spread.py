"""How far outcomes lie from what was likely, and the range that four of five lie in.

A number of visits is taken to be negative binomial with the likely number as its mean: Poisson,
and beyond it a dispersion that is learned from how forecasts of the same kind have missed, so
that it holds all that made them miss. The range is right at small counts, where a normal one
would begin below zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from queueapp.outlook.values import COVERED, Expected

Floats = NDArray[np.float64]

LEAST, NEGLIGIBLE = 0.01, 0.0005
# Dispersions to choose from: the variance is mean + dispersion × mean².
CHOICES = (1e-6, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16, 0.24, 0.4, 0.8)
UNKNOWN = 0.16
"""What is taken where nothing has been forecast yet: ± 50 % of a large number."""
# What others' misses weigh against an office's own: as so many of its own.
LEAN_ON_OTHERS = 10.0


@dataclass(frozen=True, slots=True)
class Miss:
    """What was said to be likely, and what came. ``week``: of those played, which."""

    likely: float
    visits: int
    week: int


class Misses:
    """The misses of one kind of forecast at one office."""

    def __init__(self, misses: Sequence[Miss]) -> None:
        self._likely = np.array([max(miss.likely, LEAST) for miss in misses])
        self._came = np.array([miss.visits for miss in misses], dtype=int)
        self._week = np.array([miss.week for miss in misses], dtype=int)
        size, chance = _parameters(self._likely[:, None], np.array(CHOICES)[None, :])
        self._fit = nbinom.logpmf(self._came[:, None], size, chance)

    def __len__(self) -> int:
        return len(self._came)

    @property
    def mean_absolute(self) -> float:
        """The mean of the misses, in visits."""
        return float(np.abs(self._likely - self._came).mean())

    @property
    def share(self) -> float:
        """The sum of the misses as a share of the visits."""
        return float(np.abs(self._likely - self._came).sum() / max(1, self._came.sum()))

    def dispersion(self, others: Sequence["Misses"]) -> float:
        """The most likely one, leaning on that of other offices."""
        return self._dispersion(others)

    def covered(self, others: Sequence["Misses"]) -> float:
        """How many of the outcomes lay in the range; each week's told from the other weeks."""
        held = 0
        for week in set(self._week):
            here = self._week == week
            found = self._dispersion(others, but_of=week)
            told = ranges(self._likely[here].tolist(), found)
            held += sum(
                one.low <= came <= one.high
                for one, came in zip(told, self._came[here], strict=True)
            )
        return float(held / len(self))

    def _dispersion(self, others: Sequence["Misses"], but_of: int | None = None) -> float:
        own = self._fit[self._week != but_of]
        theirs = np.concatenate([own[:0], *(one._fit[one._week != but_of] for one in others)])
        weight = LEAN_ON_OTHERS / max(len(theirs), LEAN_ON_OTHERS)
        fit = own.sum(axis=0) + weight * theirs.sum(axis=0)
        return CHOICES[int(fit.argmax())] if fit.any() else UNKNOWN


def _parameters(likely: Floats, dispersion: Floats) -> tuple[Floats, Floats]:
    """The negative binomial's, as the library wants them."""
    return 1 / dispersion, 1 / (1 + dispersion * likely)


def ranges(likely: Sequence[float], dispersion: float) -> list[Expected]:
    """For each likely number the narrowest range that holds at least four of five outcomes."""
    if not likely:
        return []
    size, chance = _parameters(np.maximum(likely, LEAST), np.array(dispersion))
    first = nbinom.ppf(NEGLIGIBLE, size, chance).astype(int)
    last = nbinom.ppf(1 - NEGLIGIBLE, size, chance).astype(int)
    numbers = first[:, None] + np.arange((last - first).max() + 1)
    shares = nbinom.pmf(numbers, size, chance[:, None])
    return [
        Expected(one, int(begin) + low, int(begin) + high)
        for one, begin, (low, high) in zip(likely, first, map(_narrowest, shares), strict=True)
    ]


def _narrowest(shares: Floats) -> tuple[int, int]:
    """Grown from the most likely number to whichever side is the more likely."""
    low = high = int(shares.argmax())
    held = shares[low]
    while held < COVERED and high - low + 1 < len(shares):
        below = shares[low - 1] if low else -1.0
        above = shares[high + 1] if high + 1 < len(shares) else -1.0
        if below > above:
            low, held = low - 1, held + below
        else:
            high, held = high + 1, held + above
    return low, high
