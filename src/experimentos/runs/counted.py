"""The runs that count in a comparison, and their values by variant and metric.

The store hands these out, and a command beside the app loads the store: no NumPy here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experimentos.runs.documents import Run, finite

PairKey = tuple[int, str, str]
"""Repeat, seed and hash of the data: runs pair when all three agree."""


@dataclass(frozen=True, slots=True)
class VariantScores:
    """The runs of one variant that count, in the order of their ids.

    Attributes
    ----------
    variant : str
    keys : tuple[PairKey | None, ...]
        What each pairs by, shape (runs,).
    values : Mapping[str, tuple[float | None, ...]]
        Metric to its values, shape (runs,) each; None where it is missing or not finite.
    """

    variant: str
    keys: tuple[PairKey | None, ...]
    values: Mapping[str, tuple[float | None, ...]]


def pair_key(run: Run) -> PairKey | None:
    """Return what a run pairs by, None for one that pairs with nothing."""
    seed = run.environment.get("seed")
    return None if run.repeat == 0 or seed is None else (run.repeat, str(seed), run.inputs_sha256)


def newest_of_each(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the completed runs, of each variant and repeat the newest; no reproductions."""
    found: dict[tuple[str, object], Run] = {}
    for run in sorted(runs, key=lambda run: run.run_id):
        if run.status == "completed" and run.reproduces_run_id is None:
            found[run.variant, run.repeat or run.run_id] = run
    return tuple(found.values())


def metric_names(runs: Iterable[Run]) -> tuple[str, ...]:
    """Return the names of the metrics that runs have, finite or not, in order."""
    return tuple(sorted({name for run in runs for name in run.metrics}))


def scores_of(counted: Iterable[Run], names: Sequence[str]) -> tuple[VariantScores, ...]:
    """Return metrics of runs that count, by variant in the order of its name."""
    by_variant: dict[str, list[Run]] = {}
    for run in sorted(counted, key=lambda run: run.run_id):
        by_variant.setdefault(run.variant, []).append(run)
    return tuple(
        VariantScores(
            variant,
            tuple(map(pair_key, runs)),
            {name: tuple(finite(run.metrics.get(name)) for run in runs) for name in names},
        )
        for variant, runs in sorted(by_variant.items())
    )
