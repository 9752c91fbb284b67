"""What `check` and `analyze` report, as JSON values: the same for command line and downloads."""

from experimentos.analysis.result import (
    Alongside,
    Compared,
    Frequentist,
    Interval,
    Lift,
    MetricResult,
    Outcome,
    Role,
    Unavailable,
)
from experimentos.analysis.segments import Segmented
from experimentos.flows.ab_test import AbTest, Checked
from experimentos.flows.encode import Json, encode
from experimentos.flows.parts import parts_of
from experimentos.health.report import HealthReport
from experimentos.issue import Issue
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments
from experimentos.metrics.summary import Arm, Metric, Statistic, Summary
from experimentos.plan.deviations import deviations

SCHEMA_VERSION = 1


def check_report(test: Checked | AbTest) -> dict[str, Json]:
    """Return what was read and whether it may be analysed.

    Keys: `schema_version, report, status, issues, srm, checks, arms, metrics, source`.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "check",
        **_health(test.health),
        **_as_read(test),
    }


def analyze_report(test: AbTest) -> dict[str, Json]:
    """Return the whole experiment: health, every comparison, the posteriors and the decision.

    Keys: `schema_version, report, source, arms, metrics, charter, deviations, health, alpha,
    analysis, segments, over_time, posteriors, informed, assumptions, decision`. `analysis` is null
    when the data is blocked.
    """
    analysis = test.analysis
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "analyze",
        **_as_read(test),
        "charter": encode(test.charter),
        "deviations": _deviations(test),
        "health": _health(test.health),
        "alpha": analysis.frequentist.alpha if analysis else None,
        "analysis": comparisons(analysis.frequentist) if analysis else None,
        "posteriors": [_posterior(item) for item in analysis.posteriors] if analysis else [],
        **_parts(test),
        "informed": [_posterior(item) for item in analysis.informed] if analysis else [],
        "assumptions": encode(analysis.assumptions) if analysis else [],
        "decision": encode(test.decision),
    }


def _parts(test: AbTest) -> dict[str, Json]:
    """Return the primary metric by segment and day by day, as far as the data have either."""
    views = parts_of(test)
    return {
        "segments": [_segmented(view) for view in views.segments],
        "over_time": [_or_unavailable(course) for course in views.courses],
    }


def _segmented(view: Segmented) -> Json:
    return {
        "metric": view.metric,
        "arm": view.arm,
        "segments": [
            {"segment": each.segment, "planned": each.is_planned, **_outcome(each.outcome)}
            for each in view.segments
        ],
        "interaction": _or_unavailable(view.interaction),
        "poststratified": _outcome(view.poststratified),
    }


def _or_unavailable(value: object) -> Json:
    if isinstance(value, Unavailable):
        return {"unavailable": _unavailable(value)}
    return encode(value)


def _deviations(test: AbTest) -> list[Json]:
    summary = test.reading.summary
    return list(deviations(summary, test.charter)) if summary is not None else []


def issue_report(issue: Issue) -> dict[str, Json]:
    """Return one issue with its row and column beside it, null where it has none."""
    return {
        "code": issue.code,
        "severity": issue.severity.value,
        "message": issue.message,
        "fix": issue.fix,
        "row": issue.where.row,
        "column": issue.where.column,
    }


def comparisons(frequentist: Frequentist) -> list[Json]:
    """Return one object per metric and treatment arm, the primary metric first."""
    return [
        {**_metric(result), "arm": arm, **_outcome(outcome)}
        for result in frequentist.metrics
        for arm, outcome in result.outcomes
    ]


def _health(health: HealthReport) -> dict[str, Json]:
    return {
        "status": health.status.value,
        "issues": [issue_report(issue) for issue in health.issues],
        "srm": encode(health.srm),
        "srm_sequential": encode(health.srm_sequential),
        "checks": [{"check": name, "passed": passed} for name, passed in health.checks],
    }


def _as_read(test: Checked | AbTest) -> dict[str, Json]:
    reading, summary = test.reading, test.reading.summary
    return {
        "source": {
            "name": reading.name,
            "sha256": reading.sha256,
            "form": reading.form,
            "columns": encode(reading.columns),
            "notes": encode(summary.source.notes) if summary else [],
        },
        "control": summary.control if summary else None,
        "metrics": [encode(metric) for metric in summary.metrics] if summary else [],
        "arms": [_arm(arm, summary) for arm in summary.arms] if summary else [],
    }


def _arm(arm: Arm, summary: Summary) -> Json:
    """Return an arm: its counts under the contract's names, every statistic under `metrics`."""
    counts: dict[str, Json] = {}
    statistics: dict[str, Json] = {}
    for metric in summary.metrics:
        statistic = arm.statistics[metric.name]
        statistics[metric.name] = _statistic(metric, statistic)
        if isinstance(statistic, Counts):
            counts["conversions" if metric.name == "conversion" else metric.name] = statistic.k
    return {
        "variant": arm.name,
        "users": arm.users,
        **counts,
        "row": arm.row,
        "metrics": statistics,
    }


def _statistic(metric: Metric, statistic: Statistic) -> Json:
    shown = encode(statistic)
    assert isinstance(shown, dict)  # noqa: S101 - a statistic is a dataclass
    extra: dict[str, Json] = {}
    if isinstance(statistic, Counts) and statistic.n:
        extra["rate"] = statistic.rate
    if isinstance(statistic, Moments) and statistic.n > 1:
        extra["variance"] = encode(statistic.variance)
    return {"kind": metric.kind, "unit": metric.unit, **shown, **extra}


def _metric(result: MetricResult) -> dict[str, Json]:
    described: dict[str, Json] = {
        "metric": result.metric,
        "kind": result.kind,
        "role": result.role.value,
        "direction": result.direction.value,
        "mde": encode(result.mde),
    }
    if result.role is Role.GUARDRAIL:
        described |= {"harm": result.harm, "severe_harm": result.severe_harm}
        described["margin"] = result.margin
    return described


def _outcome(outcome: Outcome) -> dict[str, Json]:
    match outcome:
        case Unavailable():
            return {"method": outcome.method, "unavailable": _unavailable(outcome)}
        case Compared():
            return {
                "method": outcome.method,
                "control": encode(outcome.control_value),
                "treatment": encode(outcome.treatment_value),
                "estimate": encode(outcome.difference),
                **_interval(outcome.interval),
                "p_value": encode(outcome.p_value),
                "statistic": encode(outcome.statistic),
                "se": encode(outcome.se),
                "df": encode(outcome.df),
                "unadjusted_p": encode(outcome.unadjusted_p),
                "adjustment": outcome.adjustment or None,
                "n_control": outcome.n_control,
                "n_treatment": outcome.n_treatment,
                "lift": _lift(outcome.lift),
                "alongside": [_alongside(item) for item in outcome.alongside],
            }


def _unavailable(outcome: Unavailable) -> Json:
    return {"code": outcome.code, "why": outcome.why}


def _interval(interval: Interval | None) -> dict[str, Json]:
    if interval is None:
        return {"ci": None, "level": None}
    return {"ci": [encode(interval.low), encode(interval.high)], "level": interval.level}


def _lift(lift: Lift | Unavailable) -> Json:
    match lift:
        case Unavailable():
            return {"method": lift.method, "unavailable": _unavailable(lift)}
        case Lift():
            return {
                "method": lift.method,
                "estimate": encode(lift.estimate),
                **_interval(lift.interval),
            }


def _alongside(item: Alongside) -> Json:
    return {
        "method": item.method,
        "statistic": encode(item.statistic),
        "p_value": encode(item.p_value),
        **_interval(item.interval),
    }


def _posterior(item: object) -> Json:
    if isinstance(item, Unavailable):
        return {"method": item.method, "unavailable": _unavailable(item)}
    return encode(item)
