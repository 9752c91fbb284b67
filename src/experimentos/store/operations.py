"""What the operations on a whole history answer, as JSON for the way from its owner to us."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experimentos.issue import Issue, Severity, Where
from experimentos.store.port import Collected, Diagnosis, Store
from experimentos.store.run_remote import RUNS, perform_on_runs


def perform(store: Store, request: Mapping[str, Any]) -> object:
    """Do what another process asked of the whole history; its answer as JSON values."""
    method = str(request["method"])
    if method.startswith(RUNS):
        return perform_on_runs(store.runs, method.removeprefix(RUNS), request)
    if method == "state":
        return store.state().reason
    if method == "diagnose":
        return diagnosis_to_json(store.diagnose())
    if method == "collect":
        return asdict(store.collect(request["days"], dry_run=request["dry_run"]))
    return _perform_on_file(store, request)


def _perform_on_file(store: Store, request: Mapping[str, Any]) -> object:
    method, path = request["method"], Path(request.get("path", ""))
    if method == "backup":
        return asdict(store.backup(path))
    if method == "pack":
        return asdict(store.pack(path))
    if method == "take_in":
        return [asdict(change) for change in store.take_in(path, dry_run=request["dry_run"])]
    raise ValueError(f"method {method!r}")


def collected_from_json(document: Mapping[str, Any]) -> Collected:
    """Return the collection that `perform` told of."""
    return Collected(
        tuple(document["records"]),
        document["artefacts"],
        document["bytes"],
        tuple(document["runs"]),
    )


def diagnosis_to_json(found: Diagnosis) -> dict[str, object]:
    """Return a diagnosis as JSON values."""
    return {"facts": dict(found.facts), "issues": [asdict(issue) for issue in found.issues]}


def diagnosis_from_json(document: Mapping[str, Any]) -> Diagnosis:
    """Return the diagnosis that `diagnosis_to_json` wrote."""
    issues = tuple(
        Issue(**{**said, "severity": Severity(said["severity"]), "where": Where(**said["where"])})
        for said in document["issues"]
    )
    return Diagnosis(document["facts"], issues)
