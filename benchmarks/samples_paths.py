"""Repeated samples: the analysis and every chart that the page draws of it."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from measure import Case, Path

from experimentos.charts.model_bars import model_bars
from experimentos.charts.scenario_plots import caterpillar, paired_differences
from experimentos.charts.score_profile import score_profile
from experimentos.flows.samples import SampleQuestion, analyze_samples
from experimentos.runs.compare import ModelDifference
from experimentos.runs.sample_files import SampleFile
from experimentos.runs.samples import Samples

MODELS, REPEATS = 5, 4
BUDGETS_MS = {1_000: 25, 100_000: 200, 1_000_000: 2_000}
KINDS = {"graded": "", "0 or 1": ".binary"}


def drawn(rows: int, kind: str) -> Samples:
    """Return samples of five models, four each, over rows / 20 scenarios."""
    rng = np.random.default_rng(0)
    scenarios = rows // MODELS // REPEATS
    scenario = np.tile(np.repeat(np.arange(scenarios), REPEATS), MODELS)
    model = np.repeat(np.arange(MODELS), scenarios * REPEATS)
    score = rng.normal(size=rows) + rng.normal(size=scenarios)[scenario] + model / 10
    if kind == "0 or 1":
        score = (score > 0).astype(float)
    return Samples(
        tuple(f"s{i}" for i in range(scenarios)),
        tuple(f"m{i}" for i in range(MODELS)),
        scenario,
        model,
        np.tile(np.arange(REPEATS), scenarios * MODELS),
        MappingProxyType({"score": score}),
    )


def analysed(samples: Samples) -> None:
    """Do everything that the page shows."""
    file = SampleFile(samples, (), "bench", "", "tidy CSV")
    analysis = analyze_samples(file, SampleQuestion("m0"))
    model_bars(analysis.table, analysis.leaderboard)
    caterpillar(samples, analysis.table, "m1")
    score_profile(samples, "score")
    for found in analysis.of_metric:
        if isinstance(found, ModelDifference):
            paired_differences(samples, found)


def _made(rows: int, kind: str) -> Callable[[], Case]:
    return lambda: _case(drawn(rows, kind))


def _case(samples: Samples) -> Case:
    return Case(lambda: analysed(samples))


PATHS = [
    Path(
        name=f"samples.{rows}{suffix}",
        work=f"{rows:,} samples, {kind}, charts",
        budget_ms=bound,
        make=_made(rows, kind),
    )
    for rows, bound in BUDGETS_MS.items()
    for kind, suffix in KINDS.items()
]
