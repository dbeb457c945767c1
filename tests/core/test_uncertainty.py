from math import sqrt
from random import Random
from statistics import mean, stdev

import pytest

from queueapp.core.uncertainty import (
    Z,
    interval,
    of_difference,
    of_pairs,
    of_ratio,
    of_share,
    widened,
    widened_share,
)


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


# --- figures that were picked among others --------------------------------------------------------


def test_two_groups_need_no_wider_interval_and_more_need_wider_ones() -> None:
    assert of_pairs(2) == pytest.approx(1)
    assert 1 < of_pairs(3) < of_pairs(14)


def test_the_picked_gap_of_equal_groups_is_called_certain_in_at_most_one_case_of_twenty() -> None:
    chance, groups, found = Random(1), 8, 0
    for _ in range(400):
        shares = []
        for _ in range(groups):
            true = sum(chance.random() < 0.3 for _ in range(60))
            shares.append((true / 60, of_share(true, 60)))
        (low, below), (high, above) = min(shares), max(shares)
        times = of_pairs(groups)
        wide = (widened_share(high, above, times), widened_share(low, below, times))
        found += of_difference(high, wide[0], low, wide[1])[0] > 0
    assert found / 400 <= 0.05


def test_the_wider_interval_of_a_share_is_wilsons_of_the_same_counts() -> None:
    assert widened_share(0.0, of_share(0, 30), 1) == pytest.approx(of_share(0, 30))
    assert widened_share(1.0, of_share(30, 30), 1) == pytest.approx(of_share(30, 30))
    low, high = widened_share(0.5, of_share(15, 30), 2)
    square = (2 * Z) ** 2
    assert (high - low) / 2 == pytest.approx(0.5 * sqrt(square / (30 + square)))


def test_a_mean_is_widened_to_both_sides() -> None:
    assert widened(10, (8, 13), 2) == (6, 16)


def test_a_ratio_of_certain_figures_is_certain() -> None:
    assert of_ratio(10, (10, 10), 5, (5, 5)) == pytest.approx((2, 2))


def test_a_ratio_by_something_that_may_be_nothing_is_not_told() -> None:
    assert of_ratio(10, (9, 11), 1, (0, 1.5)) is None
    assert of_ratio(10, (9, 11), 1, (0.5, 2.1)) is None
