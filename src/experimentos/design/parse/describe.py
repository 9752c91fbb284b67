"""Plain English to a draft design: read, extract, merge, give roles, ask."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from experimentos.design.parse import classify
from experimentos.design.parse.allotment import randomisation_unit
from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.cells import of_cells
from experimentos.design.parse.draft import (
    Draft,
    DraftFactor,
    DraftResponse,
    Evidence,
    Replication,
)
from experimentos.design.parse.extractors import EXTRACTORS, GROUPINGS
from experimentos.design.parse.groups import is_repeated
from experimentos.design.parse.measured import Measured
from experimentos.design.parse.mention import Mention
from experimentos.design.parse.mentions import mentions
from experimentos.design.parse.merge import merge
from experimentos.design.parse.questions import questions
from experimentos.design.parse.replication import replication
from experimentos.design.parse.responses import responses
from experimentos.design.parse.roles import give_roles
from experimentos.design.parse.text import Text, read, singular

GROUPED = frozenset({"cluster_randomised", "nested", "split_plot", "crossover"})
BEHIND = 0.151
"""A response that is this much less sure than the primary is not proposed."""

EVENT_AND_SIZE = (
    frozenset({"bernoulli", "gamma"}),
    frozenset({"negative_binomial", "normal"}),
    frozenset({"negative_binomial", "gamma"}),
)
SAID = 0.6
"""What the text says is measured is proposed beside the surest primary."""


def parse_design(raw: str) -> Draft:
    """Return what a description says of its design; total, linear, and never a silent guess.

    Parameters
    ----------
    raw
        Plain English; what follows `text.CHARACTERS_LIMIT` characters is not read.
    """
    text = read(raw)
    measured = _distinct(responses(text)) if text.tokens else ()
    found = mentions(text)
    candidates = chain(
        chain.from_iterable(extract(text) for extract in EXTRACTORS),
        chain.from_iterable(extract(text, found) for extract in GROUPINGS),
    )
    factors = give_roles(text, merge(text, candidates), measured, found)
    found = of_cells(text, found, factors)
    design = classify.design_class(text, factors)
    blocks = frozenset(factor.name for factor in factors if factor.kind == "blocking")
    unit = randomisation_unit(text, found, design, blocks)
    design = classify.of_clusters(design, unit, found)
    repeats = replication(text, found, factors, unit, design)
    holds = design in GROUPED or is_repeated(text)
    factors = tuple(
        _with_total(factor, repeats)
        for factor in factors
        if holds or not _is_bare_unit(factor, found, unit)
    )
    draft = Draft(
        factors=tuple(_factor(text, factor) for factor in factors),
        responses=tuple(_response(text, m) for m in measured),
        design_class=design,
        randomisation_unit=unit,
        replication=repeats,
        questions=(),
    )
    return questions(draft)


def _is_bare_unit(factor: Candidate, found: Sequence[Mention], unit: str | None) -> bool:
    """Return whether this is only the unit that is treated and measured once."""
    holds = any(m.parent == factor.name and (m.count or 0) > 1 for m in found)
    counted = factor.rule == "counted" and factor.kind == "nuisance"
    return counted and factor.name == unit and not holds


def _with_total(factor: Candidate, repeats: Replication) -> Candidate:
    """Return a subject that nobody counted with the number of units in all."""
    if factor.rule != "repeated_unit" or factor.count is not None or factor.name != repeats.unit:
        return factor
    return replace(factor, count=repeats.total_units)


def _factor(text: Text, candidate: Candidate) -> DraftFactor:
    return DraftFactor(
        name=_plain_case(text, candidate.first, candidate.name),
        kind=candidate.kind,
        levels=candidate.levels,
        unit=candidate.unit,
        n_levels=candidate.size,
        evidence=_evidence(text, candidate.first, candidate.last),
        confidence=round(candidate.confidence, 2),
        rule=candidate.rule,
        aliases=tuple(sorted(candidate.aliases)),
    )


def _response(text: Text, measured: Measured) -> DraftResponse:
    evidence = _evidence(text, measured.first, measured.last)
    name = _plain_case(text, measured.first, measured.name)
    return DraftResponse(name, measured.family, evidence, measured.confidence)


def _plain_case(text: Text, first: int, name: str) -> str:
    """Return a name without the capital that a sentence begins with."""
    word = text.tokens[first].text
    begins = first == text.sentence_of(first)[0] and word.istitle() and len(word) > 1
    return name[0].lower() + name[1:] if begins and name[:2] == word[:2] else name


def _evidence(text: Text, first: int, last: int) -> Evidence:
    start, end = text.span(first, last)
    return Evidence(start, end, text.raw[start:end])


def _distinct(found: Iterable[Measured]) -> tuple[Measured, ...]:
    """Return the surest responses, each once, the primary first."""
    ordered = sorted(found, key=lambda m: (-m.confidence, m.first))
    kept: list[Measured] = []
    for m in ordered:
        if any(_is_part(m, other) for other in kept):
            continue
        if kept and m.confidence < min(kept[0].confidence - BEHIND, SAID):
            continue
        kept.append(m)
    return tuple(kept)


def _is_part(measured: Measured, other: Measured) -> bool:
    """Return whether one says no more than the other; fruits and their weight are two."""
    a = {singular(word) for word in measured.name.lower().split()}
    b = {singular(word) for word in other.name.lower().split()}
    families = (measured.family, other.family)
    are_two = any({*families} == pair for pair in EVENT_AND_SIZE)
    return (a <= b or b <= a) and (a == b or not are_two)
