"""The metrics file: what it may say, and what a person is told when it is wrong."""

import pytest

from experimentos.engine.spec import MetricsFile, read_metrics
from experimentos.issue import Issue


def read(text, name="metrics.yaml"):
    return read_metrics(text.encode(), name)


def test_yaml_and_json_say_the_same():
    yaml = read(
        "metrics:\n"
        "  - {name: conversion, kind: conversion, expression: orders > 0}\n"
        "  - {name: spend, kind: mean, column: spend, covariate: history, direction: higher}\n"
        "  - name: capped\n    kind: mean\n    column: spend\n    winsorise: {quantile: 0.99}\n"
    )
    json = read(
        '{"metrics": [{"name": "conversion", "kind": "conversion", "expression": "orders > 0"},'
        '{"name": "spend", "kind": "mean", "column": "spend", "covariate": "history"},'
        '{"name": "capped", "kind": "mean", "column": "spend", "winsorise": {"quantile": 0.99}}]}',
        "metrics.json",
    )
    assert isinstance(yaml, MetricsFile)
    assert yaml == json


@pytest.mark.parametrize(
    "line",
    [
        "{name: x, kind: mean}",
        "{name: x, kind: mean, column: a, expression: a + 1}",
        "{name: x, kind: ratio, numerator: a}",
        "{name: x, kind: conversion, column: a, winsorise: {cap: 1}}",
        "{name: x, kind: mean, column: a, winsorise: {cap: 1, quantile: 0.9}}",
        "{name: x, kind: mean, column: a, winsorise: {quantile: 1.5}}",
        "{name: x, kind: mean, column: a, days: 3}",
        "{name: x, kind: median, column: a}",
        "{name: x, kind: quantile, column: a}",
        "{name: x, kind: quantile, column: a, quantile: 1}",
        "{name: x, kind: quantile, column: a, quantile: 0.9, winsorise: {cap: 1}}",
        "{name: x, kind: mean, column: a, covariate: b, covariates: [c]}",
        "{name: x, kind: mean, column: a, covariates: []}",
        "{name: x, kind: mean, column: a, covariates: [b +]}",
        "{name: x, kind: mean, column: a, covariate: b, sub_unit: s}",
        "{name: x, kind: mean, column: a, sub_unit: s, winsorise: {cap: 1}}",
        "{name: x, kind: mean, column: a, pre_period: {}}",
        "{name: x, kind: mean, column: a, pre_period: {days: 3, column: d, before: '2026-01-01'}}",
        "{name: x, kind: mean, column: a, pre_period: {column: d}}",
        "{name: x, kind: mean, column: a, pre_period: {column: d, before: monday}}",
        "{name: x, kind: ratio, numerator: a, denominator: b, pre_period: {days: 3}}",
        "{name: x, kind: mean, column: a, window_days: 0}",
        "{name: x, kind: mean, expression: sum(a)}",
        "{name: x, kind: mean, column: a, sql: drop table a}",
        "{name: 'x; y', kind: mean, column: a}",
        "{name: x, kind: mean, column: a}, {name: X, kind: mean, column: b}",
        "",
    ],
)
def test_what_does_not_fit_is_an_issue_with_a_fix(line):
    found = read(f"metrics: [{line}]\n")
    assert isinstance(found, tuple)
    assert all(isinstance(issue, Issue) and issue.message and issue.fix for issue in found)


def test_the_parts_of_every_kind_are_read():
    found = read(
        "window_days: 14\nmetrics:\n"
        "  - {name: p90, kind: quantile, column: s, quantile: 0.9}\n"
        "  - {name: net, kind: mean, column: a, covariates: [age, age * 2]}\n"
        "  - {name: old, kind: count, pre_period: {column: day, before: '2026-03-01'}}\n"
        "  - {name: part, kind: conversion, column: a, sub_unit: s, window_days: 2}\n"
    )
    assert isinstance(found, MetricsFile)
    assert found.window_days == 14
    assert [metric.is_adjusted for metric in found.metrics] == [False, True, True, False]


def test_what_is_no_document_is_unreadable_with_its_line():
    (issue,) = read("metrics:\n  - &a {name: x}\n")
    assert issue.code == "metrics_unreadable"
    assert issue.where.row == 2
