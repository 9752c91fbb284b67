"""Extractors for the blocks of Latin squares, of matched pairs and of periods."""

import re
from collections.abc import Iterator, Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import OCCASIONS
from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.mention import Mention, totals
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.text import NUMBER_WORDS, Text

SQUARE = pattern("groups_square")
ORDER = pattern("groups_order")
PERIODS = pattern("groups_periods")
PAIRED = pattern("groups_paired")
STAND_FOR = pattern("groups_stand_for")
COMPLETE_BLOCKS = pattern("groups_complete_blocks")
REPS = frozenset({"rep", "replicate", "replication"})
GRID = re.compile(r"(\d{1,2}) ?(?:x|by) ?(\d{1,2})")


def square_blocks(text: Text, found: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield what the rows and columns of a Latin square stand for."""
    said = SQUARE.search(text.lower)
    i = text.token_ending_after(said.start()) if said else 0
    if said is None or text.says(ORDER, min(i, len(text.tokens) - 1)):
        return
    grid = GRID.search(text.lower)
    size = int(grid.group(1)) if grid and grid.group(1) == grid.group(2) else None
    stand = [m for m in STAND_FOR.finditer(text.lower) if m.group("noun") not in lexicon().stop]
    for noun in {"row", "column"} - {m.group("side") for m in stand}:
        if noun in text.lemmas:
            i = text.lemmas.index(noun)
            told = size or count_at(text, i - 1)
            yield Candidate(noun, "blocking", i, i, "square", 0.85, (), None, told)
    for match in stand:
        i = text.token_from(match.start("noun"))
        yield Candidate(text.lemma(i), "blocking", i, i, "square", 0.8, (), None, size)
    counts = totals(found)
    for m in found:
        count = counts.get(m.noun)
        if _is_side(m, count, size):
            shown = count if m.kind == "person" else size
            yield Candidate(m.noun, "blocking", m.first, m.last, "square", 0.8, (), None, shown)


def _is_side(m: Mention, count: int | None, size: int | None) -> bool:
    """Return whether there are as many of these as the square has rows."""
    if m.count is not None and m.count == size:
        return not m.per_cell
    if m.kind == "person":
        return m.count is not None and m.count == count and m.count % (size or 1) == 0
    return m.noun in OCCASIONS or (m.noun in TIMES and count is not None and count == size)


def complete_blocks(text: Text, found: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield the block of "randomised complete blocks, 4 reps", where blocks are not counted."""
    match = COMPLETE_BLOCKS.search(text.lower)
    if match is None or any(m.noun.endswith("block") and m.count for m in found):
        return
    reps = next((m for m in found if m.noun in REPS and m.count), None)
    if reps is not None:
        i = min(text.token_from(match.start()), len(text.tokens) - 1)
        last = max(i, min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1))
        yield Candidate("block", "blocking", i, last, "square", 0.8, (), None, reps.count)


def periods(text: Text, _: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield the periods of a "two-period" study."""
    match = PERIODS.search(text.lower)
    if match is not None:
        i, word = text.token_ending_after(match.start()), match.group("n")
        count = NUMBER_WORDS.get(word) or int(word)
        yield Candidate("period", "blocking", i, i, "square", 0.75, (), None, count)


def pairs(text: Text, found: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield the pairs of "pair them up on last year's turnover" and "matched in pairs"."""
    match = PAIRED.search(text.lower)
    if match is None or any(m.noun.endswith("pair") and m.count for m in found):
        return
    i = min(text.token_from(match.start()), len(text.tokens) - 1)
    last = max(i, min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1))
    first, end = text.sentence_of(i)
    sizes = [m.count for m in found if m.count and first <= m.first < end and m.noun not in TIMES]
    count = sizes[0] // 2 if sizes and sizes[0] % 2 == 0 else None
    yield Candidate("pair", "blocking", i, last, "square", 0.75, (), None, count)
