"""Group-sequential boundaries against rpact, printed constants and the recursion's laws."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import norm

from experimentos.errors import ContractError
from experimentos.plan.looks import boundary, crossing, wang_tsiatis
from experimentos.plan.spending import SPENDING, spent

# rpact 3.3.4: getDesignGroupSequential(typeOfDesign = "asOF" / "asP", alpha = 0.025).
RPACT = [
    (
        "obrien_fleming",
        (0.2, 0.4, 0.6, 0.8, 1.0),
        (4.876884948790762, 3.3570119215746437, 2.6802800645450193, 2.289816767712352, 2.03103204),
    ),
    (
        "pocock",
        (0.3, 0.5, 0.9, 1.0),
        (2.311835303805784, 2.397645299816919, 2.2723337073750765, 2.39591106981013),
    ),
]
LOOKS = st.lists(st.floats(0.02, 0.98), min_size=0, max_size=6, unique=True).map(
    lambda rest: tuple(sorted({round(t, 2) for t in rest} | {1.0}))
)
SPEND = st.sampled_from([*SPENDING, "kim1", "kim3", "kim0.5"])


@pytest.mark.parametrize(("spending", "fractions", "z"), RPACT)
def test_boundaries_agree_with_rpact(spending, fractions, z):
    assert boundary(fractions, spending, 0.025).z == pytest.approx(z, abs=2e-6)


@pytest.mark.parametrize(
    ("looks", "delta", "printed"),
    # Jennison and Turnbull 2000, tables 2.1 (Pocock) and 2.3 (O'Brien and Fleming), alpha 0.05.
    [(2, 0.0, 1.977), (5, 0.0, 2.040), (10, 0.0, 2.087), (2, 0.5, 2.178), (5, 0.5, 2.413)],
)
def test_classic_constants_are_the_printed_ones(looks, delta, printed):
    constant, bound = wang_tsiatis(looks, delta, 0.05)
    assert constant == pytest.approx(printed, abs=6e-4)
    assert bound.z[-1] == constant
    assert bound.two_sided


def test_a_single_look_is_the_fixed_test():
    assert boundary((1.0,), "pocock", 0.025).z[0] == pytest.approx(1.959963984540054, abs=1e-12)
    assert wang_tsiatis(1, 0.0, 0.05)[0] == pytest.approx(1.959963984540054, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(fractions=LOOKS, spending=SPEND, alpha=st.sampled_from([0.1, 0.025, 0.005]))
def test_a_boundary_spends_exactly_its_level_look_by_look(fractions, spending, alpha):
    bound = boundary(fractions, spending, alpha)
    used = np.cumsum(crossing(bound.fractions, bound.z))
    assert used == pytest.approx(np.array(bound.spent), abs=1e-9)
    assert used[-1] == pytest.approx(alpha, rel=1e-7)


def test_simulated_paths_cross_as_often_as_the_recursion_says():
    rng = np.random.default_rng(3)
    bound = boundary((0.2, 0.5, 0.55, 1.0), "pocock", 0.1)
    steps = np.sqrt(np.diff((0.0, *bound.fractions)))
    times = np.array(bound.fractions)
    b = np.cumsum(rng.standard_normal((200_000, 4)) * steps, axis=1) + 1.5 * times
    over = b / np.sqrt(times) >= np.array(bound.z)
    first = np.where(over.any(axis=1), over.argmax(axis=1), 9)
    seen = [float(np.mean(first == k)) for k in range(4)]
    assert crossing(bound.fractions, bound.z, 1.5) == pytest.approx(seen, abs=0.005)


def test_an_overrun_uses_the_real_information_and_leaves_nothing_for_later():
    bound = boundary((0.5, 1.2, 1.3), "obrien_fleming", 0.025)
    assert bound.spent[1:] == (0.025, 0.025)
    assert bound.z[2] == math.inf
    assert bound.nominal_p[2] == 0.0
    later = boundary((0.5, 1.2), "obrien_fleming", 0.025)
    assert sum(crossing(later.fractions, later.z)) == pytest.approx(0.025, rel=1e-9)


def test_an_experiment_that_ends_early_spends_what_is_left():
    bound = boundary((0.3, 0.7), "obrien_fleming", 0.025, is_final=True)
    assert sum(crossing(bound.fractions, bound.z)) == pytest.approx(0.025, rel=1e-9)
    assert bound.z[-1] < boundary((0.3, 0.7), "obrien_fleming", 0.025).z[-1]


def test_a_look_with_nothing_to_spend_cannot_stop():
    assert boundary((1e-4, 1.0), "obrien_fleming", 0.025).z[0] == math.inf


def test_a_look_far_too_early_has_the_bound_of_its_level_alone():
    # Stopping at |z| >= 2.2414 / sqrt(t), the shape of O'Brien and Fleming's boundary.
    bound = boundary((0.01, 0.011, 1.0), "obrien_fleming", 0.025)
    assert bound.z[:2] == pytest.approx((22.383143, 21.3406), abs=2e-2)


def test_looks_very_close_together_keep_the_level():
    bound = boundary((0.5, 0.5001, 0.9999, 1.0), "pocock", 0.025)
    assert sum(crossing(bound.fractions, bound.z)) == pytest.approx(0.025, rel=1e-6)


def test_spending_starts_at_nothing_and_ends_at_the_level():
    for name in [*SPENDING, "kim2"]:
        assert spent(name, 0.0, 0.025) == 0.0
        assert spent(name, 1.0, 0.025) == 0.025
        levels = [spent(name, t / 10, 0.025) for t in range(11)]
        assert levels == sorted(levels)


@pytest.mark.parametrize(
    "call",
    [
        lambda: boundary((), "pocock", 0.025),
        lambda: boundary((0.5, 0.5), "pocock", 0.025),
        lambda: boundary((0.0, 1.0), "pocock", 0.025),
        lambda: boundary((0.5, math.inf), "pocock", 0.025),
        lambda: boundary((1.0,), "pocock", 0.6),
        lambda: boundary((0.5, 1.0), "kimono", 0.025),
        lambda: boundary((0.5, 1.0), "kim-1", 0.025),
        lambda: boundary((0.5, 1.0), "peto", 0.025),
        lambda: wang_tsiatis(0, 0.0, 0.05),
        lambda: wang_tsiatis(2, 0.0, 1.5),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(call):
    with pytest.raises(ContractError):
        call()


@pytest.mark.parametrize(
    "fractions", [(0.5, 0.51, 1.0), (0.3, 0.3003, 1.0), (0.98, 0.99, 1.0), (0.1, 0.9, 0.901)]
)
def test_looks_that_lie_close_together_spend_exactly_what_they_may(fractions):
    found = boundary(fractions, "pocock", 0.025)
    first, second = fractions[0], fractions[1]
    end, bound = (z * math.sqrt(t) for z, t in zip(found.z[:2], fractions[:2], strict=True))
    sd = math.sqrt(second - first)

    def passes(b):
        return norm.pdf(b, 0, math.sqrt(first)) * norm.sf((bound - b) / sd)

    low = -8 * math.sqrt(first)
    cuts = sorted({low, end, *(max(low, min(end, bound - k * sd)) for k in (12, 4, 0))})
    chance = sum(integrate.quad(passes, *ends, epsabs=1e-15)[0] for ends in pairwise(cuts))
    assert chance == pytest.approx(found.spent[1] - found.spent[0], rel=1e-10)


def test_a_hundred_looks_spend_all_of_alpha_and_no_more():
    fractions = tuple((k + 1) / 100 for k in range(100))
    found = boundary(fractions, "obrien_fleming", 0.025)
    assert sum(crossing(fractions, found.z)) == pytest.approx(0.025, rel=1e-9)
    assert list(found.z) == sorted(found.z, reverse=True)
