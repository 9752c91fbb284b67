"""What became of an evaluation: one sample per planned call, and the table they make."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from experimentos.runs.evaluation import EvaluationPlan
from experimentos.runs.strict import Strict

type Key = tuple[str, str, int]


class EvaluatedSample(Strict):
    """What became of one planned sample; a line of the journal.

    Attributes
    ----------
    scenario, model : str
    sample_index : int
    status : str
    score : float | None
        None for a failed one: a call that gave no answer is missing, not wrong.
    why : str
        What the scorer saw, or what failed, for people.
    failure : str
        Its code; "" for a scored one. "scorer_failed" keeps the answer, and is not asked again.
    transcript, finish_reason : str
    tokens_in, tokens_out : int | None
    cost : float | None
        US dollars.
    latency : float | None
        Seconds of the call that answered.
    attempts : int
        Calls made for it.
    """

    scenario: str
    model: str
    sample_index: int = Field(ge=0)
    status: Literal["scored", "failed"]
    score: float | None = Field(default=None, allow_inf_nan=False)
    why: str = ""
    failure: str = ""
    transcript: str = ""
    finish_reason: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    latency: float | None = None
    attempts: int = 0

    @property
    def key(self) -> Key:
        """Return what tells it from every other sample."""
        return self.scenario, self.model, self.sample_index

    @property
    def is_answered(self) -> bool:
        """Return whether the model's answer is there, scored or not."""
        return self.status == "scored" or self.failure == "scorer_failed"


def by_key(entries: Iterable[Mapping[str, object]]) -> dict[Key, EvaluatedSample]:
    """Return the last word of a journal on each sample.

    Raises
    ------
    pydantic.ValidationError
        If a line is no sample.
    """
    samples = (EvaluatedSample.model_validate(entry) for entry in entries)
    return {sample.key: sample for sample in samples}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation after a run.

    Attributes
    ----------
    plan : EvaluationPlan
    samples : tuple[EvaluatedSample, ...]
        Of every planned sample that came to an end, in the order of the plan.
    planned : int
    calls : int
        Calls that this run made, retries included.
    kept : int
        Samples whose answer was there from an earlier run.
    """

    plan: EvaluationPlan
    samples: tuple[EvaluatedSample, ...]
    planned: int
    calls: int = 0
    kept: int = 0

    @property
    def is_stopped(self) -> bool:
        """Return whether some planned samples came to no end."""
        return len(self.samples) < self.planned

    @property
    def scored(self) -> int:
        """Return the number of samples with a score."""
        return sum(sample.status == "scored" for sample in self.samples)

    @property
    def cost(self) -> float | None:
        """Return what the answers cost in US dollars, None when the price of one is not known."""
        costs = [sample.cost for sample in self.samples if sample.is_answered]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    @property
    def failures(self) -> Mapping[str, int]:
        """Return how many samples failed by what, most frequent first."""
        counted = Counter(sample.failure for sample in self.samples if sample.failure)
        return dict(counted.most_common())


def samples_jsonl(evaluated: Evaluated) -> bytes:
    """Return the samples as tidy JSON lines: what `read_samples` reads, with the transcripts.

    Where some scenarios have a cluster, one without is a cluster of its own.
    """
    scenarios = evaluated.plan.scenarios
    is_clustered = any(scenario.cluster for scenario in scenarios)
    clusters = {s.id: s.cluster or s.id for s in scenarios} if is_clustered else {}
    lines = [
        json.dumps(_row(sample, clusters.get(sample.scenario)), ensure_ascii=False, allow_nan=False)
        for sample in evaluated.samples
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _row(sample: EvaluatedSample, cluster: str | None) -> dict[str, object]:
    tokens = None
    if sample.tokens_in is not None and sample.tokens_out is not None:
        tokens = sample.tokens_in + sample.tokens_out
    row: dict[str, object] = {
        "scenario": sample.scenario,
        "model": sample.model,
        "sample_index": sample.sample_index,
        "score": sample.score,
        "tokens": tokens,
        "cost": sample.cost,
        "latency": sample.latency,
        "transcript": sample.transcript,
        "status": sample.failure or sample.status,
        "why": sample.why,
        "finish_reason": sample.finish_reason,
        "attempts": sample.attempts,
    }
    return row if cluster is None else row | {"cluster": cluster}
