"""Mentions read again once the treatments are known: "fifteen joints per glue"."""

from collections.abc import Sequence
from dataclasses import replace

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind
from experimentos.design.parse.mention import Mention
from experimentos.design.parse.phrases import head
from experimentos.design.parse.text import Text, singular

REACH = 8
ENDS = frozenset({".", ";", ":", ",", "("})


def of_cells(
    text: Text, found: Sequence[Mention], factors: Sequence[Candidate]
) -> tuple[Mention, ...]:
    """Return the mentions without the treatments, those counted per treatment told as such."""
    heads = {head(f.name) for f in factors if f.kind == "treatment" and f.rule != "time_points"}
    heads -= {noun for noun in heads if group_kind(noun) is not None}
    sizes = {(head(f.name), f.size) for f in factors if f.kind == "treatment"}
    named = {m.noun for m in found if not m.kind and (m.noun, m.count) in sizes}
    levels = {singular(x.lower()) for f in factors if f.kind == "treatment" for x in f.levels}
    kept = (m for m in found if m.noun not in named and not _is_level(m, levels))
    return tuple(
        replace(m, per_cell=True, parent="") if m.count and _is_per(text, m, heads) else m
        for m in kept
    )


def _is_level(m: Mention, levels: set[str]) -> bool:
    """Return whether this is the fish of "three kibbles (chicken, lamb and fish)"."""
    return m.count is None and not m.each and m.noun in levels


def _is_per(text: Text, m: Mention, heads: set[str]) -> bool:
    """Return whether "per glue", "of each recipe" follows, a treatment being named."""
    for i in range(m.last + 1, min(m.last + REACH, len(text.tokens) - 1)):
        if text.at(i) in ENDS:
            return False
        if text.at(i) in {"per", "each", "every"}:
            near = text.at(i + 1) not in ENDS and {text.lemma(i + 1), text.lemma(i + 2)}
            return bool(near and near & heads)
    return False
