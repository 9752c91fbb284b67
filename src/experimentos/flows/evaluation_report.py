"""Evaluations as JSON values: what the commands and downloads share."""

from experimentos.flows.encode import Json, encode
from experimentos.flows.evaluations import Progressed
from experimentos.flows.report import issue_report
from experimentos.issue import Issue
from experimentos.runs.evaluated import Evaluated, EvaluatedSample
from experimentos.runs.evaluation import EvaluationPlan, estimate

SCHEMA_VERSION = 1


def estimate_report(plan: EvaluationPlan, issues: tuple[Issue, ...]) -> dict[str, Json]:
    """Return the size and the price of a plan before its first call."""
    return _head("evaluation_estimate") | {
        "name": plan.name,
        "sha256": plan.sha256,
        "estimate": encode(estimate(plan)),
        "issues": [issue_report(issue) for issue in issues],
    }


def evaluated_report(id: str, record: str, evaluated: Evaluated) -> dict[str, Json]:  # noqa: A002 - the field's name
    """Return what came of an evaluation."""
    return _head("evaluation") | {"id": id, "record": record} | _counts(evaluated)


def list_report(found: list[Progressed]) -> dict[str, Json]:
    """Return every evaluation and how far it came."""
    listed: list[Json] = [_counts(one.evaluated) | {"id": one.stored.id} for one in found]
    return _head("evaluations") | {"evaluations": listed}


def transcripts_report(id: str, samples: list[EvaluatedSample]) -> dict[str, Json]:  # noqa: A002 - the field's name
    """Return samples with their transcripts."""
    listed: list[Json] = [sample.model_dump(mode="json") for sample in samples]
    return _head("transcripts") | {"id": id, "samples": listed}


def issues_report(issues: tuple[Issue, ...]) -> dict[str, Json]:
    """Return why a plan cannot be used."""
    return _head("evaluation_plan") | {"issues": [issue_report(issue) for issue in issues]}


def _head(report: str) -> dict[str, Json]:
    return {"schema_version": SCHEMA_VERSION, "report": report}


def _counts(evaluated: Evaluated) -> dict[str, Json]:
    return {
        "name": evaluated.plan.name,
        "planned": evaluated.planned,
        "ended": len(evaluated.samples),
        "scored": evaluated.scored,
        "failures": dict(evaluated.failures),
        "kept": evaluated.kept,
        "calls": evaluated.calls,
        "cost_usd": evaluated.cost,
        "is_stopped": evaluated.is_stopped,
    }
