"""Several covariates as one: what a regression on all of them says."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from experimentos.analysis.cuped import ancova
from experimentos.metrics.joint import JointMoments, combined, slopes_within

RNG = np.random.default_rng(20261128)


def frame(n=400):
    a, b = RNG.normal(50, 9, n), RNG.exponential(3, n)
    arm = RNG.integers(0, 2, n)
    y = 4 + 0.3 * a - 1.2 * b + 0.8 * arm + RNG.normal(0, 2, n)
    return pd.DataFrame({"y": y, "arm": arm, "a": a, "b": b})


def joint(rows, columns=("y", "a", "b")):
    values = rows[list(columns)].to_numpy()
    centred = values - values.mean(axis=0)
    return JointMoments(len(values), values.mean(axis=0), centred.T @ centred)


def test_the_slopes_and_the_effect_are_those_of_statsmodels():
    data = frame()
    fit = smf.ols("y ~ arm + a + b", data).fit()
    arms = [joint(data[data.arm == arm]) for arm in (0, 1)]
    slopes = slopes_within(arms)
    assert slopes == pytest.approx([fit.params["a"], fit.params["b"]], rel=1e-10)
    control, treatment = (combined(arm, slopes) for arm in arms)
    found = ancova(control, treatment, 0.05)
    assert found.theta == pytest.approx(1, rel=1e-12)
    assert found.difference == pytest.approx(fit.params["arm"], rel=1e-9)


def test_one_covariate_is_itself_on_another_scale():
    data = frame()
    arms = [joint(data[data.arm == arm], ("y", "a")) for arm in (0, 1)]
    (slope,) = slopes_within(arms)
    found = combined(arms[0], np.array([slope]))
    own = data[data.arm == 0]
    assert found.mean_y == pytest.approx(slope * own.a.mean())
    assert found.c_xy == pytest.approx(slope * own.y.cov(own.a) * (len(own) - 1))


def test_a_covariate_that_says_nothing_new_changes_nothing():
    data = frame().assign(twice=lambda d: 2 * d.a, same=7.0)
    arms = [joint(data[data.arm == arm]) for arm in (0, 1)]
    more = [joint(data[data.arm == arm], ("y", "a", "b", "twice", "same")) for arm in (0, 1)]
    plain = [combined(arm, slopes_within(arms)) for arm in arms]
    wide = [combined(arm, slopes_within(more)) for arm in more]
    assert slopes_within(more)[3] == 0
    for one, other in zip(plain, wide, strict=True):
        assert (other.m2_y, other.c_xy) == pytest.approx((one.m2_y, one.c_xy), rel=1e-9)
