"""Evaluations for a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from experimentos.charts.visible import one_line, visible
from experimentos.cli.show import cell, output, print_issues, print_json, table
from experimentos.flows.encode import Json
from experimentos.flows.evaluation_report import (
    evaluated_report,
    issues_report,
    list_report,
    transcripts_report,
)
from experimentos.flows.evaluations import Progressed
from experimentos.issue import Issue
from experimentos.memo.evaluation_words import dollars, estimate_lines, evaluated_lines
from experimentos.runs.evaluated import Evaluated, EvaluatedSample
from experimentos.runs.evaluation import Estimate


def answer_issues(issues: tuple[Issue, ...], *, as_json: bool) -> None:
    """Say why a plan cannot be used."""
    if as_json:
        print_json(issues_report(issues))
    else:
        print_issues(output(), issues)


def answer_estimate(
    report: dict[str, Json], size: Estimate, issues: tuple[Issue, ...], *, as_json: bool
) -> None:
    """Say how large an evaluation is."""
    if as_json:
        print_json(report)
    else:
        show_estimate(size, issues)


def show_estimate(size: Estimate, issues: tuple[Issue, ...]) -> None:
    """Print how large an evaluation is, and what speaks against it."""
    console = output()
    for line in estimate_lines(size):
        console.print(line)
    print_issues(console, issues)


def answer_evaluated(id: str, record: str, evaluated: Evaluated, *, as_json: bool) -> None:  # noqa: A002 - the field's name
    """Say what came of an evaluation."""
    if as_json:
        print_json(evaluated_report(id, record, evaluated))
        return
    console = output()
    for line in evaluated_lines(evaluated):
        console.print(line)
    console.print(f"Kept as {record}; experimentos samples transcripts {id} shows the answers.")


def answer_list(found: list[Progressed], *, as_json: bool) -> None:
    """List evaluations."""
    if as_json:
        print_json(list_report(found))
        return
    console = output()
    if not found:
        console.print("No evaluation was run here yet.")
        return
    made = table(console, ("Id", "Name", "Scored", "Planned", "Cost"), numeric=(2, 3, 4))
    for one in found:
        evaluated = one.evaluated
        made.add_row(
            one.stored.id,
            cell(evaluated.plan.name),
            f"{evaluated.scored:,}",
            f"{evaluated.planned:,}",
            dollars(evaluated.cost),
        )
    console.print(made)


def answer_transcripts(id: str, samples: list[EvaluatedSample], *, as_json: bool) -> None:  # noqa: A002 - the field's name
    """Print samples with what the models said."""
    if as_json:
        print_json(transcripts_report(id, samples))
        return
    console = output()
    if not samples:
        console.print("No sample matches.")
    for sample in samples:
        worth = sample.failure or f"score {sample.score:g}"
        title = f"{one_line(sample.scenario)}, {one_line(sample.model)}, sample "
        console.print(Text(f"{title}{sample.sample_index}: {worth}", style="bold"))
        console.print(Text(f"{visible(sample.why)}\n{visible(sample.transcript)}".strip() + "\n"))


@contextmanager
def progress(*, is_shown: bool) -> Iterator[Callable[[int, int], bool]]:
    """Give what takes reports of progress, drawn on standard error."""
    if not is_shown:
        yield lambda _done, _total: True
        return
    columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking", total=None)

        def report(done: int, total: int) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        yield report
