"""Which combinations are run, chosen from what fits the treatments."""

import numpy as np
import pytest

from experimentos.design.aliases import resolution
from experimentos.design.derive import design_class
from experimentos.design.document import ExperimentDescription
from experimentos.design.fractions import FRACTIONS
from experimentos.design.parts import Allotment, Factor, Level, Matrix
from experimentos.design.patch import apply
from experimentos.design.runs import coded_matrix
from experimentos.design.table import expand
from experimentos.design.templates import template
from experimentos.errors import DesignError
from experimentos.flows import design_edits
from experimentos.flows import design_matrix as flow
from tests.unit.design.examples import crd, unequal


def two_level(k: int, *, numeric: bool = True):
    ids = tuple(f"x{n}" for n in range(k))
    values = (10.0, 20.0) if numeric else (None, None)
    labels = ("10", "20") if numeric else ("off", "on")
    levels = tuple(Level(label=s, value=v) for s, v in zip(labels, values, strict=True))
    design = crd(units=2**k)
    return design.model_copy(
        update={
            "factors": tuple(
                Factor(id=i, name=i, kind="treatment", scale="numeric", levels=levels) for i in ids
            ),
            "allotments": tuple(
                Allotment(id=f"a_{i}", factor_id=i, unit_id="animal", rule="complete") for i in ids
            ),
        }
    )


def option(design, start):
    return next(o for o in flow.runs_options(design) if o.label.startswith(start))


@pytest.mark.parametrize("k", sorted(FRACTIONS))
def test_every_fraction_on_offer_has_its_published_size_and_resolution(k):
    ids = tuple(f"x{n}" for n in range(k))
    for generators, published in FRACTIONS[k]:
        matrix = Matrix(form="fraction", factor_ids=ids, generators=generators)
        base = sum(len(word) == 1 for word in generators.split())
        assert coded_matrix(matrix).shape == (2**base, k)
        assert resolution(matrix) == published


@pytest.mark.parametrize("k", [3, 7, 8, 11])
def test_a_plackett_burman_design_has_the_runs_that_are_announced(k):
    found = option(two_level(k), "Plackett-Burman")
    assert len(coded_matrix(found.matrix)) == found.runs


def test_a_half_fraction_is_run_on_half_of_the_units_and_is_undone_by_the_full_crossing():
    design = two_level(5)
    half = option(design, "Half fraction: 16 runs, resolution V")
    fraction = apply(design, flow.runs_patch(design, half, 0, 2))
    assert expand(fraction, 1).n == 32
    assert design_class(fraction) == "fractional_factorial"
    assert flow.present_option(fraction) == half.key
    assert flow.present_replicates(fraction) == 2
    whole = apply(fraction, flow.runs_patch(fraction, option(fraction, "All 32"), 0, 1))
    assert whole.hash() == design.hash()


def test_a_central_composite_comes_with_its_centre_points():
    design = two_level(3)
    chosen = apply(design, flow.runs_patch(design, option(design, "Central composite"), 6, 1))
    assert expand(chosen, 1).n == 20
    assert design_class(chosen) == "response_surface"
    assert flow.present_option(chosen) == "ccd"


def test_treatments_without_a_middle_have_no_centre_points_and_no_surface():
    design = two_level(4, numeric=False)
    labels = [o.label for o in flow.runs_options(design)]
    assert not any("composite" in label or "Behnken" in label for label in labels)
    with pytest.raises(DesignError, match="no setting halfway"):
        flow.runs_patch(design, option(design, "Half"), 3, 1)


def test_one_treatment_and_a_planned_ratio_have_nothing_to_choose():
    assert flow.runs_options(crd()) == ()
    assert flow.runs_options(unequal(2, 1, units=30)) == ()


def test_the_matrices_of_the_templates_are_recognised():
    assert flow.present_option(template("factorial_screening").design) != "own"
    assert flow.present_option(template("ccd_optimisation").design) == "ccd"


def test_a_latin_square_is_built_on_the_forms_alone():
    design = ExperimentDescription()
    for kind, name in (("unit", "row"), ("unit", "column"), ("unit", "plot"), ("response", "yield"),
                       ("treatment", "feed")):  # fmt: skip
        design = apply(design, design_edits.add(design, kind, name))
    row, column, plot = design.units
    design = apply(design, design_edits.edit_unit(row, name="row", count=5, parent=""))
    met = design_edits.edit_unit(column, name="column", count=5, parent="", crossed=row)
    design = apply(design, met)
    design = apply(design, design_edits.edit_unit(plot, name="plot", count=1, parent="column"))
    applied = design_edits.edit_factor(
        design, design.factors[0], {"name": "feed"}, labels="ABCDE", applied=("plot", "latin")
    )
    design = apply(design, applied)
    feeds = expand(design, 1).factor("feed").codes.reshape(5, 5)
    assert (np.sort(feeds, axis=0) == np.arange(5)[:, None]).all()
    assert (np.sort(feeds, axis=1) == np.arange(5)).all()
    plain = design_edits.edit_factor(
        design, design.factors[0], {"name": "feed"}, labels="ABCDE", applied=("plot", "complete")
    )
    assert apply(design, plain).allotments[0].within == ()


def test_what_a_unit_meets_stays_when_its_form_is_saved_unchanged():
    column = template("latin_square").design.units[1]
    row = template("latin_square").design.units[0]
    patch = design_edits.edit_unit(column, name=column.name, count=5, parent="", crossed=row)
    assert patch.edits == () or apply(template("latin_square").design, patch).units[1] == column
