"""Experiment files: what is accepted, what is refused, and which field is named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.flows.experiment_file import experiment_report, status_of
from experimentos.runs.experiment_file import read_experiment

UPLOADS = Path(__file__).resolve().parents[2] / "reference" / "uploads"
MANIFEST = json.loads((UPLOADS / "manifest.json").read_text())
CASES = [case for case in MANIFEST["files"] if case["kind"] == "yaml"]
STATUS = {
    "accept": "healthy",
    "accept_note": "healthy",
    "warn": "warning",
    "blocked": "blocked",
    "read_error": "unreadable",
}

GOOD = (UPLOADS / "files" / "good.yaml").read_text()


def experiment(**changes):
    document = {
        "name": "t",
        "project": "p",
        "variants": [{"name": "a"}, {"name": "b"}],
        "baseline": "a",
    }
    return read_experiment(json.dumps(document | changes).encode(), "experiment.json")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_every_file_of_the_manifest_ends_as_it_says(case):
    content = (UPLOADS / "files" / case["file"]).read_bytes()
    found = read_experiment(content, case["file"])
    assert status_of(found).value == STATUS[case["expect"]]
    assert bool(found.issues) == (case["expect"] != "accept")
    if case["column"] is not None:
        assert case["column"] in {issue.where.column for issue in found.issues}
    if case["row"] is not None:
        assert case["row"] in {issue.where.row for issue in found.issues}
    said = " ".join(issue.message for issue in found.issues).lower()
    assert all(word in said for word in case["says"])
    assert all(issue.fix for issue in found.issues)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x.csv",
        "a/../b",
        "..%2fx",
        "%252e%252e/x",
        "C:\\x",
        "a\\b",
        "file:x",
        "~/x",
    ],
)
def test_a_data_source_outside_the_workspace_is_refused(path):
    found = experiment(data_sources=[{"path": path}])
    assert [issue.where.column for issue in found.issues] == ["path"]


@pytest.mark.parametrize("path", ["data/a.csv", "a b.csv", "deep/er/x.parquet"])
def test_a_data_source_inside_the_workspace_is_kept(path):
    assert experiment(data_sources=[{"path": path}]).plan.data_sources[0].path == path


@pytest.mark.parametrize("path", [" x.csv", "x.csv ", "  "])
def test_a_path_with_a_space_at_its_end_is_refused(path):
    assert experiment(data_sources=[{"path": path}]).plan is None


def test_a_variant_defined_twice_is_refused():
    found = experiment(variants=[{"name": "a"}, {"name": "a"}])
    assert found.issues[0].where.column == "name"
    assert "twice" in found.issues[0].message


def test_a_word_that_yaml_takes_for_a_switch_may_stand_in_quotes():
    text = GOOD.replace("name: a", 'name: "no"').replace("baseline: a", "baseline: 'no'")
    assert read_experiment(text.encode(), "x.yaml").plan.baseline == "no"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("3", 3), ("-2", -2), ("0.5", 0.5), ("1e3", 1000.0), ("true", True), ("warm", "warm"),
        ('"3"', "3"), ("[1, two]", [1, "two"]), ("{x: 1}", {"x": 1}), ("null", None),
        ("010", "010"), ("1_000", "1_000"), ("2026-01-02", "2026-01-02"), ("1e999", "1e999"),
    ],
)  # fmt: skip
def test_a_parameter_has_the_type_of_its_spelling(written, read):
    text = GOOD.replace("temperature: 0.3", f"temperature: {written}")
    got = read_experiment(text.encode(), "x.yaml").plan.variants[0].parameters["temperature"]
    assert got == read
    assert type(got) is type(read)


@pytest.mark.parametrize("written", [".nan", ".inf", "-Infinity"])
def test_a_parameter_that_is_not_finite_is_refused(written):
    text = GOOD.replace("temperature: 0.3", f"temperature: {written}")
    found = read_experiment(text.encode(), "x.yaml")
    assert found.plan is None
    assert found.issues[0].where.column == "temperature"


def test_an_unknown_field_names_its_neighbour():
    found = experiment(baselin="a")
    assert "baseline" in found.issues[0].fix


def test_a_date_of_creation_needs_no_note():
    found = read_experiment((GOOD + "created: 2026-01-02\n").encode(), "x.yaml")
    assert found.issues == ()


@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise(content):
    for name in ("x.yaml", "x.json"):
        found = read_experiment(content, name)
        assert found.plan is None
        assert experiment_report(found, content, name)["status"] in {"blocked", "unreadable"}


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_a_good_file_with_any_tail_is_read_or_refused(tail):
    found = read_experiment((GOOD + tail).encode(), "x.yaml")
    assert found.plan is not None or found.issues
