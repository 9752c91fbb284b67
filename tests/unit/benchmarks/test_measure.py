"""A benchmark's verdict: a fast wrong answer fails, a noisy machine is not a miss."""

import math

import pytest

from benchmarks.measure import Case, Error, Measured, Path, measure

PATH = Path(name="p", work="w", reference="r", bound=0.01, budget_ms=100, make=lambda: None)


@pytest.mark.parametrize(
    ("cpu_ms", "ratios", "error", "verdict"),
    [
        ([50, 60, 55], [0.009, 0.011, 0.008], None, "ok"),
        ([50, 60, 55], [0.009, 0.011, 0.012], None, "MISS"),
        ([150, 160, 155], [0.005], None, "MISS"),
        ([50, 60, 155], [0.02, 0.02, 0.02], None, "noisy"),
        ([50, 60, 155], [0.001], Error(2e-10, 1e-10, ""), "MISS"),
        ([50, 60, 55], [0.001], Error(math.nan, 1e-10, ""), "MISS"),
        ([50, 60, 55], [], Error(1e-11, 1e-10, ""), "ok"),
    ],
)
def test_a_verdict_follows_the_median_the_budget_and_the_error(cpu_ms, ratios, error, verdict):
    seen = Measured(PATH, cpu_ms, ratios, error)
    assert seen.verdict == verdict
    assert bool(seen.misses) == (verdict != "ok")


def test_a_reference_that_does_a_share_of_the_work_is_scaled_to_the_whole(monkeypatch):
    monkeypatch.setattr("benchmarks.measure._cpu", lambda work, _repeats: work())
    path = Path(name="p", work="w", make=lambda: Case(lambda: 0.04, lambda: 0.02, share=0.1))
    # Twice the time for ten times the work: a fifth per piece.
    assert measure(path, 3).ratio == pytest.approx(0.2)
