"""The drawn curve is the posterior that the numbers beside it speak of."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from experimentos.analysis.result import Interval, Posterior
from experimentos.charts.density import difference_density
from tests.unit.charts.cases import CONVERSION, PRIMARY

POSTERIOR = Posterior(
    "conversion", "t", "m", "flat", 0.99, 0.0, 0.0, Interval(0.004, 0.02, 0.95), None
)


def curve(compared, kind="conversion"):
    density = difference_density(replace(PRIMARY, kind=kind), compared, POSTERIOR)
    return np.array(density.grid), np.array(density.density)


@pytest.mark.parametrize(("control", "treatment", "n"), [(0.1, 0.112, 10_000), (0.0, 0.25, 8)])
def test_the_curve_of_two_rates_has_the_mass_and_moments_of_their_posteriors(control, treatment, n):
    rates = replace(
        CONVERSION, control_value=control, treatment_value=treatment, n_control=n, n_treatment=n
    )
    x, density = curve(rates)
    before, after = (
        stats.beta(1 + round(rate * n), 1 + n - round(rate * n)) for rate in (control, treatment)
    )
    mass = np.trapezoid(density, x)
    mean = np.trapezoid(density * x, x)
    variance = np.trapezoid(density * (x - mean) ** 2, x)
    assert mass == pytest.approx(1, abs=2e-3)
    assert mean == pytest.approx(after.mean() - before.mean(), abs=2e-3)
    assert variance == pytest.approx(after.var() + before.var(), rel=2e-2)


def test_the_curve_of_a_mean_is_normal():
    x, density = curve(CONVERSION, kind="mean")
    expected = stats.norm(CONVERSION.difference, CONVERSION.se).pdf(x)
    np.testing.assert_allclose(density, expected, rtol=1e-12)
