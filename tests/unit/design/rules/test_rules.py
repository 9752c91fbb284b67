import pytest

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.parts import Acknowledgement
from experimentos.design.patch import apply, inverse
from experimentos.design.rules import RULES, Severity, context, findings, validate_design
from tests.unit.design.examples import (
    blocks_of,
    crd,
    factorial_in_blocks,
    oats,
    square,
    strip_plot,
)
from tests.unit.design.rules.cases import PAIRS

CASES = [
    pytest.param(name, trigger, neighbour, id=f"{name}-{k}")
    for name, pairs in sorted(PAIRS.items())
    for k, (trigger, neighbour) in enumerate(pairs)
]
ANSWERED_BY_THE_SCIENTIST = {("R02", "info"), ("R16", "range"), ("R33", "y"), ("R38", "diet")}
DESIGNS = [oats(), crd(), square(), strip_plot(), blocks_of(7, 7, 3), factorial_in_blocks(),
           ExperimentDescription()]  # fmt: skip


def fired(name, design):
    return list(RULES[name](context(design)))


def test_there_are_forty_six_rules_and_each_has_a_pair_of_designs():
    assert sorted(RULES) == [f"R{k:02d}" for k in range(1, 47)]
    assert set(PAIRS) == set(RULES)


@pytest.mark.parametrize(("name", "trigger", "neighbour"), CASES)
def test_a_rule_fires_on_its_design_and_not_on_the_neighbour(name, trigger, neighbour):
    found = fired(name, trigger)
    assert found
    assert all(f.rule == name and f.message and f.why and f.subjects for f in found)
    assert not fired(name, neighbour)


@pytest.mark.parametrize(("name", "trigger", "_neighbour"), CASES)
def test_every_fix_removes_the_finding_and_can_be_undone(name, trigger, _neighbour):
    for finding in fired(name, trigger):
        for patch in finding.fixes:
            assert patch.title
            repaired = apply(trigger, patch)
            assert repaired != trigger
            left = {(f.severity, f.subjects) for f in fired(name, repaired)}
            assert (finding.severity, finding.subjects) not in left
            assert apply(repaired, inverse(trigger, patch)) == trigger
            assert Patch.model_validate_json(patch.model_dump_json()) == patch


@pytest.mark.parametrize(("name", "trigger", "_neighbour"), CASES)
def test_a_finding_without_a_fix_is_one_that_only_the_scientist_can_answer(
    name, trigger, _neighbour
):
    for finding in fired(name, trigger):
        asked = {(name, finding.severity.value), *((name, s) for s in finding.subjects)}
        assert finding.fixes or asked & ANSWERED_BY_THE_SCIENTIST


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.title or "empty")
def test_no_rule_raises_on_any_design(name, design):
    assert all(f.rule == name for f in RULES[name](context(design)))


@pytest.mark.parametrize("design", [oats(), strip_plot(6), factorial_in_blocks()])
def test_a_sound_design_has_no_error(design):
    assert not [f for f in validate_design(design) if f.severity is Severity.ERROR]


def test_errors_come_first():
    found = [f.severity for f in validate_design(crd(units=4))]
    order = list(Severity)
    assert found == sorted(found, key=order.index)


def test_an_accepted_warning_is_not_repeated_but_an_error_is():
    design = PAIRS["R06"][0][0]
    accepted = Acknowledgement(id="k", rule="R06", subjects=("diet",), reason="as the owner wants")
    quiet = design.model_copy(update={"acknowledged": (accepted,)})
    assert "R06" in {f.rule for f in validate_design(design)}
    assert "R06" not in {f.rule for f in validate_design(quiet)}
    error = PAIRS["R07"][0][0]
    kept = Acknowledgement(id="k", rule="R07", subjects=("programme", "school"), reason="no")
    stubborn = error.model_copy(update={"acknowledged": (kept,)})
    assert "R07" in {f.rule for f in validate_design(stubborn)}


def test_a_design_without_a_table_is_still_judged_by_the_rules_on_the_document():
    given = context(ExperimentDescription())
    assert given.table is None
    assert "no units" in given.obstacle
    assert {"R01", "R02"} <= {f.rule for f in findings(given)}


def test_the_pseudo_replication_message_counts_the_units_that_were_treated():
    finding = fired("R07", PAIRS["R07"][0][0])[0]
    assert "n is 24, not more" in finding.message
    assert finding.fixes[0].title == "Add a random term for school"
