"""One factor from several guesses."""

from collections.abc import Iterable
from dataclasses import replace

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import lexicon
from experimentos.design.parse.phrases import head
from experimentos.design.parse.text import Text, singular

KEPT = frozenset({"kept", "held", "same"})
"""These tell a constant, but not before "12, 16 or 20 degrees"."""

PLACES = frozenset({"with", "in", "on", "under", "at"})
STRENGTH = 0.05
"""Evidence from a second extractor raises the confidence by this much."""


def merge(text: Text, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the factors: guesses about one thing united, decoys dropped, in the text's order."""
    ordered = sorted(candidates, key=lambda c: (-c.confidence, -len(c.levels), c.first))
    kept: list[Candidate] = []
    for candidate in ordered:
        if _is_decoy(text, candidate):
            continue
        for i, other in enumerate(kept):
            if _same(candidate, other) and not _are_apart(text, candidate, other):
                kept[i] = _united(other, candidate)
                break
        else:
            kept.append(candidate)
    named = [_named(c) for c in kept]
    return tuple(sorted(named, key=lambda c: (c.first, c.last)))


def _named(candidate: Candidate) -> Candidate:
    return candidate if candidate.name else replace(candidate, name="treatment")


def _is_decoy(text: Text, candidate: Candidate) -> bool:
    if candidate.kind != "treatment" or not candidate.levels or candidate.rule == "time_points":
        return False
    several = any(text.at(i) == "or" for i in range(candidate.first, candidate.last))
    several = several or (candidate.rule == "number_list" and len(candidate.levels) > 2)
    for i in range(candidate.first - 1, max(0, candidate.first - 3) - 1, -1):
        if text.tokens[i].kind == "mark":
            return False
        if text.at(i) == "same" and any(
            text.at(j) in PLACES for j in range(i + 1, candidate.first)
        ):
            return False
        if text.at(i) in lexicon().decoys and not (several and text.at(i) in KEPT):
            return True
    return False


def _unnamed(candidate: Candidate) -> bool:
    return candidate.name in {"", "treatment"}


def _words(name: str) -> set[str]:
    return {
        singular(w)
        for w in name.lower().replace("-", " ").split()
        if w not in {"of", "the", "a", "at"}
    }


def _overlap(a: Candidate, b: Candidate) -> bool:
    return a.first <= b.last and b.first <= a.last


def _same(a: Candidate, b: Candidate) -> bool:
    same_levels = a.levels and {x.lower() for x in a.levels} == {x.lower() for x in b.levels}
    if same_levels and (_overlap(a, b) or _unnamed(a) or _unnamed(b)):
        return True
    x, y = _words(a.name), _words(b.name)
    apart = {a.kind, b.kind} == {"treatment", "covariate"} and not _overlap(a, b)
    if apart and x != y and (a.levels or b.levels):
        return False
    if x and y and (x == y or ((x <= y or y <= x) and head(a.name) == head(b.name))):
        return not (
            a.levels
            and b.levels
            and a.kind == b.kind == "treatment"
            and set(a.levels).isdisjoint(b.levels)
            and x != y
        )
    listed = bool(a.levels), bool(b.levels)
    recorded = "covariate" in {a.kind, b.kind} and any(listed)
    return _overlap(a, b) and (all(listed) or recorded or a.kind == b.kind == "treatment")


def _without_unit(richer: Candidate, numbers: Candidate) -> tuple[str, ...]:
    """Return the levels of "no nitrogen, 60 kg/ha or 120 kg/ha", the numbers without their unit."""
    known = set(numbers.levels) if numbers.unit and numbers is not richer else set()
    cut = {level: level.partition(" ")[::2] for level in richer.levels}
    return tuple(
        number if number in known and rest and " " not in rest else level
        for level, (number, rest) in cut.items()
    )


def _are_apart(text: Text, a: Candidate, b: Candidate) -> bool:
    """Return whether one sentence tells two choices without a name: "dry or wet, salted or not"."""
    if not (_unnamed(a) and _unnamed(b) and a.levels and b.levels) or _overlap(a, b):
        return False
    one_sentence = text.sentence_of(a.first) == text.sentence_of(b.first)
    told = {level.lower() for level in a.levels} & {level.lower() for level in b.levels}
    return one_sentence and not told and a.rule in CHOICES and b.rule in CHOICES


CHOICES = frozenset({"choice", "either_or", "treated_with", "placed", "named"})
NUMBERS = frozenset({"number_list", "time_points"})
KIND_RANK = {
    "cue_blocking": 4,
    "cue_nuisance": 4,
    "square": 5,
    "sides": 3,
    "covariate": 2,
    "counted": 1,
}


def _is_cued(candidate: Candidate) -> bool:
    return candidate.rule.startswith("cue_") or candidate.rule == "square"


def _united(best: Candidate, other: Candidate) -> Candidate:
    numbers = best.rule in NUMBERS and bool(best.levels) and bool(other.levels)
    surer = numbers and best.levels[-1] not in other.levels[-1]
    richer = best if surer or len(best.levels) >= len(other.levels) else other
    ruling = max((best, other), key=lambda c: KIND_RANK.get(c.rule, 0))
    kind = ruling.kind if KIND_RANK.get(ruling.rule, 0) else best.kind
    if best.levels and best.kind == "treatment" and kind != "covariate" and not _is_cued(ruling):
        kind = "treatment"
    name = best.name or other.name
    if (
        other.name
        and best.name
        and head(best.name) != head(other.name)
        and best.rule in {"codes", "treated_with", "shares"}
        and not (other.rule == "counted_factor" and not _unnamed(best))
    ):
        name = other.name
    return replace(
        best,
        name=name,
        kind=kind,
        levels=_without_unit(richer, best),
        unit=best.unit or other.unit,
        count=len(richer.levels) or best.count or other.count,
        parent=best.parent or other.parent,
        first=min(best.first, other.first),
        last=max(best.last, other.last) if _overlap(best, other) else best.last,
        confidence=min(1.0, best.confidence + STRENGTH),
        rule=best.rule if best.levels and kind == "treatment" else ruling.rule,
        aliases=best.aliases | {other.name} - {name, ""},
    )
