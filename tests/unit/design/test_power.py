import math

import numpy as np
import pytest

from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import Response
from experimentos.design.power import Assumed, assumed, blocks_needed, design_power
from experimentos.errors import DesignError
from tests.unit.design.examples import blocks_of, crd, oats, surface, unequal


def test_two_groups_have_the_power_of_the_t_test():
    # R: power.t.test(n = 20, delta = 1, sd = 1)$power = 0.8689528
    found = design_power(crd(units=40, arms=2), Assumed(effect=1, sd=1))[0]
    assert found.power == pytest.approx(0.8689528, abs=2e-6)
    assert (found.df, found.error_df, found.error) == (1, 38, "animal")


def test_four_groups_with_two_at_the_ends_have_the_power_of_the_anova():
    # Cohen (1988), section 8.3: pattern of minimum variability, f = d sqrt(1 / (2k)).
    # k = 4, d = 1: f = 0.35355; lambda = f^2 N = 0.125 * 60 = 7.5.
    found = design_power(crd(units=60, arms=4), Assumed(effect=1, sd=1))[0]
    assert found.noncentrality == pytest.approx(7.5)


def test_a_whole_plot_factor_is_tested_with_whole_plot_error():
    whole, sub = design_power(oats(), Assumed(effect=10, sd=15, between_share=0.5))
    assert (whole.error, whole.error_df) == ("whole plot", 10)
    assert (sub.error, sub.error_df) == ("subplot", 45)
    expected = 24 * 10**2 / (2 * 15**2 * (1 + 3 * 0.5))
    assert whole.noncentrality == pytest.approx(expected)


def test_measuring_a_unit_again_adds_nothing_when_all_variation_lies_among_units():
    once = crd(units=12, arms=3)
    response = Response(id="gain", name="gain", repeats=4, primary=True)
    often = once.model_copy(update={"responses": (response,)})
    given = Assumed(effect=1, sd=1)
    assert design_power(often, given)[0].power == pytest.approx(design_power(once, given)[0].power)


def test_incomplete_blocks_have_power_in_proportion_to_their_efficiency():
    found = design_power(blocks_of(7, 7, 3), Assumed(effect=2, sd=1))[0]
    assert found.noncentrality == pytest.approx(7 / 9 * 3 * 4 / 2)


def test_a_planned_ratio_has_the_power_of_the_unequal_t_test():
    # statsmodels, TTestIndPower; 0.8 to 0.2 of 50 is 40 and 10.
    from statsmodels.stats.power import TTestIndPower

    found = design_power(unequal(4, 1, units=50), Assumed(effect=0.9, sd=1))[0]
    expected = TTestIndPower().power(effect_size=0.9, nobs1=40, alpha=0.05, ratio=0.25)
    assert found.power == pytest.approx(expected, abs=1e-9)


def test_of_unequal_arms_the_two_smallest_are_hardest_to_tell_apart():
    # 20, 10, 10: the variance of the difference of the two small arms is 1/10 + 1/10.
    found = design_power(unequal(2, 1, 1, units=40), Assumed(effect=1, sd=1))[0]
    assert found.noncentrality == pytest.approx(1 / (1 / 10 + 1 / 10))


def test_a_slope_on_a_central_composite_uses_its_axial_points_as_they_lie():
    # Coded x has sum of squares 2^3 + 2 (2^3)^(1/2); a rise of d from -1 to 1 is a slope of d / 2.
    found = design_power(surface("ccd", 3, 20, centre=6), Assumed(effect=3, sd=2))
    expected = (3 / 2) ** 2 * (8 + 2 * math.sqrt(8)) / 2**2
    assert [f.noncentrality for f in found] == pytest.approx([expected] * 3)
    assert {(f.df, f.error_df) for f in found} == {(1, 10)}


def test_centre_points_add_error_degrees_of_freedom_and_nothing_to_a_slope():
    found = design_power(
        surface("fraction", 2, 9, centre=5, generators="a b"), Assumed(effect=2, sd=1)
    )
    assert [(f.noncentrality, f.error_df) for f in found] == [(pytest.approx(4.0), 4)] * 2


def test_a_difference_that_no_block_shows_is_not_found_at_all():
    # Blocks of one: blocks and treatments are the same thing.
    found = design_power(blocks_of(3, 3, 1), Assumed(effect=5, sd=1))
    assert all(f.power <= 0.05 for f in found)


def test_the_smallest_number_of_blocks_reaches_the_goal_and_one_less_does_not():
    given = Assumed(effect=1.2, sd=1)
    count = blocks_needed(blocks_of(4, 4, 4), given, goal=0.8, unit_id="block")
    powers = [design_power(blocks_of(4, n, 4), given)[0].power for n in (count - 1, count)]
    assert powers[0] < 0.8 <= powers[1]


def test_units_that_receive_the_treatments_come_in_whole_sets():
    given = Assumed(effect=1.1, sd=1)
    animals = blocks_needed(crd(units=12, arms=3), given, goal=0.8, unit_id="animal")
    assert animals % 3 == 0
    less = design_power(crd(units=animals - 3, arms=3), given)[0]
    assert less.power < 0.8 <= design_power(crd(units=animals, arms=3), given)[0].power
    runs = blocks_needed(surface("ccd", 3, 20, centre=6), given, goal=0.8, unit_id="run")
    assert runs % 20 == 0


def test_a_unit_that_does_not_replicate_a_treatment_is_no_way_to_the_goal():
    given = Assumed(effect=0.01, sd=10)
    assert blocks_needed(crd(), given, goal=0.8, unit_id="animal") is None


def test_the_spread_is_read_from_the_expected_range():
    response = Response(
        id="y",
        name="y",
        expected_range=(0, 2 * 1.6448536269514722),
        smallest_effect=1,
        primary=True,
    )
    design = ExperimentDescription(responses=(response,))
    assert assumed(design).sd == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: assumed(crd()), "expected range"),
        (lambda: design_power(crd(), Assumed(effect=-1, sd=1)), "must be positive"),
        (lambda: blocks_needed(crd(), Assumed(1, 1), goal=0.8, unit_id="moon"), "not a unit"),
    ],
)
def test_power_without_its_assumptions_is_refused(call, says):
    with pytest.raises(DesignError, match=says):
        call()


@pytest.mark.slow
def test_the_stated_power_is_how_often_the_test_rejects():
    sims, reps = 4000, 4
    found = design_power(blocks_of(3, reps, 3), Assumed(effect=2, sd=1))[0]
    rng = np.random.default_rng(1)
    from scipy.stats import f

    effects = np.array([-1.0, 0.0, 1.0])
    y = effects + rng.normal(size=(sims, reps, 1)) * 3 + rng.normal(size=(sims, reps, 3))
    grand = y.mean(axis=(1, 2), keepdims=True)
    treatments = y.mean(axis=1, keepdims=True) - grand
    blocks = y.mean(axis=2, keepdims=True) - grand
    residual = y - grand - treatments - blocks
    ratio = (reps * (treatments**2).sum(axis=(1, 2)) / 2) / (
        (residual**2).sum(axis=(1, 2)) / (2 * (reps - 1))
    )
    rejected = float((f.sf(ratio, 2, 2 * (reps - 1)) < 0.05).mean())
    assert rejected == pytest.approx(
        found.power, abs=4 * math.sqrt(found.power * (1 - found.power) / sims)
    )
