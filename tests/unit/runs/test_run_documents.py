"""Projects, experiments and runs as documents; what is inherited, and from where."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from experimentos.runs.documents import (
    Evaluation,
    Experiment,
    Project,
    Run,
    Variant,
    finite,
    metric_value,
    slug_of,
)
from experimentos.runs.experiment_file import (
    first_variant,
    read_experiment,
    read_project,
)
from experimentos.runs.inherit import parameters_of, settings_of

SEED_PROJECT = """
name: "E-commerce User Research"
description: "Personas for checkout flow redesign"
created: 2025-01-15T10:00:00Z
status: active
defaults:
  model: gpt-4o-2025-01
  template: default_persona
  temperature: 0.7
  count: 5
constraints:
  age_range: [25, 65]
  required_fields:
    - demographics.occupation
    - goals
  min_goals: 3
tags:
  team: product-design
  quarter: Q1-2025
quality:
  auto_validate: true
  min_diversity: 0.6
  max_bias: 0.3
"""

SEED_EXPERIMENT = """
name: "temperature-comparison"
description: "Compare creativity levels via temperature parameter"
project: ecommerce-research
created: 2025-01-16T09:00:00Z
status: running
hypothesis: "Higher temperature produces more diverse personas"
variants:
  - name: conservative
    parameters:
      temperature: 0.3
  - name: balanced
    parameters:
      temperature: 0.7
  - name: creative
    parameters:
      temperature: 1.0
baseline: balanced
evaluation:
  metrics:
    - diversity_score
    - consistency_score
  success_criteria:
    min_diversity: 0.7
  min_runs_per_variant: 5
data_sources:
  - path: data/interviews.csv
    hash: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"""


def a_run(**changes):
    given = {
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "kind": "script",
        "status": "completed",
        "created_at": datetime(2026, 11, 28, tzinfo=UTC),
    }
    return Run(**given | changes)


def test_a_project_file_is_read_with_its_types():
    found = read_project(SEED_PROJECT.encode(), "project.yaml")
    assert found.issues == ()
    project = found.project
    assert project.slug == "e-commerce-user-research"
    assert project.defaults == {
        "model": "gpt-4o-2025-01", "template": "default_persona", "temperature": 0.7, "count": 5,
    }  # fmt: skip
    assert project.constraints["age_range"] == [25, 65]
    assert project.quality == {"auto_validate": True, "min_diversity": 0.6, "max_bias": 0.3}
    assert project.tags == {"team": "product-design", "quarter": "Q1-2025"}


def test_a_project_file_with_a_wrong_field_names_the_nearest():
    found = read_project(b"name: x\ndefualts: {a: 1}\n", "project.yaml")
    assert found.project is None
    assert "Did you mean defaults?" in found.issues[0].fix
    assert read_project(b"name: [", "p.yaml").issues[0].code == "project_unreadable"


def test_an_experiment_file_is_read_with_its_types():
    found = read_experiment(SEED_EXPERIMENT.encode(), "experiment.yaml")
    assert found.issues == ()
    assert [v.parameters for v in found.plan.variants] == [
        {"temperature": 0.3},
        {"temperature": 0.7},
        {"temperature": 1.0},
    ]
    assert found.plan.evaluation.primary_metric == "diversity_score"
    assert found.plan.project_slug == "ecommerce-research"
    assert found.plan.variant("warm") is None


def test_the_experiment_in_the_docs_is_one_and_shows_every_field():
    text = (Path(__file__).resolve().parents[3] / "docs" / "runs.md").read_text()
    block = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1]
    found = read_experiment(block.encode(), "docs.yaml")
    assert found.issues == ()
    left_out = {"description", "created", "status"}
    assert set(Experiment.model_fields) - left_out <= found.plan.model_fields_set


def test_given_fields_count_instead_of_the_file():
    content = b"variants:\n  - name: a\n  - name: b\n"
    assert first_variant(content, "variants.yaml") == "a"
    given = {"name": "t", "project": "p", "baseline": "b"}
    assert read_experiment(content, "variants.yaml", given=given).plan.baseline == "b"
    assert first_variant(b"variants: [", "x.yaml") == first_variant(b"variants: 1", "x.yaml") == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Temp Test", "temp-test"), ("a.b_c", "a-b-c"), ("A--", "a"), ("x" * 64, "x" * 64)],
)
def test_a_short_name_has_only_letters_digits_and_dashes(name, slug):
    assert slug_of(name) == slug == slug_of(slug)


def test_a_variant_inherits_and_shows_from_where():
    project = Project(name="p", defaults={"model": "a", "opt": {"lr": 0.1, "beta": 0.9}, "n": 1})
    variant = Variant(name="v", parameters={"opt": {"lr": 0.5}, "n": {"deep": 2}})
    experiment = Experiment(
        name="e", project="p", variants=(variant, Variant(name="w")), baseline="w",
        defaults={"model": "b"},
    )  # fmt: skip
    assert parameters_of(project, experiment, variant) == {
        "model": "b", "opt": {"lr": 0.5, "beta": 0.9}, "n": {"deep": 2},
    }  # fmt: skip
    assert [
        (s.name, s.value, s.origin, s.overrides) for s in settings_of(project, experiment, variant)
    ] == [
        ("model", "b", "experiment", ("project",)),
        ("n.deep", 2, "variant", ()),
        ("opt.beta", 0.9, "project", ()),
        ("opt.lr", 0.5, "variant", ("project",)),
    ]
    assert parameters_of(None, experiment, experiment.variants[1]) == {"model": "b"}


def test_a_metric_is_finite_or_a_word():
    run = a_run(metrics={"a": 1.5, "b": "NaN", "c": 2})
    assert Run.model_validate_json(run.model_dump_json()) == run
    assert [finite(run.metrics.get(name)) for name in "abcd"] == [1.5, None, 2.0, None]
    assert [metric_value(float(v)) for v in ("nan", "inf", "-inf", "1")] == [
        "NaN", "Infinity", "-Infinity", 1.0,
    ]  # fmt: skip
    for bad in ({"a": float("nan")}, {"a": "high"}):
        with pytest.raises(ValidationError):
            a_run(metrics=bad)
    with pytest.raises(ValidationError):
        a_run(primary_value=float("inf"))


def test_a_run_knows_how_long_it_took():
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert a_run(started_at=start, ended_at=end).seconds == 60
    assert a_run(status="running").seconds is None
    assert not a_run(status="running").is_over


def test_the_schema_of_an_experiment_is_published_as_json():
    schema = json.loads(json.dumps(Experiment.model_json_schema()))
    assert {"variants", "baseline", "name", "project"} == set(schema["required"])
    assert Evaluation(metrics=("a",), primary="b").primary_metric == "b"
