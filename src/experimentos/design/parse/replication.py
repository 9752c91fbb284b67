"""How often each treatment is applied, to what, and how often each unit is measured."""

import math
import re
from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.draft import Replication
from experimentos.design.parse.lexicon import pattern
from experimentos.design.parse.text import NUMBER_WORDS, Text

PER_CELL = pattern("classify_per_cell")
REPLICATES = pattern("classify_replicates")
TECHNICAL = pattern("classify_technical")
SINGLE = re.compile(r"single replicate|one replicate|unreplicated|once each")
MULTIPLE = {"duplicate": 2, "triplicate": 3, "quadruplicate": 4}


def replication(text: Text, factors: Sequence[Candidate], unit: str | None) -> Replication:
    """Return replicates per cell, technical repeats and the total, as far as the text says."""
    cells = math.prod(f.size for f in factors if f.kind == "treatment" and f.size)
    total = _total(text.lower, unit) if unit else None
    per_cell = _per_cell(text.lower)
    if per_cell is None:
        per_cell = next((f.size for f in factors if f.kind == "blocking" and f.size), None)
    if per_cell is None and total and cells > 1 and total % cells == 0:
        per_cell = total // cells
    return Replication(per_cell, unit, _technical(text.lower), total)


def _per_cell(lower: str) -> int | None:
    if SINGLE.search(lower):
        return 1
    for cue in (PER_CELL, REPLICATES):
        for match in cue.finditer(lower):
            number = _as_number(match.group("n"))
            if number is not None:
                return number
    return None


def _technical(lower: str) -> int | None:
    match = TECHNICAL.search(lower)
    if match is None:
        return None
    word = (match.group("a") or match.group("b") or "").rstrip("s")
    return MULTIPLE.get(word) or _as_number(match.group("n") or "")


def _total(lower: str, unit: str) -> int | None:
    counted = re.compile(rf"\b(\d[\d,]*k?|[a-z]+) (?:[a-z]+ )?{re.escape(unit)}(?:s|es)?\b")
    numbers = (_as_number(match.group(1)) for match in counted.finditer(lower))
    return max((n for n in numbers if n), default=None)


def _as_number(word: str) -> int | None:
    word = word.replace(",", "")
    if word.endswith("k") and word[:-1].isdecimal():
        return int(word[:-1]) * 1000
    return int(word) if word.isdecimal() else NUMBER_WORDS.get(word)
