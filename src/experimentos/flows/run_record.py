"""What is written down of a run: before it starts, while it runs, and at its end."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from experimentos import __version__
from experimentos.errors import ContractError
from experimentos.ids import canonical_json, content_hash, ordered_id
from experimentos.runner.port import CANCELLED, Outcome
from experimentos.runner.surroundings import Surroundings, survey
from experimentos.runs.constraint_checks import broken_by, records_in
from experimentos.runs.constraints import BROKEN, run_seconds
from experimentos.runs.documents import DataSource, Experiment, Run, finite
from experimentos.runs.expand import PlannedRun, RunPlan
from experimentos.store.run_port import RunStore

type Keep = Callable[[bytes], str]

KEPT_BYTES = 32 * 2**20
CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all runs of a batch share.

    Attributes
    ----------
    environment : Mapping[str, JsonValue]
    inputs : Mapping[str, str]
        Role to SHA-256 of what is kept: data, packages, the uncommitted diff.
    inputs_sha256 : str
        Of the data.
    host : str
    at : datetime
        When they were planned: `created_at` of all of them, by which a batch is known.
    """

    environment: Mapping[str, JsonValue]
    inputs: Mapping[str, str]
    inputs_sha256: str
    host: str
    at: datetime


def prepare(runs: RunStore, plan: RunPlan, code: Path) -> Prepared:
    """Read and keep what all runs of a plan share.

    Raises
    ------
    ContractError
        If the module of the entry point is not there, or a data source is missing, lies outside
        the folder, or is not what its hash says.
    """
    experiment = plan.experiment
    constraints = plan.project.constraints if plan.project else {}
    scorer = experiment.evaluation.scorer
    called = experiment.entry_point or (scorer.function if scorer else None)
    if called is not None:
        _check_module(called, code)
    around = survey(code)
    data = {source.path: _hash_of(source, code) for source in _sources(experiment)}
    inputs = {"packages": runs.keep(around.packages.encode())}
    if around.repository.diff and called is not None:
        inputs["diff"] = runs.keep(around.repository.diff.encode())
    for path in data:
        if (code / path).stat().st_size <= KEPT_BYTES:
            inputs[f"data/{path}"] = runs.keep((code / path).read_bytes())
    return Prepared(
        {
            **described(around),
            "entry_point": experiment.entry_point or "",
            "time_limit_seconds": run_seconds(constraints, experiment.time_limit_seconds),
            "data": dict(data),
            "constraints": dict(constraints),
        },
        inputs,
        content_hash(canonical_json(data)) if data else "",
        around.host,
        utc_now(),
    )


def described(around: Surroundings) -> dict[str, JsonValue]:
    """Return the surroundings as a run's environment holds them."""
    repository = around.repository
    return {
        "python": around.python,
        "platform": around.platform,
        "cores": around.cores,
        "experimentos": __version__,
        "packages_sha256": content_hash(around.packages.encode()),
        "commit": repository.commit,
        "is_dirty": repository.is_dirty,
        "untracked": list(repository.untracked),
    }


def queued(plan: RunPlan, at: int, prepared: Prepared) -> Run:
    """Return the record of the run at this place of a plan, waiting for its turn."""
    planned = plan.runs[at]
    experiment, now = plan.experiment, prepared.at
    return Run(
        run_id=new_run_id(now, at),
        project=experiment.project_slug,
        experiment=experiment.slug,
        variant=planned.variant,
        repeat=planned.repeat,
        kind="evaluation" if experiment.asks else "script",
        title=f"{experiment.name}: {planned.variant}, repeat {planned.repeat}",
        status="queued",
        created_at=now,
        heartbeat_at=now,
        host=prepared.host,
        pid=os.getpid(),
        parent_run_id=planned.parent_run_id,
        params=dict(planned.params),
        environment={**prepared.environment, "seed": planned.seed, **_begun(planned)},
        inputs=dict(prepared.inputs),
        inputs_sha256=prepared.inputs_sha256,
        config_sha256=planned.config_sha256,
        tags=_tags(experiment),
    )


def started(run: Run) -> Run:
    """Return the record of a run that begins now."""
    now = utc_now()
    return run.model_copy(update={"status": "running", "started_at": now, "heartbeat_at": now})


def ended(keep: Keep, run: Run, outcome: Outcome, primary: str | None) -> Run:
    """Return the record of a run that is over, everything that it left behind being kept."""
    status = "completed" if not outcome.error_kind else "failed"
    if outcome.error_kind in (CANCELLED, BROKEN):
        status = "cancelled"
    broken = _broken(run, outcome) if status == "completed" else ""
    outputs = {f"out/{name}": keep(content) for name, content in outcome.outputs.items()}
    if outcome.log:
        outputs["log"] = keep(outcome.log)
    inputs = dict(run.inputs)
    code_sha256 = ""
    if outcome.sources:
        text = canonical_json(dict(outcome.sources))
        inputs["code"] = keep(text)
        code_sha256 = content_hash(text)
    metrics = dict(outcome.metrics)
    ranked = primary or (next(iter(metrics)) if len(metrics) == 1 else None)
    value = finite(metrics.get(ranked)) if ranked else None
    return run.model_copy(
        update={
            "status": status,
            "ended_at": utc_now(),
            "error_kind": BROKEN if broken else outcome.error_kind[:100],
            "error": broken or outcome.error[:10_000],
            "live": None,
            "metrics": metrics,
            "primary_value": value if status == "completed" else None,
            "cost_usd": outcome.cost_usd,
            "inputs": inputs,
            "outputs": outputs,
            "code_sha256": code_sha256,
        }
    )


def _broken(run: Run, outcome: Outcome) -> str:
    """Return what a run that ended well does not keep to; "" when it keeps to everything."""
    constraints = run.environment.get("constraints")
    if not isinstance(constraints, dict) or not constraints:
        return ""
    return " ".join(broken_by(constraints, outcome.metrics, records_in(outcome.outputs)))[:10_000]


def new_run_id(now: datetime, at: int = 0) -> str:
    """Return an id that nobody has and that sorts by time, then by the place in a plan."""
    return ordered_id(now, at.to_bytes(2) + secrets.token_bytes(8))


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def _check_module(entry_point: str, code: Path) -> None:
    """Refuse a module that is nowhere, instead of failing once for every run."""
    import importlib.util

    name = entry_point.partition(":")[0]
    top = name.partition(".")[0]
    if (code / f"{top}.py").is_file() or (code / top).is_dir():
        return
    if importlib.util.find_spec(top) is None:
        raise ContractError(
            f"There is no module {name!r} in the folder of the code, {code}.",
            hint="Stand in that folder, or name it: --code DIR; for the page EXPERIMENTOS_CODE.",
        )


def _tags(experiment: Experiment) -> dict[str, str]:
    tags = experiment.tags
    return dict(tags) if isinstance(tags, dict) else dict.fromkeys(tags, "")


def _sources(experiment: Experiment) -> tuple[DataSource, ...]:
    """Return the files that the runs depend on: the data, and the scenarios if in a file."""
    file = experiment.evaluation.scenarios_file
    mine = () if file is None else (DataSource(path=file),)
    return (*experiment.data_sources, *mine)


def _begun(planned: PlannedRun) -> dict[str, JsonValue]:
    return {"evaluation": planned.continues} if planned.continues else {}


def inside(code: Path, name: str) -> Path:
    """Return a file of the folder of the code; ContractError if it leads out of it."""
    path = code / name
    if not path.resolve().is_relative_to(code.resolve()):
        raise ContractError(
            f"The file {name} leads out of the folder of the code.", hint="Copy the file into it."
        )
    return path


def _hash_of(source: DataSource, code: Path) -> str:
    path = inside(code, source.path)
    try:
        found = file_hash(path)
    except OSError as exc:
        raise ContractError(
            f"The data source {source.path} cannot be read: {exc.strerror}.",
            hint="Put the file there, relative to the folder of the code.",
        ) from exc
    if source.hash is not None and source.hash != f"sha256:{found}":
        raise ContractError(
            f"The data source {source.path} is not the one that was planned: its hash is "
            f"{found[:12]}…, the experiment names {source.hash.removeprefix('sha256:')[:12]}….",
            hint="Bring the planned file back, or make a new experiment with the new hash.",
        )
    return found


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    import hashlib

    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
