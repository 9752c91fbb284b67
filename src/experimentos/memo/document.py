"""A document as data: what every renderer draws."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text of our own making; renderers escape it."""

    text: str


@dataclass(frozen=True, slots=True)
class FreeText:
    """Markdown that a person typed; renderers sanitise it and lose none of its text."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `numbered` when the order matters."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain text.

    Attributes
    ----------
    header : tuple[str, ...]
    rows : tuple[tuple[str, ...], ...]
        Each as long as the header.
    numeric : tuple[int, ...]
        Columns to align right.
    caption : str
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Callout:
    """One line that must be seen: `tone` is "good", "caution", "bad" or "neutral"."""

    text: str
    tone: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Highlights:
    """A few numbers that carry the document.

    Attributes
    ----------
    items : tuple[tuple[str, str, str], ...]
        (label, value, note) each; the note may be empty.
    """

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A static picture that we drew ourselves.

    Attributes
    ----------
    svg : str
        Complete `<svg>` element with `<title>` and `<desc>`, from `charts.svg`.
    alt : str
        The finding in words: what Markdown shows in its place.
    """

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Code:
    """A command to type."""

    text: str


type Block = Paragraph | FreeText | Bullets | Table | Callout | Highlights | Figure | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A memo or report before it has a format.

    Attributes
    ----------
    title : str
        Plain text, as a person typed it.
    subtitle : str
        Plain text under the title: owner, date, run id.
    sections : tuple[Section, ...]
    facts : Mapping[str, str]
        Machine-readable facts of the appendix: run id, input hash, versions.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    facts: Mapping[str, str]
