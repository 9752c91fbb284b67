"""The words that the parser knows, read once from `lexicon.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from experimentos.design.parse.text import singular

AREAS = {
    "square metres": "m2", "square metre": "m2", "square meter": "m2", "square foot": "ft2",
    "hectare": "ha", "acre": "acre", "m2": "m2", "ha": "ha", "litre": "L", "liter": "L",
    "plant": "plant", "pot": "pot", "cage": "cage",
}  # fmt: skip
"""What plants, seeds or animals are counted on: "seeds per square metre"."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lexicon, arranged for look-up.

    Attributes
    ----------
    groups : dict[str, str]
        Singular noun to "blocking", "nuisance", "person" or "unit".
    attributes, covariates, stop : frozenset[str]
    nouns : frozenset[str]
        Every noun of one word that names a factor, a group or an outcome.
    outcomes : tuple[tuple[str, str], ...]
        (phrase, family), longest phrase first within a family, narrow families first.
    units : dict[str, str]
        Spelling to canonical unit.
    unit_pattern : re.Pattern[str]
        Matches a unit, simple or compound, right after a number.
    cues : dict[str, re.Pattern[str]]
        Kind to a pattern of its cue phrases.
    decoys : frozenset[str]
    """

    groups: dict[str, str]
    attributes: frozenset[str]
    nouns: frozenset[str]
    covariates: frozenset[str]
    stop: frozenset[str]
    outcomes: tuple[tuple[str, str], ...]
    units: dict[str, str]
    unit_pattern: re.Pattern[str]
    cues: dict[str, re.Pattern[str]]
    decoys: frozenset[str]


@cache
def _table() -> dict[str, Any]:
    source = files("experimentos.design.parse").joinpath("lexicon.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def pattern(name: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return a regular expression of the lexicon by its name, its `<NAMES>` spelled out."""
    source: str = _table()["patterns"][name]
    for macro, alternatives in _table()["macros"].items():
        source = source.replace(f"<{macro}>", f"(?:{'|'.join(alternatives)})")
    return re.compile(source, re.IGNORECASE if ignore_case else 0)


def words(name: str) -> frozenset[str]:
    """Return a word list of the lexicon by its name."""
    return frozenset(_table()["words"][name])


@cache
def pairs(name: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of words of the lexicon by their name, each in both orders."""
    told = [tuple(pair.split("/")) for pair in _table()["pairs"][name]]
    return frozenset((a, b) for x, y in told for a, b in ((x, y), (y, x)))


@cache
def nouns_of_verbs() -> dict[str, str]:
    """Return the noun that a response is named by, by its verb or state."""
    return dict(_table()["nouns_of_verbs"])


@cache
def lexicon() -> Lexicon:
    """Return the packaged lexicon."""
    table = _table()
    groups = {
        noun: kind
        for kind in ("unit", "person", "nuisance", "blocking")
        for noun in table["groups"][kind]
    }
    units = {spelling: unit for unit, spellings in table["units"].items() for spelling in spellings}
    outcomes = [
        (phrase, entry["family"])
        for entry in table["outcomes"]
        for phrase in sorted(entry["words"], key=len, reverse=True)
    ]
    known = {*groups, *table["attributes"]["nouns"], *(phrase for phrase, _ in outcomes)}
    return Lexicon(
        groups=groups,
        nouns=frozenset(noun for noun in known if " " not in noun),
        attributes=frozenset(table["attributes"]["nouns"]),
        covariates=frozenset(table["covariates"]["nouns"]),
        stop=frozenset(table["stop"]["words"]),
        outcomes=tuple(outcomes),
        units=units,
        unit_pattern=_unit_pattern(units),
        cues={kind: _phrases(phrases) for kind, phrases in table["cues"].items()},
        decoys=frozenset(table["decoys"]["before"]),
    )


def _phrases(phrases: list[str]) -> re.Pattern[str]:
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(p) for p in ordered) + r")\b")


def _unit_pattern(units: dict[str, str]) -> re.Pattern[str]:
    ordered = sorted(units, key=len, reverse=True)
    one = "(?:" + "|".join(re.escape(u) for u in ordered) + ")"
    second = rf"(?:\s?/\s?(?P<per2>{one}))?"
    whole = rf"(?P<whole>{one})(?:\s?(?:/|\bper\b)\s?(?P<per>{one}|(?<=/)[a-z]{{2,6}}\b){second})?"
    counted = rf"(?P<counted>[a-z]{{3,12}})\s?(?:/|\bper\b)\s?(?P<area>{'|'.join(AREAS)})"
    return re.compile(rf"\s?-?(?:{whole}|{counted})(?![\w%])")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit found after a number: its canonical spelling and where it ends."""

    name: str
    end: int


def unit_at(clean: str, position: int) -> Unit | None:
    """Return the unit that starts at this offset of the clean text, if any."""
    match = lexicon().unit_pattern.match(clean, position)
    if match is None:
        return None
    table = lexicon().units
    whole, per, second, counted, area = match.group("whole", "per", "per2", "counted", "area")
    if counted:
        return Unit(f"{counted}/{AREAS[area]}", match.end())
    name = "/".join([table[whole], *(table.get(u, u) for u in (per, second) if u)])
    return Unit(name, match.end())


@lru_cache(maxsize=4096)
def group_kind(noun: str) -> str | None:
    """Return the usual kind of a grouping noun in any number, or None for another word."""
    groups = lexicon().groups
    words = noun.lower().split()
    for length in range(len(words), 0, -1):
        tail = " ".join([*words[-length:-1], singular(words[-1])])
        if tail in groups:
            return groups[tail]
    return None
