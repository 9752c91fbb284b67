"""The PDF form, read back by another library: whole text, fonts inside, nothing that acts."""

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from experimentos.charts.svg import Drawing
from experimentos.charts.visible import one_line
from experimentos.memo.decision_memo import decision_memo
from experimentos.memo.document import (
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
from experimentos.memo.pdf import render_pdf
from tests.unit.memo.cases import FACTS, SUBJECT, written

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = json.loads((ROOT / "reference" / "markup" / "payloads.json").read_text())["payloads"]
TEXTS = [entry["payload"] for entry in PAYLOADS]
ACTIVE = {"/JavaScript", "/JS", "/AA", "/OpenAction", "/Launch", "/URI", "/AcroForm", "/XFA",
          "/EmbeddedFiles", "/RichMedia", "/GoToR", "/SubmitForm"}  # fmt: skip


def everywhere(text: str) -> Document:
    """Return a document with a text in every field that a person fills."""
    picture = Drawing(40, one_line(text), one_line(text))
    picture.text(0, 12, one_line(text))
    blocks = (
        Paragraph(text), FreeText(text), Bullets((text,)), Callout(text, "good", text),
        Table((text, "n"), ((text, "1"),), numeric=(1,), caption=text),
        Highlights(((text, text, text),)), Figure(picture.render(), text), Code(text),
    )  # fmt: skip
    return Document(text, text, (Section(text, blocks),), {})


def one(*blocks) -> Document:
    return Document("Title", "", (Section("Section", blocks),), {})


def read(document: Document) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(document)), strict=True)


def text_of(document: Document) -> str:
    return "\n".join(page.extract_text() for page in read(document).pages)


def letters(text: str) -> str:
    """Return a text without the white space that lines are broken at."""
    return re.sub(r"\s+", "", text)


def test_the_memo_holds_what_the_other_forms_hold():
    document = decision_memo(SUBJECT, facts=FACTS)
    shown = letters(text_of(document))
    for section in document.sections:
        assert letters(section.heading) in shown
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert letters(block.text) in shown
            if isinstance(block, Table):
                cells = [c for row in block.rows for c in row]
                assert [c for c in cells if letters(c) not in shown] == []


def test_the_same_document_gives_the_same_bytes():
    document = decision_memo(SUBJECT, facts=FACTS)
    assert render_pdf(document) == render_pdf(document)


def test_its_fonts_are_inside_and_its_title_is_named():
    reader = read(decision_memo(SUBJECT, facts=FACTS, fields=written("Größe")))
    fonts = reader.pages[0]["/Resources"]["/Font"]
    kinds = [f.get_object() for f in fonts.values()]
    assert all("/FontFile2" in f["/FontDescriptor"] for f in kinds if f["/Subtype"] == "/TrueType")
    assert reader.metadata.title == "Größe"


@pytest.mark.parametrize("start", range(0, len(TEXTS), 11))
def test_hostile_text_stays_text_and_nothing_acts(start):
    for text in TEXTS[start : start + 11]:
        content = render_pdf(everywhere(text))
        reader = PdfReader(io.BytesIO(content), strict=True)
        names = {key for page in reader.pages for key in page}
        assert "/Annots" not in names
        assert not ACTIVE & set(reader.trailer["/Root"])
        shown = letters("".join(page.extract_text() for page in reader.pages))
        inked = letters(one_line(text))
        if inked.isascii():
            assert inked[:40] in shown


@given(st.text(max_size=60))
@settings(max_examples=25)
def test_any_text_is_drawn(text):
    assert render_pdf(everywhere(text)).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe, señal, Łódź", "Größe, señal, Łódź"),
        ("Πίνακας Лаборатория", "Πίνακας Лаборатория"),
        ("± ≤ μ → β", "± ≤ μ → β"),
        ("中", "⟨U+4E2D⟩"),
        ("שלום", "⟨U+05E9⟩"),
        ("a\u202eb", "⟨U+202E⟩"),
    ],
)
def test_a_character_is_drawn_or_shown_as_its_code(text, shown):
    found = text_of(one(Paragraph(text)))
    assert letters(shown) in letters(found)
    assert ("cannot be drawn" in found) == (text in {"中", "שלום"})


def test_a_cell_longer_than_a_page_becomes_a_note_and_loses_nothing():
    long = " ".join(f"word{k}" for k in range(3_000))
    found = letters(text_of(one(Table(("a", "b"), ((long, "1"),)))))
    assert "seenote1below" in found
    assert "word0word1word2" in found
    assert "word2999" in found


def test_a_word_without_end_is_broken_and_a_table_of_many_columns_fits():
    text_of(one(Paragraph("x" * 5_000), Callout("y" * 5_000, "bad", "z" * 400)))
    header = tuple(f"column{k}" for k in range(24))
    shown = text_of(one(Table(header, (header, header))))
    assert "0" in shown


def test_a_persons_markdown_keeps_its_words_and_shows_addresses():
    typed = (
        "# Head\n\nSome **bold [link](https://a.example/x)** words\n\n- one\n- two\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode <b>\nmore\n```\n\n> said\n\n[same](#x)"
    )
    found = letters(text_of(one(FreeText(typed))))
    for words in ("Head", "link(https://a.example/x)", "•one", "1|2", "code<b>", "more", "said"):
        assert words in found


def test_an_empty_document_is_a_page():
    assert len(read(Document("", "", (), {})).pages) == 1
    assert "Section" in text_of(one(Bullets(()), FreeText(""), Highlights(()), Callout("", "x")))
