"""Variants by their runs: the comparison, the tied set, criteria, reproduction, differences."""

from datetime import UTC, datetime

import pytest
from scipy import stats

from experimentos.errors import ContractError
from experimentos.ids import ordered_id
from experimentos.memo.run_words import (
    comparison_lines,
    criterion_cells,
    difference_cells,
    metrics_line,
    money,
    pairing_lines,
    plan_line,
    seconds,
    status_counts,
    value,
)
from experimentos.runs.documents import Evaluation, Experiment, Run, Variant
from experimentos.runs.expand import expand
from experimentos.runs.reproduction import Verdict, judge
from experimentos.runs.run_diff import diff_runs, side_by_side
from experimentos.runs.run_groups import NotComparable, compare_runs

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def experiment(**changes):
    given = {
        "name": "e",
        "project": "p",
        "variants": (Variant(name="a"), Variant(name="b"), Variant(name="c")),
        "baseline": "a",
        "evaluation": Evaluation(metrics=("score",), min_runs_per_variant=3),
    }
    return Experiment(**given | changes)


def run(variant, repeat, score, status="completed", **changes):
    number = run.count = getattr(run, "count", 0) + 1
    metrics = {} if score is None else {"score": score}
    given = {
        "run_id": ordered_id(NOW, number.to_bytes(10)),
        "kind": "script",
        "status": status,
        "created_at": NOW,
        "variant": variant,
        "repeat": repeat,
        "metrics": metrics,
    }
    return Run(**given | changes)


A = [1.0, 1.25, 0.75, 1.125]
B = [4.0, 4.5, 3.75]
C = [1.0, 1.375, 0.875]


def all_runs(**scores):
    return [run(v, i + 1, s) for v, values in scores.items() for i, s in enumerate(values)]


def test_differences_are_welchs_corrected_over_variants():
    found = compare_runs(experiment(), all_runs(a=A, b=B, c=C))
    raw = {}
    for difference, values in zip(found.differences, (B, C), strict=True):
        test = stats.ttest_ind(values, A, equal_var=False)
        span = test.confidence_interval(0.95)
        assert difference.p_value == pytest.approx(test.pvalue, rel=1e-9)
        assert (difference.interval.low, difference.interval.high) == pytest.approx(
            (span.low, span.high), rel=1e-9
        )
        raw[difference.variant] = test.pvalue
    # Holm (1979): the smallest p times two, the other as it is (and no smaller).
    adjusted = {d.variant: d.adjusted_p for d in found.differences}
    assert adjusted == pytest.approx({"b": raw["b"] * 2, "c": max(raw["b"] * 2, raw["c"])})
    assert [d.is_better for d in found.differences] == [True, False]
    assert found.best == ("b",)


def test_lower_is_better_when_the_experiment_says_so():
    lower = experiment(evaluation=Evaluation(metrics=("score",), direction="lower"))
    found = compare_runs(lower, all_runs(a=A, b=B, c=C))
    assert found.groups[-1].variant == "b"
    assert found.differences[0].is_worse
    assert set(found.best) == {"a", "c"}
    assert "cannot be told from" in comparison_lines(found, lower)[0]


def test_failed_missing_and_repeated_runs_are_counted_not_averaged():
    runs = all_runs(a=A, b=B)
    runs += [run("b", 1, 100.0, "failed"), run("b", 4, "NaN"), run("b", 3, 2.25)]
    runs += [run("b", 1, 50.0, reproduces_run_id=runs[0].run_id)]
    found = compare_runs(experiment(), runs)
    b = next(group for group in found.groups if group.variant == "b")
    assert (b.runs, b.failed, b.described.n, b.described.missing) == (4, 1, 3, 1)
    assert b.described.mean == pytest.approx((4.0 + 4.5 + 2.25) / 3)
    said = " ".join(comparison_lines(found, experiment()))
    assert "c lacks 3 of 3" in said
    assert "b: 1 runs failed" in said
    assert "b: 1 runs have no finite score" in said
    assert isinstance(found.differences[1], NotComparable)
    assert "need" in difference_cells(found.differences[1])[-1]


def test_variants_that_do_not_vary_are_not_given_a_p_value():
    found = compare_runs(experiment(), all_runs(a=[1, 1, 1], b=[2, 2, 2], c=[1, 1, 1]))
    assert all(isinstance(d, NotComparable) for d in found.differences)
    assert found.best == ("b",)
    alike = compare_runs(experiment(), all_runs(a=[1, 1], b=[1, 1]))
    assert set(alike.best) == {"a", "b"}


def test_criteria_of_project_and_experiment_are_held_against_each_variant():
    evaluation = Evaluation(metrics=("score",), success_criteria={"min_score": 1.5, "other": 1})
    found = compare_runs(
        experiment(evaluation=evaluation),
        all_runs(a=A, b=B),
        quality={"max_score": 9.0, "auto_validate": True, "min_score": 99},
    )
    cells = {criterion_cells(c)[:2]: criterion_cells(c)[3] for c in found.criteria}
    assert cells["score at least 1.5", "a"] == "no"
    assert cells["score at least 1.5", "b"].startswith("yes")
    assert cells["score at most 9", "c"] == "no run has the metric"


@pytest.mark.parametrize(
    ("runs", "metrics", "says"),
    [
        ([], (), "No run is completed"),
        ([run("a", 1, None)], (), "no metric"),
        ([run("a", 1, 1.0)], ("auc",), "'auc'"),
    ],
)
def test_nothing_to_compare_says_why(runs, metrics, says):
    with pytest.raises(ContractError, match=says):
        compare_runs(experiment(), runs, metrics=metrics)


def judged(before, after, repeats=(), **changes):
    original = run("a", 1, before)
    again = run("a", 1, after, **changes)
    others = [run("a", i + 2, score) for i, score in enumerate(repeats)]
    return judge(original, again, others, diff_runs(original, again))


def test_the_same_bits_are_identical():
    assert judged(0.1 + 0.2, 0.3).verdict is Verdict.DIFFERENT
    assert judged(0.5, 0.5).verdict is Verdict.IDENTICAL


def test_noise_is_what_repeats_show():
    repeats = [1.0, 1.2, 0.9, 1.1]
    found = judged(1.05, 1.15, repeats)
    assert found.verdict is Verdict.WITHIN_NOISE
    # Hahn and Meeker (1991), section 4.7, with SciPy's t.
    values = [1.05, *repeats]
    mean = sum(values) / 5
    sd = (sum((v - mean) ** 2 for v in values) / 4) ** 0.5
    p = 2 * stats.t.sf(abs(1.15 - mean) / (sd * 1.2**0.5), 4)
    assert found.metrics[0].p_value == pytest.approx(p)
    assert judged(1.05, 3.0, repeats).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("before", "after", "repeats", "says"),
    [
        (1.0, 1.1, (), "do not tell noise"),
        (1.0, 1.1, (1.0, 1.0, 1.0), "in all 4 repeats"),
        (1.0, "NaN", (1.1, 1.2), "is NaN now"),
        (1.0, None, (1.1, 1.2), "missing now"),
    ],
)
def test_a_difference_says_what_it_is(before, after, repeats, says):
    found = judged(before, after, repeats)
    assert found.verdict is Verdict.DIFFERENT
    assert says in found.sentence


def test_another_status_or_file_is_a_difference():
    failed = judged(1.0, None, status="failed", error_kind="ValueError", error="oh")
    assert failed.sentence == "It was completed and is failed now (ValueError: oh)."
    files = judged(1.0, 1.0, outputs={"out/x.csv": "a" * 64, "log": "b" * 64})
    assert files.verdict is Verdict.DIFFERENT
    assert files.outputs == ("out/x.csv",)


def test_a_difference_of_runs_shows_parameters_code_environment_and_packages():
    one = run("a", 1, 1.0, params={"x": {"y": 1}}, environment={"python": "3.13.0", "data": {}})
    two = run("a", 1, 1.0, params={"x": {"y": 2}}, environment={"python": "3.13.1"})
    found = diff_runs(one, two, ({"m.py": "a\nb\n"}, {"m.py": "a\nc\n"}), ({"numpy": "2"}, {}))
    assert {(line.section, line.name) for line in found.lines} >= {
        ("params", "x.y"), ("code", "m.py"), ("environment", "python"),
        ("environment", "package numpy"),
    }  # fmt: skip
    assert "-b" in found.code
    assert "+c" in found.code
    assert diff_runs(one, one).lines == ()


def test_several_runs_stand_side_by_side_where_they_are_not_alike():
    runs = [
        run("a", i, float(i), params={"lr": 0.1, "deep": {"n": n}}) for i, n in ((1, 5), (2, 6))
    ]
    runs.append(run("b", 1, None, params={"lr": 0.1}))
    assert dict(side_by_side(runs)) == {
        "variant": ("a", "a", "b"),
        "params.deep.n": (5, 6, None),
        "metrics.score": (1.0, 2.0, None),
    }
    assert side_by_side(runs[:1]) == ()


def test_values_are_written_for_people():
    assert [value(v) for v in (None, True, 3, 0.5, 1e-7, 12345.25, 2e9, "x", [1])] == [
        "\N{EN DASH}", "true", "3", "0.5", "1e-07", "12,345.2", "2,000,000,000", "x", "[1]",
    ]  # fmt: skip
    assert [seconds(v) for v in (None, 1.5, 90, 7200)] == [
        "\N{EN DASH}",
        "1.5 s",
        "1.5 min",
        "2.0 h",
    ]
    assert [money(v) for v in (None, 0, 1234.5, 0.001)] == [
        "\N{EN DASH}",
        "$0.00",
        "$1,234.50",
        "$0.001",
    ]
    assert status_counts([run("a", 1, 1), run("a", 2, 1, "failed")]) == "1 completed, 1 failed"
    assert metrics_line(run("a", 1, None, "failed", error="oh", error_kind="E")) == "E: oh"
    assert plan_line(expand(None, experiment(), 2)) == "6 runs of 3 variants, no cost stated."


def seeded(**scores):
    return [
        run(v, i + 1, s, environment={"seed": i})
        for v, values in scores.items()
        for i, s in enumerate(values)
    ]


def test_runs_that_share_seeds_are_compared_in_pairs_corrected_over_variants():
    found = compare_runs(experiment(), seeded(a=A, b=[1.1, 1.4, 0.8, 1.3], c=[1.2, 1.3, 0.7]))
    raw = [
        stats.ttest_rel([1.1, 1.4, 0.8, 1.3], A).pvalue,
        stats.ttest_rel([1.2, 1.3, 0.7], A[:3]).pvalue,
    ]
    assert [d.method for d in found.differences] == ["paired t", "paired t"]
    assert [d.p_value for d in found.differences] == pytest.approx(raw, rel=1e-9)
    assert found.differences[0].adjusted_p == pytest.approx(2 * raw[0])
    assert [d.lost for d in found.differences] == [0, 1]
    said = " ".join(pairing_lines(found))
    assert "Paired t test: 4 repeats" in said
    assert "c: 1 repeats have no partner" in said
    unpaired = compare_runs(experiment(), seeded(a=A, b=B), pairing="unpaired")
    assert "as asked for" in " ".join(pairing_lines(unpaired))
