"""The structure that a description suggests: its class, replicates per cell and unit."""

import pytest

from experimentos.design.parse.describe import parse_design
from tests.unit.design.parse.further_structures import FURTHER
from tests.unit.design.parse.structures import STRUCTURES


@pytest.mark.parametrize(("classes", "per_cell", "unit", "text"), [*STRUCTURES, *FURTHER])
def test_the_structure_is_read(classes, per_cell, unit, text):
    draft = parse_design(text)
    assert draft.design_class in classes.split()
    assert draft.replication.per_cell == per_cell
    assert draft.randomisation_unit == unit
