"""Results made by hand, for charts and memos to draw; their numbers are not computed here."""

from dataclasses import replace

from experimentos.analysis.result import (
    Compared,
    Direction,
    Frequentist,
    Interval,
    Lift,
    MetricResult,
    Role,
    Unavailable,
)

CONVERSION = Compared(
    metric="conversion",
    arm="treatment",
    method="score",
    control_value=0.10,
    treatment_value=0.112,
    difference=0.012,
    interval=Interval(0.0045, 0.0195, 0.95),
    statistic=3.15,
    p_value=0.0016,
    se=0.0038,
    df=None,
    lift=Lift(0.12, Interval(0.044, 0.202, 0.95), "log_ratio"),
    n_control=10_000,
    n_treatment=10_000,
    unadjusted_p=0.0016,
)
ERRORS = replace(
    CONVERSION,
    metric="errors",
    control_value=0.02,
    treatment_value=0.0205,
    difference=0.0005,
    interval=Interval(-0.0034, 0.0044, 0.95),
    p_value=0.8,
    unadjusted_p=0.8,
    lift=Lift(0.025, Interval(-0.15, 0.24, 0.95), "log_ratio"),
)
NO_REVENUE = Unavailable("welch", "no_variance", "All values of revenue are equal.")

PRIMARY = MetricResult(
    "conversion",
    "conversion",
    Role.PRIMARY,
    Direction.HIGHER,
    0.001,
    0.003,
    (("treatment", CONVERSION),),
    0.0119,
)
GUARDRAIL = MetricResult(
    "errors",
    "conversion",
    Role.GUARDRAIL,
    Direction.LOWER,
    0.001,
    0.003,
    (("treatment", ERRORS),),
    None,
)
SECONDARY = MetricResult(
    "revenue",
    "mean",
    Role.SECONDARY,
    Direction.HIGHER,
    0.01,
    0.03,
    (("treatment", NO_REVENUE),),
    None,
)
FREQUENTIST = Frequentist(0.05, PRIMARY, (GUARDRAIL,), (SECONDARY,))
