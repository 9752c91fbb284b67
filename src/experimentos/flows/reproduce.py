"""A run executed again from its record, and two runs side by side."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from experimentos.errors import ContractError, NotFound
from experimentos.flows.run_beats import CANCELLED_WORDS, Beats, explained
from experimentos.flows.run_record import (
    described,
    ended,
    file_hash,
    new_run_id,
    started,
    utc_now,
)
from experimentos.ids import canonical_json, content_hash
from experimentos.runner.port import GoesOn, Job, Runner
from experimentos.runner.surroundings import survey
from experimentos.runs.documents import Run
from experimentos.runs.reproduction import Reproduced, judge
from experimentos.runs.run_diff import RunDiff, diff_runs
from experimentos.runs.search import Compare, Field, FieldType, Operator
from experimentos.store.port import Store
from experimentos.store.run_port import RunQuery

SIBLINGS = 500
MOST_CHILDREN = 20


@dataclass(frozen=True, slots=True)
class Again:
    """A run, its re-execution and the verdict."""

    original: Run
    run: Run
    result: Reproduced


def reproduce(
    store: Store, runner: Runner, run_id: str, code: Path, goes_on: GoesOn = lambda: True
) -> Again:
    """Execute a run again from its record: its parameters, its seed, its very source files.

    Data is read from the folder of the code; whether it is still the same is part of the verdict.
    `goes_on` is asked several times a second; False cancels.

    Raises
    ------
    NotFound
        If there is no such run.
    ContractError
        If it was not executed from an entry point, or is not over.
    """
    original = store.runs.load_run(run_id)
    check_can_reproduce(original)
    fresh = _record_of(store, original, code)
    begun = store.runs.save_run(started(store.runs.save_run(fresh)))
    beats = Beats(store.runs, begun.run_id, lambda: "" if goes_on() else CANCELLED_WORDS)
    job = _job(store, original, code)
    outcome = explained(runner.run(job, beats.hear, beats.goes_on), beats)
    primary = _primary(original)
    again = store.runs.save_run(ended(store.runs.keep, begun, outcome, primary))
    result = judge(original, again, repeats_of(store, original), compare(store, original, again))
    return Again(original, again, result)


def check_can_reproduce(run: Run) -> None:
    """Raise ContractError when a run cannot be executed again from its record."""
    if run.kind != "script" or not run.environment.get("entry_point"):
        raise ContractError(
            f"Run {run.run_id} was not executed from an entry point: it cannot be run again.",
            hint="Saved analyses are run again with experimentos history rerun; answers of "
            "models are not repeatable, so an experiment that asks them gets new runs.",
        )
    if run.status not in ("completed", "failed"):
        raise ContractError(
            f"Run {run.run_id} is {run.status}: there is no result to compare with.",
            hint="Resume its experiment instead.",
        )


def repeats_of(store: Store, run: Run) -> tuple[Run, ...]:
    """Return the other completed runs of the same configuration, reproductions left out."""
    query = RunQuery(project=run.project, experiment=run.experiment, limit=SIBLINGS)
    return tuple(
        other
        for other in store.runs.page(query).rows
        if other.run_id != run.run_id
        and other.status == "completed"
        and other.reproduces_run_id is None
        and other.config_sha256 == run.config_sha256
        and other.code_sha256 == run.code_sha256
        and other.inputs_sha256 == run.inputs_sha256
    )


def children_of(store: Store, run: Run) -> tuple[Run, ...]:
    """Return the runs that reproduce a run or make up for it, newest first."""
    parent = Field(("parent_run_id",), FieldType.TEXT)
    where = Compare(parent, Operator.EQUAL, run.run_id)
    return store.runs.page(RunQuery(where=where, limit=MOST_CHILDREN)).rows


def diff(store: Store, first: str, second: str) -> RunDiff:
    """Return where two runs differ; any unique beginnings of their ids will do."""
    return compare(store, store.runs.load_run(first), store.runs.load_run(second))


def compare(store: Store, first: Run, second: Run) -> RunDiff:
    """Return where two runs differ, their source files and packages included."""
    return diff_runs(
        first,
        second,
        (sources_of(store, first), sources_of(store, second)),
        (packages_of(store, first), packages_of(store, second)),
    )


def sources_of(store: Store, run: Run) -> dict[str, str]:
    """Return the source files that a run loaded; none when they were not kept."""
    content = _kept(store, run, "code")
    return dict(json.loads(content)) if content else {}


def packages_of(store: Store, run: Run) -> dict[str, str]:
    """Return the packages that were installed, by name."""
    lines = _kept(store, run, "packages").decode().splitlines()
    pairs = (line.partition("==") for line in lines)
    return {name: version for name, _, version in pairs}


def log_of(store: Store, run: Run) -> str:
    """Return what a run printed."""
    sha256 = run.outputs.get("log")
    return store.artefact(sha256).decode("utf-8", "replace") if sha256 else ""


def uncommitted_of(store: Store, run: Run) -> str:
    """Return the patch of what was not committed when a run was started."""
    return _kept(store, run, "diff").decode("utf-8", "replace")


def _kept(store: Store, run: Run, role: str) -> bytes:
    sha256 = run.inputs.get(role)
    if sha256 is None:
        return b""
    try:
        return store.artefact(sha256)
    except NotFound:
        return b""


def _record_of(store: Store, original: Run, code: Path) -> Run:
    around, now = survey(code), utc_now()
    data = _data_now(original, code)
    inputs = {"packages": store.runs.keep(around.packages.encode())}
    if around.repository.diff:
        inputs["diff"] = store.runs.keep(around.repository.diff.encode())
    return original.model_copy(
        update={
            "run_id": new_run_id(now),
            "reproduces_run_id": original.run_id,
            "parent_run_id": original.run_id,
            "title": f"{original.title} (again)"[:500],
            "status": "queued",
            "created_at": now,
            "started_at": None,
            "ended_at": None,
            "heartbeat_at": now,
            "host": around.host,
            "pid": os.getpid(),
            "metrics": {},
            "primary_value": None,
            "cost_usd": None,
            "error": "",
            "error_kind": "",
            "inputs": inputs,
            "outputs": {},
            "sample_count": 0,
            "inputs_sha256": content_hash(canonical_json(data)) if data else "",
            "environment": {**original.environment, **described(around), "data": dict(data)},
            "deleted_at": None,
            "live": None,
        }
    )


def _data_now(original: Run, code: Path) -> dict[str, str]:
    """Return the hashes that the data of a run has now; "missing" for a file that is not there."""
    recorded = original.environment.get("data")
    found = {}
    for name in recorded if isinstance(recorded, dict) else ():
        path = code / name
        inside = path.resolve().is_relative_to(code.resolve()) and path.is_file()
        found[name] = file_hash(path) if inside else "missing"
    return found


def _job(store: Store, original: Run, code: Path) -> Job:
    environment = original.environment
    limit = environment.get("time_limit_seconds", 600)
    constraints = environment.get("constraints")
    return Job(
        entry_point=str(environment["entry_point"]),
        code=code,
        params=original.params,
        seed=int(str(environment.get("seed", 0))),
        repeat=original.repeat,
        time_limit_seconds=float(str(limit)),
        sources=sources_of(store, original) or None,
        constraints=constraints if isinstance(constraints, dict) else {},
    )


def _primary(original: Run) -> str | None:
    """Return the metric that the original is ranked by."""
    value = original.primary_value
    return next((name for name, of in original.metrics.items() if of == value), None)
