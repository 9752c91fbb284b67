"""Experiment files that ask models: what is refused, where, and what to do."""

import pytest

from experimentos.flows.experiment_file import runs_by
from experimentos.runs.documents import Experiment
from experimentos.runs.experiment_file import read_experiment

FILE = """name: tone
project: Examples
variants:
  - name: plain
    parameters: {temperature: 0.2}
  - name: kind
    parameters: {temperature: 0.9, tone: kind}
baseline: plain
defaults: {tone: plain}
evaluation:
  prompt: "In a {tone} tone: {q}"
  scenarios:
    - {id: a, values: {q: one}, target: "1"}
    - {id: b, values: {q: two}, target: "2"}
  models: [{name: small, input_price: 1, output_price: 2}]
  samples_per_scenario: 3
  scorer: {kind: contains, ignore_case: false}
"""


def read(text):
    return read_experiment(text.encode(), "tone.yaml")


def test_a_file_that_asks_models_is_read_and_read_back():
    found = read(FILE)
    assert (found.issues, runs_by(found)) == ((), "evaluation")
    assert found.plan.evaluation.primary_metric == "mean_score"
    assert Experiment.model_validate(found.plan.model_dump(mode="json")) == found.plan


def test_an_experiment_that_asks_nothing_says_nothing_of_asking():
    document = Experiment.model_validate(
        {
            "name": "t",
            "project": "p",
            "variants": [{"name": "a"}, {"name": "b"}],
            "baseline": "a",
            "entry_point": "m:f",
        }
    ).model_dump(mode="json")
    assert not {"models", "scenarios", "scorer", "limits"} & set(document["evaluation"])


def test_an_entry_point_beside_it_is_refused_with_its_line():
    (issue,) = read(f"{FILE}entry_point: a:b\n").issues
    assert (issue.where.row, issue.where.column) == (18, "entry_point")
    assert issue.fix.startswith("Keep one of them")


def test_neither_is_kept_and_told():
    found = read(FILE[: FILE.index("evaluation:")])
    assert (found.plan is not None, runs_by(found)) == (True, None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  scorer: {kind: contains, ignore_case: false}\n", "", "needs scorer too"),
        ("tone: kind}", "tone: kind, foo: 1}", "foo: an evaluation has no such parameter"),
        ("tone: kind}", "model: other}", "none of the evaluation's models"),
        ("tone: kind}", "q: kind}", "the scenarios fill the place {q} themselves"),
        ("temperature: 0.9", "temperature: 9", "temperature: it must be at most 2"),
        ("id: b", "id: a", "the scenario a is named twice"),
        ("kind: contains", "kind: regex, pattern: '('", "pattern"),
    ],
)
def test_what_cannot_be_asked_is_told_with_the_line_of_the_evaluation(old, new, said):
    assert old in FILE
    found = read(FILE.replace(old, new))
    assert found.plan is None
    assert said in found.issues[0].message
    assert found.issues[0].where.column is not None
    assert found.issues[0].fix


def test_a_place_that_nothing_fills_is_a_caution_as_the_project_may_fill_it():
    found = read(FILE.replace("defaults: {tone: plain}\n", ""))
    assert found.plan is not None
    assert [(i.code, i.where.column) for i in found.issues] == [("place_unfilled", "tone")]
