"""The assistant without a model."""

import pytest

from experimentos.design.document import ExperimentDescription
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.describe import parse_design
from experimentos.design.patch import apply
from experimentos.design.rules import validate_design
from experimentos.llm.missing import suggestions
from experimentos.llm.port import Asked, Piece, Proposed, Task
from experimentos.llm.rules import QUICK_QUESTIONS, RuleAssistant
from tests.llm.conftest import MICE

RULES = RuleAssistant()


def words(events) -> str:
    return "".join(e.text for e in events if isinstance(e, Piece))


def proposals(events):
    return [e for e in events if isinstance(e, Proposed)]


@pytest.mark.parametrize("question", QUICK_QUESTIONS)
@pytest.mark.parametrize("text", ["", MICE, "We taste beer."])
def test_every_quick_question_is_answered_on_any_design(question, text):
    document = from_draft(parse_design(text), text=text)
    given = Task(question, document, validate_design(document), "", text)
    events = list(RULES.chat(given))
    assert events
    for proposal in proposals(events):
        apply(document, proposal.patch)


def test_missing_factors_fit_the_kind_of_experiment(task):
    added = [p.patch.title for p in proposals(RULES.chat(task("What could be missing?")))]
    assert added == ["Add cage", "Add sex", "Add baseline weight", "Add day"]


def test_what_is_in_the_design_is_not_suggested_again(document):
    for patch, _ in suggestions(document, MICE):
        document = apply(document, patch)
    assert suggestions(document, MICE) == ()


def test_a_field_trial_is_not_told_of_clinics():
    text = "Four varieties in a trial on plots in six blocks; yield of each plot."
    named = [p.title for p, _ in suggestions(from_draft(parse_design(text)), text)]
    assert "Add centre" not in named


def test_a_rule_is_explained_by_its_name_found_or_not(task):
    assert "Hurlbert" in words(RULES.chat(task("what is R07?")))
    assert "passes it" in words(RULES.chat(task("what is R07?")))
    assert "no rule R99" in words(RULES.chat(task("R99?")))
    found = list(RULES.chat(task("and R41?")))
    assert "You may" in words(found) or "advice" in words(found)
    assert proposals(found)


def test_a_card_hears_of_its_own_findings_only(task):
    whole = words(RULES.chat(task("Explain the checks")))
    weight = words(RULES.chat(task("Explain the checks", focus="responses.body_weight")))
    assert "body weight" in weight
    assert "loss of mouse" not in weight
    assert "loss of mouse" in whole
    assert "of this card" in words(RULES.chat(task("Explain the checks", focus="factors.diet")))


def test_a_sentence_becomes_proposals_with_its_words(task):
    request = "The cages stand on 3 racks and we also measure blood glucose in mM."
    found = proposals(RULES.chat(task(request)))
    assert found
    assert all(p.is_quoted and p.quote in request for p in found)


def test_open_questions_come_first():
    open_text = "Mice are randomly assigned to two diets: control or high fat."
    asked_of = from_draft(parse_design(open_text), text=open_text)
    given = Task("What should I settle next?", asked_of, validate_design(asked_of))
    (question,) = [e for e in RULES.chat(given) if isinstance(e, Asked)]
    assert question.text == asked_of.open_questions[0].text


def test_what_is_not_understood_says_what_can_be_asked(task):
    assert "No language model" in words(RULES.chat(task("hello")))


def test_the_reading_of_the_rules_is_the_candidates():
    draft = parse_design(MICE)
    assert RULES.read(MICE, draft).draft is draft
    assert RULES.name == "rules"


def test_a_design_without_findings_is_praised_briefly():
    given = Task("Explain the checks", ExperimentDescription())
    assert "all rules pass" in words(RULES.chat(given))
