"""Calibration on the user's own numbers: deterministic, cancellable and honest about its error."""

import math

import numpy as np
import pytest

from experimentos.errors import ContractError
from experimentos.flows.calibrate import Share, calibrate, calibration_report, in_words
from experimentos.flows.simulate import SIMULATED, World

RATES = World(n_control=1_000, n_treatment=1_000, control=0.1)
MEANS = World(n_control=200, n_treatment=100, control=5.0, sd=2.0)
LOOKS = World(n_control=2_000, n_treatment=2_000, control=0.1, looks=(0.2, 0.5, 1.0))


def test_the_same_seed_gives_the_same_answer_and_another_one_another():
    first, second = (calibrate("score", RATES, 500, seed=3) for _ in range(2))
    assert first == second
    assert calibrate("score", RATES, 500, seed=4).size != first.size


@pytest.mark.parametrize(
    ("method", "world"),
    [
        ("score", RATES),
        ("newcombe", RATES),
        ("welch", MEANS),
        ("group_sequential", LOOKS),
        ("welch", World(n_control=80, n_treatment=80, control=4.0, sd=2.0, skewed=True)),
        (
            "group_sequential",
            World(n_control=300, n_treatment=500, control=4.0, sd=2.0, looks=(0.3, 0.9, 1.0)),
        ),
    ],
)
def test_a_good_method_keeps_its_level_and_its_coverage(method, world):
    found = calibrate(method, world, 4_000)
    assert found.size.value == pytest.approx(0.05, abs=0.012)
    assert found.coverage_null.value == pytest.approx(0.95, abs=0.012)
    assert found.power is None
    assert "about as often as it may" in in_words(found)


def test_power_and_coverage_are_simulated_at_the_effect_and_meet_the_plan():
    world = World(n_control=1_000, n_treatment=3_000, control=0.1, effect=0.03)
    found = calibrate("score", world, 4_000)
    assert found.power.value == pytest.approx(found.stated_power, abs=0.03)
    assert found.coverage.value == pytest.approx(0.95, abs=0.012)
    many = World(
        n_control=4_000, n_treatment=4_000, control=0.1, effect=0.02, looks=(0.25, 0.5, 0.75, 1.0)
    )
    found = calibrate("group_sequential", many, 4_000)
    assert found.power.value == pytest.approx(found.stated_power, abs=0.03)
    assert found.coverage.value == pytest.approx(0.95, abs=0.012)


def test_peeking_with_the_fixed_test_is_called_out():
    found = calibrate("peeking", LOOKS, 2_000)
    assert found.size.value > 0.08
    assert "not to be trusted" in in_words(found)


def test_wald_fails_at_low_rates():
    world = World(n_control=300, n_treatment=900, control=0.01)
    assert calibrate("wald", world, 4_000).size.value > 0.07


def test_an_always_valid_method_gives_away_power_and_says_so():
    found = calibrate("confidence_sequence", LOOKS, 2_000)
    assert found.size.value < 0.025
    assert "gives away power" in in_words(found)


def test_a_cancelled_run_answers_for_what_was_done():
    calls = []

    def stop_after_two(done, total):
        calls.append((done, total))
        return len(calls) < 2

    found = calibrate("score", RATES, 10_000, progress=stop_after_two)
    assert calls == [(2_000, 10_000), (4_000, 10_000)]
    assert found.simulations == 4_000
    assert not found.is_complete


def test_a_longer_run_begins_with_the_experiments_of_a_shorter_one():
    seen = []
    calibrate("score", RATES, 4_000, progress=lambda done, _: not seen.append(done))
    assert seen == [2_000, 4_000]
    short = calibrate("score", RATES, 2_000)
    long = calibrate("score", RATES, 4_000)
    assert long.size.value * 4_000 >= short.size.value * 2_000


def test_a_share_of_zero_or_all_still_has_an_error():
    assert Share.of(0, 1_000).se > 0
    assert Share.of(500, 1_000).se == pytest.approx(math.sqrt(0.25 / 1_000))


def test_looks_never_share_a_user_count():
    world = World(n_control=4, n_treatment=4, control=0.5, looks=(0.1, 0.11, 0.12, 1.0))
    assert np.all(np.diff(world.sizes(4)) > 0)


def test_the_report_holds_every_number_with_its_error():
    report = calibration_report(calibrate("score", RATES, 200))
    assert set(report["size"]) == {"value", "se"}
    assert report["power"] is None
    assert report["seed"] == 1


def test_every_simulated_method_names_itself():
    assert all(one.name == name and one.title for name, one in SIMULATED.items())


@pytest.mark.parametrize(
    ("method", "world", "simulations"),
    [
        ("magic", RATES, 1_000),
        ("score", RATES, 10),
        ("score", MEANS, 1_000),
        ("welch", RATES, 1_000),
        ("score", LOOKS, 1_000),
        ("group_sequential", RATES, 1_000),
        ("peeking", World(n_control=9, n_treatment=9, control=0.1, looks=(0.5, 0.9)), 1_000),
        ("peeking", World(n_control=9, n_treatment=9, control=0.1, looks=(0.5, 0.5, 1)), 1_000),
        ("score", World(n_control=1, n_treatment=9, control=0.1), 1_000),
        ("score", World(n_control=9, n_treatment=9, control=0.9, effect=0.2), 1_000),
        ("welch", World(n_control=9, n_treatment=9, control=0.9, sd=0.0), 1_000),
        ("welch", World(n_control=9, n_treatment=9, control=-1.0, sd=1.0, skewed=True), 1_000),
        ("welch", World(n_control=10**6, n_treatment=9, control=1, sd=1, skewed=True), 10_000),
    ],
)
def test_a_world_that_the_method_cannot_take_is_refused(method, world, simulations):
    with pytest.raises(ContractError):
        calibrate(method, world, simulations)
