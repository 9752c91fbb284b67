"""Baseline and variance of an earlier experiment, for every kind of metric."""

import numpy as np
import pytest

from experimentos.errors import ContractError
from experimentos.flows.power_plan import known_from
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Cell, Metric, Source, Summary

SOURCE = Source("last.csv", "0" * 64, "csv")


def summary_of(kind, statistic):
    cells = tuple(Cell(arm, 500, {"m": statistic}, 1) for arm in ("control", "treatment"))
    return Summary(cells, (Metric("m", kind, ("m",)),), "control", SOURCE)


def joint(x, y):
    dx, dy = x - x.mean(), y - y.mean()
    return CrossMoments(len(x), x.mean(), y.mean(), float(dx @ dx), float(dy @ dy), float(dx @ dy))


def test_a_ratio_is_planned_by_its_variance_per_user():
    rng = np.random.default_rng(1)
    views = rng.integers(1, 20, 500).astype(float)
    clicks = rng.binomial(views.astype(int), 0.2).astype(float)
    known = known_from(summary_of("ratio", joint(clicks, views)))
    linear = (clicks - clicks.sum() / views.sum() * views) / views.mean()
    assert known.baseline == pytest.approx(clicks.sum() / views.sum(), rel=1e-12)
    assert known.metric.sd == pytest.approx(float(np.std(linear, ddof=1)), rel=1e-9)


def test_a_covariate_is_planned_by_its_measured_share():
    rng = np.random.default_rng(2)
    before = rng.standard_normal(500)
    after = 0.8 * before + 0.6 * rng.standard_normal(500)
    known = known_from(summary_of("adjusted", joint(after, before)))
    assert known.metric.explained == pytest.approx(np.corrcoef(before, after)[0, 1] ** 2, rel=1e-9)
    assert known.metric.sd == pytest.approx(float(np.std(after, ddof=1)), rel=1e-9)


@pytest.mark.parametrize("moments", [Moments(1, 3.0, 0.0), Moments(9, 3.0, 0.0)])
def test_a_metric_that_never_varied_cannot_be_planned(moments):
    with pytest.raises(ContractError, match="standard deviation"):
        known_from(summary_of("mean", moments))
