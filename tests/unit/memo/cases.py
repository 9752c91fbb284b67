"""A decided experiment made by hand, for memos to write about."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from experimentos.analysis.result import Analysis, Frequentist, Interval, Posterior
from experimentos.decision.decision import Decision, Verdict
from experimentos.health.report import HealthReport, SampleRatio, Status
from experimentos.issue import Issue, Severity, Where
from experimentos.memo.subject import MemoFacts, MemoFields
from experimentos.metrics.contract import Reading
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Cell, Metric, Source, Summary
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY, Policy
from tests.unit.charts.cases import CONVERSION, ERRORS, FREQUENTIST, GUARDRAIL, PRIMARY

SHA = "9f2c" * 16
METRICS = (
    Metric("conversion", "conversion", ("conversions",)),
    Metric("errors", "conversion", ("errors",)),
)


def cell(arm: str, conversions: int, errors: int, row: int) -> Cell:
    counts = {"conversion": Counts(10_000, conversions), "errors": Counts(10_000, errors)}
    return Cell(arm, 10_000, counts, row)


def summary(control: str = "control", treatment: str = "treatment") -> Summary:
    cells = (cell(control, 1_000, 200, 2), cell(treatment, 1_120, 225, 3))
    source = Source("checkout.csv", SHA, "csv", ("Semicolons were read as the delimiter.",))
    return Summary(cells, METRICS, control, source)


def reading(made: Summary | None) -> Reading:
    return Reading(made, (), ("variant", "users"), (), "checkout.csv", SHA, "csv")


HEALTH = HealthReport(
    Status.WARNING,
    (
        Issue(
            "guessed_direction",
            Severity.WARNING,
            "The direction of errors was guessed.",
            "Name it in the charter.",
            Where(column="errors"),
        ),
    ),
    SampleRatio(1.0, "chi_square", 0.0, (10_000, 10_000), (10_000.0, 10_000.0), 0.0, "treatment"),
    (("arms", True), ("direction", False)),
)
POSTERIOR = Posterior(
    "conversion",
    "treatment",
    "beta_binomial",
    "Beta(1, 1) on each rate",
    0.9992,
    0.0000005,
    0.012,
    Interval(0.0045, 0.0195, 0.95),
    Interval(0.044, 0.202, 0.95),
)
ANALYSIS = Analysis(FREQUENTIST, (POSTERIOR,), ("errors: lower is better.",))
LAUNCH = Decision(
    Verdict.LAUNCH,
    "primary_better",
    "Launch treatment: the primary metric conversion is better, +1.20 points (95% interval "
    "+0.45 to +1.95 points; p = 0.0016). Guardrail errors shows no harm beyond its limit.",
    ("The whole interval lies above zero.", "errors stays within its limit of harm."),
    "treatment",
    ("Launch treatment, in the steps that your releases take.", "Watch the guardrails."),
)
HOLD = Decision(Verdict.HOLD, "blocked", "Hold: the data cannot be analysed.")
FACTS = MemoFacts(
    datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "01JNB3Q8ZKQ0W0000000000000",
    "experimentos memo checkout.csv -o memo.html",
    {"experimentos": "0.1.0", "scipy": "1.18.0"},
)


@dataclass(frozen=True, slots=True)
class Decided:
    reading: Reading
    charter: Charter = EMPTY_CHARTER
    policy: Policy = DEFAULT_POLICY
    health: HealthReport = HEALTH
    analysis: Analysis | None = ANALYSIS
    decision: Decision = LAUNCH


SUBJECT = Decided(reading(summary()))
BLOCKED = Decided(
    reading(None),
    health=HealthReport(
        Status.BLOCKED,
        (
            Issue(
                "conversions_exceed_users",
                Severity.BLOCKED,
                "treatment: conversions 12,000 exceed users 10,000.",
                "Count converting users, not conversion events.",
                Where(3, "conversions"),
            ),
        ),
        None,
    ),
    analysis=None,
    decision=HOLD,
)


def named(text: str) -> Decided:
    """A subject in which everything a person can name is called by this text."""
    comparison = replace(CONVERSION, metric=text, arm=text)
    guardrail = replace(ERRORS, metric=text, arm=text)
    frequentist = Frequentist(
        0.05,
        replace(PRIMARY, metric=text, outcomes=((text, comparison),)),
        (replace(GUARDRAIL, metric=text, outcomes=((text, guardrail),)),),
        (),
    )
    issue = Issue("odd", Severity.WARNING, f"{text} is odd.", f"Rename {text}.", Where(2, text))
    return Decided(
        replace(reading(summary(treatment=text)), name=text),
        health=replace(HEALTH, issues=(issue,)),
        analysis=Analysis(
            frequentist, (replace(POSTERIOR, metric=text, arm=text, prior=text),), (text,)
        ),
        decision=replace(LAUNCH, sentence=text, reasons=(text,), arm=text, next_actions=(text,)),
    )


def written(text: str) -> MemoFields:
    return MemoFields(text, text, text, text)
