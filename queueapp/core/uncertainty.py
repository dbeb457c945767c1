"""How far a simulated figure may be from the true one, told from how the days differ."""

from collections.abc import Sequence
from math import sqrt

Interval = tuple[float, float]

PARTS = 10
"""Into how many parts days are divided at most; more would cost time and gain little."""

# Student's t, 97.5th percentile, by degrees of freedom from one on.
_STUDENT_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def interval(whole: float, without: Sequence[float]) -> Interval | None:
    """The 95 % interval of a figure that is ``whole`` over all days.

    ``without``: the same figure with each of at most :data:`PARTS` parts of the days left out in
    turn, the delete-a-group jackknife (Tukey 1958; Kott 2001). It holds for ratios and quantiles
    as for means. None for fewer than two parts.
    """
    if len(without) < 2:
        return None
    centre = sum(without) / len(without)
    squares = sum((one - centre) ** 2 for one in without)
    freedom = len(without) - 1
    half = _STUDENT_T[freedom - 1] * sqrt(squares * freedom / len(without))
    return whole - half, whole + half


# --- figures of what was counted ----------------------------------------------------------------
#
# What a year brought is known exactly. These say how much of it may be chance: within what another
# year like it would have come out, which is what one must know before two groups are compared.

Z = 1.959964
"""The 97.5th percentile of the normal distribution."""


def of_share(true: int, known: int) -> Interval | None:
    """The 95 % interval of a share (Wilson 1927): right at small counts, and within 0 and 1."""
    if not known:
        return None
    share, square = true / known, Z**2
    centre = (share + square / (2 * known)) / (1 + square / known)
    half = Z * sqrt(share * (1 - share) / known + square / (4 * known**2)) / (1 + square / known)
    return max(0.0, centre - half), min(1.0, centre + half)


def of_count(count: int) -> Interval:
    """The 95 % interval of the mean of a Poisson count (Byar; in Breslow & Day 1987, p. 69)."""
    more = count + 1
    low = count * (1 - 1 / (9 * count) - Z / (3 * sqrt(count))) ** 3 if count else 0.0
    return max(0.0, low), more * (1 - 1 / (9 * more) + Z / (3 * sqrt(more))) ** 3


def of_mean(mean: float, deviation: float, known: int) -> Interval | None:
    """The 95 % interval of a mean, by Student's t; None for fewer than two values."""
    if known < 2:
        return None
    half = _student_t(known - 1) * deviation / sqrt(known)
    return mean - half, mean + half


def _student_t(freedom: int) -> float:
    """The 97.5th percentile; beyond the table by its expansion (Abramowitz & Stegun 26.7.5)."""
    if freedom <= len(_STUDENT_T):
        return _STUDENT_T[freedom - 1]
    return Z + (Z**3 + Z) / (4 * freedom) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom**2)


def of_difference(
    one: float, around_one: Interval, other: float, around_other: Interval
) -> Interval:
    """The 95 % interval of ``one - other``, of two figures that do not depend on each other.

    By the method of variance estimates recovery (Newcombe 1998; Zou & Donner 2008), which serves
    shares, counts, means and quantiles alike and keeps to small counts where theirs do.
    """
    difference = one - other
    below = sqrt((one - around_one[0]) ** 2 + (around_other[1] - other) ** 2)
    above = sqrt((around_one[1] - one) ** 2 + (other - around_other[0]) ** 2)
    return difference - below, difference + above
