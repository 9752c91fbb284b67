"""Two readings of one description: agreement is surer, dispute is a question."""

from dataclasses import replace

from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.draft import Question, Replication
from experimentos.flows.design_session import DesignSession
from experimentos.flows.design_turn import TurnTokens
from experimentos.flows.second_reading import combined, draft_of, is_of, kept, tokens_after
from experimentos.llm.port import Reading, Usage
from tests.unit.cli.test_design_exchange import MICE

RULES = parse_design(MICE)
(DIET,) = RULES.factors
(WEIGHT,) = RULES.responses


def model(**changes):
    return replace(RULES, questions=(), **changes)


def asked(draft, about: str) -> Question:
    return next(q for q in draft.questions if q.about == about)


def test_what_both_read_is_surer_and_asks_nothing_new():
    both = combined(RULES, model())
    assert both.factors[0].confidence >= 0.95
    assert both.responses[0].confidence >= 0.95
    assert {q.about for q in both.questions} <= {q.about for q in RULES.questions}


def test_a_dispute_on_the_kind_is_a_question_with_the_four_answers():
    both = combined(RULES, model(factors=(replace(DIET, kind="blocking"),)))
    assert both.factors[0].confidence == 0.5
    assert asked(both, "diet").answers[0] == "yes, we set it"
    assert "treatment, the model blocking" in asked(both, "diet").text


def test_a_dispute_on_levels_offers_both_lists():
    other = replace(DIET, levels=("control", "high fat"))
    both = combined(RULES, model(factors=(other,)))
    assert asked(both, "diet").answers == ("control\nhigh fat\nhigh sugar", "control\nhigh fat")


def test_levels_that_only_one_read_are_taken():
    bare = replace(RULES, factors=(replace(DIET, levels=()),), questions=())
    assert combined(bare, model()).factors[0].levels == DIET.levels


def test_a_factor_that_only_one_read_stays_in_doubt():
    light = replace(
        DIET, name="light", levels=("dim",), evidence=replace(DIET.evidence, start=0, end=3)
    )
    both = combined(RULES, model(factors=(DIET, light)))
    assert [f.name for f in both.factors] == ["diet", "light"]
    assert "the rules did not" in asked(both, "light").text
    alone = combined(RULES, model(factors=()))
    assert "the model did not" in asked(alone, "diet").text
    assert alone.factors[0].confidence == 0.5


def test_one_factor_under_two_names_is_one():
    other = replace(DIET, name="feed")
    assert [f.name for f in combined(RULES, model(factors=(other,))).factors] == ["diet"]


def test_a_dispute_on_the_family_is_left_open_for_the_design():
    both = combined(RULES, model(responses=(replace(WEIGHT, family="lognormal"),)))
    assert asked(both, "body weight").answers == ("normal", "lognormal")
    extra = combined(RULES, model(responses=(WEIGHT, replace(WEIGHT, name="survival"))))
    assert [r.name for r in extra.responses] == ["body weight", "survival"]


def test_what_the_rules_left_open_is_filled_by_the_model():
    bare = replace(
        RULES, responses=(), randomisation_unit=None,
        replication=Replication(None, None, None, None),
        questions=tuple(Question(a, a, ()) for a in ("response", "replication",
                                                     "randomisation_unit", "treatment")),
    )  # fmt: skip
    both = combined(bare, model())
    assert both.responses[0].name == "body weight"
    assert both.randomisation_unit == RULES.randomisation_unit
    assert both.questions == ()


def test_a_reading_is_of_one_text_and_travels_with_the_session():
    second = kept(Reading(model(), "small", Usage(1, 5, 0, 2), ("note",)), MICE)
    assert is_of(second, MICE)
    assert not is_of(second, f"{MICE} ")
    assert draft_of(f"{MICE} ", second, "model") == parse_design(f"{MICE} ")
    assert draft_of(MICE, second, "rules") == RULES
    assert draft_of(MICE, second, "model") == model()
    session = DesignSession(second_reading=second)
    assert DesignSession.model_validate_json(session.model_dump_json()) == session
    assert tokens_after(
        TurnTokens(calls=1, prompt=1), Reading(model(), "m", Usage(1, 5, 0, 2))
    ) == (TurnTokens(calls=2, prompt=6, completion=2))


def test_a_response_of_the_same_words_under_another_name_is_measured_once():
    both = combined(RULES, model(responses=(replace(WEIGHT, name="mass of the animal"),)))
    assert [r.name for r in both.responses] == [WEIGHT.name]
    assert both.responses[0].confidence >= 0.95
