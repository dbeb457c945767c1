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
