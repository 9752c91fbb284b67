"""A document as PDF: A4, fonts inside, nothing that acts; same document, same bytes."""

import io
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any, assert_never

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph as Words
from reportlab.platypus import SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.tables import TableStyle

from experimentos.memo.document import (
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    Figure,
    FreeText,
    Highlights,
    Paragraph,
    Section,
    Table,
)
from experimentos.memo.pdf_figure import Picture
from experimentos.memo.pdf_text import Inked, passages

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
# The library's frames keep 6 points inside their margins.
FRAME = 6
FIGURE_WIDTH = 420
CELL_SIZE = 8.5
CELL_PADDING = 9
CELL_CHARACTERS = 600
LONGEST_FOOT = 80
HIGHLIGHTS_ACROSS = 4

_INK, _SOFT, _LINE = HexColor("#1a1d23"), HexColor("#5b626d"), HexColor("#d5d9df")
_TONES = {"good": "#17713f", "caution": "#8f5a00", "bad": "#b3261e", "neutral": "#4a5568"}
_NOTE = (
    "Some characters cannot be drawn in this form and are shown as marks such as ⟨U+4E2D⟩; the "
    "HTML form shows them."
)


def render_pdf(document: Document) -> bytes:
    """Return the document as a PDF that holds its fonts and no script, link or form.

    A character that the fonts cannot draw (right-to-left and East Asian scripts, pictograms) is
    shown as its code point, and a note at the end says so.
    """
    fonts = _fonts()
    ink = Inked(lambda code: all(code in glyphs for glyphs in fonts))
    story: list[Any] = [Words(ink.line(document.title), _style("title"))]
    if document.subtitle:
        story.append(Words(ink.line(document.subtitle), _style("subtitle")))
    for section in document.sections:
        story.extend(_section(section, ink))
    if ink.is_marked:
        story.append(Words(Inked(lambda _: True).line(_NOTE), _style("caption")))
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN - FRAME, rightMargin=MARGIN - FRAME, topMargin=MARGIN,
        bottomMargin=MARGIN, invariant=1, lang="en", title=ink.plain(document.title),
        author="ExperimentOS", creator="ExperimentOS",
    )  # fmt: skip
    foot = ink.plain(document.title)[:LONGEST_FOOT]

    def finish(canvas: Canvas, _page: object) -> None:
        canvas.setFont(REGULAR, 8)
        canvas.setFillColor(_SOFT)
        canvas.drawString(MARGIN, MARGIN / 2, foot)
        canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, f"{canvas.getPageNumber()}")

    page.build(story, onFirstPage=finish, onLaterPages=finish)
    return out.getvalue()


def _section(section: Section, ink: Inked) -> Iterator[Any]:
    yield Words(ink.line(section.heading), _style("heading"))
    for block in section.blocks:
        yield from _block(block, ink)


def _block(block: Block, ink: Inked) -> Iterator[Any]:
    match block:
        case Paragraph(text):
            yield Words(ink.line(text), _style("body"))
        case FreeText(markdown):
            yield from _free(markdown, ink)
        case Bullets():
            yield from _bullets(block, ink)
        case Table():
            yield from _table(block, ink)
        case _:
            yield from _marked(block, ink)


def _marked(block: Callout | Highlights | Figure | Code, ink: Inked) -> Iterator[Any]:
    match block:
        case Callout():
            yield _callout(block, ink)
            yield Spacer(0, 6)
        case Highlights():
            yield from _highlights(block, ink)
        case Figure():
            yield Picture(block.svg, FIGURE_WIDTH, REGULAR, BOLD, ink.plain)
            yield Spacer(0, 8)
        case Code(text):
            for line in text.split("\n"):
                yield Words(ink.line(line), _style("code"))
        case _:
            assert_never(block)


def _free(markdown: str, ink: Inked) -> Iterator[Any]:
    for passage in passages(markdown, ink):
        if passage.is_item:
            yield Words(passage.markup, _style("item"), bulletText="•")
        else:
            yield Words(passage.markup, _style("strong" if passage.is_heading else "body"))


def _bullets(block: Bullets, ink: Inked) -> Iterator[Any]:
    for number, item in enumerate(block.items, start=1):
        sign = f"{number}." if block.numbered else "•"
        yield Words(ink.line(item), _style("item"), bulletText=sign)


def _callout(block: Callout, ink: Inked) -> Any:
    tone = HexColor(_TONES.get(block.tone, _TONES["neutral"]))
    title = ParagraphStyle("tone", _style("callout"), textColor=tone)
    words = [Words(ink.line(block.title), title)] if block.title else []
    lines = [*words, *(Words(part, _style("body")) for part in _parts(ink.line(block.text)))]
    look = TableStyle(
        [
            ("LINEBEFORE", (0, 0), (0, -1), 3, tone),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return Grid([[line] for line in lines], colWidths=[WIDTH], style=look, splitInRow=1)


def _parts(text: str) -> list[str]:
    """Return a long text in pieces that each fit a page."""
    words, found = text.split(" "), [""]
    for word in words:
        if found[-1] and len(found[-1]) + len(word) > 2 * CELL_CHARACTERS:
            found.append("")
        found[-1] = f"{found[-1]} {word}".strip()
    return found


def _highlights(block: Highlights, ink: Inked) -> Iterator[Any]:
    cells = [
        [
            Words(ink.line(label), _style("caption")),
            Words(ink.line(value), _style("figure")),
            *([Words(ink.line(note), _style("caption"))] if note else []),
        ]
        for label, value, note in block.items
    ]
    rows = [
        [*cells[at : at + HIGHLIGHTS_ACROSS], *[""] * (HIGHLIGHTS_ACROSS - len(cells[at:]))]
        for at in range(0, len(cells), HIGHLIGHTS_ACROSS)
    ]
    if rows:
        widths = [WIDTH / HIGHLIGHTS_ACROSS] * HIGHLIGHTS_ACROSS
        look = TableStyle(
            [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
        )
        yield Grid(rows, colWidths=widths, style=look, splitInRow=1)


def _table(table: Table, ink: Inked) -> Iterator[Any]:
    if table.caption:
        yield Words(ink.line(table.caption), _style("strong"))
    notes: list[str] = []
    rows = [
        [_cell(cell, ink, notes, "head", is_right=at in table.numeric) for at, cell in
         enumerate(table.header)],
        *([_cell(cell, ink, notes, "cell", is_right=at in table.numeric) for at, cell in
           enumerate(row)] for row in table.rows),
    ]  # fmt: skip
    look = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), CELL_PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ]
    )
    widths = _widths(table, ink)
    yield Grid(rows, colWidths=widths, style=look, repeatRows=1, splitInRow=1)
    for number, note in enumerate(notes, start=1):
        for part in _parts(note):
            yield Words(f"Note {number}. {part}", _style("caption"))
    yield Spacer(0, 8)


def _cell(text: str, ink: Inked, notes: list[str], name: str, *, is_right: bool) -> Any:
    """Return a cell; one that would fill a page becomes a note under the table."""
    line = ink.line(text)
    if len(line) > CELL_CHARACTERS:
        notes.append(line)
        line = f"see note {len(notes)} below"
    return Words(line, _style(f"{name} right" if is_right else name))


def _widths(table: Table, ink: Inked) -> list[float]:
    """Share the width by the longest text of each column; no column cuts a word that fits."""
    columns = [[ink.plain(c)[:120] for c in column] for column in
               zip(table.header, *table.rows, strict=True)]  # fmt: skip
    wanted = [min(max(map(_wide, column)), WIDTH) for column in columns]
    words = [min(max(_wide(w) for c in column for w in c.split(" ")), WIDTH / 3)
             for column in columns]  # fmt: skip
    total, least = sum(wanted), sum(words)
    if total <= WIDTH:
        return [w + (WIDTH - total) / len(wanted) for w in wanted]
    if least >= WIDTH:
        return [w * WIDTH / least for w in words]
    spare = (WIDTH - least) / (total - least)
    return [low + spare * (high - low) for low, high in zip(words, wanted, strict=True)]


def _wide(text: str) -> float:
    return float(pdfmetrics.stringWidth(text, BOLD, CELL_SIZE)) + CELL_PADDING


@cache
def _fonts() -> Sequence[frozenset[int]]:
    """Register the fonts once and return the characters that each can draw."""
    found = []
    for name in (REGULAR, BOLD):
        file = resources.files("experimentos.memo") / "fonts" / f"{name}.ttf"
        font = TTFont(name, io.BytesIO(file.read_bytes()))
        pdfmetrics.registerFont(font)
        found.append(frozenset(font.face.charToGlyph))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR,
                                  boldItalic=BOLD)  # fmt: skip
    return tuple(found)


@cache
def _style(name: str) -> ParagraphStyle:
    return _styles()[name]


@cache
def _styles() -> dict[str, ParagraphStyle]:
    body = ParagraphStyle(
        "body", fontName=REGULAR, fontSize=9.5, leading=13.5, textColor=_INK, spaceAfter=5,
        splitLongWords=1,
    )  # fmt: skip
    small = ParagraphStyle("small", body, fontSize=CELL_SIZE, leading=11.5, spaceAfter=0)
    head = ParagraphStyle("head", small, textColor=_SOFT)
    return {
        "title": ParagraphStyle("title", body, fontName=BOLD, fontSize=18, leading=23),
        "subtitle": ParagraphStyle("subtitle", body, textColor=_SOFT, spaceAfter=10),
        "heading": ParagraphStyle("heading", body, fontName=BOLD, fontSize=12, leading=16,
                                  spaceBefore=12, keepWithNext=1),
        "strong": ParagraphStyle("strong", body, fontName=BOLD, keepWithNext=1),
        "callout": ParagraphStyle("callout", body, fontName=BOLD, fontSize=14, leading=18),
        "figure": ParagraphStyle("figure", body, fontName=BOLD, fontSize=12, leading=15,
                                 spaceAfter=0),
        "caption": ParagraphStyle("caption", small, textColor=_SOFT),
        "code": ParagraphStyle("code", small, leftIndent=8),
        "item": ParagraphStyle("item", body, leftIndent=14, bulletIndent=2, spaceAfter=3,
                               bulletFontName=REGULAR, bulletFontSize=9.5),
        "cell": small,
        "head": head,
        "cell right": ParagraphStyle("cell right", small, alignment=TA_RIGHT),
        "head right": ParagraphStyle("head right", head, alignment=TA_RIGHT),
        "body": body,
    }  # fmt: skip
