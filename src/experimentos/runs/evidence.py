"""What a comparison of variants stands on: the runs that count, by variant and metric."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experimentos.runs.documents import Run, finite
from experimentos.runs.run_pairs import PairKey, RunScore, pair_key


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """The runs of an experiment that count.

    Attributes
    ----------
    there : tuple[str, ...]
        Metrics that any of them has, finite or not, in order.
    variants : Mapping[str, VariantScores]
        Without those that have no completed run.
    failed : Mapping[str, int]
        Failed runs by variant.
    """

    there: tuple[str, ...]
    variants: Mapping[str, VariantScores]
    failed: Mapping[str, int]

    def runs(self, variant: str) -> int:
        """Return how many runs of a variant count."""
        found = self.variants.get(variant)
        return len(found.keys) if found else 0

    def values(self, variant: str, metric: str) -> Sequence[float | None]:
        """Return a metric of the runs of a variant."""
        found = self.variants.get(variant)
        return found.values.get(metric, (None,) * len(found.keys)) if found else ()

    def scores(self, variant: str, metric: str) -> list[RunScore]:
        """Return a metric of the runs of a variant, with what each pairs by."""
        keys = self.variants[variant].keys if variant in self.variants else ()
        values = self.values(variant, metric)
        return [RunScore(key, value) for key, value in zip(keys, values, strict=True)]


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
