"""Projects and experiments for scripts and notebooks: the calls that the command line makes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from experimentos.errors import ContractError
from experimentos.flows import projects as flow
from experimentos.flows.past_runs import runs_of
from experimentos.flows.run_matrix import Asked, Batch, execute, plan_runs
from experimentos.flows.samples import SampleAnalysis
from experimentos.flows.variant_samples import analyze_variants
from experimentos.flows.variants import compare_experiment, export_text
from experimentos.runs.documents import Experiment as ExperimentDocument
from experimentos.runs.documents import Parameter, Run
from experimentos.runs.documents import Project as ProjectDocument
from experimentos.runs.expand import RunPlan
from experimentos.runs.run_groups import RunComparison
from experimentos.store.port import Store
from experimentos.wiring import open_runner, open_store


class Variant:
    """One way of doing it: a name and the parameters that differ.

    Examples
    --------
    >>> Variant("low", temperature=0.3).parameters
    {'temperature': 0.3}
    """

    def __init__(self, name: str, description: str = "", **parameters: Parameter) -> None:
        self.name = name
        self.description = description
        self.parameters = parameters

    def __repr__(self) -> str:
        return f"Variant({self.name!r}, {self.parameters})"


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a history.

    Attributes
    ----------
    document : runs.documents.Project
    """

    document: ProjectDocument
    _store: Store | None = field(default=None, repr=False)

    @classmethod
    def create(cls, name: str, *, store: Store | None = None, **fields: Any) -> "Project":
        """Make a project.

        Parameters
        ----------
        name
        store
            A history that is open; left out, that of the workspace, for the length of each call.
        **fields
            Those of the document: description, defaults, constraints, quality, tags.

        Raises
        ------
        ContractError
            If a field is wrong or the name is taken.
        """
        document = _validated(ProjectDocument, {"name": name, **fields})
        with _open(store) as opened:
            return cls(flow.create_project(opened, document).project, store)

    @classmethod
    def load(cls, name: str, *, store: Store | None = None) -> "Project":
        """Return a project by its name or short name; NotFound names those that are near."""
        with _open(store) as opened:
            return cls(flow.load_project(opened, name).project, store)

    @property
    def name(self) -> str:
        """Return the name."""
        return self.document.name

    def create_experiment(
        self, name: str, variants: Sequence[Variant], *, baseline: str | None = None, **fields: Any
    ) -> "Experiment":
        """Make an experiment of this project.

        Parameters
        ----------
        name
        variants
            Two or more.
        baseline
            Name of one of them; the first if left out.
        **fields
            Those of the document: entry_point, hypothesis, defaults, evaluation, execution, ...
        """
        listed = [
            {"name": v.name, "description": v.description, "parameters": v.parameters}
            for v in variants
        ]
        first = variants[0].name if variants else ""
        document = _validated(
            ExperimentDocument,
            {
                "name": name,
                "project": self.document.name,
                "variants": listed,
                "baseline": baseline or first,
                **fields,
            },
        )
        with _open(self._store) as opened:
            return Experiment(flow.create_experiment(opened, document).experiment, self._store)

    def experiment(self, name: str) -> "Experiment":
        """Return an experiment of this project."""
        return Experiment.load(name, project=self.document.slug, store=self._store)


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment of a history.

    Attributes
    ----------
    document : runs.documents.Experiment
    """

    document: ExperimentDocument
    _store: Store | None = field(default=None, repr=False)

    @classmethod
    def load(
        cls, name: str, *, project: str | None = None, store: Store | None = None
    ) -> "Experiment":
        """Return an experiment by its name or `project/name`; NotFound names those near."""
        with _open(store) as opened:
            return cls(flow.load_experiment(opened, name, project).experiment, store)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Return the variants."""
        return tuple(Variant(v.name, v.description, **v.parameters) for v in self.document.variants)

    def plan(
        self, repeats: int = 1, variants: Sequence[str] = (), *, code: str | Path = "."
    ) -> RunPlan:
        """Return what `run` would execute, with its count and cost."""
        asked = Asked(repeats, tuple(variants))
        with _open(self._store) as opened:
            return plan_runs(opened, self._place, asked, code=Path(code).resolve())

    def run(
        self,
        repeats: int = 1,
        variants: Sequence[str] = (),
        *,
        code: str | Path = ".",
        resume: bool = False,
        retry: bool = False,
    ) -> Batch:
        """Execute so many new runs of each variant, in child processes with your own rights.

        Parameters
        ----------
        code
            Folder of the entry point; data sources and a file of scenarios are relative to it.
        resume, retry
            Instead of new runs, what was left undone; with `retry` what failed as well.
        """
        asked = Asked(repeats, tuple(variants), resume, retry)
        with _open(self._store, stays=True) as opened:
            plan = plan_runs(opened, self._place, asked, code=Path(code).resolve())
            return execute(opened, open_runner(), plan, Path(code).resolve())

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, newest first."""
        with _open(self._store) as opened:
            return runs_of(opened, flow.load_experiment(opened, self._place))

    def compare(
        self, metrics: Sequence[str] = (), adjustment: str = "holm", pairing: str = "auto"
    ) -> RunComparison:
        """Compare the variants with the baseline by their completed runs.

        Parameters
        ----------
        metrics
            The first one ranks; all if left out.
        adjustment
            "holm", "bh", ... or "none".
        pairing
            "auto", "paired" (same repeat, seed and data) or "unpaired".
        """
        with _open(self._store) as opened:
            saved = flow.load_experiment(opened, self._place)
            return compare_experiment(opened, saved, metrics, adjustment, pairing)

    def compare_samples(self, adjustment: str = "holm") -> SampleAnalysis:
        """Compare what the variants were answered, paired by scenario; for one that asks models."""
        with _open(self._store) as opened:
            saved = flow.load_experiment(opened, self._place)
            return analyze_variants(opened, saved, adjustment)

    def export(self, path: str | Path) -> Path:
        """Write the experiment with its runs and their comparison to a .json or .csv file."""
        target = Path(path)
        with _open(self._store) as opened:
            saved = flow.load_experiment(opened, self._place)
            text = export_text(opened, saved, target.suffix.removeprefix("."))
        target.write_text(text, "utf-8")
        return target

    @property
    def _place(self) -> str:
        return f"{self.document.project_slug}/{self.document.slug}"


@contextmanager
def _open(store: Store | None, *, stays: bool = False) -> Iterator[Store]:
    if store is not None:
        yield store
        return
    opened = open_store(serve=stays)
    try:
        yield opened
    finally:
        opened.close()


def _validated[D: BaseModel](schema: type[D], fields: Mapping[str, Any]) -> D:
    try:
        return schema.model_validate(fields)
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ContractError(
            f"{place or schema.__name__}: {problem['msg']}.", hint="docs/runs.md has every field."
        ) from exc
