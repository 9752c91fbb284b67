"""Saved A/B analyses as runs: what a list of runs shows of them."""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from experimentos.errors import ExperimentOSError, StoreError
from experimentos.ids import canonical_json, content_hash
from experimentos.runs.documents import Metric, Run, metric_value
from experimentos.store.port import Record, Store

logger = logging.getLogger(__name__)

ANALYSIS = "analysis"
INPUT = "input"
RESULTS = "results.json"
# Texts for readers are in the record; a run shows what was set.
READING_MATTER = ("title", "hypothesis", "owner", "notes")
WORDS = ("NaN", "Infinity", "-Infinity")


def analysis_run(record: Record, results: Mapping[str, Any], now: datetime) -> Run:
    """Return the run that a saved analysis is; it has the record's id.

    Its primary value is the relative lift of the primary metric, of the arm that the decision
    speaks of, or else of the first one that could be compared; None when none could.

    Parameters
    ----------
    record
        With its id and the hashes of its artefacts.
    results
        `health`, `analysis` and `decision` as they were saved; {} when they cannot be read.
    now
        When a record that was never saved began.
    """
    body: Mapping[str, Any] = record.body
    decision = body.get("decision") or {}
    compared = _compared(results, str(decision.get("arm", "")))
    charter = dict(body.get("charter") or {})
    outputs = {role: sha256 for role, sha256 in record.artefacts.items() if role != INPUT}
    began = record.created_at if record.revision else now
    return Run(
        run_id=record.id,
        variant=str(compared.get("arm", ""))[:64],
        kind="ab",
        title=record.title[:500],
        status="completed",
        created_at=began,
        started_at=began,
        ended_at=record.updated_at if record.revision else now,
        primary_value=_finite((compared.get("lift") or {}).get("estimate")),
        params={name: value for name, value in charter.items() if name not in READING_MATTER},
        metrics=dict(_metrics(compared)),
        environment=dict(body.get("versions") or {}),
        inputs={INPUT: record.artefacts[INPUT]} if INPUT in record.artefacts else {},
        outputs=outputs,
        inputs_sha256=record.artefacts.get(INPUT, ""),
        config_sha256=content_hash(canonical_json([charter, body.get("policy")])),
        tags={name: str(value) for name, value in record.facets.items() if value},
    )


def link_analyses(store: Store) -> int:
    """Make a run of every saved analysis that has none yet; return how many there were.

    Those are the analyses of before there were runs, and of a workspace file from then. A
    history that cannot be written just now is left for the next start.
    """
    linked = 0
    try:
        for id_ in store.runs.without_run(ANALYSIS):
            record = store.load(ANALYSIS, id_)
            store.runs.save_run(analysis_run(record, _results(store, record), record.created_at))
            if record.deleted_at is not None:
                store.runs.remove_run(id_)
            linked += 1
    except StoreError as exc:
        logger.warning("saved analyses are not all among the runs yet: %s", exc.message)
    return linked


def _results(store: Store, record: Record) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(store.artefact(record.artefacts[RESULTS]))
    except (ExperimentOSError, KeyError, ValueError):
        logger.warning("the results of an analysis cannot be read", extra={"id": record.id})
        return {}
    return found


def _compared(results: Mapping[str, Any], arm: str) -> Mapping[str, Any]:
    """Return the comparison of the primary metric that the run stands for, {} without any."""
    analysis = results.get("analysis") or {}
    primary = (analysis.get("frequentist") or {}).get("primary") or {}
    outcomes = {
        name: outcome for name, outcome in primary.get("outcomes", ()) if "difference" in outcome
    }
    found: Mapping[str, Any] = outcomes.get(arm) or next(iter(outcomes.values()), {})
    return found


def _metrics(compared: Mapping[str, Any]) -> Iterator[tuple[str, Metric]]:
    lift, interval = compared.get("lift") or {}, compared.get("interval") or {}
    said = {
        "lift": lift.get("estimate"),
        "difference": compared.get("difference"),
        "difference_low": interval.get("low"),
        "difference_high": interval.get("high"),
        "p_value": compared.get("p_value"),
        "control": compared.get("control_value"),
        "treatment": compared.get("treatment_value"),
        "n_control": compared.get("n_control"),
        "n_treatment": compared.get("n_treatment"),
    }
    for name, value in said.items():
        if value in WORDS:
            yield name, metric_value(float(value))
        elif isinstance(value, int | float):
            yield name, float(value)


def _finite(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
