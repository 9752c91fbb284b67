"""Extractor for sex, which is told by its levels: "40 males and 40 females"."""

from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import pattern
from experimentos.design.parse.text import Text

SPLIT = pattern("sexes_split")
NAMES = (("male", "female"), ("man", "woman"), ("boy", "girl"), ("ram", "ewe"))


def sexes(text: Text) -> Iterator[Candidate]:
    """Yield sex as a block when the text counts or randomises within each sex."""
    match = SPLIT.search(text.lower)
    pair = next((names for names in NAMES if all(n in text.lemmas for n in names)), None)
    if match is None or pair is None:
        return
    i = min(text.token_from(match.start()), len(text.tokens) - 1)
    last = max(i, min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1))
    yield Candidate("sex", "blocking", i, last, "square", 0.7, pair, None, 2)
