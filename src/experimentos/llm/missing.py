"""What designs of a kind often forget: factors worth adding, from a table of words."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import AddFactor, Patch
from experimentos.design.names import slug
from experimentos.design.parts import Factor

MOST_SUGGESTED = 4


@dataclass(frozen=True, slots=True)
class Forgotten:
    """One factor that is often left out.

    Attributes
    ----------
    words : tuple[str, ...]
        Any of them calls for it; a star ends the beginning of a word, alone it fits every design.
    unless : tuple[str, ...]
        Any of them speaks against it.
    known : tuple[str, ...]
        Words in the name of a factor or unit that stands for it already.
    """

    name: str
    kind: str
    words: tuple[str, ...]
    unless: tuple[str, ...]
    known: tuple[str, ...]
    why: str


def suggestions(document: ExperimentDescription, description: str) -> tuple[tuple[Patch, str], ...]:
    """Return up to four factors that a design lacks, as patches with the reason for each.

    Parameters
    ----------
    description
        The words of the person; the words of the design count as well.
    """
    text = f"{description} {_words_of(document)}".casefold()
    named = " ".join(names_of(document)).casefold()
    fitting = (
        f
        for f in _table()
        if _any(f.words, text) and not _any(f.unless, text) and not any(k in named for k in f.known)
    )
    return tuple((_patch(document, f), f.why) for f in fitting)[:MOST_SUGGESTED]


@cache
def _table() -> tuple[Forgotten, ...]:
    raw = (resources.files("experimentos.llm") / "missing.toml").read_text(encoding="utf-8")
    return tuple(
        Forgotten(
            e["name"], e["kind"], tuple(e["words"]), tuple(e.get("unless", ())),
            tuple(e["known"]), e["why"],
        )
        for e in tomllib.loads(raw)["forgotten"]
    )  # fmt: skip


def _patch(document: ExperimentDescription, forgotten: Forgotten) -> Patch:
    is_covariate = forgotten.kind == "covariate"
    factor = Factor.model_validate(
        {
            "id": slug(forgotten.name, [f.id for f in document.factors]),
            "name": forgotten.name,
            "kind": forgotten.kind,
            "scale": "numeric" if is_covariate else "nominal",
            "measured": "before" if is_covariate else None,
            "handling": None if is_covariate else "measured",
        }
    )
    return Patch(title=f"Add {forgotten.name}", edits=(AddFactor(factor=factor),))


def _any(words: tuple[str, ...], text: str) -> bool:
    return any(word == "*" or re.search(_pattern(word), text) for word in words)


def _pattern(word: str) -> str:
    end = r"\w*" if word.endswith("*") else ""
    return rf"(?<!\w){re.escape(word.rstrip('*'))}{end}(?!\w)"


def names_of(document: ExperimentDescription) -> tuple[str, ...]:
    """Return the names of the factors and units of a design."""
    factors = (f.name for f in document.factors)
    return (*factors, *(u.name for u in document.units))


def _words_of(document: ExperimentDescription) -> str:
    return " ".join((document.title, *names_of(document), *(r.name for r in document.responses)))
