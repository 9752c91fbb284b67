"""A file of repeated samples to its variance, leaderboard, comparison and exports."""

from dataclasses import dataclass

from experimentos.analysis.result import Direction
from experimentos.errors import ContractError
from experimentos.flows.experiment_file import STATUS_OF
from experimentos.health.report import Status
from experimentos.issue import worst
from experimentos.policy import DEFAULT_POLICY
from experimentos.runs.compare import ModelDifference, NotCompared, compare_variants
from experimentos.runs.leaderboard import Place, leaderboard
from experimentos.runs.sample_files import SampleFile
from experimentos.runs.sample_plan import SamplePlan, Wanted, plan_samples
from experimentos.runs.samples import Samples
from experimentos.runs.variable_scenarios import VariableScenario, most_variable_scenarios
from experimentos.runs.variance import VarianceTable, variance_table

MOST_VARIABLE = 10


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """What is asked of the samples.

    Attributes
    ----------
    baseline : str | None
        The model that the others are compared with; None compares only when there are two or
        more, with the first.
    metric : str | None
        None for the main one.
    direction : Direction
        Which way is good.
    adjustment : str
        A key of `analysis.multiplicity.ADJUSTMENTS`.
    alpha : float in (0, 1)
    interval : str
        Of the cells, one of `runs.cell_intervals.INTERVALS`.
    """

    baseline: str | None = None
    metric: str | None = None
    direction: Direction = Direction.HIGHER
    adjustment: str = "holm"
    alpha: float = DEFAULT_POLICY.alpha
    interval: str = "auto"

    @property
    def level(self) -> float:
        """Return the coverage of the intervals."""
        return 1 - self.alpha


ASKED = SampleQuestion()


@dataclass(frozen=True, slots=True, eq=False)
class SampleAnalysis:
    """What repeated samples say of one metric.

    Attributes
    ----------
    file : SampleFile
    samples : Samples
    question : SampleQuestion
    baseline : str
        "" when there is one model.
    table : VarianceTable
    leaderboard : tuple[Place, ...]
    most_variable : tuple[VariableScenario, ...]
    comparisons : tuple[ModelDifference | NotCompared, ...]
        Of every metric, corrected together.
    """

    file: SampleFile
    samples: Samples
    question: SampleQuestion
    baseline: str
    table: VarianceTable
    leaderboard: tuple[Place, ...]
    most_variable: tuple[VariableScenario, ...]
    comparisons: tuple[ModelDifference | NotCompared, ...]

    @property
    def of_metric(self) -> tuple[ModelDifference | NotCompared, ...]:
        """Return the comparisons of the table's metric."""
        return tuple(c for c in self.comparisons if c.metric == self.table.metric)


def status_of(file: SampleFile) -> Status:
    """Return the status of a file of samples: that of its worst issue."""
    return STATUS_OF[worst(file.issues)]


def analyze_samples(file: SampleFile, question: SampleQuestion = ASKED) -> SampleAnalysis:
    """Analyse samples that could be read.

    Raises
    ------
    ContractError
        If the file is blocked, or a model, metric, correction or interval is not there.
    """
    samples = readable(file)
    table = variance_table(samples, question.metric, question.level, question.interval)
    baseline = question.baseline
    if baseline is None:
        baseline = samples.models[0] if len(samples.models) > 1 else ""
    else:
        samples.model_code(baseline)
    comparisons = (
        compare_variants(samples, baseline, adjustment=question.adjustment, level=question.level)
        if baseline and len(samples.models) > 1
        else ()
    )
    return SampleAnalysis(
        file,
        samples,
        question,
        baseline,
        table,
        leaderboard(samples, table, direction=question.direction, alpha=question.alpha),
        most_variable_scenarios(samples, table, MOST_VARIABLE),
        comparisons,
    )


def readable(file: SampleFile) -> Samples:
    """Return the samples of a file.

    Raises
    ------
    ContractError
        If an issue blocks it.
    """
    if file.samples is None:
        first = file.issues[0]
        raise ContractError(first.message, hint=first.fix)
    return file.samples


def plan_from(
    file: SampleFile,
    wanted: Wanted,
    question: SampleQuestion = ASKED,
    model: str | None = None,
) -> SamplePlan:
    """Return what a wanted difference needs, learned from past samples.

    Raises
    ------
    ContractError
        If the file is blocked, a model or metric is not there, or it holds too little.
    """
    samples = readable(file)
    table = variance_table(samples, question.metric, question.level)
    found = plan_samples(samples, table, wanted, question.baseline, model)
    if isinstance(found, SamplePlan):
        return found
    raise ContractError(f"Nothing can be planned from this file: {found.why}", hint="Sample more.")
