"""Nothing invisible in other people's text acts unseen."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from experimentos.charts.visible import one_line, visible


def test_bidi_and_zero_width_characters_become_marks():
    assert visible("\u202eevil\u202c a\u200bb") == "⟨U+202E⟩evil⟨U+202C⟩ a⟨U+200B⟩b"


def test_joiners_stay_inside_words_and_emoji_that_need_them():
    family = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}"
    assert visible(family) == family
    assert visible("pay\u200dpal") == "pay⟨U+200D⟩pal"


def test_lone_surrogates_and_nul_can_be_written_as_utf8():
    assert visible("a\ud800\x00b").encode() == "a⟨U+D800⟩⟨U+0000⟩b".encode()


def test_ordinary_text_in_any_script_is_left_alone():
    text = "Prüfung · 実験 · تجربة · 10 %\n\tnext"
    assert visible(text) == text


def test_a_stack_of_combining_marks_is_cut():
    assert visible("e" + "\u0301" * 500) == "e" + "\u0301" * 4


@given(st.text())
def test_what_comes_out_holds_no_format_character_but_joiners(text):
    left = {c for c in visible(text) if unicodedata.category(c) in {"Cf", "Cs", "Co"}}
    assert left <= {"\u200c", "\u200d"}


@given(st.text())
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1
