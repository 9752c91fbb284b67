"""Names of arms, metrics and files: which are safe, and how any text is shown."""

import re
import unicodedata

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,63}")
NAME_RULE = (
    "Use a name that begins with a letter A to Z and holds only letters, digits, spaces, "
    "hyphens and underscores, 64 characters at most."
)
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Letters that look like Latin ones in common fonts (Unicode TR 39, the cases met in names).
LOOKALIKES = str.maketrans(
    "асеорхуіјѕԁһкмтпѵԛԝгαονρτυικϲ",
    "aceopxyijsdhkmtnvqwraovptuikc",
)


def is_hidden(character: str) -> bool:
    """Return whether a character shows nothing or steers how others are shown."""
    return unicodedata.category(character) in HIDDEN


def visible(text: str, most: int = 60) -> str:
    """Return text fit for a message: hidden characters escaped, long text shortened."""
    shown = "".join(_escaped(c) if is_hidden(c) else c for c in text[: most + 1])
    return shown if len(text) <= most and len(shown) <= 2 * most else shown[:most] + "…"


def skeleton(text: str) -> str:
    """Return what a name looks like: no hidden characters, look-alikes as Latin, lower case."""
    folded = unicodedata.normalize("NFKC", "".join(c for c in text if not is_hidden(c)))
    return folded.strip().lower().translate(LOOKALIKES)


def strange_character(text: str) -> str | None:
    """Return a description of the first character that no name may hold, or None."""
    for character in text:
        if is_hidden(character):
            return f"the invisible character {_described(character)}"
        if ord(character) > 127:
            return f"the character {_described(character)}"
        if not NAME.fullmatch("a" + character):
            return f"the character {character}"
    return None


def has_hidden(text: str) -> bool:
    """Return whether any character is hidden."""
    return any(is_hidden(character) for character in text)


def safe_name(name: str) -> str:
    """Return a file name for people: the last part of a path, escaped, at most 80 characters.

    It is never a path that is opened, nor a header of a download.
    """
    last = re.split(r"[/\\]", name)[-1].strip()
    if len(last) > 80:
        last = last[:60] + "…" + last[-19:]
    return visible(last, most=80) or "upload"


def extension(name: str) -> str:
    """Return what follows the last dot, in lower case; empty when there is none."""
    last = re.split(r"[/\\]", name)[-1].strip()
    return last.rpartition(".")[2].lower() if "." in last else ""


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _described(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
