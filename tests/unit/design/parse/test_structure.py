"""The structure that a description suggests: its class, replicates per cell and unit."""

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.text import read
from experimentos.design.parse.turns import is_in_turn
from tests.unit.design.parse.further_structures import FURTHER
from tests.unit.design.parse.structures import STRUCTURES


@pytest.mark.parametrize(("classes", "per_cell", "unit", "text"), [*STRUCTURES, *FURTHER])
def test_the_structure_is_read(classes, per_cell, unit, text):
    draft = parse_design(text)
    assert draft.design_class in classes.split()
    assert draft.replication.per_cell == per_cell
    assert draft.randomisation_unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "Half of the 60 pupils use tablets; all of them take both exams.",
        "40 students were randomised to two groups; each student took all tests.",
        "Each farmer sprayed all four plots with one of four sprays at random.",
        "48 pupils are assigned to each of four groups at random.",
        "One technician coated all twelve tiles in random order.",
    ],
)
def test_who_only_does_the_work_or_takes_the_tests_meets_no_condition_in_turn(text):
    assert not is_in_turn(read(text))
