"""What runs at this moment, for a terminal: once, or followed until it is over."""

import time
from collections.abc import Callable, Sequence

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from experimentos.charts.visible import one_line, visible
from experimentos.cli.show import cell, output, table
from experimentos.flows.experiment_status import ExperimentStatus
from experimentos.flows.live_runs import Ongoing
from experimentos.memo.live_words import (
    LABELS,
    batch_line,
    live_metrics,
    pace_line,
    run_name,
    standing,
    tail_lines,
    trouble,
)
from experimentos.memo.run_words import value
from experimentos.runs.documents import Run
from experimentos.runs.pace import Pace

FOLLOW_SECONDS = 1.0
BAR = 24
STATE_TONES = {"kept": "green", "broken": "red", "open": "yellow", "unchecked": "dim"}


def running_view(found: Sequence[Ongoing]) -> RenderableType:
    """Return what runs at this moment: a bar for each batch and each of its runs."""
    parts: list[RenderableType] = []
    for batch in found:
        parts.append(Text(one_line(f"Running: {batch.place}"), style="bold"))
        parts.append(_bars([(batch.pace.share, batch_line(batch.pace))]))
        for run, pace in batch.working:
            parts.append(run_view(run, pace))
    return Group(*parts)


def run_view(run: Run, pace: Pace) -> RenderableType:
    """Return one run that works: bar, time, last metrics, what is wrong, the end of its log."""
    said = f"{run_name(run)}: {pace_line(run, pace)}"
    parts: list[RenderableType] = [_bars([(pace.share, said)])]
    if metrics := live_metrics(run):
        parts.append(Text(one_line(f"  {metrics}"), style="cyan"))
    if wrong := trouble(run, pace):
        parts.append(Text(one_line(f"  {wrong}"), style="yellow"))
    if tail := tail_lines(run):
        parts.append(
            Text("\n".join(f"  {line}" for line in visible(tail).splitlines()), style="dim")
        )
    return Group(*parts)


def follow(
    look: Callable[[], tuple[RenderableType, bool]], *, every: float = FOLLOW_SECONDS
) -> None:
    """Draw what `look` returns again and again until it says that all is over.

    Without a terminal nothing is drawn: it only waits.
    """
    console = output()
    view, is_over = look()
    if not console.is_terminal:
        while not is_over:
            time.sleep(every)
            _, is_over = look()
        return
    with Live(view, console=console, auto_refresh=False, transient=True) as live:
        while not is_over:
            live.refresh()
            time.sleep(every)
            view, is_over = look()
            live.update(view)


def show_status(status: ExperimentStatus) -> None:
    """Print how an experiment stands, beside the table of its variants."""
    console = output()
    if status.running:
        console.print(running_view(status.running))
    for line in standing(status.saved.experiment, status.comparison):
        console.print(Text(one_line(line)))
    if not status.constraints:
        return
    made = table(console, ("Constraint of the project", "", "Why"))
    for found in status.constraints:
        state = Text(LABELS[found.state], style=STATE_TONES[found.state])
        made.add_row(cell(f"{found.name} = {value(found.value)}"), state, cell(found.said))
    console.print(made)


def _bars(rows: Sequence[tuple[float | None, str]]) -> Table:
    grid = Table.grid(padding=(0, 1))
    for share, said in rows:
        bar = ProgressBar(total=1.0, completed=share or 0.0, width=BAR)
        grid.add_row(bar, Text(one_line(said)))
    return grid
