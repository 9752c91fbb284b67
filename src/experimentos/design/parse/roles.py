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

UNIT_ROLE = pattern("roles_unit_role")
RANDOMISED_TO = pattern("roles_randomised_to")


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
    if group in {"blocking", "nuisance"} and not _is_set(text, candidate):
        return replace(candidate, kind=group)
    sentence = _sentence(text, candidate.first)
    if candidate.levels and re.search(
        r"(?:isn't|is not|not|aren't) (?:randomi[sz]ed|assigned|something we set)|as covariate",
        sentence,
    ):
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


def _is_set(text: Text, candidate: Candidate) -> bool:
    return head(candidate.name) in lexicon().attributes


def _sentence(text: Text, i: int) -> str:
    number = text.tokens[i].sentence
    first, last = next((a, b) for a, b in text.sentences if text.tokens[a].sentence == number)
    return text.words(first, last - 1).lower()


def _counted(text: Text, candidate: Candidate) -> Candidate | None:
    """Keep a counted group only when it groups observations."""
    noun = re.escape(candidate.name)
    plural = (
        rf"{noun}(?:s|es)?" if not candidate.name.endswith("y") else rf"(?:{noun}|{noun[:-1]}ies)"
    )
    lower = text.lower
    after = lower[text.tokens[candidate.last].end : text.tokens[candidate.last].end + 40]
    if re.match(
        r"\s*(?:per|in each|for each|to each) (?:combination|group|arm|cell|treatment|condition|dose|diet|variant)",
        after,
    ):
        return None
    if candidate.name == "block" or re.search(rf"stratif\w+ (?:by|on) [^.]*{noun}", lower):
        return replace(candidate, kind="blocking", confidence=0.8)
    grouping = re.search(
        rf"\b(?:each|every|per|within|within each|same|from each|from every|in each|in every|on every|on each|from the same|between|by|across|all|a) (?:of the )?(?:\w+ )?{plural}\b",
        lower,
    )
    nested = re.search(
        rf"\b{plural} (?:from|in|per|within|of|nested) (?:\w+ )?(?:each|every|batch|batches|\w+)|nested (?:in|within) {plural}|{plural} nested",
        lower,
    )
    repeated = WITHIN.search(lower) or re.search(
        r"\bat \d+ [a-z]+, \d+|weeks? \d+,|on days? \d+,|\d+ times|twice|three times|repeatedly|both (?:drinks|treatments|drugs|conditions|diets)|all (?:\w+ )?(?:bottles|samples|conditions|recipes|treatments)",
        lower,
    )
    if PERSONS.fullmatch(candidate.name):
        inside = re.search(rf"\b(?:from|within|in|on|per) (?:each |every |a )?{plural}\b", lower)
        return candidate if inside or repeated else None
    if candidate.kind == "blocking":
        return candidate if grouping or repeated or nested or "block" in lower else None
    return candidate if grouping or nested or repeated else None
