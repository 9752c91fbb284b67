"""A changed description proposes what its new words change, and takes back nothing done by hand."""

from itertools import pairwise

import pytest

from experimentos.design.patch import Patch, Remove, Rename, apply
from experimentos.flows.design_redescribe import all_of, read, redescribed

WHEAT = (
    "We compare four wheat varieties (Axis, Bolt, Cedar and Delta) in a field trial with six "
    "blocks. Within each block the varieties are randomly assigned to plots. The response is "
    "grain yield in t/ha, measured on each plot."
)
MICE = "We give ten mice one of two diets (low, high) at random and measure body weight in g."
TEXTS = (
    "",
    WHEAT,
    WHEAT.replace("four wheat varieties (Axis, Bolt, Cedar and", "three varieties (Axis, Bolt and"),
    WHEAT.replace("six", "eight"),
    WHEAT + " We also record plant height in cm on each plot.",
    WHEAT.replace("compare four", "compare two nitrogen rates (60 and 120 kg/ha) and four"),
    MICE,
)
NOTHING: dict[str, str] = {}


def said(before, now, current=None):
    found = redescribed(read(current or before, NOTHING), read(before, NOTHING), read(now, NOTHING))
    return [sentence for proposal in found.proposals for sentence in proposal.sentences]


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_words_propose_nothing(text):
    assert said(text, text) == []


def test_one_changed_word_proposes_one_change():
    assert said(WHEAT, WHEAT.replace("six", "eight")) == ["Block: count changed from 6 to 8."]


def test_a_new_treatment_comes_with_its_allotment_and_its_unit():
    found = redescribed(read(WHEAT, NOTHING), read(WHEAT, NOTHING), read(MICE, NOTHING))
    first = found.proposals[0]
    assert not first.is_removal
    assert any("Added the factor diet" in sentence for sentence in first.sentences)
    assert any("Added the unit mouse" in sentence for sentence in first.sentences)


@pytest.mark.parametrize(("before", "now"), list(pairwise(TEXTS)))
def test_every_proposal_applies_alone_and_changes_something(before, now):
    current = read(before, NOTHING)
    for proposal in redescribed(current, current, read(now, NOTHING)).proposals:
        assert apply(current, proposal.patch) != current
        assert proposal.sentences


@pytest.mark.parametrize(("before", "now"), list(pairwise(TEXTS)))
def test_all_additions_and_changes_leave_only_removals(before, now):
    current, after = read(before, NOTHING), read(now, NOTHING)
    found = redescribed(current, current, after)
    assert found.unmatched == ()
    changed = apply(current, all_of(found.proposals)) if found.proposals else current
    left = redescribed(changed, current, after)
    assert all(proposal.is_removal for proposal in left.proposals)
    assert left.unmatched == ()


def test_what_was_edited_by_hand_stays():
    before = read(WHEAT, NOTHING)
    edit = Rename(part="responses", id=before.responses[0].id, name="dry matter")
    current = apply(before, Patch(edits=(edit,)))
    found = redescribed(current, before, read(WHEAT.replace("six", "eight"), NOTHING))
    assert [p.sentences for p in found.proposals] == [("Block: count changed from 6 to 8.",)]
    assert apply(current, found.proposals[0].patch).responses[0].name == "dry matter"


def test_a_change_to_a_part_that_was_deleted_by_hand_is_told_not_dropped():
    before = read(WHEAT, NOTHING)
    block = next(unit.id for unit in before.units if unit.name == "block")
    current = apply(before, Patch(edits=(Remove(part="units", id=block),)))
    found = redescribed(current, before, read(WHEAT.replace("six", "eight"), NOTHING))
    assert found.proposals == ()
    assert found.unmatched == ("Block: count changed from 6 to 8.",)
