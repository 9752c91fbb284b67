"""`experimentos experiment`: experiments over variants, made, run and compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.opened import CodeFolder, Follow, InProject, opened, stop_if_blocked
from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import RenderableType

    from experimentos.flows.projects import SavedExperiment
    from experimentos.runs.run_groups import RunComparison
    from experimentos.store.port import Store

app = typer.Typer(help="Experiments over variants: define, run, compare.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name, or PROJECT/NAME.")]


@app.command("validate")
def validate(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="YAML or JSON; - for standard input.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check an experiment file: names, variants, baseline, data sources.

    Exit status 1 when it is blocked, 3 when it cannot be read.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import STANDARD_INPUT, read_bytes
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.experiment_file import experiment_report, status_of
    from experimentos.runs.experiment_file import read_experiment

    name = "standard input" if file == STANDARD_INPUT else Path(file).name
    content = read_bytes(file)
    found = read_experiment(content, name)
    if as_json:
        show.print_json(experiment_report(found, content, name))
    else:
        show.show_experiment(found, status_of(found))
    raise typer.Exit(OF_STATUS[status_of(found)])


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of an experiment file."""
    from experimentos.cli import show_runs
    from experimentos.runs.documents import Experiment

    show_runs.print_schema(Experiment)


@app.command("create")
def create(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="YAML or JSON of the whole experiment.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    hypothesis: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    variants: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="YAML or JSON with the list `variants` alone."),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="NAME", help="The first variant if none is named.")
    ] = None,
    entry_point: Annotated[str | None, typer.Option(metavar="MODULE:FUNCTION")] = None,
    project: InProject = None,
    as_json: AsJson = False,
) -> None:
    """Make an experiment from a file, or from options and a file of variants."""
    from experimentos.cli import show, show_runs
    from experimentos.cli.inputs import read_bytes
    from experimentos.errors import ContractError
    from experimentos.flows import run_report
    from experimentos.flows.projects import active_project, create_experiment, name_of
    from experimentos.runs.experiment_file import first_variant, read_experiment

    source = file or variants
    if source is None:
        raise ContractError(
            "An experiment needs its variants.",
            hint="experiment create FILE, or --name NAME --variants FILE.",
        )
    content = read_bytes(source)
    given: dict[str, object] = {
        key: value
        for key, value in {
            "name": name_of(name) if name else None,
            "description": description,
            "hypothesis": hypothesis,
            "baseline": baseline,
            "entry_point": entry_point,
            "project": project,
        }.items()
        if value is not None
    }
    with opened() as store:
        if file is None:
            given.setdefault("project", active_project(store) or "default")
            given.setdefault("baseline", first_variant(content, Path(source).name))
        found = read_experiment(content, Path(source).name, given=given)
        if found.plan is None or not as_json:
            stop_if_blocked(found.issues)
        if found.plan is None:
            return
        saved = create_experiment(store, found.plan, make_project=True)
    made = saved.experiment
    show.answer(
        run_report.report("experiment", experiment=run_report.experiment_json(saved)),
        lambda: show_runs.say(
            f"Made the experiment {made.name} ({made.project_slug}/{made.slug}) with "
            f"{len(made.variants)} variants."
        ),
        as_json=as_json,
    )


@app.command("list")
def list_(project: InProject = None, as_json: AsJson = False) -> None:
    """List the experiments, newest first."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import active_project, list_experiments
    from experimentos.runs.documents import slug_of

    with opened() as store:
        owner = slug_of(project) if project else active_project(store)
        found = list_experiments(store, owner)
    show.answer(
        run_report.report(
            "experiment_list", experiments=[run_report.experiment_json(each) for each in found]
        ),
        lambda: show_runs.show_experiments(found),
        as_json=as_json,
    )


@app.command("show")
def show_(name: Name, project: InProject = None, as_json: AsJson = False) -> None:
    """Show an experiment: variants with every parameter and where it comes from."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import load_project

    with opened() as store:
        saved = _load(store, name, project)
        owner = load_project(store, saved.experiment.project_slug).project
    show.answer(
        run_report.report(
            "experiment",
            experiment=run_report.experiment_json(saved),
            parameters=run_report.settings_json(owner, saved),
        ),
        lambda: show_runs.show_experiment(owner, saved.experiment),
        as_json=as_json,
    )


@app.command("status")
def status(
    name: Name, follow: Follow = False, project: InProject = None, as_json: AsJson = False
) -> None:
    """Say how an experiment stands: what runs, what is done, criteria and constraints."""
    from experimentos.cli import show, show_live, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.experiment_status import status_of
    from experimentos.flows.live_runs import ongoing

    with opened(stays=follow) as store:
        slugs = _load(store, name, project).experiment

        def look() -> tuple["RenderableType", bool]:
            found = ongoing(store, slugs.project_slug, slugs.slug)
            return show_live.running_view(found), not found

        if follow:
            show_live.follow(look)
        found = status_of(store, _load(store, name, project))
    experiment = found.saved.experiment

    def draw() -> None:
        show_runs.show_progress(experiment, found.variants)
        show_live.show_status(found)

    show.answer(
        run_report.report("experiment_status", **run_report.status_json(found)),
        draw,
        as_json=as_json,
    )


@app.command("archive")
def archive(name: Name, project: InProject = None, as_json: AsJson = False) -> None:
    """Mark an experiment as archived: it is kept and never run again."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import change_experiment

    with opened() as store:
        saved = change_experiment(store, _load(store, name, project), status="archived")
    show.answer(
        run_report.report("experiment", experiment=run_report.experiment_json(saved)),
        lambda: show_runs.say(f"Archived: {saved.experiment.name}."),
        as_json=as_json,
    )


@app.command("restore")
def restore(name: Name, project: InProject = None, as_json: AsJson = False) -> None:
    """Take an experiment out of the archive."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.run_matrix import restore_experiment

    with opened() as store:
        saved = restore_experiment(store, _load(store, name, project))
    show.answer(
        run_report.report("experiment", experiment=run_report.experiment_json(saved)),
        lambda: show_runs.say(f"Restored: {saved.experiment.name}, {saved.experiment.status}."),
        as_json=as_json,
    )


@app.command("run")
def run(
    name: Name,
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this one; all if none is named. Repeatable."),
    ] = None,
    all_variants: Annotated[
        bool, typer.Option("--all-variants", help="All of them, as without --variant.")
    ] = False,
    count: Annotated[
        int,
        typer.Option("--count", "--runs-per-variant", "-n", min=1, help="New runs of each."),
    ] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Only what was queued, interrupted or cancelled.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="As --resume, and what failed as well.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would run.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about the cost.")] = False,
    code: CodeFolder = Path(),
    project: InProject = None,
    as_json: AsJson = False,
) -> None:
    """Run variants x repeats in child processes, with the rights that you have yourself.

    Every run is on record before the first one starts. Ctrl-C cancels; --resume goes on.
    Exit status 1 when a run failed.
    """
    from experimentos.cli import show, show_runs
    from experimentos.cli.run_batch import executed
    from experimentos.cli.status import Exit
    from experimentos.flows import run_report
    from experimentos.flows.run_matrix import Asked, plan_runs
    from experimentos.memo.run_words import plan_line

    wanted = () if all_variants else tuple(variant or ())
    with opened(stays=True) as store:
        saved = _load(store, name, project)
        full = f"{saved.experiment.project_slug}/{saved.experiment.slug}"
        plan = plan_runs(store, full, Asked(count, wanted, resume, retry), code=code.resolve())
        if not as_json:
            show_runs.say(plan_line(plan))
            show_runs.show_issues(plan.issues)
            show_runs.show_asking(plan)
        if dry_run:
            report = run_report.report("run_plan", **run_report.plan_json(plan))
            show.answer(report, lambda: show_runs.show_plan(plan), as_json=as_json)
            raise typer.Exit(Exit.NO if plan.is_blocked else Exit.DONE)
        if plan.is_blocked:
            refused = run_report.report("run_plan", **run_report.plan_json(plan))
            show.answer(refused, lambda: show_runs.say("Nothing was started."), as_json=as_json)
            raise typer.Exit(Exit.NO)
        if (plan.cost_usd or plan.size) and not yes:
            typer.confirm("Go on?", abort=True, err=True)
        batch = executed(store, plan, code.resolve(), quiet=as_json)
    show.answer(
        run_report.report("run_batch", runs=[run_report.run_json(each) for each in batch.runs]),
        lambda: show_runs.show_batch(batch),
        as_json=as_json,
    )
    if batch.count("completed") < len(batch.runs):
        raise typer.Exit(Exit.NO)


@app.command("compare")
def compare(
    name: Name,
    metrics: Annotated[
        str | None, typer.Option(metavar="A,B", help="The first one ranks; all if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT.{md,html,json}")
    ] = None,
    correction: Annotated[str, typer.Option(metavar="NAME", help="holm, bh, … or none.")] = "holm",
    pairing: Annotated[
        str, typer.Option(metavar="auto|paired|unpaired", help="auto: paired where seeds agree.")
    ] = "auto",
    project: InProject = None,
    as_json: AsJson = False,
) -> None:
    """Compare the variants with the baseline by their completed runs.

    Where they ask models, by their answers too, paired by scenario.
    """
    from experimentos.cli import show, show_runs
    from experimentos.cli.memo import write
    from experimentos.flows import run_report
    from experimentos.flows.variant_samples import analyze_variants
    from experimentos.flows.variants import comparison_text

    with opened() as store:
        saved = _load(store, name, project)
        found = _comparison(store, saved, metrics, (correction, pairing))
        paired = analyze_variants(store, saved, correction) if saved.experiment.asks else None
    if output is not None:
        write(output, comparison_text(saved, found, output.suffix.removeprefix("."), paired))
    report = run_report.report("run_comparison", **run_report.comparison_json(found, paired))
    show.answer(
        report,
        lambda: show_runs.show_comparison(saved.experiment, found, paired),
        as_json=as_json,
    )
    if output is not None and not as_json:
        show_runs.say(f"Written: {output}.")


@app.command("samples")
def samples(
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.jsonl")],
    project: InProject = None,
) -> None:
    """Write the answers of all variants as one file of samples, for `samples analyze`.

    The variant stands in the column `model`.
    """
    from experimentos.cli import show_runs
    from experimentos.cli.memo import write
    from experimentos.flows.variant_samples import variant_samples

    with opened() as store:
        content = variant_samples(store, _load(store, name, project))
    write(output, content.decode())
    show_runs.say(f"Written: {output}.")


@app.command("export")
def export(
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.{json,csv}")],
    project: InProject = None,
) -> None:
    """Write an experiment with all of its runs and their comparison to one file."""
    from experimentos.cli import show_runs
    from experimentos.cli.memo import write
    from experimentos.flows.variants import export_text

    with opened() as store:
        text = export_text(store, _load(store, name, project), output.suffix.removeprefix("."))
    write(output, text)
    show_runs.say(f"Written: {output}.")


def _load(store: "Store", name: str, project: str | None) -> "SavedExperiment":
    from experimentos.errors import NotFound
    from experimentos.flows.projects import active_project, load_experiment

    if project is not None:
        return load_experiment(store, name, project)
    try:
        return load_experiment(store, name, active_project(store))
    except NotFound:
        return load_experiment(store, name)


def _comparison(
    store: "Store", saved: "SavedExperiment", metrics: str | None, ways: tuple[str, str]
) -> "RunComparison":
    from experimentos.flows.variants import compare_experiment

    names = tuple(part.strip() for part in (metrics or "").split(",") if part.strip())
    return compare_experiment(store, saved, names, *ways)
