"""The skeleton analysis of variance against published tables."""

import numpy as np
import pytest

from experimentos.design.anatomy import anatomy
from experimentos.design.table import Column, DesignTable, expand
from tests.unit.design.examples import (
    blocks_of,
    crd,
    factorial_in_blocks,
    oats,
    square,
    strip_plot,
    surface,
)


def skeleton(design):
    """Return {stratum: ({term: df}, residual df)} of a design or a table."""
    table = design if isinstance(design, DesignTable) else expand(design, 1)
    return {
        s.name: ({source.name: source.df for source in s.sources}, s.residual_df)
        for s in anatomy(table).strata
    }


def test_oats_is_the_split_plot_table_of_venables_and_ripley():
    # Venables and Ripley (2002), Modern Applied Statistics with S, section 10.2:
    # Error: B 5; Error: V %in% B: V 2, residuals 10; Within: N 3, N x V 6, residuals 45.
    assert skeleton(oats()) == {
        "block": ({}, 5),
        "whole plot": ({"variety": 2}, 10),
        "subplot": ({"nitrogen": 3, "variety x nitrogen": 6}, 45),
    }


NPK_PLAN = """
1 0 1 1  1 1 1 0  1 0 0 0  1 1 0 1  2 1 0 0  2 1 1 1  2 0 0 1  2 0 1 0
3 0 1 0  3 1 1 1  3 1 0 0  3 0 0 1  4 1 0 0  4 1 1 1  4 0 0 1  4 0 1 0
5 1 1 0  5 0 0 0  5 1 0 1  5 0 1 1  6 1 0 1  6 1 1 0  6 0 1 1  6 0 0 0
"""


def test_npk_is_the_confounded_table_of_r():
    # datasets::npk (Imperial College; MASS section 6.7): summary(aov(yield ~ N*P*K + Error(block)))
    # Error: block: N:P:K 1, residuals 4; Within: six terms of 1 and residuals 12.
    plan = np.array(NPK_PLAN.split(), dtype=int).reshape(-1, 4)
    table = DesignTable(
        n=24,
        units=(
            Column("block", "block", "unit", tuple("123456"), plan[:, 0] - 1),
            Column("plot", "plot", "unit", tuple(map(str, range(24))), np.arange(24)),
        ),
        factors=tuple(
            Column(f, f, "treatment", ("0", "1"), plan[:, k + 1]) for k, f in enumerate("NPK")
        ),
        allotted=dict.fromkeys("NPK", "plot"),
        seed=0,
    )
    expected = {
        "block": ({"N x P x K": 1}, 4),
        "plot": ({"N": 1, "P": 1, "K": 1, "N x P": 1, "N x K": 1, "P x K": 1}, 12),
    }
    assert skeleton(table) == expected


def test_a_two_cubed_in_blocks_of_four_is_drawn_with_the_same_anatomy_as_npk():
    drawn = skeleton(factorial_in_blocks())
    assert drawn["block"] == ({"n x p x k": 1}, 4)
    assert drawn["plot"][1] == 12


def test_a_latin_square_leaves_t_minus_1_times_t_minus_2_for_error():
    # Cochran and Cox (1957), Experimental Designs, section 4.3: (t - 1)(t - 2) error d.f.
    assert skeleton(square(5)) == {
        "row": ({}, 4),
        "column": ({}, 4),
        "plot": ({"feed": 4}, 12),
    }


def test_a_balanced_incomplete_block_design_has_its_published_efficiency():
    # Cochran and Cox (1957), plan 11.7: t = 7, k = 3, r = 3, b = 7, lambda = 1, E = 0.78 = 7/9.
    found = anatomy(expand(blocks_of(7, 7, 3), 3))
    between, within = found.strata
    assert (between.df, between.sources[0].df, between.residual_df) == (6, 6, 0)
    assert (within.df, within.sources[0].df, within.residual_df) == (14, 6, 8)
    assert within.sources[0].efficiency == pytest.approx(7 / 9, rel=1e-9)
    assert between.sources[0].efficiency == pytest.approx(2 / 9, rel=1e-9)
    assert found.tested("entry").error == "plot"


def test_a_strip_plot_has_three_errors():
    # Gomez and Gomez (1984), Statistical Procedures for Agricultural Research, table 3.12: six
    # varieties in vertical and three nitrogen rates in horizontal strips, three replications:
    # replication 2; A 5, error (a) 10; B 2, error (b) 4; A x B 10, error (c) 20.
    assert skeleton(strip_plot()) == {
        "block": ({}, 2),
        "vertical strip": ({"variety": 5}, 10),
        "horizontal strip": ({"nitrogen": 2}, 4),
        "plot": ({"variety x nitrogen": 10}, 20),
    }


@pytest.mark.parametrize("design", [oats(), square(4), blocks_of(6, 10, 3), strip_plot(), crd()])
def test_the_strata_have_all_degrees_of_freedom_but_the_mean(design):
    found = anatomy(expand(design, 5))
    assert sum(s.df for s in found.strata) == found.n - 1


def test_subsampling_tests_a_treatment_against_the_units_that_received_it():
    design = crd(units=12)
    response = design.responses[0].model_copy(update={"repeats": 3})
    found = anatomy(expand(design.model_copy(update={"responses": (response,)}), 1))
    tested = found.tested("diet")
    assert (tested.error, tested.error_df, tested.replication) == ("animal", 9, 4)


def test_a_confounded_term_is_reported_as_lost_where_it_can_not_be_seen():
    table = expand(crd(units=4, arms=2), 1)
    twin = Column("day", "day", "treatment", ("1", "2"), table.factors[0].codes)
    both = DesignTable(4, table.units, (*table.factors, twin), {}, 0)
    found = anatomy(both)
    assert found.tested("day") is None
    assert found.tested("diet").error_df == 2


def test_a_central_composite_is_fitted_by_a_quadratic():
    # Montgomery (2017), section 11.4: three factors, 8 + 6 + 6 runs; the second-order model has
    # 3 linear, 3 interaction and 3 quadratic terms and leaves 10 (5 lack of fit, 5 pure error).
    sources, residual = skeleton(surface("ccd", 3, 20, centre=6))["run"]
    linear, products = {"a": 1, "b": 1, "c": 1}, {"a x b": 1, "a x c": 1, "b x c": 1}
    assert sources == linear | products | {f"{f} squared": 1 for f in "abc"}
    assert residual == 10


def test_a_box_behnken_of_three_factors_leaves_five_degrees_of_freedom():
    # Box and Behnken (1960), Technometrics 2: 12 + 3 runs, ten coefficients.
    sources, residual = skeleton(surface("box_behnken", 3, 15, centre=3))["run"]
    assert (sum(sources.values()), residual) == (9, 5)


def test_centre_points_of_a_square_are_one_curvature_and_the_pure_error():
    # Montgomery (2017), example 6.7: a 2^2 with five centre points: A, B, AB, curvature 1 each,
    # pure error 4.
    design = surface("fraction", 2, 9, centre=5, generators="a b")
    assert skeleton(design)["run"] == ({"a": 1, "b": 1, "a x b": 1, "curvature": 1}, 4)


def test_a_slope_is_found_by_its_name_and_its_square_is_another_test():
    found = anatomy(expand(surface("ccd", 2, 13, centre=5), 1))
    assert found.tested("a").source.name == "a"
    assert found.tested("a", "a").source.name == "a squared"
    assert found.tested("a", "b").source.name == "a x b"
