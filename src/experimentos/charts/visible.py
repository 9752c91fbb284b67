"""Text of other people, with nothing in it that acts without being seen."""

import re
import unicodedata

# Joiners are part of words in Arabic and Indic scripts and of emoji; between two characters that
# are not ASCII they stay, anywhere else they can only hide something.
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_JOINED = re.compile(rf"(?<=[^\x00-\x7f{_JOINERS}])[{_JOINERS}](?=[^\x00-\x7f{_JOINERS}])")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e")
# Not the no-break spaces: they hold numbers together.
_BLANKS = re.compile(r"[ \t\n]+")
_MOST_COMBINING = 4
_STACKED = re.compile(r"[\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")


def visible(text: str) -> str:
    """Return the text with each control, bidi and zero-width character as a mark like ⟨U+202E⟩.

    Line feeds and tabs stay, carriage returns become line feeds, stacks of combining marks are cut
    to four. Linear in the length of the text; the result can always be written as UTF-8.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    kept = {match.start() for match in _JOINED.finditer(text)}
    marked = "".join(
        mark(character) if _is_hidden(character) and at not in kept else character
        for at, character in enumerate(text)
    )
    return _STACKED.sub(lambda match: match[0][:_MOST_COMBINING], marked)


def one_line(text: str) -> str:
    """Return the visible text on one line, runs of white space as one space."""
    return _BLANKS.sub(" ", visible(text)).strip(" ")


def mark(character: str) -> str:
    """Return the visible name of a character: ⟨U+202E⟩."""
    return f"⟨U+{ord(character):04X}⟩"


def _is_hidden(character: str) -> bool:
    if character in "\n\t":
        return False
    return character in _BLANK_LETTERS or unicodedata.category(character) in _HIDDEN_CATEGORIES
