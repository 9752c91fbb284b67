"""What an experiment file plans and what is wrong with it, as JSON values."""

from experimentos.flows.encode import Json, encode
from experimentos.flows.report import issue_report
from experimentos.health.report import Status
from experimentos.ids import content_hash
from experimentos.issue import Severity, worst
from experimentos.runs.experiment_file import ExperimentFile

SCHEMA_VERSION = 1

STATUS_OF = {
    None: Status.HEALTHY,
    Severity.NOTE: Status.HEALTHY,
    Severity.WARNING: Status.WARNING,
    Severity.BLOCKED: Status.BLOCKED,
    Severity.UNREADABLE: Status.UNREADABLE,
}


def status_of(found: ExperimentFile) -> Status:
    """Return the status of an experiment file: that of its worst issue."""
    return STATUS_OF[worst(found.issues)]


def experiment_report(found: ExperimentFile, content: bytes, name: str) -> dict[str, Json]:
    """Return what an experiment file plans and what is wrong with it.

    Keys: `schema_version, report, status, issues, experiment, runs, source`; `experiment` is null
    when an issue blocks it; `runs` is "entry_point", "evaluation", or null when it names neither.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "experiment",
        "status": status_of(found).value,
        "issues": [issue_report(issue) for issue in found.issues],
        "experiment": encode(found.plan) if found.plan else None,
        "runs": runs_by(found),
        "source": {"name": name, "sha256": content_hash(content)},
    }


def runs_by(found: ExperimentFile) -> str | None:
    """Return what its runs do: call the "entry_point", ask models ("evaluation"), or None."""
    if found.plan is None:
        return None
    if found.plan.asks:
        return "evaluation"
    return "entry_point" if found.plan.entry_point else None
