"""Names as a reader takes them: when two mean one thing, and how several of it are called."""

import re
import unicodedata
from collections.abc import Sequence

IRREGULAR = {
    "mouse": "mice",
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "calf": "calves",
    "half": "halves",
    "leaf": "leaves",
    "loaf": "loaves",
    "sheep": "sheep",
    "fish": "fish",
    "foot": "feet",
    "tooth": "teeth",
    "goose": "geese",
    "ox": "oxen",
    "larva": "larvae",
    "replica": "replicas",
    "alga": "algae",
    "bacterium": "bacteria",
    "locus": "loci",
    "series": "series",
    "species": "species",
}


def slug(name: str, taken: Sequence[str] = ()) -> str:
    """Return an id for a name: lower-case letters, digits and underscores, not in `taken`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:56] or "part"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


def folded(name: str) -> str:
    """Return a name without case, spaces, underscores and hyphens."""
    return re.sub(r"[\s_\-]+", "", name).casefold()


def is_same_name(one: str, other: str) -> bool:
    """Return whether two names differ at most in spelling, or in number ("plot", "plots")."""
    first, second = folded(one), folded(other)
    if not first or not second:
        return False
    return first == second or folded(several(one)) == second or first == folded(several(other))


def several(name: str) -> str:
    """Return the English plural of a unit's name."""
    head, _, last = name.rpartition(" ")
    before = f"{head} " if head else ""
    lower = last.casefold()
    stem = next((s for s in IRREGULAR if lower == s or lower.endswith(f"-{s}")), "")
    if stem:
        return f"{before}{last[: len(last) - len(stem)]}{IRREGULAR[stem]}"
    if lower.endswith("y") and lower[-2:-1] not in set("aeiou"):
        return f"{before}{last[:-1]}ies"
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        return f"{before}{last}es"
    return f"{before}{last}s"


def counted(number: float, name: str, plural: str = "") -> str:
    """Return a number with the name of what is counted: "1 mouse", "18 mice", "2.5 plots"."""
    shown = f"{number:,}" if isinstance(number, int) else f"{number:g}"
    return f"{shown} {name if number == 1 else plural or several(name)}"


def family_words(family: str) -> str:
    """Return how a family of distributions is written in a sentence."""
    named = {"poisson": "Poisson", "bernoulli": "Bernoulli", "studentt": "Student t"}
    return named.get(family, family.replace("_", " "))
