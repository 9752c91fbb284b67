"""What a rule reads and what it finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from experimentos.design.anatomy import Anatomy, anatomy
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Edit, Patch, Update
from experimentos.design.names import counted
from experimentos.design.parts import Allotment, Factor, UnitLevel
from experimentos.design.table import DesignTable, expand
from experimentos.errors import DesignError

SEED = 1


class Severity(StrEnum):
    """How much a finding matters: an error blocks model code, a warning asks for a reason."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Context:
    """A design with what the rules share, computed once.

    Attributes
    ----------
    document : ExperimentDescription
    table : DesignTable | None
        None when it cannot be expanded yet.
    anatomy : Anatomy | None
    obstacle : str
        Why there is no table.
    """

    document: ExperimentDescription
    table: DesignTable | None
    anatomy: Anatomy | None
    obstacle: str = ""

    @property
    def drawn(self) -> Iterator[tuple[Factor, Allotment, UnitLevel]]:
        """Yield every treatment with its allotment and the unit it is applied to."""
        for factor in self.document.treatments:
            allotment = self.document.allotment(factor.id)
            unit = self.document.unit(allotment.unit_id) if allotment else None
            if allotment is not None and unit is not None:
                yield factor, allotment, unit


def context(document: ExperimentDescription, *, seed: int = SEED) -> Context:
    """Return a design with its table and anatomy, as far as they exist."""
    try:
        table = expand(document, seed)
    except DesignError as exc:
        return Context(document, None, None, exc.message)
    return Context(document, table, anatomy(table))


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule saw, before the rule puts its name and idea to it."""

    severity: Severity
    subjects: tuple[str, ...]
    message: str
    fixes: tuple[Patch, ...] = ()
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a design, or advice.

    Attributes
    ----------
    rule : str
        R01 to R46.
    severity : Severity
    subjects : tuple[str, ...]
        Ids of the parts it speaks of; the first is the card that shows it.
    message : str
        What was found, naming the factor.
    why : str
        The idea behind the rule.
    fixes : tuple[Patch, ...]
        Each removes this finding when applied; none when only the scientist can answer.
    evidence : str
        Numbers behind it.
    """

    rule: str
    severity: Severity
    subjects: tuple[str, ...]
    message: str
    why: str
    fixes: tuple[Patch, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class DesignRule:
    """One validation rule.

    Attributes
    ----------
    name : str
        R01 to R46.
    title : str
        What it looks for.
    why : str
        The idea behind it, one or two sentences with their source.
    look : callable
        Pure: a context to what was found.
    """

    name: str
    title: str
    why: str
    look: Callable[[Context], Iterable[Found]]

    def __call__(self, given: Context) -> Iterator[Finding]:
        """Yield the findings of this rule."""
        for f in self.look(given):
            yield Finding(
                self.name, f.severity, f.subjects, f.message, self.why, f.fixes, f.evidence
            )


def error(*subjects: str, message: str, fixes: Iterable[Patch] = ()) -> Found:
    """Return an error about some parts."""
    return Found(Severity.ERROR, subjects, message, tuple(fixes))


def warning(*subjects: str, message: str, fixes: Iterable[Patch] = ()) -> Found:
    """Return a warning about some parts."""
    return Found(Severity.WARNING, subjects, message, tuple(fixes))


def info(*subjects: str, message: str, fixes: Iterable[Patch] = ()) -> Found:
    """Return advice about some parts."""
    return Found(Severity.INFO, subjects, message, tuple(fixes))


def fix(title: str, *edits: Edit) -> Patch:
    """Return a patch with the words of its button."""
    return Patch.model_validate({"title": title, "edits": edits})


def more_units(document: ExperimentDescription, unit: UnitLevel, count: int) -> Patch:
    """Return the patch that gives a unit level another count: "Use 18 mice instead of 12"."""
    above = document.unit(unit.parent)
    title = f"Use {counted(count, unit.name, unit.plural)}"
    if above is not None:
        title += f" in each {above.name}"
    if isinstance(unit.count, int):
        title += f" instead of {unit.count:,}"
    return fix(title, Update(part="units", id=unit.id, fields={"count": count}))
