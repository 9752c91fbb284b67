"""Runs that are executed while a command waits: what runs, a line for each that failed, Ctrl-C."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

from experimentos.charts.visible import one_line
from experimentos.cli.show_live import FOLLOW_SECONDS, running_view
from experimentos.flows.live_runs import ongoing
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
    experiment = plan.experiment
    with Live(console=console, auto_refresh=False, transient=True) as live:
        drawn = 0.0

        def tell(_done: int, _total: int) -> bool:
            nonlocal drawn
            if console.is_terminal and monotonic() - drawn >= FOLLOW_SECONDS:
                found = ongoing(store, experiment.project_slug, experiment.slug)
                live.update(running_view(found), refresh=True)
                drawn = monotonic()
            return True

        def one(run: Run) -> None:
            if run.status != "completed":
                said = f"{run.variant}, repeat {run.repeat}: {run.status}. {metrics_line(run)}"
                live.console.print(Text(one_line(said)))

        return execute(store, open_runner(), plan, code, tell, one)
