"""The assistant without a model."""

import pytest

from experimentos.design.document import ExperimentDescription
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.describe import parse_design
from experimentos.design.parts import OpenQuestion
from experimentos.design.patch import apply
from experimentos.design.rules import validate_design
from experimentos.llm.missing import suggestions
from experimentos.llm.port import Asked, Piece, Proposed, Said, Task
from experimentos.llm.replies import inquiry
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
    assert "loss of mice" not in weight
    assert "loss of mice" in whole
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


FULL = """We compare two fertilisers on 24 plots in six blocks, assigned at random within blocks. We
measure yield in t/ha and a taste score from 1 to 5. Soil pH is recorded as a covariate."""


def asked_of(rule: str, document, reply: str) -> Task:
    """Return a task in which a person replies to the question that a rule calls for."""
    found = [f for f in validate_design(document) if f.rule == rule]
    question = inquiry(document, found[0])
    history = (Said(is_person=False, text=question.text),)
    return Task(reply, document, tuple(found), history=history)


def changed(task: Task) -> ExperimentDescription:
    (proposal,) = proposals(RULES.chat(task))
    assert proposal.quote == task.request
    return apply(task.document, proposal.patch)


def with_part(document, field: str, **fields) -> ExperimentDescription:
    parts = getattr(document, field)
    first = parts[0].model_copy(update=fields)
    return document.model_copy(update={field: (first, *parts[1:])})


def test_three_numbers_answer_what_is_expected(document):
    after = changed(asked_of("R33", document, "40 to 20 g, and 3 would matter"))
    assert after.responses[0].expected_range == (20, 40)
    assert after.responses[0].smallest_effect == 3


@pytest.mark.parametrize(
    ("reply", "share"), [("10 %", 0.1), ("none", 0), ("0.2", 0.2), ("5", 0.05)]
)
def test_a_loss_is_read_as_a_share(document, reply, share):
    assert changed(asked_of("R41", document, reply)).conduct.expected_loss == share


@pytest.mark.parametrize("reply", ["hm", "150 %", "in between"])
def test_a_reply_that_says_nothing_of_it_changes_nothing(document, reply):
    assert proposals(RULES.chat(asked_of("R41", document, reply))) == []


def test_the_control_is_found_by_its_longest_name(document):
    levels = tuple(x.model_copy(update={"is_control": False}) for x in document.factors[0].levels)
    bare = with_part(document, "factors", levels=levels)
    after = changed(asked_of("R05", bare, "the high fat one"))
    assert [x.label for x in after.factors[0].levels if x.is_control] == ["high fat"]


def test_a_missing_response_is_named(document):
    none = document.model_copy(update={"responses": ()})
    (response,) = changed(asked_of("R01", none, "blood glucose.")).responses
    assert (response.name, response.primary) == ("blood glucose", True)


def test_a_judge_is_blinded_or_not(document):
    subjective = with_part(document, "responses", is_subjective=True)
    assert changed(asked_of("R40", subjective, "no, they are blinded")).responses[0].is_blinded
    assert not changed(asked_of("R40", subjective, "yes")).responses[0].is_blinded


def test_a_nuisance_factor_is_handled_as_said(document):
    patch = next(p for p, _ in suggestions(document, MICE) if "cage" in p.title)
    known = apply(document, patch)
    loose = known.model_copy(
        update={"factors": tuple(f.model_copy(update={"handling": None}) for f in known.factors)}
    )
    after = changed(asked_of("R42", loose, "keep it constant"))
    assert after.factor("cage").handling == "constant"


def test_a_covariate_gets_its_time_and_range():
    document = from_draft(parse_design(FULL), text=FULL)
    after = changed(asked_of("R16", document, "before the draw, from 5.5 to 7"))
    (covariate,) = after.of_kind("covariate")
    assert (covariate.measured, covariate.range) == ("before", (5.5, 7))


def test_the_number_of_units_answers_an_open_question():
    text = "Mice are randomly assigned to two diets: control or high fat. We measure body weight."
    document = from_draft(parse_design(text), text=text)
    question = next(q for q in document.open_questions if document.unit(q.about))
    only = document.model_copy(update={"open_questions": (question,)})
    given = Task("24 mice", only, (), history=(Said(is_person=False, text=question.text),))
    after = changed(given)
    assert after.unit(question.about).count == 24
    assert after.open_questions == ()


def test_another_answer_is_noted_with_its_words(document):
    question = OpenQuestion(id="q9", about="diet", text="Who mixes the diets?")
    open_design = document.model_copy(update={"open_questions": (question,)})
    said = (Said(is_person=False, text="Who mixes the diets?"),)
    given = Task("The supplier", open_design, (), history=said)
    after = changed(given)
    assert after.open_questions == ()
    assert after.assumptions[-1].text == "Who mixes the diets? The supplier"


def test_a_question_after_a_question_is_no_answer(document):
    question = OpenQuestion(id="q9", about="diet", text="Who mixes the diets?")
    open_design = document.model_copy(update={"open_questions": (question,)})
    said = (Said(is_person=False, text="Who mixes the diets?"),)
    given = Task("What should I settle next?", open_design, (), history=said)
    assert proposals(RULES.chat(given)) == []
