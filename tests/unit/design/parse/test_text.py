"""Reading keeps the way back to the words as typed, and never reads too much."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.design.parse.text import (
    CHARACTERS_LIMIT,
    RUN_LIMIT,
    SENTENCE_LIMIT,
    TOKENS_LIMIT,
    read,
    singular,
)


@given(st.text(max_size=300))
def test_every_token_leads_back_to_what_was_typed(raw):
    text = read(raw)
    for i, token in enumerate(text.tokens):
        start, end = text.span(i, i)
        assert 0 <= start < end <= len(raw)
        if raw.isascii():
            assert raw[start:end] == token.text


@given(st.text(max_size=300))
def test_tokens_stand_in_order_and_do_not_overlap(raw):
    tokens = read(raw).tokens
    for left, right in pairwise(tokens):
        assert left.end <= right.start
        assert left.sentence <= right.sentence


def test_typographic_signs_are_read_as_plain_ones():
    raw = (
        "the \N{LEFT DOUBLE QUOTATION MARK}dose\N{RIGHT DOUBLE QUOTATION MARK} of 3 \N{MICRO SIGN}M"
    )
    text = read(raw)
    assert text.clean == 'the "dose" of 3 uM'
    assert raw[slice(*text.span(2, 2))] == "dose"


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        ("Plots at 16.5 C, e.g. in May. Yield.", 2),
        ("24 h vs. 48 h; E. coli grew.", 1),
        ("One\nTwo\n\nThree", 3),
        ("Is it? Yes! Good.", 3),
    ],
)
def test_sentences_end_where_people_end_them(raw, count):
    assert len(read(raw).sentences) == count


@pytest.mark.parametrize(
    ("raw", "value"),
    [("twenty", 20), ("1,200", 1200), ("20k", 20_000), ("0.5", 0.5), ("1e999", None)],
)
def test_numbers_have_their_value_and_identifiers_none(raw, value):
    assert read(raw).tokens[0].value == value


def test_what_is_read_is_bounded():
    assert len(read("a" * 50_000).clean) == RUN_LIMIT
    assert len(read("a b " * 50_000).clean) <= CHARACTERS_LIMIT
    assert len(read("a b " * 50_000).tokens) <= TOKENS_LIMIT + 1
    longest = max(end - first for first, end in read("plot " * 3000).sentences)
    assert longest <= SENTENCE_LIMIT + 1


@pytest.mark.parametrize(
    ("plural", "noun"),
    [
        ("mice", "mouse"), ("batches", "batch"), ("varieties", "variety"), ("classes", "class"),
        ("boxes", "box"), ("glass", "glass"), ("analysis", "analysis"), ("plots", "plot"),
        ("Leaves", "leaf"), ("sizes", "size"),
    ],
)  # fmt: skip
def test_nouns_are_put_in_the_singular(plural, noun):
    assert singular(plural) == noun
