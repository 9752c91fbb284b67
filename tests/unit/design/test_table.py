from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experimentos.design.anatomy import anatomy
from experimentos.design.incomplete import (
    alpha_design,
    concurrence,
    confounded_blocks,
    incomplete_blocks,
    is_balanced,
)
from experimentos.design.parts import Allotment, Constraint, Matrix, UnitLevel
from experimentos.design.squares import graeco_latin_square, latin_square, williams_sequences
from experimentos.design.table import expand
from experimentos.errors import DesignError
from tests.unit.design.examples import blocks_of, crd, oats, square, strip_plot, treatment


@pytest.mark.parametrize("design", [oats(), crd(), square(), blocks_of(7, 7, 3), strip_plot()])
def test_the_same_seed_gives_the_same_table_and_another_seed_another(design):
    def codes(seed):
        return [c.codes.tolist() for c in expand(design, seed).factors]

    assert codes(4) == codes(4)
    assert any(codes(4) != codes(seed) for seed in range(5, 9))


def test_oats_has_every_combination_once_in_each_block():
    table = expand(oats(), 11)
    assert table.n == 72
    block, variety, rate = (table.factor(f).codes for f in ("block", "variety", "nitrogen"))
    assert len(set(zip(block, variety, rate, strict=True))) == 72
    whole = table.unit("wholeplot").codes
    assert len(set(zip(whole, variety, strict=True))) == 18


def test_a_crossed_unit_is_the_same_unit_in_every_row():
    table = expand(square(4), 2)
    assert len(np.unique(table.unit("column").codes)) == 4
    assert len(np.unique(table.unit("plot").codes)) == 16


def test_unequal_counts_are_taken_parent_by_parent():
    design = blocks_of(2, 3, 4).model_copy(
        update={
            "units": (
                UnitLevel(id="block", name="block", count=3),
                UnitLevel(id="plot", name="plot", parent="block", count=(4, 2, 6)),
            )
        }
    )
    table = expand(design, 1)
    assert np.bincount(table.unit("block").codes).tolist() == [4, 2, 6]
    counts = np.zeros((3, 2), dtype=int)
    np.add.at(counts, (table.unit("block").codes, table.factor("entry").codes), 1)
    assert counts.tolist() == [[2, 2], [1, 1], [3, 3]]


def test_times_within_a_subject_carry_the_levels_of_the_time_factor():
    design = crd(units=4, arms=2)
    week = treatment("week", "1", "2", "3")
    design = design.model_copy(
        update={
            "factors": (*design.factors, week),
            "units": (
                *design.units,
                UnitLevel(
                    id="visit", name="visit", parent="animal", count=3, factor_id="week",
                    is_ordered=True,
                ),
            ),
        }
    )  # fmt: skip
    assert expand(design, 1).factor("week").values() == ("1", "2", "3") * 4


def test_an_unknown_count_is_asked_for():
    design = crd().model_copy(update={"units": (UnitLevel(id="animal", name="animal"),)})
    with pytest.raises(DesignError, match="not known yet"):
        expand(design, 1)


def test_a_design_of_too_many_rows_is_refused_before_it_is_built():
    design = crd().model_copy(
        update={"units": (UnitLevel(id="animal", name="animal", count=1_000_000),)}
    )
    with pytest.raises(DesignError, match="more than 200,000 rows"):
        expand(design, 1)


def test_a_planned_ratio_is_kept():
    design = crd(units=30)
    design = design.model_copy(
        update={
            "allotments": (
                Allotment(
                    id="a1", factor_id="diet", unit_id="animal", rule="complete", ratio=(3, 1, 1)
                ),
            )
        }
    )
    assert np.bincount(expand(design, 1).factor("diet").codes).tolist() == [18, 6, 6]


def test_disallowed_combinations_do_not_occur():
    design = crd(units=18).model_copy(
        update={
            "factors": (treatment("diet", "a", "b", "c"), treatment("dose", "low", "high")),
            "allotments": tuple(
                Allotment(id=f"a_{f}", factor_id=f, unit_id="animal", rule="complete")
                for f in ("diet", "dose")
            ),
            "constraints": (
                Constraint(
                    id="c1", kind="disallowed", factor_ids=("diet", "dose"), levels=("a", "high")
                ),
            ),
        }
    )
    table = expand(design, 1)
    pairs = set(zip(table.factor("diet").values(), table.factor("dose").values(), strict=True))
    assert len(pairs) == 5
    assert ("a", "high") not in pairs


def test_a_box_behnken_matrix_uses_the_low_middle_and_high_value():
    names = ("temperature", "base", "time")
    factors = tuple(
        treatment(name).model_copy(update={"range": (lo, hi), "scale": "numeric"})
        for name, lo, hi in zip(names, (40, 1, 5), (80, 3, 25), strict=True)
    )
    design = crd(units=15).model_copy(
        update={
            "factors": factors,
            "matrix": Matrix(form="box_behnken", factor_ids=names, centre_points=3),
            "allotments": tuple(
                Allotment(id=f"a_{n}", factor_id=n, unit_id="animal", rule="complete")
                for n in names
            ),
        }
    )
    table = expand(design, 2)
    assert table.factor("temperature").labels == ("40", "60", "80")
    centre = sum(
        row == ("60", "2", "15")
        for row in zip(*(table.factor(n).values() for n in names), strict=True)
    )
    assert centre == 3


@given(st.integers(2, 12), st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_every_row_and_column_of_a_latin_square_holds_every_symbol(t, seed):
    drawn = latin_square(t, np.random.default_rng(seed))
    assert (np.sort(drawn, axis=0) == np.arange(t)[:, None]).all()
    assert (np.sort(drawn, axis=1) == np.arange(t)).all()


@pytest.mark.parametrize("t", [3, 4, 5, 7, 8, 9, 11])
def test_the_two_alphabets_of_a_graeco_latin_square_meet_once(t):
    latin, greek = graeco_latin_square(t, np.random.default_rng(t))
    assert len(np.unique(latin * t + greek)) == t * t
    for drawn in (latin, greek):
        assert (np.sort(drawn, axis=0) == np.arange(t)[:, None]).all()
        assert (np.sort(drawn, axis=1) == np.arange(t)).all()


def test_there_is_no_graeco_latin_square_of_order_six():
    with pytest.raises(DesignError, match="order 6 does not exist"):
        graeco_latin_square(6, np.random.default_rng(1))


@pytest.mark.parametrize("t", range(2, 10))
def test_in_williams_sequences_every_treatment_follows_every_other_equally_often(t):
    sequences = williams_sequences(t)
    follows = np.zeros((t, t), dtype=int)
    np.add.at(follows, (sequences[:, :-1], sequences[:, 1:]), 1)
    off = follows[~np.eye(t, dtype=bool)]
    assert np.diag(follows).sum() == 0
    assert off.min() == off.max() == (1 if t % 2 == 0 else 2)
    assert (np.bincount((sequences + np.arange(t) * t).ravel()) == len(sequences) / t).all()


# Cochran and Cox (1957), table 11.3: parameters of balanced incomplete block designs.
@pytest.mark.parametrize(
    ("t", "size", "blocks", "meet"),
    [(4, 2, 6, 1), (4, 3, 4, 2), (5, 2, 10, 1), (5, 3, 10, 3), (6, 3, 10, 2), (7, 3, 7, 1),
     (7, 4, 7, 2), (9, 3, 12, 1), (11, 5, 11, 2), (13, 4, 13, 1), (13, 3, 26, 1)],
)  # fmt: skip
def test_a_known_balanced_incomplete_block_design_is_found(t, size, blocks, meet):
    plan = incomplete_blocks(t, blocks, size, np.random.default_rng(1))
    assert is_balanced(plan, t)
    assert concurrence(plan, t)[0, 1] == meet
    assert all(len(set(row)) == size for row in plan.tolist())


@pytest.mark.parametrize(("t", "size", "replicates"), [(20, 4, 3), (12, 3, 2), (24, 6, 4)])
def test_every_replicate_of_an_alpha_design_holds_every_treatment_once(t, size, replicates):
    plan = alpha_design(t, size, replicates, np.random.default_rng(3))
    assert plan.shape == (replicates, t // size, size)
    assert (np.sort(plan.reshape(replicates, -1), axis=1) == np.arange(t)).all()
    off = concurrence(plan.reshape(-1, size), t)[~np.eye(t, dtype=bool)]
    assert off.max() <= 2


def test_two_cubed_in_blocks_of_four_confounds_the_highest_interaction():
    blocks = confounded_blocks(3, 4)
    parity = [[int(r).bit_count() % 2 for r in block] for block in blocks]
    assert [set(p) for p in parity] == [{0}, {1}]


def test_a_crossover_is_balanced_for_carry_over():
    design = square(4)
    units = (
        UnitLevel(id="row", name="subject", count=8),
        UnitLevel(id="column", name="period", count=4, crossed_with=("row",), is_ordered=True),
        UnitLevel(id="plot", name="visit", parent="column", count=1),
    )
    feeds = expand(design.model_copy(update={"units": units}), 9).factor("feed").codes
    sequences = feeds.reshape(8, 4)
    follows = np.zeros((4, 4), dtype=int)
    np.add.at(follows, (sequences[:, :-1], sequences[:, 1:]), 1)
    assert set(follows[~np.eye(4, dtype=bool)].tolist()) == {2}


def test_a_latin_square_that_does_not_fit_says_what_would():
    design = square(5)
    units = tuple(u.model_copy(update={"count": 4}) if u.id != "plot" else u for u in design.units)
    with pytest.raises(DesignError, match="does not fit 4 rows"):
        expand(design.model_copy(update={"units": units}), 1)


def greek(t: int, rows: int, kind: str = "nuisance"):
    """Return a square whose plots carry a second alphabet."""
    design = square(t)
    second = treatment("assembly", *(f"g{k}" for k in range(t))).model_copy(update={"kind": kind})
    allotment = design.allotments[0].model_copy(update={"id": "a2", "factor_id": "assembly"})
    units = (design.units[0].model_copy(update={"count": rows}), *design.units[1:])
    return design.model_copy(
        update={
            "factors": (*design.factors, second),
            "allotments": (*design.allotments, allotment),
            "units": units,
        }
    )


@pytest.mark.parametrize(("t", "rows"), [(3, 3), (4, 8), (5, 5), (7, 14), (8, 8)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_second_alphabet_meets_every_row_column_and_treatment_equally_often(t, rows, seed):
    table = expand(greek(t, rows), seed)
    columns = [table.unit("row").codes, table.unit("column").codes]
    columns += [table.factor("feed").codes, table.factor("assembly").codes]
    for a, b in combinations(columns, 2):
        meet = np.zeros((int(a.max()) + 1, int(b.max()) + 1), dtype=int)
        np.add.at(meet, (a, b), 1)
        assert meet.min() == meet.max()


@pytest.mark.parametrize("kind", ["nuisance", "treatment"])
def test_a_graeco_latin_square_has_the_published_analysis_of_variance(kind):
    # Montgomery (2017), table 4.19: Latin, Greek, rows, columns p - 1 each, error (p - 3)(p - 1).
    strata = anatomy(expand(greek(5, 5, kind), 1)).strata
    assert [s.df for s in strata] == [4, 4, 16]
    assert {s.name: s.df for s in strata[2].sources} == {"feed": 4, "assembly": 4}
    assert strata[2].residual_df == 8


def test_a_graeco_latin_square_of_order_six_is_refused_in_a_sentence():
    with pytest.raises(DesignError, match="order 6 does not exist"):
        expand(greek(6, 6), 1)


def test_a_factorial_in_a_latin_square_is_no_graeco_latin_square():
    design = square(4)
    two = tuple(treatment(f, "low", "high") for f in "ab")
    rule = design.allotments[0]
    allotments = tuple(rule.model_copy(update={"id": f"a_{f}", "factor_id": f}) for f in "ab")
    factors = (*design.factors[:2], *two)
    table = expand(design.model_copy(update={"factors": factors, "allotments": allotments}), 1)
    pairs = (table.factor("a").codes * 2 + table.factor("b").codes).reshape(4, 4)
    assert (np.sort(pairs, axis=0) == np.arange(4)[:, None]).all()
    assert (np.sort(pairs, axis=1) == np.arange(4)).all()
