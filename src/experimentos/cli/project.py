"""`experimentos project`: what several experiments share."""

from pathlib import Path
from typing import Annotated

import typer

from experimentos.cli.opened import opened, stop_if_blocked
from experimentos.cli.options import AsJson, pairs

app = typer.Typer(
    help="Projects: defaults, limits and tags that experiments share.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name or short name.")]


@app.command("create")
def create(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="YAML or JSON; - for input.")
    ] = None,
    template: Annotated[
        str | None,
        typer.Option("--from", metavar="NAME", help="Begin with what another project shares."),
    ] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    default: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of every run. Repeatable."),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a project, from a name or from a file."""
    from experimentos.cli import show, show_runs
    from experimentos.cli.inputs import read_bytes
    from experimentos.errors import ContractError
    from experimentos.flows import run_report
    from experimentos.flows.projects import create_project, name_of, shared_by
    from experimentos.runs.documents import Project
    from experimentos.runs.experiment_file import read_project, value_of

    if name is None and file is None:
        raise ContractError("A project needs a name.", hint='project create "Checkout research"')
    given: dict[str, object] = {"name": name_of(name)} if name else {}
    if description is not None:
        given["description"] = description
    if default:
        given["defaults"] = {k: value_of(v) for k, v in pairs(default, "--default").items()}
    if tag:
        given["tags"] = pairs(tag, "--tag")
    content = read_bytes(file) if file else b"{}"
    found = read_project(content, Path(file).name if file else "given.json", given=given)
    if found.project is None or not as_json:
        stop_if_blocked(found.issues)
    if found.project is None:
        return
    with opened() as store:
        made = found.project
        if template is not None:
            own = made.model_dump(exclude_defaults=True)
            made = Project.model_validate({**shared_by(store, template), **own})
        saved = create_project(store, made)
    show.answer(
        run_report.report("project", project=run_report.project_json(saved)),
        lambda: show_runs.say(f"Made the project {saved.project.name} ({saved.project.slug})."),
        as_json=as_json,
    )


@app.command("list")
def list_(
    archived: Annotated[bool, typer.Option("--archived", help="Archived ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the projects, newest first; a star marks the one in use."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import active_project, list_experiments, list_projects

    with opened() as store:
        projects = list_projects(store, archived=archived)
        active = active_project(store)
        owners = [saved.experiment.project_slug for saved in list_experiments(store)]
    show.answer(
        run_report.report(
            "project_list",
            active=active,
            projects=[run_report.project_json(saved) for saved in projects],
        ),
        lambda: show_runs.show_projects(projects, active, owners),
        as_json=as_json,
    )


@app.command("show")
def show_(name: Name, as_json: AsJson = False) -> None:
    """Show a project with its defaults, limits and experiments."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import list_experiments, load_project

    with opened() as store:
        saved = load_project(store, name)
        experiments = list_experiments(store, saved.project.slug)
    show.answer(
        run_report.report(
            "project",
            project=run_report.project_json(saved),
            experiments=[run_report.experiment_json(each) for each in experiments],
        ),
        lambda: show_runs.show_project(saved, experiments),
        as_json=as_json,
    )


@app.command("use")
def use(name: Name, as_json: AsJson = False) -> None:
    """Make a project the one that commands mean when they name none."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import use_project

    with opened() as store:
        saved = use_project(store, name)
    show.answer(
        run_report.report("project", project=run_report.project_json(saved)),
        lambda: show_runs.say(f"In use: {saved.project.name}."),
        as_json=as_json,
    )


@app.command("change")
def change(
    name: Name,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="YAML or JSON; - for input.")
    ] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    default: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    constraint: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="budget_usd=50. Repeatable.")
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="min_score=0.7. Repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change what a project shares: what is named takes the place of what was there.

    NAME=null takes one away. Lists and objects are written as JSON.
    """
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import change_project, load_project

    with opened() as store:
        now = load_project(store, name).project
        changes: dict[str, object] = _from_file(file, now.name) if file else {}
        if description is not None:
            changes["description"] = description
        for field, option, texts in (
            ("defaults", "--default", default),
            ("constraints", "--constraint", constraint),
            ("quality", "--limit", limit),
        ):
            if texts:
                known = changes.get(field, getattr(now, field))
                changes[field] = _merged(known, pairs(texts, option))
        saved = change_project(store, name, **changes)
    show.answer(
        run_report.report("project", project=run_report.project_json(saved)),
        lambda: show_runs.say(f"Changed: {saved.project.name}."),
        as_json=as_json,
    )


@app.command("archive")
def archive(name: Name, as_json: AsJson = False) -> None:
    """Take a project out of the lists; `project restore` brings it back."""
    _change(name, "archived", "Archived", as_json=as_json)


@app.command("restore")
def restore(name: Name, as_json: AsJson = False) -> None:
    """Bring an archived project back."""
    _change(name, "active", "Restored", as_json=as_json)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a project file."""
    from experimentos.cli import show_runs
    from experimentos.runs.documents import Project

    show_runs.print_schema(Project)


def _from_file(file: str, name: str) -> dict[str, object]:
    from experimentos.cli.inputs import read_bytes
    from experimentos.flows.projects import CHANGEABLE
    from experimentos.runs.experiment_file import read_project

    found = read_project(read_bytes(file), Path(file).name, given={"name": name})
    stop_if_blocked(found.issues)
    if found.project is None:
        raise typer.Exit(1)
    return {each: getattr(found.project, each) for each in CHANGEABLE}


def _merged(known: object, given: dict[str, str]) -> dict[str, object]:
    import json

    from experimentos.runs.experiment_file import value_of

    merged: dict[str, object] = dict(known) if isinstance(known, dict) else {}
    for name, text in given.items():
        if text == "null":
            merged.pop(name, None)
            continue
        try:
            merged[name] = json.loads(text) if text[:1] in "[{" else value_of(text)
        except ValueError as exc:
            raise typer.BadParameter(f"{text!r} is no JSON.", param_hint=name) from exc
    return merged


def _change(name: str, status: str, said: str, *, as_json: bool) -> None:
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.projects import change_project

    with opened() as store:
        saved = change_project(store, name, status=status)
    show.answer(
        run_report.report("project", project=run_report.project_json(saved)),
        lambda: show_runs.say(f"{said}: {saved.project.name}."),
        as_json=as_json,
    )
