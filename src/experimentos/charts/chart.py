"""A picture for the screen: a Vega-Lite specification and what it shows in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

# Mid-tones of the Okabe-Ito palette: at least 3 to 1 against white and against a near-black page,
# and told apart by people who see red and green alike. Shape and words say the same again.
BETTER = "#2b7bba"
WORSE = "#c8641b"
UNCLEAR = "#7d848d"
PALETTE: Mapping[str, str] = MappingProxyType(
    {"better": BETTER, "worse": WORSE, "unclear": UNCLEAR}
)

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

type Spec = dict[str, object]

# Above the picture, in two columns where one line of words would be cut off, as on a phone.
LEGEND: Spec = {"title": None, "orient": "top", "columns": {"expr": "width < 320 ? 2 : 4"}}
type Values = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart without a library.

    Attributes
    ----------
    spec : dict[str, object]
        A Vega-Lite specification with its values inline; text colours are left to the theme.
    alt : str
        The finding in words, for readers who do not see the picture.
    """

    spec: dict[str, object]
    alt: str


def layered(values: Values, layers: Sequence[Mapping[str, object]], alt: str) -> Chart:
    """Return a chart of layers over the same values, as wide as its place."""
    spec: Spec = {
        "$schema": SCHEMA,
        "width": "container",
        "data": {"values": list(values)},
        "layer": list(layers),
    }
    return Chart(spec, alt)
