"""A changed description proposes what its new words change, and takes back nothing done by hand."""

from dataclasses import replace
from itertools import pairwise

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.design.parts import Factor, Level
from experimentos.design.patch import AddFactor, Patch, Remove, Rename, SetLevels, Update, apply
from experimentos.design.templates import templates
from experimentos.flows.design_described import described
from experimentos.flows.design_redescribe import all_of, redescribed

WHEAT = (
    "We compare four wheat varieties (Axis, Bolt, Cedar and Delta) in a field trial with six "
    "blocks. Within each block the varieties are randomly assigned to plots. The response is "
    "grain yield in t/ha, measured on each plot."
)
MICE = "We give ten mice one of two diets (low, high) at random and measure body weight in g."
LIGHT = "Forty plants get one of two lights (red, blue) at random. We measure height in cm."
TEXTS = (
    "",
    WHEAT,
    WHEAT.replace("four wheat varieties (Axis, Bolt, Cedar and", "three varieties (Axis, Bolt and"),
    WHEAT.replace("six", "eight"),
    WHEAT + " We also record plant height in cm on each plot.",
    WHEAT.replace("compare four", "compare two nitrogen rates (60 and 120 kg/ha) and four"),
    MICE,
    LIGHT,
    LIGHT.replace("plants", "pots"),
)
EIGHT = ("Block: count changed from 6 to 8.",)


def read(text):
    return described(text, parse_design(text), {})


def design(text):
    return read(text).document


def found(before, now, current=None, decided=None):
    return redescribed(current or design(before), read(before), read(now), decided)


def said(before, now, current=None):
    proposals = found(before, now, current).proposals
    return [sentence for proposal in proposals for sentence in proposal.sentences]


def edited(text, *edits):
    return apply(design(text), Patch(edits=edits))


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_words_propose_nothing(text):
    assert said(text, text) == []


def test_one_changed_word_proposes_one_change_with_its_words():
    (proposal,) = found(WHEAT, WHEAT.replace("six", "eight")).proposals
    assert proposal.sentences == EIGHT
    (words,) = proposal.words
    assert [words.text[a:b] for a, b in words.changed] == ["eight"]
    assert 0.5 < words.confidence <= 1


def test_a_new_treatment_comes_with_its_allotment_its_unit_and_its_words():
    first = found(WHEAT, MICE).proposals[0]
    assert first.is_safe
    assert any("Added the factor diet" in sentence for sentence in first.sentences)
    assert any("Added the unit mouse" in sentence for sentence in first.sentences)
    assert "two diets (low, high)" in " ".join(words.text for words in first.words)


def test_a_removal_shows_the_words_that_are_gone():
    removal = found(WHEAT + " We also record plant height in cm on each plot.", WHEAT).proposals[-1]
    assert removal.is_removal
    assert removal.words[0].is_gone
    assert "plant height" in removal.words[0].text


@pytest.mark.parametrize(("before", "now"), list(pairwise(TEXTS)))
def test_every_proposal_applies_alone_and_changes_something(before, now):
    current = design(before)
    for proposal in found(before, now).proposals:
        assert apply(current, proposal.patch) != current
        assert proposal.sentences
        assert proposal.words


@pytest.mark.parametrize(("before", "now"), list(pairwise(TEXTS)))
def test_all_additions_and_changes_leave_removals_and_doubts(before, now):
    first = found(before, now)
    assert first.unmatched == ()
    current = design(before)
    changed = apply(current, all_of(current, first.proposals)) if first.proposals else current
    left = found(before, now, changed)
    assert not any(proposal.is_safe for proposal in left.proposals)
    assert {p.id for p in left.proposals} == {p.id for p in first.proposals if not p.is_safe}
    assert left.unmatched == ()


def test_what_was_edited_by_hand_stays():
    current = edited(
        WHEAT, Rename(part="responses", id=design(WHEAT).responses[0].id, name="dry matter")
    )
    (proposal,) = found(WHEAT, WHEAT.replace("six", "eight"), current).proposals
    assert proposal.sentences == EIGHT
    assert apply(current, proposal.patch).responses[0].name == "dry matter"


def test_a_change_to_a_part_that_was_deleted_by_hand_is_told_not_dropped():
    block = next(unit.id for unit in design(WHEAT).units if unit.name == "block")
    left = found(
        WHEAT, WHEAT.replace("six", "eight"), edited(WHEAT, Remove(part="units", id=block))
    )
    assert left.proposals == ()
    assert left.unmatched == EIGHT


def test_what_was_added_by_hand_under_another_id_is_not_proposed_again():
    factor = Factor(
        id="spray", name="Light", kind="treatment", levels=design(LIGHT).factors[0].levels
    )
    current = edited(MICE, AddFactor(factor=factor))
    both = f"{MICE} The mice are kept under one of two lights (red, blue) at random."
    assert "light" in [f.name for f in design(both).factors]
    assert not [s for s in said(MICE, both, current) if "Added the factor" in s]


def test_what_was_added_by_hand_and_left_open_is_filled():
    factor = Factor(id="spray", name="lights", kind="treatment")
    current = edited(MICE, AddFactor(factor=factor))
    both = f"{MICE} The mice are kept under one of two lights (red, blue) at random."
    assert "Lights: levels red and blue added." in said(MICE, both, current)


def test_a_factor_renamed_by_hand_and_then_in_the_words_is_the_same_one():
    current = edited(MICE, Rename(part="factors", id="diet", name="feed"))
    assert said(MICE, MICE.replace("diets", "feeds"), current) == []


def test_a_factor_renamed_in_the_words_is_renamed_and_not_made_anew():
    (sentence,) = said(WHEAT, WHEAT.replace("wheat varieties", "varieties"))
    assert sentence == "The factor wheat variety is now called variety."


def test_a_unit_of_another_name_is_renamed_and_not_made_anew():
    assert said(LIGHT, LIGHT.replace("plants", "pots")) == ["The unit plant is now called pot."]


def test_a_design_whose_parts_have_other_ids_is_met_by_names_and_words():
    draft = parse_design(WHEAT)
    variety, *others = draft.factors
    renamed = replace(draft, factors=(replace(variety, name="cultivar"), *others))
    current = described(WHEAT, renamed, {}).document
    assert current.factors[0].id == "cultivar"
    five = WHEAT.replace("four", "five").replace("Cedar and Delta", "Cedar, Delta and Elm")
    assert said(WHEAT, five, current) == [
        "Cultivar: level Elm added.",
        "Plot: count changed from 4 to 5.",
    ]


def test_levels_of_a_hand_stay_when_the_words_add_or_drop_another():
    levels = design(MICE).factors[0].levels
    by_hand = (levels[0].model_copy(update={"is_control": True}), levels[1], Level(label="none"))
    current = edited(MICE, SetLevels(factor_id="diet", levels=by_hand))
    now = MICE.replace("two diets (low, high)", "two diets (low, medium)")
    (proposal,) = found(MICE, now, current).proposals
    after = apply(current, proposal.patch).factors[0].levels
    assert [level.label for level in after] == ["low", "none", "medium"]
    assert after[0].is_control


def test_a_change_of_what_a_hand_edited_is_told_so_and_no_part_of_accepting_all():
    block = next(unit.id for unit in design(WHEAT).units if unit.name == "block")
    current = edited(WHEAT, Update(part="units", id=block, fields={"count": 10}))
    (proposal,) = found(WHEAT, WHEAT.replace("six", "eight"), current).proposals
    assert proposal.sentences == ("Block: count changed from 10 to 8.",)
    assert proposal.is_by_hand
    assert all_of(current, [proposal]).edits == ()
    accepted = {proposal.id: "accepted"}
    assert found(WHEAT, WHEAT.replace("six", "eight"), current, accepted).proposals == ()
    undone = found(WHEAT, WHEAT.replace("six", "eight"), None, accepted)
    assert [p.sentences for p in undone.proposals] == [EIGHT]


def test_what_was_rejected_comes_back_only_with_other_words():
    now = WHEAT.replace("six", "eight")
    (proposal,) = found(WHEAT, now).proposals
    rejected = {proposal.id: "rejected"}
    assert found(WHEAT, now, None, rejected).proposals == ()
    also = f"{now} We also record plant height in cm on each plot."
    (height,) = found(WHEAT, also, None, rejected).proposals
    assert height.patch.title == "Add the factor plant height"
    rejected |= {height.id: "rejected"}
    longer = f"This is a trial of the year 2026. {also}"
    assert found(WHEAT, longer, None, rejected).proposals == ()
    nine = WHEAT.replace("six", "nine")
    assert found(WHEAT, nine, None, rejected).proposals[0].sentences == (
        "Block: count changed from 6 to 9.",
    )


def test_a_factor_called_as_a_kind_is_not_joined_with_what_is_new():
    drug = "Sixty patients are randomised to zolpidem or placebo. We measure pain from 0 to 10."
    new = f"{drug} They are also randomised to one of two diets (low, high)."
    assert "treatment" in [f.name for f in design(drug).factors]
    (removal,) = (
        p for p in found(new, new.replace("zolpidem or placebo", "it")).proposals if p.is_removal
    )
    assert not [s for s in removal.sentences if "Added" in s]


def test_a_treatment_under_another_name_with_all_its_levels_is_the_same_one():
    assert said(MICE, MICE.replace("diets", "feeds")) == ["The factor diet is now called feed."]


def test_a_number_that_the_words_no_longer_give_is_not_taken_away_by_accepting_all():
    text = "Thirty pots get one of two lights (red, blue) at random, on five benches as blocks."
    now = text.replace("Thirty", "Fifty-one")
    (proposal,) = found(text, now).proposals
    assert proposal.sentences == ("Pot: count removed (it was 6).",)
    assert not proposal.is_safe


def test_what_was_read_unsurely_is_no_part_of_accepting_all():
    draft = parse_design(LIGHT)
    doubted = replace(draft, factors=(replace(draft.factors[0], confidence=0.4),))
    now = described(LIGHT, doubted, {})
    proposals = redescribed(design(WHEAT), read(WHEAT), now).proposals
    (light,) = (p for p in proposals if any("Added the factor light" in s for s in p.sentences))
    assert not light.is_safe
    assert not light.is_removal


def test_the_aim_that_is_the_description_goes_along_and_that_of_a_hand_stays():
    now = WHEAT.replace("six", "eight")
    first = found(WHEAT, now)
    assert first.is_aim_along
    assert apply(design(WHEAT), all_of(design(WHEAT), first.proposals)).aim == now
    current = design(WHEAT).model_copy(update={"aim": "Find the best variety."})
    second = found(WHEAT, now, current)
    assert not second.is_aim_along
    assert apply(current, all_of(current, second.proposals)).aim == "Find the best variety."


def test_a_count_shows_the_sentence_of_its_unit():
    text = (
        "Twelve schools are randomly assigned to a programme or usual teaching. Pupils are scored."
    )
    now = text.replace("Twelve", "Twenty").replace("Pupils are", "All pupils are")
    (proposal,) = found(text, now).proposals
    assert proposal.sentences == ("School: count changed from 12 to 20.",)
    (words,) = proposal.words
    assert words.text.startswith("Twenty schools")
    assert [words.text[a:b] for a, b in words.changed] == ["Twenty"]


def test_long_descriptions_with_nothing_in_common_are_compared_at_once():
    long = " ".join(f"word{k} repeats repeats." for k in range(3000))[:20_000]
    assert found(WHEAT, long).proposals
    assert found(long, long[::-1]) is not None


def in_words(design):
    factors = (
        f"{f.name} has {len(f.levels)} levels ({', '.join(level.label for level in f.levels)})."
        for f in design.factors
        if f.levels
    )
    return f"{' '.join(factors)} We measure {', '.join(r.name for r in design.responses)}."


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_a_design_of_a_template_that_is_then_described_is_not_made_again(template):
    left = found("", in_words(template.design), template.design)
    assert left.unmatched == ()
    added = {p.patch.title for p in left.proposals if p.patch.title.startswith("Add")}
    known = {f"Add the factor {f.name}" for f in template.design.factors}
    known |= {f"Add the response {r.name}" for r in template.design.responses}
    assert not added & known
    assert "Add the unit unit" not in added
