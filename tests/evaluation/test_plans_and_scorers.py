"""What an evaluation file may say, what it costs, and what an answer is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.issue import Severity
from experimentos.runs.evaluation import (
    EvaluationPlan,
    estimate,
    planned_samples,
    read_evaluation,
)
from experimentos.runs.scorers import ScorerPlan, last_number, scorer_of
from tests.evaluation.plans import plan

YAML = b"""
schema_version: 1
name: arithmetic
prompt: "What is {a} plus {b}? {{answer}} only."
samples_per_scenario: 3
models: [{name: m}]
scenarios:
  - {id: one, values: {a: 1, b: 2}, target: 3}
scorer: {kind: numeric}
"""


def test_a_file_is_read_and_its_places_are_filled():
    found = read_evaluation(YAML, "plan.yaml")
    assert found.issues == ()
    assert found.plan is not None
    assert found.plan.prompt_of(found.plan.scenarios[0]) == "What is 1 plus 2? {answer} only."


def test_a_value_that_looks_like_a_place_is_not_filled_again():
    asked = plan(
        prompt="{a}{b}",
        scenarios=[{"id": "x", "values": {"a": "{b}", "b": "{a}"}, "target": "t"}],
    )
    assert asked.prompt_of(asked.scenarios[0]) == "{b}{a}"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"target: 3", b"cluster: c", "one has none"),
        (b"b: 2}", b"}", "{b}"),
        (b"kind: numeric", b"kind: regex", "needs pattern"),
        (b"kind: numeric", b"kind: regex, pattern: '('", "cannot be used"),
        (b"scenario: 3", b"scenario: 101", "100"),
        (b"scenario: 3", b"scenario: 0", "1"),
        (b"{name: m}", b"{name: m}, {name: m}", "m is named twice"),
        (b"[{name: m}]", b"[{name: m}]\nlimits: {budget_usd: 5}", "prices"),
        (b"name: arithmetic", b"nom: arithmetic", "nom"),
    ],
)
def test_a_plan_that_cannot_run_is_blocked_with_the_reason(old, new, says):
    assert old in YAML
    found = read_evaluation(YAML.replace(old, new), "plan.yaml")
    assert found.plan is None
    assert any(says in issue.message and issue.fix for issue in found.issues)


def test_more_than_twenty_samples_and_repeats_at_temperature_zero_are_cautioned():
    many = read_evaluation(YAML.replace(b"scenario: 3", b"scenario: 21"), "p.yaml")
    assert [i.code for i in many.issues] == ["many_samples"]
    cold = YAML.replace(b"models:", b"generation: {temperature: 0}\nmodels:")
    found = read_evaluation(cold, "p.yaml")
    assert [(i.code, i.severity) for i in found.issues] == [("repeats_alike", Severity.WARNING)]


def test_bytes_that_are_no_document_are_told_by_line():
    found = read_evaluation(b"a: 1\n  b: [", "p.yaml")
    assert found.issues[0].severity is Severity.UNREADABLE
    assert found.issues[0].where.row == 2


def test_the_estimate_counts_every_call_and_bounds_the_price():
    size = estimate(plan(generation={"max_tokens": 100}))
    assert (size.scenarios, size.models, size.samples_per_scenario, size.calls) == (2, 2, 2, 8)
    assert size.tokens_out_most == 800
    # 12 tokens of prompts a round and model, 200 of answers: at 1 and 2, then 10 and 20 dollars.
    per_model = size.tokens_in / 2
    expected = ((per_model * 1 + 400 * 2) + (per_model * 10 + 400 * 20)) / 1e6
    assert size.cost_most == pytest.approx(expected)
    assert estimate(plan(models=[{"name": "free"}])).cost_most is None


def test_rounds_come_whole_so_that_a_stopped_evaluation_is_balanced():
    keys = [planned.key for planned in planned_samples(plan())]
    assert len(set(keys)) == 8
    assert [index for _, _, index in keys] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_limits_and_name_do_not_make_another_evaluation_but_the_prompt_does():
    first = plan()
    assert plan(limits={"concurrency": 9}, name="other").sha256 == first.sha256
    assert plan(prompt="Name the capital of {country}.").sha256 != first.sha256


@pytest.mark.parametrize(
    ("scorer", "answer", "target", "score"),
    [
        ({"kind": "exact"}, " paris\n", "Paris", 1),
        ({"kind": "exact", "ignore_case": False}, "paris", "Paris", 0),
        ({"kind": "contains"}, "It is PARIS.", "Paris", 1),
        ({"kind": "contains"}, "It is Rome.", "Paris", 0),
        ({"kind": "regex", "pattern": r"\bpar.s\b"}, "It is Paris", "", 1),
        ({"kind": "regex", "pattern": r"^\d+$"}, "12a", "", 0),
        ({"kind": "numeric"}, "First 3, then the answer is 1,234.5", "1234.5", 1),
        ({"kind": "numeric"}, "-2e3", "-2000", 1),
        ({"kind": "numeric"}, "no idea", "4", 0),
        ({"kind": "numeric", "absolute": 0.5}, "3.6", "4", 1),
        ({"kind": "numeric", "relative": 0.01}, "98", "100", 0),
        ({"kind": "json_field", "field": "a.0.b"}, '{"a": [{"b": "Lima"}]}', "lima", 1),
        ({"kind": "json_field", "field": "a"}, 'So:\n```json\n{"a": 2.0}\n```', "2", 1),
        ({"kind": "json_field", "field": "a"}, '{"a": true}', "true", 1),
        ({"kind": "json_field", "field": "a"}, "{not json", "x", 0),
        ({"kind": "json_field", "field": "b"}, '{"a": 1}', "1", 0),
        ({"kind": "json_field", "field": "a"}, "[" * 100_000, "1", 0),
    ],
)
def test_answers_are_worth_what_the_rule_says(scorer, answer, target, score):
    found = scorer_of(ScorerPlan.model_validate(scorer))(answer, target)
    assert found.score == score
    assert found.why


@given(st.text(), st.text(min_size=1))
def test_scorers_are_total_and_say_right_or_wrong(answer, target):
    for scorer in (
        {"kind": "exact"},
        {"kind": "contains"},
        {"kind": "numeric"},
        {"kind": "json_field", "field": "a"},
    ):
        found = scorer_of(ScorerPlan.model_validate(scorer))(answer, target)
        assert found.score in {0.0, 1.0}


@given(st.integers(-(10**12), 10**12))
def test_a_number_is_found_with_its_thousands_grouped(number):
    assert last_number(f"so it is {number:,}.") == number


def test_an_evil_pattern_ends_in_linear_time():
    scorer = scorer_of(ScorerPlan.model_validate({"kind": "regex", "pattern": "(a+)+$"}))
    assert scorer("a" * 100_000 + "b", "").score == 0


def test_a_function_must_answer_with_a_finite_number():
    asked = ScorerPlan.model_validate({"kind": "function", "function": "m:f"})
    assert scorer_of(asked, lambda _a, _t: True)("", "").score == 1
    with pytest.raises(ValueError, match="finite"):
        scorer_of(asked, lambda _a, _t: float("nan"))("", "")
    with pytest.raises(ValueError, match="not loaded"):
        scorer_of(asked)("", "")


def test_the_plan_is_the_same_after_a_round_trip():
    asked = plan()
    assert EvaluationPlan.model_validate_json(asked.model_dump_json()) == asked
