"""Values for a terminal: 80 columns are enough, and plain text when nobody is watching."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Analysis,
    Compared,
    Informed,
    MetricResult,
    Outcome,
    Posterior,
    Unavailable,
)
from experimentos.charts.visible import one_line, visible
from experimentos.cli.show_parts import print_parts
from experimentos.decision.decision import Decision
from experimentos.errors import ExperimentOSError
from experimentos.flows.ab_test import AbTest, Checked
from experimentos.flows.encode import Json
from experimentos.flows.experiment_file import runs_by
from experimentos.health.report import HealthReport, Status
from experimentos.issue import Issue
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Arm, Metric, Summary
from experimentos.plan.charter import Charter
from experimentos.runs.experiment_file import ExperimentFile

MOST_ISSUES = 12
TONES = {
    "healthy": "green",
    "note": "cyan",
    "warning": "yellow",
    "blocked": "red",
    "unreadable": "red",
    "Launch": "green",
    "Hold": "yellow",
    "Rollback": "red",
}


def print_json(report: dict[str, Json]) -> None:
    """Write one JSON document, numbers exact, every character ASCII."""
    sys.stdout.write(json.dumps(report, indent=2, allow_nan=False) + "\n")


def answer(report: dict[str, Json], people: Callable[[], None], *, as_json: bool) -> None:
    """Write the report as JSON, or call what prints it for people."""
    if as_json:
        print_json(report)
    else:
        people()


def output() -> Console:
    """Return the console for answers."""
    return Console(markup=False, highlight=False, emoji=False)


def print_error(error: ExperimentOSError) -> None:
    """Say on standard error what failed and what to do; one line per issue when there are some."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False, soft_wrap=True)
    issues: tuple[Issue, ...] = getattr(error, "issues", ())
    if issues:
        print_issues(console, issues)
        return
    console.print(Text(visible(f"{error.message}\n{error.hint}".strip())))


def show_check(test: Checked | AbTest) -> None:
    """Print the health of the data, its issues and its arms."""
    console = output()
    console.print(_health_line(test))
    print_issues(console, test.health.issues)
    if test.reading.summary:
        console.print()
        console.print(_arms(console, test.reading.summary))
    console.print(_srm_line(test.health))


def show_analysis(test: AbTest) -> None:
    """Print the decision with its reasons, the comparisons, the posteriors and the issues."""
    console = output()
    console.print(_health_line(test))
    print_issues(console, test.health.issues)
    console.print()
    decision = test.decision
    console.print(_decided(decision))
    _print_list(console, decision.reasons)
    if test.analysis:
        console.print()
        console.print(_comparisons(console, test.analysis.frequentist.metrics))
        print_parts(console, test)
        _print_posteriors(console, test.analysis)
        _print_section(console, "Assumed, not planned", test.analysis.assumptions)
    _print_section(console, "Next", decision.next_actions)


def table(console: Console, header: Sequence[str], numeric: Iterable[int] = ()) -> Table:
    """Return an empty table, ruled on a terminal and plain elsewhere."""
    made = Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None,
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    right = set(numeric)
    for index, title in enumerate(header):
        made.add_column(title, justify="right" if index in right else "left", overflow="fold")
    return made


def cell(text: str) -> Text:
    """Return other people's text on one line, with nothing in it that the terminal obeys."""
    return Text(one_line(text))


def toned(word: str) -> Text:
    """Return a status word in its colour."""
    return Text(word.capitalize() if word.islower() else word, style=f"bold {TONES[word]}")


def _health_line(test: Checked | AbTest) -> Text:
    summary = test.reading.summary
    users = f", {numbers.count(sum(a.users for a in summary.arms))} users" if summary else ""
    return Text.assemble(
        toned(test.health.status.value),
        f"  {one_line(test.reading.name)}{users}, sha256 {test.reading.sha256[:12]}",
    )


def show_plan(plan: Charter, state: str, sha256: str) -> None:
    """Print a charter, and whether it is frozen."""
    console = output()
    at = f" at {plan.frozen.frozen_at:%Y-%m-%d %H:%M} UTC" if plan.frozen else ""
    console.print(one_line(f"{state.capitalize()}{at}, sha256 {sha256}"))
    made = table(console, ("Item", "Plan"))
    for name, value in plan.model_dump(mode="json", exclude={"frozen", "schema_version"}).items():
        if value not in (None, "", []):
            made.add_row(cell(name), cell(value if isinstance(value, str) else json.dumps(value)))
    console.print(made)


def show_experiment(found: ExperimentFile, status: Status) -> None:
    """Print what an experiment file plans, and its issues."""
    console = output()
    console.print(toned(status.value))
    print_issues(console, found.issues)
    if found.plan is None:
        return
    console.print(one_line(f"{found.plan.project} / {found.plan.name}"))
    if runs_by(found) is None:
        console.print(
            "It names no entry point and no evaluation that asks models, so nothing can be run.\n"
            "  Give it entry_point, or the models, scenarios and scorer of its evaluation."
        )
    made = table(console, ("Variant", "Parameters"))
    for variant in found.plan.variants:
        baseline = " (baseline)" if variant.name == found.plan.baseline else ""
        made.add_row(cell(variant.name + baseline), cell(json.dumps(variant.parameters)))
    console.print(made)


def print_issues(console: Console, issues: tuple[Issue, ...]) -> None:
    """Print the first issues, each with what to do."""
    for issue in issues[:MOST_ISSUES]:
        where = f" ({issue.where})" if str(issue.where) else ""
        console.print(
            Text.assemble(toned(issue.severity.value), ": ", one_line(issue.message + where))
        )
        console.print(Text(f"  {one_line(issue.fix)}", style="dim"))
    if len(issues) > MOST_ISSUES:
        console.print(f"… and {len(issues) - MOST_ISSUES} more; --json lists all of them.")


def _print_list(console: Console, items: Iterable[str]) -> None:
    for item in items:
        console.print(Text(f"- {one_line(item)}"))


def _print_section(console: Console, title: str, items: Sequence[str]) -> None:
    if items:
        console.print()
        console.print(Text(title, style="bold"))
        _print_list(console, items)


def _srm_line(health: HealthReport) -> str:
    if health.srm is None:
        return ""
    return (
        f"\nSample ratio: {numbers.p_value(health.srm.p_value)} "
        f"({health.srm.method.replace('_', ' ')}), largest deviation "
        f"{numbers.plain_points(health.srm.deviation)} in {one_line(health.srm.arm)}"
        f"{_daily_line(health)}"
    )


def _daily_line(health: HealthReport) -> str:
    daily = health.srm_sequential
    if daily is None:
        return ""
    alarm = "no alarm" if daily.alarm is None else f"alarm since {daily.alarm}"
    return f"\nAt every one of {daily.days} days: {numbers.p_value(daily.p_value)}, {alarm}"


def _arms(console: Console, summary: Summary) -> Table:
    names = [metric.name for metric in summary.metrics]
    made = table(console, ("Arm", "Users", *names), numeric=range(1, len(names) + 2))
    for arm in summary.arms:
        statistics = (_statistic(arm, metric) for metric in summary.metrics)
        made.add_row(cell(arm.name), numbers.count(arm.users), *statistics)
    return made


def _statistic(arm: Arm, metric: Metric) -> str:
    match arm.statistics[metric.name]:
        case Counts(k=k):
            return numbers.count(k)
        case Moments(mean=mean):
            return f"{'' if metric.kind == 'quantile' else 'mean '}{numbers.quantity(mean)}"
        case CrossMoments(mean_x=x, mean_y=y) if metric.kind == "ratio":
            return f"ratio {numbers.quantity(x / y)}" if y else "no ratio"
        case CrossMoments(mean_x=x):
            return f"mean {numbers.quantity(x)}"


def _comparisons(console: Console, metrics: tuple[MetricResult, ...]) -> Table:
    made = table(console, ("Metric", "Arm", "Control", "Treatment", "Difference", "p", "Lift"))
    for result in metrics:
        for arm, outcome in result.outcomes:
            made.add_row(
                cell(f"{result.metric} ({result.role.value})"),
                cell(arm),
                *_columns(result, outcome),
            )
    return made


def _columns(result: MetricResult, outcome: Outcome) -> tuple[str | Text, ...]:
    match outcome:
        case Unavailable():
            return ("", "", cell(outcome.why), "", "")
        case Compared():
            lift = outcome.lift
            return (
                numbers.metric_value(outcome.control_value, result.kind),
                numbers.metric_value(outcome.treatment_value, result.kind),
                f"{numbers.difference(outcome.difference, result.kind)}\n"
                f"{numbers.difference_interval(outcome.interval, result.kind)}",
                numbers.bare_p(outcome.p_value),
                "" if isinstance(lift, Unavailable) else numbers.signed_percent(lift.estimate),
            )


def _print_posteriors(console: Console, analysis: Analysis) -> None:
    kinds = {result.metric: result.kind for result in analysis.frequentist.metrics}
    _print_section(
        console,
        "Bayesian view (informational, never part of the decision)",
        [
            _posterior_line(item, kinds[item.metric])
            for item in (*analysis.posteriors, *analysis.informed)
            if not isinstance(item, Unavailable)
        ],
    )


def _posterior_line(item: Posterior | Informed, kind: str) -> str:
    line = (
        f"{item.metric}, {item.arm}: better with probability "
        f"{numbers.chance(item.probability_better)}, expected loss if launched "
        f"{_size(item.loss_if_launched, kind)}"
    )
    if item.rope is not None:
        low, high = (numbers.signed_percent(end) for end in (item.rope.low, item.rope.high))
        inside = numbers.chance(item.rope.probability)
        line += f", lift within {low} to {high} with probability {inside}"
    if isinstance(item, Informed):
        line += f" ({numbers.interval_percent(item.lift, name='credible')}; {item.prior})"
    return line


def _size(value: float, kind: str) -> str:
    return numbers.plain_points(value) if kind == numbers.RATE else numbers.quantity(value)


def _decided(decision: Decision) -> Text:
    """Return the decision's sentence with its verdict, which most sentences begin with, toned."""
    verdict, sentence = decision.verdict.value, visible(decision.sentence)
    if not sentence.startswith(verdict):
        sentence = f"{verdict}. {sentence}"
    text = Text(sentence)
    text.stylize(f"bold {TONES[verdict]}", 0, len(verdict))
    return text
