"""What summing raw rows up gives, and how it travels: a summary, a plan, a file."""

from dataclasses import dataclass, replace

from experimentos.engine.spec import MetricsFile, MetricSpec
from experimentos.errors import ContractError
from experimentos.flows.raw_bootstrap import Bootstrapped
from experimentos.issue import Issue, Severity
from experimentos.metrics import CONVERSION
from experimentos.metrics.contract import Reading
from experimentos.metrics.contract_csv import write_csv
from experimentos.metrics.summary import Scan, Summary
from experimentos.plan.charter import Charter, GuardrailPlan


@dataclass(frozen=True, slots=True)
class Summarized:
    """A summary made from raw rows.

    Attributes
    ----------
    summary : Summary
    scan : Scan
    charter : Charter
        What the metrics file plans: the first metric is the primary, other rates are guardrails,
        everything else is secondary, each in its direction.
    bootstraps : tuple[Bootstrapped, ...]
        Empty unless asked for.
    """

    summary: Summary
    scan: Scan
    charter: Charter
    bootstraps: tuple[Bootstrapped, ...] = ()

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Return what the rows say against the experiment."""
        return self.scan.issues

    @property
    def reading(self) -> Reading:
        """Return it as what `check` examines."""
        # Summing up needs none of the methods that analyse.
        from experimentos.flows.ab_test import reading_of

        return reading_of(self.summary, self.issues)


def contract_csv(made: Summarized) -> str:
    """Return the summary as the CSV contract, where the control is called "control".

    Raises
    ------
    ContractError
        If the rows are blocked, no metric is called conversion, or a metric has fewer units than
        its arm: the contract cannot say that.
    """
    blocking = next((i for i in made.issues if i.severity is Severity.BLOCKED), None)
    if blocking is not None:
        raise ContractError(f"No summary is written. {blocking.message}", hint=blocking.fix)
    summary = made.summary
    for cell in summary.cells:
        for metric in summary.metrics:
            if cell.statistics[metric.name].n != cell.users:
                raise ContractError(
                    f"{metric.name} has values for {cell.statistics[metric.name].n:,} of the "
                    f"{cell.users:,} units of {cell.arm}; the CSV contract has one number of "
                    "units per arm.",
                    hint="Say nulls: zero, or measure the ratio of two sums.",
                )
    if all(metric.name != CONVERSION.name for metric in summary.metrics):
        raise ContractError(
            "The CSV contract has a column conversions, and no metric here is called conversion.",
            hint="Call the rate that matters conversion, or write the summary as .json.",
        )
    cells = tuple(
        replace(cell, arm="control") if cell.arm == summary.control else cell
        for cell in summary.cells
    )
    return write_csv(replace(summary, cells=cells, control="control"))


def charter_of(metrics: MetricsFile | tuple[MetricSpec, ...]) -> Charter:
    """Return the plan that a metrics file amounts to."""
    specs = metrics.metrics if isinstance(metrics, MetricsFile) else metrics
    primary, *others = specs
    plans = {spec.name: GuardrailPlan(name=spec.name, direction=spec.direction) for spec in others}
    rates = {spec.name for spec in others if spec.kind in ("conversion", "retention")}
    return Charter(
        primary=primary.name,
        direction=primary.direction,
        guardrails=tuple(plan for name, plan in plans.items() if name in rates),
        secondary=tuple(plan for name, plan in plans.items() if name not in rates),
    )
