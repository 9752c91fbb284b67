"""Analyses with chosen numbers, for tests of the decision."""

from experimentos.analysis.result import (
    Compared,
    Direction,
    Frequentist,
    Interval,
    MetricResult,
    Outcome,
    Role,
    Unavailable,
)
from experimentos.health.report import HealthReport, SampleRatio, Status

HEALTHY = HealthReport(Status.HEALTHY, (), None)


def srm(p_value: float) -> HealthReport:
    """A health report that holds nothing but this sample ratio test."""
    ratio = SampleRatio(p_value, "chi_square", 3.0, (5100, 4900), (5000.0, 5000.0), 0.01, "control")
    return HealthReport(Status.HEALTHY, (), ratio)


def compared(
    difference: float,
    p_value: float,
    *,
    control: float = 0.10,
    half_width: float = 0.005,
    arm: str = "treatment",
    metric: str = "conversion",
) -> Compared:
    """A comparison with this difference, p-value and a symmetric interval."""
    return Compared(
        metric=metric,
        arm=arm,
        method="score",
        control_value=control,
        treatment_value=control + difference,
        difference=difference,
        interval=Interval(difference - half_width, difference + half_width, 0.95),
        statistic=0.0,
        p_value=p_value,
        se=half_width / 1.96,
        df=None,
        lift=Unavailable("log_ratio", "not_needed", "No rule reads it."),
        n_control=10_000,
        n_treatment=10_000,
        unadjusted_p=p_value,
    )


def primary(
    *outcomes: Outcome,
    direction: Direction = Direction.HIGHER,
    mde: float | None = 0.01,
    planned_mde: float | None = None,
    kind: str = "conversion",
) -> MetricResult:
    """A primary metric with one outcome per arm."""
    return MetricResult(
        metric="conversion",
        kind=kind,
        role=Role.PRIMARY,
        direction=direction,
        harm=0.001,
        severe_harm=0.003,
        outcomes=named(outcomes),
        mde=mde,
        planned_mde=planned_mde,
    )


def guardrail(
    *outcomes: Outcome,
    name: str = "refunds",
    direction: Direction = Direction.LOWER,
    kind: str = "conversion",
    harm: float = 0.001,
    severe_harm: float = 0.003,
) -> MetricResult:
    """A guardrail with one outcome per arm; lower is better unless said otherwise."""
    return MetricResult(
        metric=name,
        kind=kind,
        role=Role.GUARDRAIL,
        direction=direction,
        harm=harm,
        severe_harm=severe_harm,
        outcomes=named(outcomes),
        mde=None,
    )


def frequentist(
    result: MetricResult, *guardrails: MetricResult, alpha: float = 0.05
) -> Frequentist:
    """The part of an analysis that decides."""
    return Frequentist(alpha, result, guardrails, ())


def named(outcomes: tuple[Outcome, ...]) -> tuple[tuple[str, Outcome], ...]:
    """Give arms their names: treatment, then B, C."""
    return tuple(zip(("treatment", "B", "C"), outcomes, strict=False))


BETTER = compared(0.012, 0.01)
WORSE = compared(-0.012, 0.01)
UNCLEAR = compared(0.002, 0.6)
CLEAN = compared(0.0, 0.9, metric="refunds", control=0.02)
NO_RESULT = Unavailable("score", "no_variation", "Nobody converted.")
