"""The design class, the unit of randomisation and the replication that a text suggests."""

import re
from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import is_response_surface
from experimentos.design.parse.lexicon import group_kind
from experimentos.design.parse.text import NUMBER_WORDS, Text, singular

KEYWORDS = (
    ("latin_square", r"latin[- ]square|graeco[- ]latin"),
    ("strip_plot", r"strip[- ]plot|strip[- ]split|criss[- ]cross|horizontal strips"),
    ("split_plot", r"split[- ]plot|whole[- ]plots?|sub[- ]?plots?|split[- ]split|main plots?"),
    ("incomplete_block", r"incomplete block|\bbibd?\b|alpha[- ](?:lattice|design)|lattice design"),
    ("mixture", r"mixture (?:design|experiment)|simplex|blend proportions|proportions sum"),
    ("fractional_factorial", r"fraction(?:al)? factorial|half[- ]fraction|quarter[- ]fraction|resolution (?:iii|iv|v)\b|2\^?\(?\d ?- ?\d|one half of the"),
    ("screening", r"plackett|definitive screening|taguchi|\bl(?:8|12|16|18)\b array|supersaturated"),
    ("crossover", r"cross[- ]?over|wash[- ]?out|switch ?back|swapped (?:over|drinks|treatments)|both (?:drugs|treatments|drinks|diets) in (?:random )?order"),
    ("cluster_randomised", r"cluster[- ]randomi[sz]ed|randomi[sz]ed (?:at|by) (?:the )?(?:school|village|hospital|clinic|ward|practice|class|cluster|site|household|store|farm|town|community|branch|team|pen|cage)|at (?:the )?(?:school|village|hospital|clinic|ward|practice|class|store|pen|cage|community) level|level randomi[sz]ation"),
    ("nested", r"variance components?|where the variation|sources? of variation|nested in|gauge|repeatability|reproducibility"),
    ("dose_response", r"\bic50\b|\bec50\b|dose[- ]response|\bld50\b|standard curve"),
    ("ab_test", r"\ba/b\b|ab test|\bcookie\b|visitors?\b|landing page|checkout|click[- ]through|sessions? are (?:split|randomi)|users? are (?:split|randomi|bucketed)|web ?site"),
)  # fmt: skip
COMPILED = tuple((name, re.compile(pattern)) for name, pattern in KEYWORDS)
WITHIN = re.compile(
    r"each (?:participant|subject|patient|animal|volunteer|person|child|rat|mouse|dog|cow|athlete|driver|student|judge|panellist|panelist|runner|listener|worker|player)\s"
    r"(?:does|sees|performs|completes|receives|gets|tastes|is tested|was tested|will|rates|drives|reads|watches|listens|takes|undergoes|tries|runs|plays|wears|has|goes)"
    r"|every (?:participant|subject|patient|animal|volunteer|dog|rat|mouse|judge)\s(?:does|sees|gets|receives|performs|completes|tastes|is)|within[- ]subjects?|repeated(?:ly)? measure|over time|at weeks?\s\d|measured (?:daily|weekly|monthly|every)|longitudinal|follow[- ]up at"
)


def design_class(text: Text, factors: Sequence[Candidate]) -> str:
    """Return the class that the words and the factors suggest (notes of `document.design_class`)."""
    lower = text.lower
    treatments = [f for f in factors if f.kind == "treatment"]
    blocks = [f for f in factors if f.kind == "blocking"]
    if is_response_surface(text):
        return "response_surface"
    for name, pattern in COMPILED:
        if pattern.search(lower) and _plausible(name, treatments):
            return name
    if not treatments:
        return "nested"
    if WITHIN.search(lower) or any(f.name == "time" and len(f.levels) > 1 for f in treatments):
        return "repeated_measures"
    if len(blocks) >= 1:
        return "RCBD" if len(treatments) == 1 else "blocked_factorial"
    return "factorial" if len(treatments) > 1 else "CRD"


def _plausible(name: str, treatments: Sequence[Candidate]) -> bool:
    if name == "nested":
        return not treatments
    if name == "ab_test":
        return len(treatments) <= 1 or all(len(f.levels) <= 2 for f in treatments)
    if name == "dose_response":
        return len(treatments) == 1
    return True


UNITS = (
    "whole plot|subplot|plot|flask|well|animal|guinea pig|mouse|rat|participant|patient|subject|customer|visitor|user|cell|tube|pot|run|bottle"
    "|school|class|village|hospital|clinic|ward|pen|cage|tank|tree|plant|leaf|cow|sheep|pig|cookie id|cookie|household|store|volunteer|child|pupil|student"
    "|sample|specimen|loaf|loaves|batch|plate|dish|coupon|wafer|panel|slide|account|session|employee|worker|subscriber|recipient|person|people|unit|bird|chick|hen|fish|dog|cat"
)
RANDOM = re.compile(
    r"randomi[sz]ed|at random|randomly|random order|randomi[sz]ation|coin flip|allotted|allocated|assigned|split 50/50|shuffled|chosen at random|drawn by lot|by lottery"
)
AT_LEVEL = re.compile(
    rf"(?:at|by|on) (?:the )?({UNITS})s?[- ]level|randomi[sz]ed by ({UNITS})|unit of randomi[sz]ation (?:is|was) (?:the )?({UNITS})"
)
UNIT_WORD = re.compile(rf"\b({UNITS})(?:s|es)?\b")
SAME = {
    "cookie id": "visitor",
    "cookie": "visitor",
    "mouse": "animal",
    "rat": "animal",
    "guinea pig": "animal",
    "loaves": "loaf",
    "people": "person",
}
SYNONYM_PLURALS = {"mice": "mouse"}


def randomisation_unit(text: Text, design: str) -> str | None:
    """Return the unit to which treatments are allotted, in the singular, or None."""
    lower = text.lower
    if design == "nested":
        return None
    level = AT_LEVEL.search(lower)
    if level:
        return _unit(next(group for group in level.groups() if group))
    if design == "split_plot" and re.search(r"sub-?plots?", lower):
        return "subplot"
    scores: dict[str, float] = {}
    randoms = [m.start() for m in RANDOM.finditer(lower)]
    for match in UNIT_WORD.finditer(lower):
        unit = _unit(match.group(1))
        near = min((abs(match.start() - r) for r in randoms), default=400)
        scores[unit] = scores.get(unit, 0.0) + 0.3 + max(0.0, 1.5 - near / 60)
        if re.search(
            r"(?:\d+|per combination|per group|per arm|per cell|[a-z]+)\s$",
            lower[max(0, match.start() - 16) : match.start()],
        ) and _number_before(lower, match.start()):
            scores[unit] += 0.8
    if "visitor" in scores and design == "ab_test":
        return "visitor"
    return max(scores, key=lambda unit: scores[unit]) if scores else None


def _unit(word: str) -> str:
    return SAME.get(word, singular(word))


def _number_before(lower: str, position: int) -> bool:
    words = lower[max(0, position - 24) : position].split()
    return any(w.strip("(,").replace(",", "").isdigit() or w in NUMBER_WORDS for w in words[-2:])


PER_CELL = re.compile(
    r"(?P<n>\d[\d,]*k?|[a-z]+) (?:independent |replicate |biological )?(?P<unit>[a-z-]+(?: [a-z]+)?) (?:each|per (?:combination|group|arm|cell|treatment|condition|dose|level|variety|diet|variant)|for each (?:of the )?(?:combination|treatment|\w+ combinations)|in each (?:group|arm|cell)|of each)"
)
REPLICATES = re.compile(
    r"(?P<n>\d+|[a-z]+) (?:independent |biological |true )?(?:replicates?|replications?|reps?)\b"
)
TECHNICAL = re.compile(
    r"(?:technical (?P<a>duplicates?|triplicates?|quadruplicates?)|in (?P<b>duplicate|triplicate|quadruplicate)|(?P<n>\d+|[a-z]+) technical)"
)
MULTIPLE = {"duplicate": 2, "triplicate": 3, "quadruplicate": 4}


def _as_number(word: str) -> int | None:
    word = word.replace(",", "")
    if word.endswith("k") and word[:-1].isdigit():
        return int(word[:-1]) * 1000
    if word.isdigit():
        return int(word)
    return NUMBER_WORDS.get(word)


def replication(
    text: Text, factors: Sequence[Candidate], unit: str | None
) -> dict[str, int | str | None]:
    """Return replicates per cell, technical repeats and the total, as far as the text says."""
    lower = text.lower
    per_cell = technical = total = None
    for pattern in (PER_CELL, REPLICATES):
        for match in pattern.finditer(lower):
            per_cell = per_cell or _as_number(match.group("n"))
    if re.search(r"single replicate|one replicate|unreplicated|once each", lower):
        per_cell = 1
    match = TECHNICAL.search(lower)
    if match:
        word = (match.group("a") or match.group("b") or "").rstrip("s")
        technical = MULTIPLE.get(word) or _as_number(match.group("n") or "")
    cells = 1
    for factor in factors:
        if factor.kind == "treatment" and factor.size:
            cells *= factor.size
    blocks = [f.size for f in factors if f.kind == "blocking" and f.size]
    if unit is not None:
        pattern = re.compile(rf"(\d[\d,]*k?|[a-z]+) (?:[a-z]+ )?{re.escape(unit)}(?:s|es)?\b")
        totals = [n for m in pattern.finditer(lower) if (n := _as_number(m.group(1)))]
        total = max(totals, default=None)
    if per_cell is None and blocks and group_kind("block"):
        per_cell = blocks[0]
    if per_cell is None and total and cells > 1 and total % cells == 0:
        per_cell = total // cells
    return {"per_cell": per_cell, "unit": unit, "technical": technical, "total_units": total}
