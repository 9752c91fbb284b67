"""A quantile by its standard error: told by ranks, compared as a mean."""

import numpy as np
import pytest

import experimentos as xos
from experimentos.analysis.method import Question
from experimentos.analysis.quantile import quantile_of
from experimentos.analysis.quantile_se import quantile_se
from experimentos.analysis.result import Compared, Unavailable
from experimentos.engine.quantiles import Z, ranks_of
from experimentos.metrics.mean import EMPTY
from experimentos.metrics.quantile import error_of, of_error

QUESTION = Question("p90", "B", 0.05, 0.95)


def moments(values, share):
    ordered = np.sort(values)
    _, _, under, over = ranks_of(len(ordered), share)
    se = (ordered[over - 1] - ordered[under - 1]) / (2 * Z)
    return of_error(len(ordered), float(np.quantile(ordered, share)), se)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_the_ranks_are_those_of_the_method_on_values(share):
    values = np.random.default_rng(3).lognormal(0, 1, 5_000)
    by_value = quantile_of(values, share, 0.05)
    found = moments(values, share)
    assert found.mean == by_value.value
    assert 2 * Z * error_of(found) == pytest.approx(by_value.high - by_value.low)


def test_a_quantile_has_no_ranks_beyond_the_sample():
    assert ranks_of(100, 0.99) is None
    assert ranks_of(100, 0.01) is None
    assert ranks_of(0, 0.5) is None
    assert ranks_of(100, 0.5) == (50, 51, 40, 60)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_its_interval_covers_as_often_as_it_says(share):
    rng = np.random.default_rng(20261128)
    runs, hits = 1_500, 0
    for _ in range(runs):
        found = quantile_se(
            moments(rng.exponential(1, 1_000), share),
            moments(rng.exponential(1, 1_000), share),
            QUESTION,
        )
        assert isinstance(found, Compared)
        hits += found.interval.low <= 0 <= found.interval.high
    # 4 Monte Carlo errors, and up to a point more: ranks are rounded outwards.
    slack = 4 * np.sqrt(0.05 * 0.95 / runs)
    assert 0.95 - slack < hits / runs < 0.96 + slack


def test_an_arm_without_an_error_has_no_comparison():
    missing = quantile_se(of_error(1_000, 3.0, 0.1), EMPTY, QUESTION)
    assert isinstance(missing, Unavailable)
    tied = quantile_se(of_error(1_000, 3.0, 0.1), of_error(1_000, 4.0, 0.0), QUESTION)
    assert isinstance(tied, Unavailable)
    assert tied.code == "collapsed"


CSV = (
    "variant,users,conversions,latency_quantile,latency_quantile_se\n"
    "control,10000,700,812.5,4.25\nB,10050,760,790,4.5\n"
)


def test_a_file_with_a_quantile_is_analysed_and_written_back():
    test = xos.run(CSV.encode(), "x.csv")
    assert test.health.status == "healthy"
    (found,) = [m for m in test.analysis.frequentist.metrics if m.metric == "latency"]
    ((_, outcome),) = found.outcomes
    assert (found.kind, outcome.method) == ("quantile", "quantile_se")
    assert outcome.difference == -22.5
    assert outcome.se == pytest.approx(np.hypot(4.25, 4.5), rel=1e-12)


def test_quantiles_of_days_are_not_added_up():
    daily = CSV.replace("variant,", "date,variant,").replace("\ncontrol", "\n2026-01-01,control")
    daily = daily.replace("\nB", "\n2026-01-01,B")
    daily += "2026-01-02,control,10000,700,812.5,4.25\n2026-01-02,B,10050,760,790,4.5\n"
    test = xos.run(daily.encode(), "x.csv")
    assert "quantile_in_parts" in {issue.code for issue in test.health.issues}
    assert test.analysis is None
