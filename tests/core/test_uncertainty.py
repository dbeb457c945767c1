from math import sqrt
from statistics import mean, stdev

import pytest

from queueapp.core.uncertainty import interval


def left_out(days: list[float]) -> list[float]:
    return [mean(days[:place] + days[place + 1 :]) for place in range(len(days))]


def test_for_a_mean_it_is_the_usual_interval() -> None:
    days = [3.0, 5.0, 4.0, 8.0, 6.0]
    half = 2.776 * stdev(days) / sqrt(5)
    assert interval(mean(days), left_out(days)) == pytest.approx(
        (mean(days) - half, mean(days) + half)
    )


def test_days_that_are_alike_leave_no_doubt() -> None:
    assert interval(4.0, left_out([4.0, 4.0, 4.0])) == (4.0, 4.0)


def test_of_a_single_day_nothing_can_be_said() -> None:
    assert interval(4.0, []) is None
