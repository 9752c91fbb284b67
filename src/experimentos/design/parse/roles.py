"""Which guesses are factors, and of which kind: groups must group, and a response is no factor."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.classify import WITHIN
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern
from experimentos.design.parse.phrases import head
from experimentos.design.parse.responses import Measured
from experimentos.design.parse.text import Text


def give_roles(
    text: Text, found: Sequence[Candidate], measured: Sequence[Measured]
) -> tuple[Candidate, ...]:
    """Return the guesses that are factors, each with the kind that the text gives it."""
    kept: list[Candidate] = []
    names = {m.name.lower() for m in measured if m.confidence > 0.5}
    for candidate in found:
        settled = _settled(text, candidate)
        if settled is not None and not _is_response(settled, names):
            kept.append(settled)
    treatments = [c for c in kept if c.kind == "treatment" and c.levels]
    if treatments:
        kept = [c for c in kept if not (c.rule == "counted_factor" and _echoes(c, treatments))]
    return (*kept, *_repeated_unit(text, kept))


PERSONS = pattern("roles_persons")
NOT_SET = pattern("roles_not_set")
PER_CELL = pattern("roles_per_cell")
REPEATED = pattern("roles_repeated")
OF_TOTAL = pattern("roles_of_total")


def _repeated_unit(text: Text, kept: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the subject of repeated measurements when no extractor named it."""
    timed = any(c.name == "time" and len(c.levels) > 2 for c in kept)
    match = WITHIN.search(text.lower)
    person = PERSONS.search(text.lower, match.start()) if match else None
    if person is None and timed:
        person = PERSONS.search(text.lower)
    if person is None or any(
        c.kind in {"nuisance", "blocking"} and PERSONS.search(c.name) for c in kept
    ):
        return ()
    i = next(i for i, t in enumerate(text.tokens) if t.end > person.start())
    total = OF_TOTAL.search(text.lower)
    count = int(total.group(1)) if total else None
    return (Candidate(person.group(1), "nuisance", i, i, "repeated_unit", 0.65, (), None, count),)


def _echoes(counted: Candidate, listed: Sequence[Candidate]) -> bool:
    """Return whether "four rates" only counts a factor whose levels are listed elsewhere."""
    own = set(counted.name.lower().split())
    cells = math.prod(c.size or 1 for c in listed)
    if len(listed) > 1 and counted.count == cells:
        return True
    generic = head(counted.name) in {
        "treatment",
        "combination",
        "condition",
        "level",
        "group",
        "arm",
        "type",
        "method",
        "size",
        "time",
        "weight",
    }
    return generic or any(
        c.size == counted.count or own & set(c.name.lower().split()) for c in listed
    )


def _is_response(candidate: Candidate, names: set[str]) -> bool:
    lower = candidate.name.lower()
    if candidate.kind == "covariate":
        return lower in names
    return (
        candidate.kind == "treatment" and lower in names and candidate.rule not in {"parenthesised"}
    )


def _settled(text: Text, candidate: Candidate) -> Candidate | None:
    group = group_kind(candidate.name)
    if candidate.kind == "treatment":
        return _treatment(text, candidate, group)
    if candidate.kind in {"blocking", "nuisance"} and candidate.rule == "counted":
        return _counted(text, candidate)
    return candidate


def _treatment(text: Text, candidate: Candidate, group: str | None) -> Candidate | None:
    if group == "unit" and candidate.rule != "parenthesised":
        return None
    if group in {"blocking", "nuisance"} and head(candidate.name) not in lexicon().attributes:
        return replace(candidate, kind=group)
    sentence = text.sentence_words(candidate.first)
    if candidate.levels and NOT_SET.search(sentence):
        return replace(candidate, kind="covariate", name=_unset_name(candidate))
    if head(candidate.name) in {"age", "sex", "gender", "bmi"} and not candidate.rule.startswith(
        "number"
    ):
        return replace(candidate, kind="covariate")
    return candidate


DEVICES = frozenset({"mobile", "desktop", "tablet", "ios", "android", "phone", "web", "app"})


def _unset_name(candidate: Candidate) -> str:
    levels = {level.lower() for level in candidate.levels}
    if levels & DEVICES:
        return "device"
    if levels & {"male", "female", "men", "women", "males", "females"}:
        return "sex"
    return candidate.name


def _counted(text: Text, candidate: Candidate) -> Candidate | None:
    """Keep a counted group only when it groups observations."""
    lower, plural = text.lower, _plural(candidate.name)
    position = text.tokens[candidate.last].end
    if PER_CELL.match(lower, position, position + 40):
        return None
    if candidate.name == "block" or _stratifies(lower, plural):
        return replace(candidate, kind="blocking", confidence=0.8)
    repeated = bool(WITHIN.search(lower) or REPEATED.search(lower))
    if PERSONS.fullmatch(candidate.name):
        return candidate if repeated or _holds_others(lower, plural) else None
    if candidate.kind == "blocking" and "block" in lower:
        return candidate
    return candidate if repeated or _groups(lower, plural) or _nests(lower, plural) else None


def _plural(name: str) -> str:
    if name.endswith("y"):
        return rf"(?:{re.escape(name)}|{re.escape(name[:-1])}ies)"
    return rf"{re.escape(name)}(?:s|es)?"


def _stratifies(lower: str, plural: str) -> bool:
    return bool(re.search(rf"stratif\w+ (?:by|on) [^.]*{plural}", lower))


def _holds_others(lower: str, plural: str) -> bool:
    return bool(re.search(rf"\b(?:from|within|in|on|per) (?:each |every |a )?{plural}\b", lower))


def _groups(lower: str, plural: str) -> bool:
    lead = r"(?:each|every|same|per|within|between|by|across|all|a)"
    return bool(re.search(rf"\b{lead} (?:of the )?(?:\w+ )?{plural}\b", lower))


def _nests(lower: str, plural: str) -> bool:
    below = rf"\b{plural} (?:from|in|per|within|of|nested) \w+"
    return bool(re.search(rf"{below}|nested (?:in|within) {plural}", lower))
