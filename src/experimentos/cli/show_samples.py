"""Repeated samples for a terminal."""

from collections.abc import Sequence

from rich.text import Text

from experimentos.analysis import numbers
from experimentos.charts.visible import one_line
from experimentos.cli.show import cell, output, print_issues, table, toned
from experimentos.flows.samples import SampleAnalysis, status_of
from experimentos.memo.sample_words import (
    MIDDLE_HEADER,
    PLAN_HEADER,
    TEST_HEADER,
    SampleWords,
    comparison_cells,
    interval_words,
    middle_rows,
    other_test_rows,
    pass_rows,
    plan_lines,
    plan_rows,
    spread_cells,
    tie_lines,
)
from experimentos.runs.sample_files import SampleFile
from experimentos.runs.sample_plan import SamplePlan


def show_file(found: SampleFile) -> None:
    """Print the status of a file of samples and its issues."""
    console = output()
    line = f"  {one_line(found.name)}, {found.form}, sha256 {found.sha256[:12]}"
    console.print(Text.assemble(toned(status_of(found).value), line))
    print_issues(console, found.issues)


def show_samples(analysis: SampleAnalysis) -> None:
    """Print the leaderboard, the spread, the comparison and the most variable scenarios."""
    show_file(analysis.file)
    words = SampleWords(is_rate=analysis.table.is_binary)
    _show_leaderboard(analysis, words)
    _show_spread(analysis, words)
    show_paired(analysis)
    console = output()
    if analysis.most_variable:
        console.print(Text("\nMost variable scenarios", style="bold"))
        made = table(console, ("Scenario", "sd", "Mean", "Range", "n"), numeric=range(1, 5))
        for row in analysis.most_variable:
            span = f"{words.value(row.low)} to {words.value(row.high)}"
            made.add_row(
                cell(row.scenario),
                numbers.quantity(row.sd),
                words.value(row.mean),
                span,
                str(row.n),
            )
        console.print(made)


def _show_leaderboard(analysis: SampleAnalysis, words: SampleWords) -> None:
    console = output()
    title = f"\nLeaderboard: {one_line(analysis.table.metric)}, {analysis.samples.rows:,} samples"
    console.print(Text(title, style="bold"))
    made = table(console, ("Rank", "Model", "Mean", "95% interval", "n", "Scenarios"), (2, 4, 5))
    for place in analysis.leaderboard:
        made.add_row(
            "" if place.rank is None else f"{place.rank}{' =' if place.is_tied else ''}",
            cell(place.model),
            "" if place.mean is None else words.value(place.mean),
            interval_words(place.interval, words),
            numbers.count(place.n),
            numbers.count(place.scenarios),
        )
    console.print(made)
    for line in tie_lines(analysis.leaderboard):
        console.print(Text(f"- {one_line(line)}"))


def _show_spread(analysis: SampleAnalysis, words: SampleWords) -> None:
    console = output()
    console.print(Text("\nSpread", style="bold"))
    header = ("Model", "sd", "Range", "SE", "if independent", "ICC", "Design effect")
    made = table(console, header, numeric=range(1, 7))
    for row in analysis.table.models:
        made.add_row(cell(row.model), *spread_cells(row, words))
    console.print(made)
    middle = middle_rows(analysis.table, words)
    if middle:
        _rows("Middle half of the scores", MIDDLE_HEADER, middle, (1,))
    passes = pass_rows(analysis.table)
    if passes:
        console.print(Text("\npass@k: at least one of k samples; pass^k: all k", style="bold"))
        made = table(console, ("Model", "k", "pass@k", "pass^k"), numeric=(1, 2, 3))
        for model, *figures in passes:
            made.add_row(cell(model), *figures)
        console.print(made)


def show_paired(analysis: SampleAnalysis, what: str = "Model") -> None:
    """Print each model against the baseline; `what` names what the models are."""
    if not analysis.of_metric:
        return
    words = SampleWords(is_rate=analysis.table.is_binary)
    console = output()
    title = f"\nAgainst {one_line(analysis.baseline)}, paired by scenario"
    console.print(Text(title, style="bold"))
    made = table(console, (what, "Difference", "p", "Corrected p", "P(better)", "Method"))
    for found in analysis.of_metric:
        made.add_row(cell(found.model), *comparison_cells(found, words))
    console.print(made)
    others = other_test_rows(analysis.of_metric)
    if others:
        _rows("Pairs, and the other tests, not corrected", TEST_HEADER, others, range(1, 6))


def _rows(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int]
) -> None:
    console = output()
    console.print(Text(f"\n{title}", style="bold"))
    made = table(console, header, numeric)
    for row in rows:
        made.add_row(*map(cell, row))
    console.print(made)


def show_plan(plan: SamplePlan) -> None:
    """Print how many scenarios and samples a difference needs."""
    console = output()
    console.print(
        f"To find a difference of {plan.difference:g} with {numbers.percent(plan.power, 0)} power "
        f"at alpha {plan.alpha:g}:"
    )
    made = table(console, PLAN_HEADER, numeric=range(3))
    for row in plan_rows(plan):
        made.add_row(*row)
    console.print(made)
    for line in plan_lines(plan, SampleWords(is_rate=False)):
        console.print(f"- {line}")
