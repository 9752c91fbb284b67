"""Hostile text in every field of a memo stays text, in the HTML file and in any Markdown viewer."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from experimentos.memo.decision_memo import decision_memo
from experimentos.memo.free_text import free_text_html
from experimentos.memo.html import render_body, render_html
from experimentos.memo.markdown import render_markdown
from tests.reference.markup.oracle import text_of, unsafe
from tests.unit.memo.cases import FACTS, SUBJECT, named, written

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = json.loads((ROOT / "reference" / "markup" / "payloads.json").read_text())["payloads"]
MORE = (
    "[a]: javascript:alert(1)\n\n[a][a] [a][] [a]",
    "<https://localhost:9/x> <me@localhost>",
    '[x](https://localhost:9/\\"onmouseover=alert(1))',
    '[x](https://localhost:9 "title" onclick=alert(1))',
    "[x](https://localhost/?a=1&b=2&quot;)",
    "\\[x](javascript:alert(1)) \\![x](https://localhost:9/x.png)",
    "![x](https://localhost:9/x.png)",
    "[![x](https://localhost:9/x.png)](https://localhost:9)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "```\n<script>alert(1)</script>\n```\n~~~html\n<img src=x onerror=alert(1)>\n~~~",
    "    <script>alert(1)</script>\n\n- a\n\n      <img src=x onerror=alert(1)>",
    "`` ` <img src=x onerror=alert(1)> ` ``",
    "text {: onclick=alert(1) .x #y }\n\n## head {: style=x }",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    "term\n: definition\n\n*[HTML]: hidden\n\n[^1]: note [^1]\n\n!!! note\n    text",
    "line\n====\n\nline\n---\n\n# Decision\n\n> quote\n\n* * *",
    "\x02wzxhzdk:0\x03 \ue000\ue001 amp\ufffd;",
    "$x$ $$y$$ :red[z] :material/home: <!-- c --> <?php x ?> <![CDATA[x]]>",
    "1. one\n2) two\n+ plus\n- minus\n* star",
    "| a |\n|---|\n| \\| `x|y` |",
)
TEXTS = [entry["payload"] for entry in PAYLOADS] + list(MORE)
KEPT = [(e["payload"], e["must_keep_text"]) for e in PAYLOADS if e["must_keep_text"]]
SPECIAL = "[]()!<>&`*_#-+=~|:{}\\\"'/ ab1."
VIEWERS = {
    "markdown": lambda text: markdown.markdown(text, extensions=["tables", "fenced_code"]),
    "markdown, bare": markdown.markdown,
    "markdown, extra": lambda text: markdown.markdown(
        text, extensions=["extra", "admonition", "attr_list", "def_list", "toc", "meta"]
    ),
    "commonmark with HTML": lambda text: MarkdownIt("commonmark").render(text),
    "gfm": lambda text: MarkdownIt("default", {"html": True}).render(text),
}


def memos(text):
    """The memo with the text in every name, and with the text in every field."""
    yield decision_memo(named(text), facts=FACTS, fields=written(text))
    yield decision_memo(SUBJECT, facts=FACTS, fields=written(text))


def without_pictures(body):
    """The body without our own drawings, each of which is checked to hold no script."""
    for picture in re.findall(r"<svg.*?</svg>", body, re.DOTALL):
        for element in ElementTree.fromstring(picture).iter():
            assert element.tag.rpartition("}")[2] in {
                *("svg", "title", "desc", "text", "line", "polygon", "circle")
            }
            assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
    return re.sub(r"<svg.*?</svg>", "", body, flags=re.DOTALL)


def squeezed(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_html_memo_holds_nothing_unsafe(text):
    for memo in memos(text):
        assert unsafe(without_pictures(render_body(memo))) == []


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_markdown_memo_is_safe_in_a_viewer_that_lets_html_through(text, viewer):
    for memo in memos(text):
        rendered = VIEWERS[viewer](render_markdown(memo))
        # What the viewer adds to our own headings and tables.
        ours = re.sub(r' (id="[\w-]+"|style="text-align: ?\w+;?")', "", rendered)
        assert unsafe(ours) == []


@pytest.mark.parametrize(("text", "kept"), KEPT)
def test_no_text_is_lost(text, kept):
    for memo in memos(text):
        assert kept in text_of(render_body(memo))
        for viewer in VIEWERS.values():
            assert kept in text_of(viewer(render_markdown(memo)))


@given(
    st.text(
        alphabet=st.sampled_from("[]()!<>&`*_#-+=~|:{}\\\"'/ \nahref:\u202e\ue000"), max_size=80
    )
)
def test_no_mixture_of_special_characters_gets_through(text):
    assert unsafe(f"<div>{free_text_html(text)}</div>") == []
    memo = decision_memo(SUBJECT, facts=FACTS, fields=written(text))
    markdown_memo = render_markdown(memo)
    for viewer in (VIEWERS["markdown"], VIEWERS["commonmark with HTML"]):
        rendered = re.sub(r' style="text-align: ?\w+;?"', "", viewer(markdown_memo))
        assert unsafe(rendered) == []


@given(st.text(alphabet=SPECIAL, max_size=60))
def test_a_plain_field_shows_exactly_what_was_typed(text):
    memo = decision_memo(SUBJECT, facts=FACTS, fields=written(text))
    expected = squeezed(memo.title)
    assert expected in squeezed(text_of(render_body(memo)))
    for name in ("markdown", "commonmark with HTML"):
        assert expected in squeezed(text_of(VIEWERS[name](render_markdown(memo))))


def test_bidi_and_zero_width_characters_are_shown_or_gone():
    text = next(e["payload"] for e in PAYLOADS if "\u202e" in e["payload"])
    for memo in memos(text):
        for made in (render_html(memo), render_markdown(memo)):
            assert not set(made) & set("\u202e\u202c\u2066\u2069\u200b")


def test_a_title_cannot_leave_the_title_element():
    text = "</title><script>alert(1)</script>"
    page = render_html(decision_memo(SUBJECT, facts=FACTS, fields=written(text)))
    assert "<script" not in page
    assert page.count("<title>") == 2  # the page's and the picture's


def test_allowed_markdown_is_still_markdown():
    got = free_text_html("**bold** and [docs](https://example.org/a?b=1&c=2)\n\n- one\n- `a[0]<b`")
    assert "<strong>bold</strong>" in got
    assert 'href="https://example.org/a?b=1&amp;c=2"' in got
    assert 'rel="noopener noreferrer nofollow"' in got
    assert "<code>a[0]&lt;b</code>" in got


def test_a_heading_in_a_note_cannot_pose_as_a_section_of_the_memo():
    memo = decision_memo(SUBJECT, facts=FACTS, fields=written("# Decision\n\nRollback"))
    assert render_body(memo).count("<h2>Decision</h2>") == 1
    for viewer in VIEWERS.values():
        headings = re.findall(r"<h\d[^>]*>Decision</h", viewer(render_markdown(memo)))
        assert len(headings) == 1
