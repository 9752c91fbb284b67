"""Names as a reader takes them."""

import pytest

from experimentos.design.edits import Update
from experimentos.design.names import counted, is_same_name, several
from experimentos.design.rules.finding import more_units
from tests.unit.design.examples import crd, oats


@pytest.mark.parametrize(
    ("one", "many"),
    [("mouse", "mice"), ("lab mouse", "lab mice"), ("batch", "batches"), ("box", "boxes"),
     ("day", "days"), ("assay", "assays"), ("colony", "colonies"), ("Leaf", "leaves"),
     ("sheep", "sheep"), ("woman", "women"), ("class", "classes"), ("larva", "larvae")],
)  # fmt: skip
def test_english_plurals(one, many):
    assert several(one) == many
    assert counted(1, one) == f"1 {one}"
    assert counted(1_800, one) == f"1,800 {many}"


def test_a_plural_that_the_design_gives_comes_first():
    assert counted(3, "stand", "stands of pine") == "3 stands of pine"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("diet", "Diets", True), ("wheat variety", "wheat-varieties", True), ("mice", "mouse", True),
     ("soil pH", "soil_ph", True), ("diet", "dose", False), ("", "", False), ("pot", "plot", False),
     ("block 1", "block 2", False)],
)  # fmt: skip
def test_names_that_mean_one_thing(one, other, same):
    assert is_same_name(one, other) is same
    assert is_same_name(other, one) is same


def test_a_fix_that_adds_units_is_said_in_whole_words():
    mice = crd(units=12).units[0].model_copy(update={"name": "mouse"})
    assert more_units(crd(units=12), mice, 18).title == "Use 18 mice instead of 12"
    inner = oats().units[-1]
    above = oats().unit(inner.parent)
    patch = more_units(oats(), inner, 6)
    assert patch.title == f"Use 6 {several(inner.name)} in each {above.name} instead of 4"
    assert patch.edits == (Update(part="units", id=inner.id, fields={"count": 6}),)
