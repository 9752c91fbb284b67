"""Projects, experiments and runs for a terminal."""

import json
from collections.abc import Sequence

from pydantic import BaseModel
from rich.text import Text

from experimentos.analysis import numbers
from experimentos.charts.visible import one_line, visible
from experimentos.cli.show import cell, output, print_issues, table
from experimentos.cli.show_live import run_view
from experimentos.cli.show_samples import show_paired
from experimentos.flows.projects import SavedExperiment, SavedProject
from experimentos.flows.reproduce import Again
from experimentos.flows.run_list import GroupRow
from experimentos.flows.run_matrix import Batch, VariantProgress
from experimentos.flows.samples import SampleAnalysis
from experimentos.issue import Issue
from experimentos.llm.settings import llm_settings
from experimentos.memo.run_words import (
    CRITERION_HEADER,
    DIFFERENCE_HEADER,
    DIFFERENCE_NUMBERS,
    GROUP_HEADER,
    NONE,
    asking_lines,
    brief,
    comparison_lines,
    criterion_cells,
    difference_cells,
    group_cells,
    interval,
    metrics_line,
    money,
    pairing_lines,
    runs_what,
    seconds,
    status_counts,
    value,
)
from experimentos.runs.documents import RUN_STATUSES, Experiment, Project, Run
from experimentos.runs.expand import RunPlan
from experimentos.runs.inherit import settings_of
from experimentos.runs.pace import Pace
from experimentos.runs.run_diff import RunDiff
from experimentos.runs.run_groups import RunComparison

TONES = {
    "completed": "green",
    "failed": "red",
    "running": "cyan",
    "identical": "green",
    "within_noise": "green",
    "different": "red",
}
SHORT = 12
WIDE = 120


def say(sentence: str) -> None:
    """Print one sentence, with nothing in it that the terminal obeys."""
    output().print(Text(one_line(sentence)))


def show_issues(issues: Sequence[Issue]) -> None:
    """Print what speaks against a plan, or is to be known of it."""
    print_issues(output(), tuple(issues))


def print_schema(document: type[BaseModel]) -> None:
    """Print the JSON Schema of a document."""
    print_text(json.dumps(document.model_json_schema(), indent=2))


def print_text(text: str) -> None:
    """Print text as it is, line by line."""
    output().print(Text(visible(text)), soft_wrap=True)


def show_projects(
    projects: Sequence[SavedProject], active: str | None, owners: Sequence[str]
) -> None:
    """Print projects with how many experiments each has."""
    console = output()
    if not projects:
        say('There is no project yet. Make one: experimentos project create "Checkout research"')
        return
    made = table(console, ("", "Project", "Name", "Status", "Experiments", "Made (UTC)"), (4,))
    for saved in projects:
        made.add_row(
            "*" if saved.project.slug == active else "",
            saved.project.slug,
            cell(saved.project.name),
            saved.project.status,
            str(owners.count(saved.project.slug)),
            f"{saved.record.created_at:%Y-%m-%d %H:%M}",
        )
    console.print(made)


def show_project(saved: SavedProject, experiments: Sequence[SavedExperiment]) -> None:
    """Print one project."""
    console, project = output(), saved.project
    console.print(Text(f"{project.name} ({project.slug}), {project.status}", style="bold"))
    if project.description:
        console.print(Text(visible(project.description)))
    for title, values in (
        ("Default", project.defaults),
        ("Constraint", project.constraints),
        ("Limit", project.quality),
        ("Tag", project.tags if isinstance(project.tags, dict) else dict.fromkeys(project.tags)),
    ):
        for name, found in values.items():
            say(f"{title}: {name} = {value(found)}")
    console.print()
    show_experiments(experiments)


def show_experiments(experiments: Sequence[SavedExperiment]) -> None:
    """Print experiments, a line each."""
    console = output()
    if not experiments:
        say("There is no experiment yet. Make one: experimentos experiment create FILE")
        return
    made = table(console, ("Experiment", "Status", "Variants", "Runs", "Made (UTC)"), (2,))
    for saved in experiments:
        experiment = saved.experiment
        made.add_row(
            f"{experiment.project_slug}/{experiment.slug}",
            experiment.status,
            str(len(experiment.variants)),
            cell(runs_what(experiment)),
            f"{saved.record.created_at:%Y-%m-%d %H:%M}",
        )
    console.print(made)


def show_experiment(project: Project, experiment: Experiment) -> None:
    """Print one experiment with every parameter of every variant and its origin."""
    console = output()
    title = f"{experiment.name} ({experiment.project_slug}/{experiment.slug}), {experiment.status}"
    console.print(Text(title, style="bold"))
    for text in (experiment.description, experiment.hypothesis):
        if text:
            console.print(Text(visible(text)))
    say(f"Baseline: {experiment.baseline}. Runs: {runs_what(experiment)}.")
    for name, limit in experiment.evaluation.success_criteria.items():
        say(f"Success: {name} {limit:g}")
    made = table(console, ("Variant", "Parameter", "Value", "From", "Overrides"))
    for variant in experiment.variants:
        name = variant.name
        for setting in settings_of(project, experiment, variant):
            made.add_row(
                cell(name),
                cell(setting.name),
                cell(value(setting.value)),
                setting.origin,
                ", ".join(setting.overrides),
            )
            name = ""
    console.print(made)


def show_progress(experiment: Experiment, rows: Sequence[VariantProgress]) -> None:
    """Print how far an experiment is."""
    console = output()
    least = experiment.evaluation.min_runs_per_variant
    say(f"{experiment.name}: {experiment.status}. At least {least} completed runs of each variant.")
    made = table(console, ("Variant", "Done", *RUN_STATUSES), range(1, len(RUN_STATUSES) + 2))
    for row in rows:
        counts = (str(row.counts.get(status, 0)) for status in RUN_STATUSES)
        made.add_row(cell(row.variant), f"{row.done}/{least}", *counts)
    console.print(made)


def show_asking(plan: RunPlan) -> None:
    """Print what is to be known before models are asked: where texts go, tokens."""
    if plan.size is None:
        return
    settings = llm_settings()
    host = settings.host if settings.is_set else "the endpoint that will be set up"
    for line in asking_lines(plan, host):
        say(line)


def show_plan(plan: RunPlan) -> None:
    """Print what would be executed."""
    console = output()
    made = table(console, ("Variant", "Repeat", "Seed", "Parameters"), (1, 2))
    for run in plan.runs:
        params = json.dumps(run.params, ensure_ascii=False)
        made.add_row(cell(run.variant), str(run.repeat), str(run.seed), cell(params))
    console.print(made)


def show_batch(batch: Batch) -> None:
    """Print what came of a plan."""
    show_list(batch.runs, len(batch.runs))
    say(status_counts(batch.runs) + ".")


def show_list(runs: Sequence[Run], total: int) -> None:
    """Print runs, a line each."""
    console = output()
    if not runs:
        say("No run matches.")
        return
    header = ("Id", "Started (UTC)", "Variant", "Status", "Score", "Time")
    is_wide = console.width >= WIDE
    made = table(console, (*header, "Experiment", "Metrics") if is_wide else header, (4, 5))
    for run in runs:
        moment = run.started_at or run.created_at
        cells = (
            run.run_id,
            f"{moment:%m-%d %H:%M}",
            cell(f"{run.variant} {run.repeat}" if run.repeat else run.variant or run.kind),
            Text(run.status, style=TONES.get(run.status, "")),
            value(run.primary_value),
            seconds(run.seconds),
        )
        more = (cell(run.experiment), cell(metrics_line(run)))
        made.add_row(*cells, *(more if is_wide else ()))
    console.print(made)
    if total > len(runs):
        say(f"{len(runs):,} of {total:,}; --limit shows more.")


def show_groups(rows: Sequence[GroupRow]) -> None:
    """Print runs by variant."""
    console = output()
    header = ("Variant", "Runs", "n", "Mean", "sd", "95% interval", "Min", "Max")
    made = table(console, header, (1, 2, 3, 4, 6, 7))
    for row in rows:
        g = row.group
        made.add_row(
            cell(g.variant or NONE), numbers.count(g.runs), numbers.count(g.n), value(g.mean),
            value(g.sd), interval(row.interval), value(g.low), value(g.high),
        )  # fmt: skip
    console.print(made)


def show_run(run: Run, pace: Pace | None = None) -> None:
    """Print everything that matters of a run; `pace` of one that is not over."""
    console = output()
    console.print(Text(one_line(f"{run.title or run.kind}  ({run.run_id})"), style="bold"))
    console.print(
        Text.assemble((run.status, TONES.get(run.status, "")), f", {seconds(run.seconds)}")
    )
    if pace is not None and run.status == "running":
        console.print(run_view(run, pace))
    if run.error:
        console.print(Text(visible(f"{run.error_kind}: {run.error}"), style="red"))
    made = table(console, ("What", "Which", "Value"))
    for section, values in (
        ("parameter", run.params),
        ("metric", run.metrics),
        ("environment", run.environment),
        ("input", run.inputs),
        ("output", run.outputs),
        ("tag", run.tags),
    ):
        for name, found in values.items():
            text = str(found)[:SHORT] if section in ("input", "output") else value(found)
            made.add_row(section, cell(name), cell(text))
    for name, known in (
        ("cost", None if run.cost_usd is None else money(run.cost_usd)),
        ("code", run.code_sha256[:SHORT]),
        ("parent", run.parent_run_id),
        ("reproduces", run.reproduces_run_id),
    ):
        if known:
            made.add_row(name, "", cell(known))
    console.print(made)


def show_again(again: Again) -> None:
    """Print the verdict on a run that was executed again, and where it differs."""
    console, result = output(), again.result
    verdict = result.verdict.value
    words = {"identical": "Identical", "within_noise": "The same within noise"}
    title = words.get(verdict, "Different")
    console.print(Text.assemble((title, f"bold {TONES[verdict]}"), ". ", one_line(result.sentence)))
    say(f"The new run is {again.run.run_id}.")
    for found in result.metrics:
        say(f"- {found.metric}: {found.why}")
    if result.diff.lines:
        show_diff(result.diff)


def show_diff(found: RunDiff) -> None:
    """Print where two runs differ."""
    console = output()
    if not found.lines:
        say("The two runs do not differ.")
        return
    header = ("Section", "What", found.first[-8:], found.second[-8:])
    made = table(console, header)
    for line in found.lines:
        made.add_row(
            line.section, cell(line.name), cell(brief(line.before)), cell(brief(line.after))
        )
    console.print(made)
    if found.code:
        console.print()
        print_text(found.code)


def show_comparison(
    experiment: Experiment, comparison: RunComparison, paired: SampleAnalysis | None = None
) -> None:
    """Print the variants, described and compared; first by their samples, where they have some."""
    console = output()
    if paired is not None:
        show_paired(paired, "Variant")
        console.print(Text("\nBy whole runs", style="bold"))
    for line in comparison_lines(comparison, experiment):
        say(line)
    for title, header, rows, numeric in (
        (
            f"Variants by {comparison.metric}",
            GROUP_HEADER,
            [group_cells(found) for found in comparison.groups],
            (1, 2, 3, 6, 7),
        ),
        (
            f"Against {experiment.baseline}, corrected by {comparison.adjustment}",
            DIFFERENCE_HEADER,
            [difference_cells(found) for found in comparison.differences],
            DIFFERENCE_NUMBERS,
        ),
        (
            "Success criteria",
            CRITERION_HEADER,
            [criterion_cells(found) for found in comparison.criteria],
            (2,),
        ),
    ):
        if rows:
            console.print(Text(f"\n{one_line(title)}", style="bold"))
            made = table(console, header, numeric)
            for row in rows:
                made.add_row(*(cell(text) for text in row))
            console.print(made)
    for line in pairing_lines(comparison):
        say(line)
