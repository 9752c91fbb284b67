"""Verification: the tolerance rule, refusals, unknown kinds, and every packaged case."""

import json

import numpy as np
import pytest

from experimentos.errors import UnreadableError
from experimentos.flows.verify import KINDS, packaged_table, read_table, verify
from experimentos.flows.verify_report import verify_document, verify_report
from experimentos.memo.html import render_html
from experimentos.memo.markdown import render_markdown

PACKAGED = {case.id: case for case in verify().cases}


@pytest.mark.parametrize("name", [case.id for case in packaged_table().cases])
def test_the_packaged_reference_case_agrees(name):
    assert PACKAGED[name].why == ""
    assert PACKAGED[name].passed


def test_every_kind_of_the_packaged_table_is_known():
    assert {case.kind for case in packaged_table().cases} <= set(KINDS)


def run(kind, inputs, expected, tolerance=None):
    case = {"id": "one", "kind": kind, "inputs": inputs, "expected": expected}
    table = {"cases": [case | {"tolerance": tolerance or {}}]}
    return verify(read_table(json.dumps(table).encode())).cases[0]


SRM = {"observed": [5, 15], "expected_weights": [1, 1]}


def test_a_deviation_within_absolute_plus_relative_tolerance_passes():
    assert run("srm", SRM, {"chi2": 5.1}, {"abs": 0.05, "rel": 0.01}).passed
    failed = run("srm", SRM, {"chi2": 5.2}, {"abs": 0.05, "rel": 0.01})
    assert not failed.passed
    assert failed.max_deviation == pytest.approx(0.2)
    assert failed.field == "chi2"


def test_a_tolerance_named_like_a_field_holds_for_that_field_alone():
    expected = {"chi2": 5.2, "df": 1}
    assert run("srm", SRM, expected, {"chi2": {"abs": 0.5}}).passed
    assert not run("srm", SRM, {"chi2": 5.2, "df": 2}, {"chi2": {"abs": 0.5}}).passed
    assert run("srm", SRM, {"chi2": 5.2}, {"chi2": 0.5}).passed


def test_the_worst_field_against_its_tolerance_is_named():
    got = run("srm", SRM, {"chi2": 5.001, "df": 1.5}, {"chi2": {"abs": 1}, "df": {"abs": 0.1}})
    assert got.field == "df"
    assert got.max_deviation == pytest.approx(0.5)


@pytest.mark.parametrize(
    "expected",
    [
        {"expected": [10]},
        {"expected": 10},
        {"expected": [10, "ten"]},
        {"chi2": None},
        {"chi2": "five"},
        {"chi2": True},
        {"chi2": {"value": 5}},
        {"nothing_like_it": 1},
    ],
)
def test_another_shape_or_type_is_a_failure_that_names_the_field(expected):
    got = run("srm", SRM, expected, {"abs": 100})
    assert not got.passed
    assert got.field == next(iter(expected))
    assert got.why


def test_undefined_is_met_by_undefined_only():
    zero = {"x_control": 0, "n_control": 9, "x_treatment": 1, "n_treatment": 9, "alpha": 0.05}
    assert run("two_proportion_z", zero, {"rel_lift": None}).passed
    assert not run("two_proportion_z", zero, {"diff": None}).passed


def test_a_refusal_passes_where_one_is_expected_and_fails_elsewhere():
    nobody = {"observed": [0, 0], "expected_weights": [1, 1]}
    assert run("srm", nobody, {"error": "needs users"}).passed
    assert not run("srm", nobody, {"chi2": 0}).passed
    assert not run("srm", SRM, {"error": "needs users"}).passed


def test_an_unknown_kind_is_a_failure_even_where_an_error_is_expected():
    got = run("tarot", {}, {"error": "no such thing"})
    assert not got.passed
    assert "tarot" in got.why


@pytest.mark.parametrize("inputs", [{}, {"observed": 3, "expected_weights": [1]}, {"observed": []}])
def test_inputs_that_cannot_be_used_fail_the_case_and_nothing_else(inputs):
    got = run("srm", inputs, {"chi2": 1})
    assert not got.passed
    assert got.max_deviation is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"cases": [1]}',
        b'{"cases": [{"id": "a"}]}',
        b'{"cases": [{"id": "a", "kind": "srm", "inputs": [], "expected": {"chi2": 1}}]}',
        b'{"cases": [{"id": "a", "kind": "srm", "inputs": {}, "expected": {}}]}',
        b'{"cases": [{"id": "a", "kind": "b", "inputs": {}, "expected": {"c": 1}, '
        b'"tolerance": 1}]}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(UnreadableError, match="no table"):
        read_table(content)


def test_the_report_counts_and_the_document_shows_failures():
    cases = [
        {"id": "good", "kind": "srm", "inputs": SRM, "expected": {"chi2": 5}},
        {"id": "<b>bad</b>", "kind": "srm", "inputs": SRM, "expected": {"chi2": 6}},
        {"id": "odd", "kind": "tarot", "inputs": {}, "expected": {"card": "sun"}},
    ]
    found = verify(read_table(json.dumps({"cases": cases}).encode()))
    report = verify_report(found)
    assert (report["passed"], report["failed"]) == (1, 2)
    assert found.by_kind() == (("srm", 2, 1), ("tarot", 1, 0))
    assert set(report["cases"][0]) >= {"id", "kind", "passed", "max_deviation", "field"}
    document = verify_document(found, "2026-11-20")
    assert "2 of 3" in render_markdown(document)
    assert "<b>bad</b>" not in render_html(document)
    assert found.table_sha256 in render_html(document)


KIM = {"spending": "kim", "rho": 2, "information_fractions": [0.5, 1], "alpha_one_sided": 0.025}


@pytest.mark.parametrize(
    ("kind", "inputs", "field", "expected"),
    [
        ("group_sequential", KIM, "cumulative_alpha", [0.00625, 0.025]),
        # R: power.prop.test(n = 1000, p1 = p2) is the level itself.
        (
            "power_proportions",
            {"p_control": 0.1, "p_treatment": 0.1, "n_control": 1000, "alpha": 0.05},
            "power_pooled_strict",
            0.05,
        ),
        (
            "mde_proportions",
            {"p_control": 0.1, "n_control": 9, "n_treatment": 9, "alpha": 0.05, "power": 0.9}
            | {"direction": "decrease"},
            "mde_abs",
            None,
        ),
        # scipy.stats.nct at df 2.
        (
            "power_means",
            {"effect_sd": 0.5, "n_control": 2, "n_treatment": 2, "alpha": 0.05},
            "power",
            0.06150785655602508,
        ),
    ],
)
def test_inputs_beyond_the_shared_cases_are_understood(kind, inputs, field, expected):
    got = run(kind, inputs, {field: expected}, {"abs": 1e-9})
    assert got.why == ""


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("msprt", {"estimate": 1, "se": 0, "tau2": 1}),
        ("normal_posterior", {"estimate": 1, "se": 0}),
        (
            "exact_test",
            {"x_control": 1, "n_control": 2, "x_treatment": 1, "n_treatment": 2}
            | {"alternative": "greater"},
        ),
        (
            "two_proportion_z",
            {"x_control": 3, "n_control": 2, "x_treatment": 1, "n_treatment": 2, "alpha": 0.05},
        ),
        (
            "welch_sufficient",
            {"n_control": 1, "sum_control": 2, "sum_sq_control": 4}
            | {"n_treatment": 1, "sum_treatment": 1, "sum_sq_treatment": 1, "alpha": 0.05},
        ),
    ],
)
def test_data_that_no_test_can_use_is_refused(kind, inputs):
    assert run(kind, inputs, {"error": "cannot be computed"}).passed


def test_nested_and_library_numbers_are_compared_like_plain_ones(monkeypatch):
    def nested(_inputs, _data):
        return {"pairs": {"a v b": np.float64(1.5), "c v d": np.int64(2)}, "best": np.bool_(True)}

    monkeypatch.setattr("experimentos.flows.verify.KINDS", {"nested": nested})
    expected = {"pairs": {"a v b": 1.5, "c v d": 2}, "best": True}
    assert run("nested", {}, expected).passed
    assert not run("nested", {}, {"pairs": {"a v b": 1.5, "e v f": 2}}).passed
    assert not run("nested", {}, {"pairs": {"a v b": [1.5]}}).passed


def test_an_infinite_number_is_met_by_the_same_infinity_only(monkeypatch):
    monkeypatch.setattr(
        "experimentos.flows.verify.KINDS", {"far": lambda _inputs, _data: {"z": float("inf")}}
    )
    assert run("far", {}, {"z": float("inf")}).passed
    assert not run("far", {}, {"z": 1.0}, {"abs": 1}).passed
