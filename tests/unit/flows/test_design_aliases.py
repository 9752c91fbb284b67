"""Aliases in the names of a design's factors."""

from experimentos.design.parts import Matrix
from experimentos.design.templates import template
from experimentos.flows.design_aliases import aliases_of
from tests.unit.design.examples import crd, surface


def test_a_half_fraction_of_resolution_four_names_the_pairs_it_cannot_tell_apart():
    # Montgomery (2017), example 8.1: D = ABC.
    view = aliases_of(surface("fraction", 4, 8, centre=0, generators="a b c abc"))
    assert view.resolution == "IV"
    assert set(view.rows) == {("a x b", "c x d"), ("a x c", "b x d"), ("a x d", "b x c")}


def test_resolution_five_is_clear_up_to_two_factor_interactions():
    view = aliases_of(template("factorial_screening").design)
    assert (view.resolution, view.rows) == ("V", ())
    assert "clear of one another" in view.sentence


def test_a_full_factorial_as_a_matrix_has_nothing_aliased():
    view = aliases_of(surface("fraction", 3, 12, centre=4, generators="a b c"))
    assert (view.resolution, view.rows) == ("", ())


def test_a_plackett_burman_design_says_that_main_effects_are_mixed_in_part():
    design = surface("fraction", 7, 12, centre=0)
    matrix = Matrix(form="plackett_burman", factor_ids=tuple("abcdefg"))
    view = aliases_of(design.model_copy(update={"matrix": matrix}))
    assert "mixed in part" in view.sentence


def test_designs_without_a_fraction_have_no_alias_table():
    assert aliases_of(crd()) is None
    assert aliases_of(template("ccd_optimisation").design) is None
