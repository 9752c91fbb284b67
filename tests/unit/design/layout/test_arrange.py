import tracemalloc
from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2

from experimentos.design.document import ExperimentDescription
from experimentos.design.layout import arrange, violations
from experimentos.design.layout.arrange import Arrangement
from experimentos.design.parts import Allotment, Constraint, Layout, UnitLevel
from experimentos.errors import DesignError
from tests.unit.design.examples import (
    blocks_of,
    crd,
    factorial_in_blocks,
    oats,
    square,
    strip_plot,
    treatment,
)

SEEDS = 1000


def plate(wells=96, count=60, arms=5, constraints=(), **fields) -> ExperimentDescription:
    layout = Layout.model_validate({"form": "plate", "wells": wells, "edge": "guard"} | fields)
    design = crd(units=count, arms=arms)
    return design.model_copy(update={"layout": layout, "constraints": tuple(constraints)})


def adjacent(most, *factors) -> Constraint:
    return Constraint(id="adj", kind="max_adjacent", limit=most, factor_ids=factors)


def fixed(level, *positions) -> Constraint:
    return Constraint(
        id="fix", kind="fixed", factor_ids=("diet",), levels=(level,), positions=positions
    )


def kept(unit) -> Constraint:
    return Constraint(id="keep", kind="keep_together", unit_id=unit)


def balanced(unit) -> Constraint:
    return Constraint(id="bal", kind="balance", unit_id=unit)


def crossover() -> ExperimentDescription:
    design = square(4)
    units = (
        UnitLevel(id="row", name="subject", count=8),
        UnitLevel(id="column", name="period", count=4, crossed_with=("row",), is_ordered=True),
        UnitLevel(id="plot", name="visit", parent="column", count=1),
    )
    return design.model_copy(update={"units": units})


CONSTRAINED = {
    "run sheet, at most two in a row": crd(24, 4).model_copy(
        update={"constraints": (adjacent(2),)}
    ),
    "blocks, no equal neighbours across": blocks_of(4, 6, 4).model_copy(
        update={"constraints": (adjacent(2), kept("block"), balanced("block"))}
    ),
    "split-plot kept together": oats().model_copy(
        update={"constraints": (kept("blocks"), kept("wholeplot"))}
    ),
    "plate with guard, fixed wells and few neighbours": plate(
        count=40, arms=4, constraints=(fixed("diet 0", "B02", "D06"), adjacent(3)),
        controls=("B03", "G10"),
    ),
    "field, at most two alike in a line": crd(36, 6).model_copy(
        update={
            "layout": Layout(form="field", rows=6, columns=6),
            "constraints": (adjacent(2),),
        }
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTRAINED)
def test_a_layout_keeps_its_constraints(name):
    design = CONSTRAINED[name]
    assert [s for s in range(20) if violations(design, arrange(design, s))] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CONSTRAINED)
def test_no_constraint_is_broken_over_a_thousand_seeds(name):
    design = CONSTRAINED[name]
    assert [s for s in range(SEEDS) if violations(design, arrange(design, s))] == []


DESIGNS = {
    "crd": crd(),
    "blocks": blocks_of(3, 5, 3),
    "latin": square(5),
    "split": oats(),
    "strip": strip_plot(),
    "bibd": blocks_of(7, 7, 3),
    "crossover": crossover(),
    "confounded": factorial_in_blocks(),
    "plate": plate(),
    "large plate": plate(wells=1536, count=1000),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_the_same_seed_gives_the_same_layout_and_another_seed_another(name):
    design = DESIGNS[name]
    assert arrange(design, 3) == arrange(design, 3)
    assert arrange(design, 3).seed == 3
    assert any(arrange(design, 3).places != arrange(design, s).places for s in (4, 5))


def position_p_value(design, factor_id, seeds=600) -> float:
    """Return the chi-square p-value that every level is equally often at every place."""
    counts: dict[str, Counter] = {}
    for seed in range(seeds):
        for place in arrange(design, seed).places:
            counts.setdefault(place.name, Counter())[place.levels[factor_id]] += 1
    levels = sorted({level for c in counts.values() for level in c})
    table = np.array([[c[level] for level in levels] for c in counts.values()], dtype=float)
    expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(chi2.sf(statistic, (len(levels) - 1) * (len(counts) - 1)))


@pytest.mark.parametrize(("name", "factor_id"), [("crd", "diet"), ("bibd", "entry")])
def test_every_level_is_equally_likely_at_every_place_of_a_small_design(name, factor_id):
    assert position_p_value(DESIGNS[name], factor_id, 300) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "factor_id"),
    [("crd", "diet"), ("blocks", "entry"), ("latin", "feed"), ("split", "nitrogen"),
     ("split", "variety"), ("strip", "variety"), ("bibd", "entry"), ("crossover", "feed"),
     ("confounded", "n"), ("plate", "diet")],
)  # fmt: skip
def test_every_level_is_equally_likely_at_every_place(name, factor_id):
    assert position_p_value(DESIGNS[name], factor_id, 2000) > 0.001


def test_blocks_are_run_one_after_the_other_and_in_random_order():
    orders = set()
    for seed in range(20):
        blocks = [p.units["blocks"] for p in arrange(oats(), seed).places]
        runs = [b for k, b in enumerate(blocks) if k == 0 or blocks[k - 1] != b]
        assert len(runs) == 6
        orders.add(tuple(runs))
    assert len(orders) > 10


def test_periods_keep_their_order():
    places = arrange(crossover(), 4).places
    for subject in {p.units["row"] for p in places}:
        periods = [p.units["column"] for p in places if p.units["row"] == subject]
        assert periods == sorted(periods)


def test_no_unit_lies_at_the_edge_of_a_guarded_plate():
    for place in arrange(plate(), 8).places:
        assert place.name[0] not in "AH"
        assert place.name[1:] not in {"01", "12"}


def test_control_wells_are_kept_free_and_named_on_every_plate():
    design = plate(count=100, edge="use", controls=("A01", "H12"), control_levels=("neg", "pos"))
    found = arrange(design, 1)
    controls = [(p.plate, p.name, p.control) for p in found.places if p.control]
    assert controls == [(1, "A01", "neg"), (1, "H12", "pos"), (2, "A01", "neg"), (2, "H12", "pos")]
    assert Counter(p.plate for p in found.places if not p.control) == {1: 94, 2: 6}


def test_a_latin_square_lies_in_the_field_as_it_was_drawn():
    design = square(5).model_copy(update={"layout": Layout(form="field", rows=5, columns=5)})
    seen = {(p.row, p.column): p.levels["feed"] for p in arrange(design, 6).places}
    for k in range(5):
        assert len({seen[k, c] for c in range(5)}) == len({seen[r, k] for r in range(5)}) == 5


@pytest.mark.parametrize("wells", [6, 12, 24, 48, 96, 384, 1536])
def test_a_full_plate_of_every_format_is_filled(wells):
    design = plate(wells=wells, count=wells, arms=2, edge="use")
    assert len({p.name for p in arrange(design, 1).places}) == wells


@pytest.mark.parametrize(
    ("design", "says"),
    [
        (plate(count=4, arms=2, constraints=(fixed("diet 0", "Z99"),)), "not a place"),
        (plate(count=2, arms=2, constraints=(fixed("diet 0", "B02", "B03"),)), "fewer units"),
        (
            crd(6, 1).model_copy(
                update={"factors": (treatment("diet", "one"),), "constraints": (adjacent(1),)}
            ),
            "No order was found",
        ),
        (plate(wells=6), "no free place"),
        (crd().model_copy(update={"units": (), "allotments": ()}), "no units"),
    ],
)
def test_a_layout_that_can_not_be_made_says_why(design, says):
    with pytest.raises(DesignError, match=says):
        arrange(design, 1)


def test_violations_are_found_in_a_layout_that_breaks_them():
    design = CONSTRAINED["blocks, no equal neighbours across"]
    found = arrange(design, 1)
    shuffled = Arrangement(1, found.form, found.grid, tuple(
        p if k else type(p)(found.places[-1].run, p.plate, p.row, p.column, p.name, p.units,
                            found.places[1].levels)
        for k, p in enumerate(found.places)
    ))  # fmt: skip
    broken = violations(design, shuffled)
    assert any("apart" in b for b in broken)
    assert any("balanced" in b for b in broken)


def test_two_units_on_one_place_are_found():
    found = arrange(crd(), 1)
    twice = Arrangement(1, found.form, found.grid, (found.places[0], *found.places))
    assert "two units share a place" in violations(crd(), twice)


def test_a_systematic_layout_keeps_the_order_of_the_units():
    design = crd().model_copy(update={"layout": Layout(order="systematic")})
    assert [p.units["animal"] for p in arrange(design, 5).places] == [str(k) for k in range(1, 13)]


def test_an_allotment_with_its_own_seed_keeps_its_draw():
    design = crd()
    own = Allotment(id="a1", factor_id="diet", unit_id="animal", rule="complete", seed=5)
    design = design.model_copy(update={"allotments": (own,), "layout": Layout(order="systematic")})
    assert [p.levels for p in arrange(design, 1).places] == [
        p.levels for p in arrange(design, 2).places
    ]


def test_large_plates_and_fields_are_separated_too():
    # A walk that looks at every place again after each exchange would not end here.
    field = crd(4_900, 5).model_copy(
        update={
            "layout": Layout(form="field", rows=70, columns=70),
            "constraints": (adjacent(1),),
        }
    )
    full = plate(wells=1536, count=1536, arms=4, edge="use", constraints=(adjacent(1),))
    for design in (field, full):
        assert violations(design, arrange(design, 3)) == ()


def test_units_that_may_change_places_are_listed_once_however_many_there_are():
    # An A/B test of 20,000 users is one group: a copy for each user would be 3 GB.
    tracemalloc.start()
    arrange(crd(20_000, 2), 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
