"""How the parts of a design are told apart: colour, icon and word together."""

from collections.abc import Sequence

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


def class_words(name: str) -> str:
    """Return the class of a design as people write it."""
    return "A/B test" if name == "ab_test" else fmt.words(name)


def icon_name(kind: str) -> str:
    """Return the icon of a kind as the icon font names it."""
    return TONES[kind][1].removeprefix(":material/").removesuffix(":")


def level_line(labels: Sequence[str], unit: str | None, size: int | None = None) -> str:
    """Return levels with their unit in Markdown, a long list cut short with its number."""
    shown = ", ".join(fmt.plain(label) for label in labels[:MOST_LABELS])
    more = f" and {len(labels) - MOST_LABELS:,} more" if len(labels) > MOST_LABELS else ""
    if not labels:
        shown = f"{size:,} of them" if size else "*no levels yet*"
    return f"{shown}{more}" + (f" {fmt.plain(unit)}" if unit else "")
