"""A document as Markdown that shows the same text in every viewer."""

import re
from collections.abc import Callable, Iterator
from typing import assert_never

from experimentos.charts.visible import one_line
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
from experimentos.memo.free_text import escape_markdown, free_text_markdown

# Viewers differ on these inside code; an indented block after a list is no code at all.
_DISPUTED = re.compile(r"[`<>&\[\]\\]")


def render_markdown(document: Document) -> str:
    """Return the document as Markdown: no raw HTML, no image, no reference, one trailing newline.

    Every text but `FreeText` is escaped; free text keeps emphasis, lists and plain links.
    """
    lines = [f"# {_text(document.title)}", ""]
    if document.subtitle:
        lines += [_text(document.subtitle), ""]
    for section in document.sections:
        lines += _section(section)
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {_text(section.heading)}", "")
    for block in section.blocks:
        lines = list(_block(block))
        if lines:
            yield from (*lines, "")


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield _text(text)
        case FreeText(markdown):
            yield from free_text_markdown(markdown)
        case Bullets():
            yield from _bullets(block)
        case Table():
            yield from _table(block)
        case _:
            yield from _marked(block)


def _marked(block: Callout | Highlights | Figure | Code) -> Iterator[str]:
    match block:
        case Callout():
            title = f"**{_text(block.title)}.** " if block.title else ""
            yield f"> {title}{_text(block.text)}"
        case Highlights(items):
            for label, value, note in items:
                yield f"- {_text(label)}: **{_text(value)}**{f' ({_text(note)})' if note else ''}"
        case Figure():
            yield f"*Figure.* {_text(block.alt)}"
        case Code(text):
            yield from (_code(one_line(line)) for line in text.split("\n"))
        case _:
            assert_never(block)


def _code(line: str) -> str:
    """Return a code span where every viewer agrees on its ends and content, else escaped text."""
    return f"`{line}`" if line and not _DISPUTED.search(line) else escape_markdown(line)


def _bullets(block: Bullets) -> Iterator[str]:
    for number, item in enumerate(block.items, start=1):
        yield f"{f'{number}.' if block.numbered else '-'} {_text(item)}"


def _table(table: Table) -> Iterator[str]:
    if table.caption:
        yield from (f"**{_text(table.caption)}**", "")
    yield _row(table.header, _text)
    rule = ("---:" if at in table.numeric else "---" for at in range(len(table.header)))
    yield _row(tuple(rule), str)
    for row in table.rows:
        yield _row(row, _text)


def _row(cells: tuple[str, ...], write: Callable[[str], str]) -> str:
    return f"| {' | '.join(write(cell) or ' ' for cell in cells)} |"


def _text(text: str) -> str:
    return escape_markdown(one_line(text))
