"""What a fraction cannot tell apart, in the names of its factors."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.design.aliases import Alias, alias_table, resolution
from experimentos.design.document import ExperimentDescription
from experimentos.errors import DesignError

ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII", 9: "IX", 10: "X"}
MOST_FACTORS = 16
MEANS = {
    3: "main effects share their column with two-factor interactions",
    4: "main effects are clear of two-factor interactions, which share columns with one another",
}
PLACKETT_BURMAN = (
    "Plackett-Burman: each main effect is mixed in part with the two-factor interactions of the "
    "other factors. It screens main effects, when interactions are small."
)
FRACTIONS = frozenset({"fraction", "plackett_burman"})
CLEAR = "main effects and two-factor interactions are clear of one another"


@dataclass(frozen=True, slots=True)
class AliasView:
    """The aliases of a design matrix, up to two-factor interactions.

    Attributes
    ----------
    resolution : str
        Roman; "" for a full factorial and for matrices without one.
    sentence : str
        What it means.
    rows : tuple[tuple[str, str], ...]
        An effect, and what cannot be told apart from it.
    """

    resolution: str
    sentence: str
    rows: tuple[tuple[str, str], ...]


def aliases_of(document: ExperimentDescription) -> AliasView | None:
    """Return the alias table of a fraction or a Plackett-Burman design, None for other designs."""
    matrix = document.matrix
    if matrix is None or matrix.form not in FRACTIONS or len(matrix.factor_ids) > MOST_FACTORS:
        return None
    names = {f.id: f.name for f in document.factors}
    try:
        rows = tuple(_named(group, names) for group in alias_table(matrix))
        if matrix.form == "plackett_burman":
            return AliasView("", PLACKETT_BURMAN, rows)
        found = resolution(matrix)
    except DesignError:
        return None
    if found is None:
        return AliasView("", "Every combination is run: nothing is aliased.", rows)
    named = ROMAN.get(found, str(found))
    return AliasView(named, f"Resolution {named}: {MEANS.get(found, CLEAR)}.", rows)


def _named(group: Alias, names: Mapping[str, str]) -> tuple[str, str]:
    first, *others = (" x ".join(names.get(i, i) for i in effect) for effect in group.effects)
    return first, ", ".join(others)
