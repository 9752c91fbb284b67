"""What a comparison of variants stands on: the runs that count, by variant and metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experimentos.runs.counted import VariantScores
from experimentos.runs.run_pairs import RunScore


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
