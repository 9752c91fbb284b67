"""How the parts of a design are told apart: colour, icon and word together."""

from collections.abc import Sequence

from experimentos.design.parts import Factor
from experimentos.ui import format as fmt

TONES = {
    "treatment": ("blue", ":material/science:"),
    "nuisance": ("gray", ":material/blur_on:"),
    "blocking": ("green", ":material/grid_view:"),
    "covariate": ("orange", ":material/straighten:"),
    "response": ("violet", ":material/monitoring:"),
    "unit": ("yellow", ":material/scatter_plot:"),
    "left out": ("red", ":material/block:"),
}
MOST_LABELS = 12


def kind_badge(kind: str) -> str:
    """Return a Markdown badge for a kind of part."""
    tone, icon = TONES[kind]
    return f":{tone}-badge[{icon} {fmt.words(kind)}]"


def level_line(labels: Sequence[str], unit: str | None, size: int | None = None) -> str:
    """Return levels with their unit in Markdown, a long list cut short with its number."""
    shown = ", ".join(fmt.plain(label) for label in labels[:MOST_LABELS])
    more = f" and {len(labels) - MOST_LABELS:,} more" if len(labels) > MOST_LABELS else ""
    if not labels:
        shown = f"{size:,} of them" if size else "*no levels yet*"
    return f"{shown}{more}" + (f" {fmt.plain(unit)}" if unit else "")


def factor_line(factor: Factor, size: int | None) -> str:
    """Return what a card says of a factor's levels."""
    if factor.kind == "covariate" and not factor.levels:
        return f"in {fmt.plain(factor.unit)}" if factor.unit else "*no unit yet*"
    return level_line([level.label for level in factor.levels], factor.unit, size)
