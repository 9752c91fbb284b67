"""Runs that are executed while a command waits: a bar, a line for each that failed, Ctrl-C."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from experimentos.charts.visible import one_line
from experimentos.flows.run_matrix import Batch, execute
from experimentos.memo.run_words import metrics_line
from experimentos.runs.documents import Run
from experimentos.runs.expand import RunPlan
from experimentos.wiring import open_runner

if TYPE_CHECKING:
    from experimentos.store.port import Store


def executed(store: "Store", plan: RunPlan, code: Path, *, quiet: bool) -> Batch:
    """Execute a plan with its progress on standard error."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False, quiet=quiet)
    columns = (TextColumn("Running"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(plan.runs))

        def tell(done: int, total: int) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        def one(run: Run) -> None:
            if run.status != "completed":
                said = f"{run.variant}, repeat {run.repeat}: {run.status}. {metrics_line(run)}"
                bar.console.print(Text(one_line(said)))

        return execute(store, open_runner(), plan, code, tell, one)
