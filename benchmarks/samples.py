"""What repeated samples cost: reading, analysis and every chart, by the number of samples.

Usage: PYTHONPATH=src python benchmarks/samples.py [--rounds 3]

CPU times, the least of the rounds. Exit status 1 when a size misses its bound twice.
"""

import argparse
import time
from types import MappingProxyType

import numpy as np

from experimentos.charts.model_bars import model_bars
from experimentos.charts.scenario_plots import caterpillar, paired_differences
from experimentos.charts.score_profile import score_profile
from experimentos.flows.sample_report import samples_csv
from experimentos.flows.samples import SampleQuestion, analyze_samples
from experimentos.runs.compare import ModelDifference
from experimentos.runs.sample_files import SampleFile, read_samples
from experimentos.runs.samples import Samples

MODELS, REPEATS = 5, 4
BOUNDS_MS = {1_000: 25, 100_000: 200, 1_000_000: 2_000}
KINDS = ("graded", "0 or 1")


def drawn(rows: int, kind: str) -> Samples:
    """Return samples of five models, four each, over rows / 20 scenarios."""
    rng = np.random.default_rng(0)
    scenarios = rows // MODELS // REPEATS
    scenario = np.tile(np.repeat(np.arange(scenarios), REPEATS), MODELS)
    model = np.repeat(np.arange(MODELS), scenarios * REPEATS)
    score = rng.normal(size=rows) + rng.normal(size=scenarios)[scenario] + model / 10
    if kind == KINDS[1]:
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


def least_ms(work, rounds: int) -> float:
    """Return the least CPU time of some rounds, after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(f"{'samples':>10}  {'scores':<8}{'analysis + charts':>20}{'bound':>9}  {'read CSV':>10}")
    missed = 0
    for rows, bound in BOUNDS_MS.items():
        for kind in KINDS:
            samples = drawn(rows, kind)
            spent = least_ms(lambda s=samples: analysed(s), rounds)
            if spent > bound:
                spent = least_ms(lambda s=samples: analysed(s), rounds)
            missed += spent > bound
            content = samples_csv(samples)
            read = least_ms(lambda c=content: read_samples(c, "bench.csv"), 1)
            print(f"{rows:>10,}  {kind:<8}{spent:>17.1f} ms{bound:>6} ms  {read:>7.0f} ms")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
