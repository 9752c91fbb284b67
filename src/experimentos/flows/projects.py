"""Projects and experiments in the store: made, listed, changed, archived."""

import difflib
import re
from dataclasses import dataclass, replace
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from experimentos.errors import Conflict, ContractError, NotFound, StoreError
from experimentos.ids import named_id
from experimentos.runs.constraints import malformed
from experimentos.runs.documents import Experiment, Project, slug_of
from experimentos.runs.strict import NAME
from experimentos.store.port import Query, Record, Store, new_record

PROJECT, EXPERIMENT, SETTING = "project", "experiment", "setting"
ACTIVE = "active_project"
PAGE = 500
SHARED = ("description", "defaults", "constraints", "quality", "tags")
CHANGEABLE = (*SHARED, "status")


@dataclass(frozen=True, slots=True)
class SavedProject:
    """A project and its record."""

    project: Project
    record: Record


@dataclass(frozen=True, slots=True)
class SavedExperiment:
    """An experiment and its record."""

    experiment: Experiment
    record: Record


def create_project(store: Store, project: Project) -> SavedProject:
    """Save a new project.

    Raises
    ------
    ContractError
        If its short name is taken, or a constraint is not written as it must be.
    """
    _check_constraints(project)
    taken = _stored(store, PROJECT, project.slug)
    if taken is not None:
        raise ContractError(
            f"There is a project {taken.title!r} already ({project.slug}).",
            hint="Choose another name, or use that project.",
        )
    return SavedProject(project, _save(store, PROJECT, project.slug, project, {}))


def shared_by(store: Store, name: str) -> dict[str, Any]:
    """Return what a new project takes over from another one, such as a template."""
    project = load_project(store, name).project
    return {field: getattr(project, field) for field in SHARED}


def load_project(store: Store, name: str) -> SavedProject:
    """Return the project of this name or short name; NotFound names those that are near."""
    record = _stored(store, PROJECT, slug_of(name))
    if record is None:
        raise _absent(PROJECT, name, [saved.project.slug for saved in list_projects(store)])
    return SavedProject(_document(Project, record), record)


def list_projects(store: Store, *, archived: bool = True) -> list[SavedProject]:
    """Return the projects, newest first."""
    found = [SavedProject(_document(Project, r), r) for r in _all(store, PROJECT, {})]
    return [saved for saved in found if archived or saved.project.status != "archived"]


def change_project(store: Store, name: str, **changes: Any) -> SavedProject:
    """Change fields of a project, such as its status; its name stays."""
    saved = load_project(store, name)
    project = _changed(saved.project, changes)
    if "constraints" in changes:
        _check_constraints(project)
    return SavedProject(project, _save(store, PROJECT, project.slug, project, {}, saved.record))


def project_text(project: Project) -> str:
    """Return what of a project may be changed, as YAML."""
    fields = project.model_dump(mode="json", include=set(CHANGEABLE))
    return yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)


def create_experiment(
    store: Store, experiment: Experiment, *, make_project: bool = False
) -> SavedExperiment:
    """Save a new experiment in its project.

    Parameters
    ----------
    make_project
        Make the project when there is none, unless its name is nearly that of another.

    Raises
    ------
    ContractError
        If the project is archived, or has an experiment of this short name.
    NotFound
        If there is no such project.
    """
    project = _project_for(store, experiment, make=make_project)
    if project.status == "archived":
        raise ContractError(
            f"The project {project.name} is archived.", hint="Restore it, or choose another."
        )
    place = f"{project.slug}/{experiment.slug}"
    if _stored(store, EXPERIMENT, place) is not None:
        raise ContractError(
            f"The project {project.name} has an experiment {experiment.slug} already.",
            hint="Choose another name; a changed experiment is a new one.",
        )
    record = _save(store, EXPERIMENT, place, experiment, {"project": project.slug})
    return SavedExperiment(experiment, record)


def load_experiment(store: Store, name: str, project: str | None = None) -> SavedExperiment:
    """Return an experiment by its name, `project/name`, or its name in one project.

    Raises
    ------
    NotFound
        If there is none, or several projects have one of this name.
    """
    owner, _, own = name.rpartition("/")
    owner = slug_of(owner or project or "")
    listed = list_experiments(store, owner or None)
    found = [saved for saved in listed if saved.experiment.slug == slug_of(own)]
    if len(found) > 1:
        projects = ", ".join(f"{s.experiment.project_slug}/{s.experiment.slug}" for s in found)
        raise NotFound(
            f"Several projects have an experiment {name!r}.", hint=f"Write one of {projects}."
        )
    if not found:
        raise _absent(EXPERIMENT, name, [saved.experiment.slug for saved in listed])
    return found[0]


def list_experiments(store: Store, project: str | None = None) -> list[SavedExperiment]:
    """Return the experiments of a project, or all, newest first."""
    facets = {"project": project} if project else {}
    return [
        SavedExperiment(_document(Experiment, record), record)
        for record in _all(store, EXPERIMENT, facets)
    ]


def change_experiment(store: Store, saved: SavedExperiment, **changes: Any) -> SavedExperiment:
    """Change fields of an experiment, such as its status; its name and project stay."""
    experiment = _changed(saved.experiment, changes)
    if experiment == saved.experiment:
        return saved
    place = f"{experiment.project_slug}/{experiment.slug}"
    facets = {"project": experiment.project_slug}
    record = _save(store, EXPERIMENT, place, experiment, facets, saved.record)
    return SavedExperiment(experiment, record)


def use_project(store: Store, name: str) -> SavedProject:
    """Make a project the one that commands mean when they name none."""
    saved = load_project(store, name)
    known = _stored(store, SETTING, ACTIVE)
    body = {"project": saved.project.slug}
    fresh = new_record(SETTING, "Active project", body, id=named_id(SETTING, ACTIVE))
    store.save(fresh if known is None else replace(known, body=body))
    return saved


def active_project(store: Store) -> str | None:
    """Return the short name of the project in use, None for none."""
    known = _stored(store, SETTING, ACTIVE)
    return None if known is None else str(known.body["project"])


def name_of(text: str) -> str:
    """Return a name as documents allow it; ContractError says what is wrong with it."""
    if re.fullmatch(NAME, text.strip()) is None:
        raise ContractError(
            f"{text[:80]!r} cannot be a name.",
            hint="Use 1 to 64 letters, digits, spaces, dots, dashes and underscores, beginning "
            "with a letter or digit.",
        )
    return text.strip()


def _project_for(store: Store, experiment: Experiment, *, make: bool) -> Project:
    try:
        return load_project(store, experiment.project).project
    except NotFound:
        slugs = [saved.project.slug for saved in list_projects(store)]
        near = difflib.get_close_matches(experiment.project_slug, slugs, cutoff=0.8)
        if not make or near:
            raise
    return create_project(store, Project(name=experiment.project)).project


def _check_constraints(project: Project) -> None:
    for issue in malformed(project.constraints):
        raise ContractError(issue.message, hint=issue.fix)


def _changed[D: BaseModel](document: D, changes: dict[str, Any]) -> D:
    try:
        return type(document).model_validate({**document.model_dump(), **changes})
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise ContractError(f"{field}: {problem['msg']}.") from exc


def _stored(store: Store, kind: str, name: str) -> Record | None:
    try:
        return store.load(kind, named_id(kind, name))
    except NotFound:
        return None


def _all(store: Store, kind: str, facets: dict[str, str]) -> list[Record]:
    found: list[Record] = []
    query = Query(kind, facets=facets, limit=PAGE)
    while page := store.find(query):
        found += page
        query = replace(query, before=page[-1].id)
        if len(page) < PAGE:
            break
    return sorted(found, key=lambda record: record.created_at, reverse=True)


def _save(
    store: Store,
    kind: str,
    name: str,
    document: Project | Experiment,
    facets: dict[str, str],
    before: Record | None = None,
) -> Record:
    body = document.model_dump(mode="json")
    said = {**facets, "slug": document.slug, "status": document.status}
    if before is not None:
        return store.save(replace(before, body=body, facets=said, title=document.name))
    fresh = new_record(kind, document.name, body, facets=said, id=named_id(kind, name))
    try:
        return store.save(fresh)
    except Conflict as exc:
        raise ContractError(
            f"Somebody else made the {kind} {document.slug} at this moment.",
            hint="Open theirs, or choose another name.",
        ) from exc


def _document[D: BaseModel](schema: type[D], record: Record) -> D:
    try:
        return schema.model_validate(record.body)
    except ValidationError as exc:
        raise StoreError(
            f"The {record.kind} {record.title!r} was saved by another version and cannot be read.",
            hint="Update ExperimentOS.",
        ) from exc


def _absent(kind: str, name: str, known: list[str]) -> NotFound:
    near = difflib.get_close_matches(slug_of(name.rpartition("/")[2]), known, n=3, cutoff=0.5)
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    elif known:
        hint = f"There are {', '.join(known[:10])}."
    else:
        hint = f"Make one with experimentos {kind} create."
    return NotFound(f"There is no {kind} {name[:80]!r}.", hint=hint)
