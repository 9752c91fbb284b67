"""Every kind of block, in any order, holds hostile text as text in every viewer."""

import re

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from experimentos.memo.document import (
    Bullets,
    Callout,
    Code,
    Document,
    FreeText,
    Highlights,
    Paragraph,
    Section,
    Table,
)
from experimentos.memo.free_text import MARKDOWN_LIMIT, free_text_html, free_text_markdown
from experimentos.memo.html import render_body
from experimentos.memo.markdown import render_markdown
from tests.reference.markup.oracle import text_of, unsafe

PIECES = (
    *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=x>", "<!--", "-->"),
    *("[x](", "javascript:alert(1)", "https://h/", ")", "]", "[", "![", "[a]: ", "<https://h>"),
    *("`", "``", "```\n", "~~~\n", "\n", "\n\n", "    ", "> ", "- ", "1. ", "# ", "\\", "|"),
    *("|-|-|\n", "*", "**", "_", "{: onclick=x }", "&lt;", "&#60;", "&", "<a href=", "'", '"'),
    *(": d", "!!! x\n", "===\n", "*[a]: b", "[^1]", "\x02", "\u2028", "<?x?>", "<![CDATA[", "a"),
)
hostile = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join)
VIEWERS = (
    lambda text: markdown.markdown(text, extensions=["tables", "fenced_code"]),
    lambda text: markdown.markdown(text, extensions=["extra", "admonition", "nl2br"]),
    lambda text: MarkdownIt("commonmark").render(text),
    lambda text: MarkdownIt("default", {"html": True}).render(text),
)


def everything(text):
    blocks = (
        Paragraph(text),
        FreeText(text),
        Bullets((text, text)),
        Code(text),
        Table((text, text), ((text, text),), (1,), text),
        Callout(text, "good", text),
        Highlights(((text, text, text),)),
        Code(text),
    )
    return Document(text, text, (Section(text, blocks),), {})


@given(hostile)
def test_no_order_of_blocks_lets_markup_through(text):
    assert unsafe(render_body(everything(text))) == []
    made = render_markdown(everything(text))
    for viewer in VIEWERS:
        assert unsafe(re.sub(r' style="text-align: ?\w+;?"', "", viewer(made))) == []


@pytest.mark.parametrize("text", ["experimentos analyze 'a b.csv'", "run '<b>[x]`y`.csv' & more"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_command_is_shown_as_it_has_to_be_typed(text, viewer):
    document = Document("t", "", (Section("s", (Bullets(("one",)), Code(text))),), {})
    assert text in text_of(viewer(render_markdown(document)))
    assert text in text_of(render_body(document))


def test_an_image_keeps_its_words_and_is_no_image():
    for text in ("![alt](https://h/x.png)", "a \\[b](https://h/)"):
        lines = "\n".join(free_text_markdown(text))
        for viewer in VIEWERS:
            shown = viewer(lines)
            assert "<img" not in shown
            assert "https://h/" in text_of(shown)


@pytest.mark.parametrize("marker", [">", "> ", "- ", "> - ", "1. ", "* "])
def test_very_deep_nesting_loses_no_text(marker):
    text = marker * ((MARKDOWN_LIMIT - 4) // len(marker)) + " end"
    assert text_of(free_text_html(text)).strip().endswith("end")
    assert unsafe(f"<div>{free_text_html(text)}</div>") == []


def test_empty_free_text_is_nothing():
    assert free_text_html("  \n ") == ""
    assert free_text_markdown(" \n\t") == []
    empty = Document("t", "", (Section("s", (FreeText(" "), Bullets(()))),), {})
    assert "<article>" not in render_body(empty)
    assert "<ul>" not in render_body(empty)


def test_long_free_text_is_escaped_whole():
    text = "*a* " * (MARKDOWN_LIMIT // 2)
    lines = free_text_markdown(text)
    assert "<em>" not in markdown.markdown("\n".join(lines))
    assert text_of(free_text_html(text)).count("*a*") == MARKDOWN_LIMIT // 2
