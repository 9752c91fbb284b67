"""Words for a PDF: what its fonts can draw, and a person's Markdown as plain paragraphs."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from experimentos.charts.visible import mark, one_line
from experimentos.memo.free_text import free_text_html

# Right-to-left scripts need an order, and joined ones shapes, that are not drawn here.
_UNDRAWN = frozenset({"R", "AL", "AN"})
_BLOCKS = frozenset({"p", "h4", "li", "blockquote", "pre", "tr", "hr"})


class Inked:
    """Text with a mark in the place of each character that the fonts cannot draw.

    Parameters
    ----------
    has_glyph
        Whether both fonts can draw a code point.
    """

    def __init__(self, has_glyph: Callable[[int], bool]) -> None:
        self._has_glyph = has_glyph
        self.is_marked = False

    def line(self, text: str) -> str:
        """Return one line of plain text, escaped for the paragraphs of the PDF."""
        return escape(self._drawn(one_line(text)), quote=False)

    def plain(self, text: str) -> str:
        """Return one line of plain text, not escaped."""
        return self._drawn(one_line(text))

    def _drawn(self, text: str) -> str:
        if text.isascii():
            return text
        return "".join(map(self._character, text))

    def _character(self, character: str) -> str:
        is_drawn = unicodedata.bidirectional(character) not in _UNDRAWN
        if is_drawn and self._has_glyph(ord(character)):
            return character
        self.is_marked = True
        return mark(character)


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph of a person's text.

    Attributes
    ----------
    markup : str
        Escaped, with `<b>` for what was strong.
    is_item, is_heading : bool
    """

    markup: str
    is_item: bool = False
    is_heading: bool = False


def passages(markdown: str, ink: Inked) -> Iterator[Passage]:
    """Yield the paragraphs of a person's Markdown; a link shows its address as text.

    It goes through the same sanitiser as the HTML form, and nothing of it is a tag afterwards.
    """
    reader = _Reader(ink)
    reader.feed(free_text_html(markdown))
    reader.close()
    yield from reader.finished()


class _Reader(HTMLParser):
    """Clean HTML to passages."""

    def __init__(self, ink: Inked) -> None:
        super().__init__(convert_charrefs=True)
        self._ink = ink
        self._done: list[Passage] = []
        self._parts: list[str] = []
        self._tag = "p"
        self._href = ""
        self._label: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end(tag)
        elif tag == "br":
            self._end(self._tag)
        elif tag in {"strong", "b"}:
            self._parts.append("<b>")
        elif tag == "a":
            self._href, self._label = dict(attrs).get("href") or "", []
        elif tag in {"td", "th"} and self._parts:
            self._parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end("p")
        elif tag in {"strong", "b"}:
            self._parts.append("</b>")
        elif tag == "a" and self._href:
            if self._href != "".join(self._label):
                self._parts.append(f" ({self._ink.line(self._href)})")
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "pre":
            lines = data.split("\n")
            for line in lines[:-1]:
                self._parts.append(self._ink.line(line))
                self._end("pre")
            data = lines[-1]
        if self._href:
            self._label.append(data)
        before = " " if data[:1].isspace() else ""
        after = " " if data[-1:].isspace() and data.strip() else ""
        self._parts.append(f"{before}{self._ink.line(data)}{after}")

    def finished(self) -> list[Passage]:
        """Return what was read."""
        self._end("p")
        return self._done

    def _end(self, tag: str) -> None:
        markup = "".join(self._parts).strip()
        # A block that begins inside bold text ends it, as browsers do.
        missing = markup.count("<b>") - markup.count("</b>")
        markup = "<b>" * -missing + markup + "</b>" * missing
        if markup.replace("<b>", "").replace("</b>", ""):
            self._done.append(Passage(markup, self._tag == "li", self._tag == "h4"))
        self._parts, self._tag = [], tag
