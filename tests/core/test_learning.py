from math import exp, log
from random import Random
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueapp.core.learning import (
    LONGEST_S,
    Calibration,
    LogNormal,
    Patience,
    Pauses,
    ServiceTimes,
    said_s,
    scaled,
    unscaled,
)

PATIENT = 1e9


# --- service times -------------------------------------------------------------------------------


def times(*seconds: float, service: str = "bygglov", language: str = "sv") -> ServiceTimes:
    made = ServiceTimes()
    for one in seconds:
        made.learn(service, language, one)
    return made


def typical(made: ServiceTimes, service: str = "bygglov", language: str = "sv") -> float:
    return made.of(service, language).at(0.5)


def test_with_nothing_seen_a_service_takes_what_is_assumed() -> None:
    assert times().of("bygglov", "sv") == ServiceTimes.ASSUMED


def test_one_observation_moves_the_typical_time_towards_it_and_not_onto_it() -> None:
    assert 60 < typical(times(60.0)) < ServiceTimes.ASSUMED.at(0.5)


def test_many_observations_outweigh_what_is_assumed() -> None:
    assert typical(times(*[60.0] * 300)) == pytest.approx(60, rel=0.1)


def test_a_service_left_open_for_ten_hours_does_not_ruin_the_typical_time() -> None:
    usual = [240.0, 300.0, 360.0] * 10
    assert typical(times(*usual, 36_000.0)) < 1.15 * typical(times(*usual))


def test_the_first_service_ever_being_ten_hours_does_not_ruin_the_typical_time() -> None:
    assert typical(times(36_000.0)) < 3 * ServiceTimes.ASSUMED.at(0.5)


def test_a_language_not_seen_takes_as_long_as_the_service_in_others() -> None:
    made = times(*[1200.0] * 100)
    assert typical(made, language="ar") == pytest.approx(1200, rel=0.15)


def test_a_language_that_takes_longer_is_learned_apart() -> None:
    made = times(*[300.0] * 100)
    for _ in range(100):
        made.learn("bygglov", "ar", 900.0)
    assert typical(made, language="ar") > 2 * typical(made)


@given(st.lists(st.floats(0, 1e6), max_size=30), st.floats(0.01, 0.99), st.floats(0, 1e6))
def test_what_is_left_of_a_service_is_a_time(seen: list, u: float, elapsed: float) -> None:
    left = times(*seen).of("bygglov", "sv").remaining(u, elapsed)
    assert 0 <= left < float("inf")


@given(st.floats(0, 5000), st.floats(0.01, 0.98))
def test_a_higher_quantile_of_what_is_left_is_no_shorter(elapsed: float, u: float) -> None:
    usual = LogNormal(log(300), 1.0)
    assert usual.remaining(u, elapsed) <= usual.remaining(u + 0.01, elapsed)


# --- pauses and patience -------------------------------------------------------------------------


def test_a_pause_that_has_gone_on_is_one_of_the_longer_ones() -> None:
    pauses = Pauses()
    assert pauses.remaining(0.5, 0.0) == 20.0
    assert pauses.remaining(0.5, 60.0) == 240.0


def test_old_pauses_are_forgotten() -> None:
    pauses = Pauses()
    for _ in range(Pauses.MEMORY):
        pauses.learn(7.0)
    assert pauses.remaining(0.99, 0.0) == 7.0


def test_patience_is_learned_although_most_are_served_before_it_ends() -> None:
    draw, patience = Random(1), Patience()
    for _ in range(3000):
        wait, stays = draw.expovariate(1 / 200), draw.expovariate(1 / 600)
        patience.learn("bygglov", min(wait, stays), left=stays < wait)
    assert patience.mean_s("bygglov") == pytest.approx(600, rel=0.1)


def test_a_service_with_few_visitors_borrows_the_patience_of_all() -> None:
    patience = Patience()
    for _ in range(2000):
        patience.learn("bygglov", 100.0, left=True)
    assert patience.mean_s("bostad") == pytest.approx(100, rel=0.1)


# --- calibration ---------------------------------------------------------------------------------


def waits(number: int, seed: int, slow: float = 1.0):
    """Signs of a wait and the wait: log-normal about what the signs say, times ``slow``."""
    draw = Random(seed)
    for _ in range(number):
        played = exp(draw.gauss(5.5, 0.8))
        yield (scaled(played),), slow * played * exp(draw.gauss(0, 0.6))


def teach(calibration: Calibration, signs, groups, waited: float, left: bool = False) -> bool:
    """Tell a wait, then learn how it ended; whether the range held."""
    told = calibration.told(signs, groups, PATIENT)
    calibration.learn(signs, groups, told, waited, left)
    low, _, high = said_s(told)
    return low <= waited <= high


def covered(calibration: Calibration, outcomes, groups=()) -> float:
    """The share of waits that fell in their range, each learned from after it was told."""
    return fmean(teach(calibration, signs, groups, waited) for signs, waited in outcomes)


def learned(outcomes, groups=()) -> Calibration:
    calibration = Calibration((1.0,))
    covered(calibration, outcomes, groups)
    return calibration


def test_the_range_holds_for_four_waits_in_five() -> None:
    assert covered(learned(waits(3000, 1)), waits(3000, 2)) == pytest.approx(0.8, abs=0.03)


def test_the_range_holds_again_after_everything_has_become_slower() -> None:
    calibration = learned(waits(3000, 1), ("all",))
    covered(calibration, waits(500, 2, slow=2.0), ("all",))
    assert covered(calibration, waits(2000, 3, slow=2.0), ("all",)) == pytest.approx(0.8, abs=0.03)


def test_the_range_holds_for_a_group_whose_waits_are_unlike_the_others() -> None:
    calibration = Calibration((1.0,))
    for (usual, one), (unlike, other) in zip(waits(3000, 1), waits(3000, 2, slow=2.0), strict=True):
        teach(calibration, usual, ("bygglov",), one)
        teach(calibration, unlike, ("bostad",), other)
    slow = covered(calibration, waits(2000, 3, slow=2.0), ("bostad",))
    assert slow == pytest.approx(0.8, abs=0.04)


def test_the_range_holds_where_days_differ_and_waits_end_after_many_others_were_told() -> None:
    calibration, draw, held = Calibration((1.0,)), Random(7), []
    for day in range(100):
        outcomes = list(waits(80, day, slow=exp(draw.gauss(0, 0.5))))
        told = [calibration.told(signs, ("all",), PATIENT) for signs, _ in outcomes]
        for (signs, waited), promise in zip(outcomes, told, strict=True):
            calibration.learn(signs, ("all",), promise, waited)
            low, _, high = said_s(promise)
            held.append(low <= waited <= high)
    assert fmean(held[2000:]) == pytest.approx(0.8, abs=0.02)


def test_a_group_never_seen_is_told_what_all_are_told() -> None:
    calibration = learned(waits(500, 1))
    assert calibration.told((0.5,), ("new",), PATIENT) == calibration.told((0.5,), (), PATIENT)


def patient_or_not(calibration: Calibration, censored: bool) -> Calibration:
    """Teach waits of median 300 s among visitors who give up after 400 s on average."""
    draw = Random(5)
    for _ in range(20_000):
        waited, stays = 300 * exp(draw.gauss(0, 0.5)), draw.expovariate(1 / 400)
        if stays >= waited:
            teach(calibration, (0.0,), (), waited)
        elif censored:
            teach(calibration, (0.0,), (), stays, left=True)
    return calibration


def test_those_who_left_count_as_waits_that_would_have_lasted_longer() -> None:
    told = said_s(patient_or_not(Calibration((0.0,)), censored=True).told((0.0,), (), PATIENT))
    assert told[1] == pytest.approx(300, rel=0.06)


def test_forgetting_those_who_left_would_promise_too_little() -> None:
    told = said_s(patient_or_not(Calibration((0.0,)), censored=False).told((0.0,), (), PATIENT))
    assert told[1] < 265


def test_what_is_told_is_the_wait_of_those_who_stay_to_be_called() -> None:
    draw = Random(6)
    outcomes = [(300 * exp(draw.gauss(0, 0.5)), draw.expovariate(1 / 400)) for _ in range(5000)]
    called = median(waited for waited, stays in outcomes if stays >= waited)
    calibration = patient_or_not(Calibration((0.0,)), censored=True)
    assert said_s(calibration.told((0.0,), (), 400.0))[1] == pytest.approx(called, rel=0.06)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 1e5), st.booleans()), max_size=50))
def test_the_quantiles_are_in_order_whatever_was_learned(seen: list) -> None:
    calibration = Calibration((1.0,))
    for sign, waited, left in seen:
        teach(calibration, (sign,), ("all",), waited, left)
    low, likely, high = said_s(calibration.told((0.0,), ("all",), PATIENT))
    assert 0 <= low <= likely <= high


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 1e5)), max_size=50), st.floats(-3, 3))
def test_a_larger_sign_never_shortens_the_likely_wait(seen: list, sign: float) -> None:
    calibration = Calibration((1.0,))
    for before, waited in seen:
        teach(calibration, (before,), (), waited)
    likely = [calibration.told((value,), (), PATIENT)[1] for value in (sign, sign + 0.5)]
    assert likely[0] <= likely[1] + 1e-9


@given(st.floats(0, LONGEST_S))
def test_the_scale_can_be_read_back(seconds: float) -> None:
    assert unscaled(scaled(seconds)) == pytest.approx(seconds, abs=1e-6)
