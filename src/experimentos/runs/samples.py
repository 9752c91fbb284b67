"""The tidy table of repeated samples: scenario, model, sample index, scores."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from experimentos.errors import ContractError
from experimentos.runs.clusters import group_codes

type Codes = NDArray[np.intp]
type Scores = NDArray[np.float64]

SCORE = "score"
MEASURES = ("tokens", "cost", "latency")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Repeated samples as columns; (scenario, model, sample_index) is unique.

    Attributes
    ----------
    scenarios, models : tuple[str, ...]
        Names in order of first appearance.
    scenario, model : NDArray[np.intp]
        Shape (rows,), places in `scenarios` and `models`.
    sample_index : NDArray[np.intp]
        Shape (rows,).
    scores : Mapping[str, NDArray[np.float64]]
        Metric to shape (rows,), finite or nan for missing; the first metric is the main one.
    cluster : NDArray[np.intp] | None
        Shape (scenarios,), place in `clusters` of the family that a scenario belongs to.
    clusters : tuple[str, ...]
    measures : Mapping[str, NDArray[np.float64]]
        Some of `MEASURES` to shape (rows,), nan for missing; latency in seconds.
    transcripts : tuple[str, ...] | None
        What the model said, one text per row.
    """

    scenarios: tuple[str, ...]
    models: tuple[str, ...]
    scenario: Codes
    model: Codes
    sample_index: Codes
    scores: Mapping[str, Scores]
    cluster: Codes | None = None
    clusters: tuple[str, ...] = ()
    measures: Mapping[str, Scores] = field(default_factory=lambda: MappingProxyType({}))
    transcripts: tuple[str, ...] | None = None

    @property
    def rows(self) -> int:
        """Return the number of samples, missing scores included."""
        return self.scenario.size

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the names of the scores, the main one first."""
        return tuple(self.scores)

    def metric(self, name: str | None) -> str:
        """Return the metric of this name, or the main one for None.

        Raises
        ------
        ContractError
            If there is no such metric.
        """
        if name is None:
            return self.metrics[0]
        if name not in self.scores:
            raise ContractError(
                f"There is no metric {name!r}.", hint=f"Use one of {', '.join(self.metrics)}."
            )
        return name

    def model_code(self, name: str) -> int:
        """Return the place of a model.

        Raises
        ------
        ContractError
            If no sample is of it.
        """
        if name not in self.models:
            raise ContractError(
                f"There is no model {name!r}.", hint=f"Use one of {', '.join(self.models)}."
            )
        return self.models.index(name)


def samples_of(
    scenario: Sequence[str],
    model: Sequence[str],
    score: Sequence[float],
    sample_index: Sequence[int] | None = None,
    cluster: Sequence[Hashable] | None = None,
) -> Samples:
    """Return samples from columns of equal length; nan is a missing score.

    Parameters
    ----------
    sample_index
        Rows that share scenario and model are numbered in their order when it is None.
    cluster
        Family of each row's scenario.

    Raises
    ------
    ContractError
        If the lengths differ, a row repeats, or a scenario lies in two clusters.
    """
    columns = [c for c in (scenario, model, score, sample_index, cluster) if c is not None]
    if len({len(column) for column in columns}) != 1 or not len(scenario):
        raise ContractError("The columns differ in length or are empty.", hint="Give every row.")
    scenarios, models = group_codes(scenario)[0], group_codes(model)[0]
    cell = models * (int(scenarios.max()) + 1) + scenarios
    index = numbered(cell) if sample_index is None else np.asarray(sample_index, dtype=np.intp)
    if first_repeat(cell, index) is not None:
        raise ContractError(
            "A scenario, model and sample_index occurs twice.", hint="Keep one row of each sample."
        )
    values = np.asarray(score, dtype=float)
    made = Samples(
        scenarios=tuple(dict.fromkeys(scenario)),
        models=tuple(dict.fromkeys(model)),
        scenario=scenarios,
        model=models,
        sample_index=index,
        scores=MappingProxyType({SCORE: np.where(np.isfinite(values), values, np.nan)}),
    )
    return made if cluster is None else _with_clusters(made, cluster)


def _with_clusters(samples: Samples, cluster: Sequence[Hashable]) -> Samples:
    of_row = group_codes(cluster)[0]
    of_scenario = np.zeros(len(samples.scenarios), dtype=np.intp)
    of_scenario[samples.scenario] = of_row
    if np.any(of_scenario[samples.scenario] != of_row):
        raise ContractError(
            "A scenario lies in two clusters.", hint="Give each scenario one cluster."
        )
    return replace(
        samples, cluster=of_scenario, clusters=tuple(str(c) for c in dict.fromkeys(cluster))
    )


def numbered(cell: Codes) -> Codes:
    """Return 0, 1, 2, … within each cell in the order of the rows, shape (rows,)."""
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    sizes = np.diff(starts, append=cell.size)
    index = np.empty(cell.size, dtype=np.intp)
    index[order] = np.arange(cell.size) - np.repeat(starts, sizes)
    return index


def first_repeat(cell: Codes, index: Codes) -> tuple[int, int] | None:
    """Return the rows of the first sample that occurs twice (earlier, later), or None."""
    order = np.lexsort((index, cell))
    same = (np.diff(cell[order]) == 0) & (np.diff(index[order]) == 0)
    if not same.any():
        return None
    later = order[1:][same]
    at = int(np.argmin(later))
    return int(order[:-1][same][at]), int(later[at])
