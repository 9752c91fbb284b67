"""The known conclusions of real experiments: tests/reference/datasets/reference_results.json."""

import json
from pathlib import Path

import pytest

from experimentos.analysis.analyze import analyze
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments
from tests.unit.analysis.summaries import summary

KNOWN = json.loads(
    (Path(__file__).parents[2] / "reference/datasets/reference_results.json").read_text()
)


def of_name(outcome, method):
    return next(each for each in outcome.alongside if each.method == method)


def ends(interval):
    return [interval.low, interval.high]


@pytest.fixture(scope="module")
def cookie_cats():
    return analyze(
        summary(
            {
                row["variant"]: (
                    row["users"],
                    {
                        "conversion": Counts(row["users"], row["conversions"]),
                        "retention_1": Counts(row["users"], row["retention_1"]),
                        "rounds": Moments.from_sums(
                            row["users"], row["rounds_sum"], row["rounds_sum_sq"]
                        ),
                    },
                )
                for row in KNOWN["cookie_cats"]["agg"]
            }
        )
    )


@pytest.fixture(scope="module")
def udacity():
    return analyze(
        summary(
            {
                row["variant"]: (
                    row["users"],
                    {
                        "conversion": Counts(row["users"], row["conversions"]),
                        "payments": Counts(row["users"], row["payments"]),
                    },
                )
                for row in KNOWN["udacity"]["agg"]
            }
        )
    )


RATES = [
    ("cookie_cats", "retention_7", "conversion"),
    ("cookie_cats", "retention_1", "retention_1"),
    ("udacity", "gross_conversion", "conversion"),
    ("udacity", "net_conversion", "payments"),
]


@pytest.mark.parametrize(("data", "known", "metric"), RATES)
def test_a_rate_agrees_with_its_known_result(request, data, known, metric):
    expected = KNOWN[data][known]
    analysis = request.getfixturevalue(data)
    result = next(each for each in analysis.frequentist.metrics if each.metric == metric)
    ((arm, outcome),) = result.outcomes
    assert arm == "treatment"
    assert outcome.difference == pytest.approx(expected["diff"], rel=1e-12)
    assert of_name(outcome, "pooled_z").statistic == pytest.approx(expected["z_pooled"], rel=1e-12)
    assert of_name(outcome, "pooled_z").p_value == pytest.approx(expected["p"], rel=1e-10)
    assert ends(of_name(outcome, "wald").interval) == pytest.approx(expected["wald_ci"], rel=1e-9)
    newcombe = of_name(outcome, "newcombe").interval
    assert ends(newcombe) == pytest.approx(expected["newcombe_ci"], rel=1e-9)
    assert ends(outcome.interval) == pytest.approx(expected["mn_ci"], rel=1e-9)
    assert outcome.lift.estimate == pytest.approx(expected["rel_lift"], rel=1e-12)
    assert ends(outcome.lift.interval) == pytest.approx(expected["rel_ci_log"], rel=1e-9)


def test_rounds_agree_with_welch_from_the_sums(cookie_cats):
    expected = KNOWN["cookie_cats"]["rounds_welch"]
    ((_, outcome),) = cookie_cats.frequentist.secondary[0].outcomes
    assert outcome.method == "welch"
    assert outcome.difference == pytest.approx(expected["diff"], rel=1e-12)
    assert outcome.statistic == pytest.approx(expected["t"], rel=1e-12)
    assert outcome.df == pytest.approx(expected["df"], rel=1e-10)
    assert outcome.p_value == pytest.approx(expected["p"], rel=1e-10)
    assert ends(outcome.interval) == pytest.approx(expected["ci"], rel=1e-10)
