"""What "Result in ug/L" is a result of: the substance that a text says is looked for."""

from collections.abc import Iterator

from experimentos.design.parse.lexicon import pattern
from experimentos.design.parse.measured import Measured, measured_phrase
from experimentos.design.parse.text import Text

LOOKED_FOR = pattern("analyte_looked_for")


def analyte(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield the result that is told between two tokens, named by what the text looks for."""
    said = LOOKED_FOR.search(text.lower)
    _, family, _, _ = measured_phrase(text, first, last, sure=True) or ("", "normal", 0, 0)
    name = said.group("name") if said else text.words(first, first).lower()
    yield Measured(name, family, first, last, confidence)
