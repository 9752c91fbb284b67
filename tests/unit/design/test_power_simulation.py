"""Power by simulation, held to closed forms and to published power of two proportions."""

import math

import numpy as np
import pytest

from experimentos.design.parts import Factor, Level, Response, UnitLevel
from experimentos.design.patch import Patch, Update, apply
from experimentos.design.power import Assumed, power_of
from experimentos.design.power_simulation import (
    Simulation,
    assumptions,
    scale_of,
    simulate_power,
)
from experimentos.design.responses import Scale, draw
from experimentos.design.rules import context
from experimentos.design.templates import template
from experimentos.errors import DesignError
from tests.unit.design.examples import (
    blocks_of,
    crd,
    oats,
    square,
    strip_plot,
    surface,
    unequal,
)

SIMULATIONS = 2_000
MANY = Simulation(SIMULATIONS, seed=11)


def measured(design, **fields):
    """The design with a response of these fields as its primary one."""
    known = {"expected_range": (-1.6449, 1.6449), "smallest_effect": 1.0, "family": "normal"}
    edit = Update(part="responses", id=design.responses[0].id, fields={**known, **fields})
    return apply(design, Patch(edits=(edit,)))


def simulated(design, given, how=MANY, report=None):
    found = context(design)
    return simulate_power(design, found.table, found.anatomy, given, how=how, report=report)


def slack(power: float) -> float:
    return 4 * math.sqrt(max(power * (1 - power), 0.002) / SIMULATIONS)


@pytest.mark.parametrize(
    ("design", "effect", "share"),
    [
        (crd(12, 3), 1.8, 1.0),
        (oats(), 0.7, 1.0),
        (oats(), 0.9, 0.4),
        (square(5), 1.6, 1.0),
        (blocks_of(4, 6, 4), 1.5, 1.0),
        (strip_plot(), 1.5, 0.5),
        (blocks_of(7, 14, 3), 2.5, 1.0),
        (blocks_of(6, 9, 4), 2.2, 1.0),
        (unequal(4, 2, 1, 1, units=40), 1.9, 1.0),
        (surface("ccd", 3, 20, centre=6), 1.8, 1.0),
        (surface("fraction", 3, 12, centre=4, generators="a b c"), 2.0, 1.0),
    ],
    ids=[
        "crd",
        "split plot",
        "split plot with icc",
        "square",
        "blocks",
        "strip plot",
        "balanced incomplete blocks",
        "unbalanced incomplete blocks",
        "unequal arms",
        "central composite",
        "centre points",
    ],
)
def test_the_simulation_agrees_with_the_closed_form(design, effect, share):
    design = measured(design)
    given = Assumed(effect, 1.0, share)
    found = context(design)
    exact = {f.factor_id: f.power for f in power_of(found.table, found.anatomy, given)}
    for each in simulated(design, given):
        assert abs(each.power - exact[each.factor_id]) < slack(exact[each.factor_id])


@pytest.mark.parametrize(
    ("family", "centre", "fields"),
    [
        ("normal", None, {}),
        ("studentt", None, {}),
        ("lognormal", 10.0, {"expected_range": (5.0, 20.0)}),
        ("gamma", 10.0, {"expected_range": (5.0, 20.0)}),
        ("poisson", 9.0, {}),
        ("negative_binomial", 9.0, {"expected_range": (1.0, 25.0)}),
        ("bernoulli", 0.4, {}),
        ("beta", 0.4, {"expected_range": (0.1, 0.7)}),
        ("ordered", 4.0, {"expected_range": (2.0, 6.0), "cutpoints": 7}),
    ],
)
def test_a_true_null_is_rejected_at_alpha_whatever_the_family(family, centre, fields):
    design = measured(crd(60, 3), family=family, expected_centre=centre, **fields)
    given = assumptions(design)
    none = Assumed(0.0, given.sd, 1.0, 0.05)
    share = simulated(design, none)[0].power
    # Averages of twenty values: what is left of skewness costs less than a point.
    assert abs(share - 0.05) < 4 * math.sqrt(0.05 * 0.95 / SIMULATIONS) + 0.01


def test_two_proportions_have_their_known_power():
    # The power of 0.30 against 0.50 with 93 in each arm is that of statsmodels' NormalIndPower.
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    design = measured(crd(186, 2), family="bernoulli", expected_centre=0.4, smallest_effect=0.2)
    exact = NormalIndPower().power(proportion_effectsize(0.5, 0.3), 93, 0.05)
    share = simulated(design, assumptions(design))[0].power
    assert abs(share - exact) < slack(exact) + 0.01


def test_measuring_a_unit_again_adds_nothing_when_units_hold_all_variation():
    document = template("cluster_randomised").design
    given = assumptions(document, between_share=1.0)
    small = apply(document, Patch(edits=(Update(part="units", id="pupil", fields={"count": 2}),)))
    one, other = simulated(document, given)[0], simulated(small, given)[0]
    assert abs(one.power - other.power) < slack(one.power) + slack(other.power)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("family", ["bernoulli", "beta"])
def test_shares_keep_their_mean_and_their_likeness_within_units(family, share):
    rng = np.random.default_rng(5)
    shifts = np.repeat(rng.standard_normal((400, 50)), 2, axis=1)
    values = draw(Scale(family, 0.3, 0.2), np.zeros(100), shifts, share, rng)
    assert abs(values.mean() - 0.3) < 0.02
    first, second = values[:, ::2].ravel(), values[:, 1::2].ravel()
    alike = np.corrcoef(first, second)[0, 1]
    assert abs(alike - share) < 0.05


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"smallest_effect": None}, "smallest effect"),
        ({"expected_range": None}, "varies"),
        ({"family": "bernoulli", "expected_range": (2.0, 8.0)}, "between 0 and 1"),
        ({"family": "gamma", "expected_range": (-8.0, -2.0)}, "positive"),
    ],
)
def test_what_is_not_stated_is_asked_for(fields, says):
    design = measured(crd(), **fields)
    with pytest.raises(DesignError) as caught:
        simulated(design, assumptions(design))
    assert says in f"{caught.value.message} {caught.value.hint}"


def test_a_design_without_a_primary_response_has_no_scale():
    bare = crd().model_copy(update={"responses": ()})
    for ask in (lambda design: scale_of(design, 1.0), assumptions):
        with pytest.raises(DesignError, match="primary response"):
            ask(bare)


def test_only_families_that_do_not_shift_need_an_expected_value():
    bare = measured(crd(), expected_range=None)
    assert scale_of(bare, 2.0).sd == 2.0
    with pytest.raises(DesignError, match="usually has"):
        scale_of(measured(crd(), expected_range=None, family="gamma"), 2.0)


def test_it_reports_and_can_be_stopped():
    design = measured(crd())
    told = []

    def report(done, total):
        told.append((done, total))
        return False

    with pytest.raises(DesignError, match="stopped"):
        simulated(design, assumptions(design), report=report)
    assert told == [(SIMULATIONS, SIMULATIONS)]


def test_a_design_with_no_error_left_finds_nothing():
    design = measured(crd(3, 3))
    assert simulated(design, Assumed(5.0, 1.0))[0].found == 0


def test_a_design_that_is_too_large_says_so():
    units = (UnitLevel(id="user", name="user", count=150_000),)
    levels = tuple(Level(label=str(k)) for k in range(400))
    factor = Factor(id="arm", name="arm", kind="treatment", levels=levels)
    document = crd().model_copy(
        update={
            "units": units,
            "factors": (factor,),
            "allotments": (crd().allotments[0].model_copy(
                update={"factor_id": "arm", "unit_id": "user"}),),
            "responses": (Response(id="y", name="y", measured_on="user", primary=True,
                                   expected_range=(0, 1), smallest_effect=0.1),),
        }
    )  # fmt: skip
    with pytest.raises(DesignError, match="too many"):
        simulated(document, assumptions(document))


def test_the_same_seed_gives_the_same_answer():
    design = measured(oats())
    given = assumptions(design)
    assert simulated(design, given) == simulated(design, given)
    assert simulated(design, given)[0].error > 0
