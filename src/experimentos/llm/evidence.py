"""Whether words that are given as a quote stand in what the person wrote."""

import re
import unicodedata
from collections.abc import Iterable

from experimentos.design.parse.draft import Evidence

LONGEST_QUOTE = 400
NOWHERE = Evidence(0, 0, "")

_LETTERS = 2
_ALIKE = {
    **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u00b5": "\u03bc",
}
_FOLD = str.maketrans(_ALIKE)


def locate(quote: str, text: str) -> Evidence | None:
    """Return where a quote stands in a text, None when it does not or is too short to mean much.

    White space, case and the forms of quotation marks and dashes do not matter; anything else
    must be as it was written. The evidence holds the text's own words and offsets.
    """
    words = _folded(quote).split()
    if sum(map(str.isalnum, quote)) < _LETTERS or len(quote) > LONGEST_QUOTE:
        return None
    pattern = r"\s+".join(map(re.escape, words))
    start = r"(?<!\w)" if words[0][:1].isalnum() else ""
    end = r"(?!\w)" if words[-1][-1:].isalnum() else ""
    found = re.search(f"{start}{pattern}{end}", _folded(text))
    if found is None:
        return None
    return Evidence(found.start(), found.end(), text[found.start() : found.end()])


def stands_in(quote: str, texts: Iterable[str]) -> bool:
    """Return whether a quote stands in any of some texts."""
    return any(locate(quote, text) is not None for text in texts)


def speaks_of(quote: str, names: Iterable[str]) -> bool:
    """Return whether a quote shares a word, or the beginning of one, with any of some names."""
    said = {_stem(word) for word in _words(quote)}
    return any(_stem(word) in said for name in names for word in _words(name))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:\.\d+)?", _folded(text))


def _stem(word: str) -> str:
    return word[:4] if word.isalpha() else word


def _folded(text: str) -> str:
    """Return the text with case and lookalikes folded, character by character."""
    return "".join(_lower(c) for c in text.translate(_FOLD))


def _lower(character: str) -> str:
    # One character for one, so that offsets are those of the text as typed.
    lower = unicodedata.normalize("NFC", character).lower()
    return lower if len(lower) == 1 else character
