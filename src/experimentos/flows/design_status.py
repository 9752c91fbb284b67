"""How a design stands, in the few words that a list and a status bar have room for."""

from dataclasses import dataclass
from functools import lru_cache

from experimentos.design.derive import design_class
from experimentos.design.document import ExperimentDescription
from experimentos.design.rules import Severity, validate_design

MOST_NAMES = 6
MOST_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules make of a design.

    Attributes
    ----------
    design_class : str
        As computed: "RCBD", "split_plot", ...
    errors, warnings : int
    """

    design_class: str
    errors: int
    warnings: int

    @property
    def word(self) -> str:
        """Return "blocked" with an error, "open" with a warning, "ready" with neither."""
        if self.errors:
            return "blocked"
        return "open" if self.warnings else "ready"


@lru_cache(maxsize=64)
def standing(document: ExperimentDescription) -> Standing:
    """Return how a design stands; warnings that were accepted with a reason do not count."""
    found = [f.severity for f in validate_design(document)]
    return Standing(
        design_class(document), found.count(Severity.ERROR), found.count(Severity.WARNING)
    )


def preview(document: ExperimentDescription) -> str:
    """Return what a card says of a design: its factors, then what is measured."""
    names = [f.name for f in document.factors]
    shown = ", ".join(names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    measured = ", ".join(r.name for r in document.responses[:2])
    text = f"{shown}{more}" + (f" on {measured}" if measured else "")
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 3]}..."
