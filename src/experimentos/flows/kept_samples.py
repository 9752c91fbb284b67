"""Files of repeated samples in the history: kept once per content, found again, and a run each."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from experimentos.errors import ContractError, NotFound
from experimentos.runs.documents import Metric, Run
from experimentos.runs.sample_files import SampleFile
from experimentos.runs.samples import Samples
from experimentos.store.port import Query, Record, Store, new_record

SAMPLES = "samples"
INPUT = "input"
MEAN = "mean"
LONGEST_NAME = 60


def keep_samples(
    store: Store, content: bytes, file: SampleFile, mapping: Mapping[str, str] | None = None
) -> Record:
    """Keep the bytes of a file of samples, and a run that stands for them.

    The same bytes are kept once; a file that is in the bin comes out of it.

    Parameters
    ----------
    mapping
        How its columns were named when it was read.

    Raises
    ------
    ContractError
        If an issue blocks the file: there are no samples to keep.
    StoreError
        See `store.port.Store.save`.
    """
    if file.samples is None:
        raise ContractError(file.issues[0].message, hint=file.issues[0].fix)
    known = _kept(store, file.sha256)
    if known is not None:
        return known
    body = {"schema_version": 1, "name": file.name, "form": file.form, "mapping": mapping or {}}
    facets = {"sha256": file.sha256, "form": file.form}
    record = new_record(SAMPLES, file.name, body, facets=facets)
    saved = store.save(record, {INPUT: content})
    store.runs.save_run(samples_run(saved, file.samples))
    return saved


def list_samples(store: Store, limit: int = 10) -> list[Record]:
    """Return the files of samples that were kept, the newest first."""
    return store.find(Query(SAMPLES, limit=limit))


def open_samples(store: Store, record: Record) -> tuple[bytes, str, dict[str, str]]:
    """Return the bytes of a kept file, its name, and how its columns were named.

    Raises
    ------
    NotFound
        If the bytes are gone.
    """
    mapping = record.body.get("mapping")
    named = {str(k): str(v) for k, v in mapping.items()} if isinstance(mapping, dict) else {}
    return store.artefact(record.artefacts[INPUT]), str(record.body["name"]), named


def remove_samples(store: Store, id: str) -> Record:  # noqa: A002 - the field's name
    """Put a kept file into the bin, and its run; the same bytes bring both back."""
    record = store.remove(SAMPLES, id)
    with suppress(NotFound):
        store.runs.remove_run(record.id)
    return record


def samples_run(record: Record, samples: Samples) -> Run:
    """Return the run that a kept file of samples is; it has the record's id."""
    metrics = _metrics(samples)
    mean = metrics.get(MEAN)
    return Run(
        run_id=record.id,
        kind="samples",
        title=record.title,
        status="completed",
        created_at=record.created_at,
        ended_at=record.updated_at,
        primary_value=mean if isinstance(mean, float) else None,
        params={
            "models": list(samples.models[:50]),
            "scenarios": len(samples.scenarios),
            "samples": samples.rows,
            "metric": samples.metrics[0],
        },
        metrics=metrics,
        inputs={INPUT: record.artefacts[INPUT]},
        inputs_sha256=record.artefacts[INPUT],
    )


def _metrics(samples: Samples) -> dict[str, Metric]:
    """Return the mean of the main metric, of all samples and of each model; nan is missing."""
    scores = samples.scores[samples.metrics[0]]
    means: dict[str, Any] = {MEAN: _mean(scores)}
    for code, name in enumerate(samples.models[:50]):
        means[f"{MEAN} {name[:LONGEST_NAME]}"] = _mean(scores[samples.model == code])
    return {name: value for name, value in means.items() if value is not None}


def _mean(scores: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if known.size else None


def _kept(store: Store, sha256: str) -> Record | None:
    facets = {"sha256": sha256}
    if found := store.find(Query(SAMPLES, facets=facets, limit=1)):
        return found[0]
    if not (binned := store.find(Query(SAMPLES, facets=facets, deleted=True, limit=1))):
        return None
    with suppress(NotFound):
        store.runs.restore_run(binned[0].id)
    return store.restore(SAMPLES, binned[0].id)
