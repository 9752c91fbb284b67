import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.ui import format as fmt

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "1 day ago"),
        (6 * 86_400, "6 days ago"),
        (8 * 86_400, "12 Nov 2026"),
    ],
)
def test_a_moment_is_told_in_words_up_to_a_week(seconds, text):
    assert fmt.when(NOW - timedelta(seconds=seconds), NOW) == text


@given(st.text(max_size=80))
def test_escaped_text_is_the_text_with_escapes_and_nothing_else(text):
    shown = re.sub(r"\\(.)", r"\1", fmt.plain(text))
    assert shown.replace("\u2060", "") == " ".join(text.split()).replace("\u2060", "")


@pytest.mark.parametrize(
    "markup", ["**b**", "[x](y)", "<b>", "$x$", "`c`", "# h", "> q", "- i", "1. i", "a~~b~~", "^a^"]
)
def test_every_mark_of_markdown_is_escaped(markup):
    shown = fmt.plain(markup)
    for place, letter in enumerate(shown):
        if letter in "*[]()<>$`#~^.-":
            assert shown[place - 1] == "\\"


@pytest.mark.parametrize(
    "directive", [":red[x]", ":red alert", ":material/home:", ":100:", ":red-badge[x]"]
)
def test_no_colour_icon_or_emoji_is_opened(directive):
    assert fmt.plain(directive).startswith(":\u2060")


@pytest.mark.parametrize("address", ["http://a.b/c", "www.a.b", "me@a.b"])
def test_no_bare_address_becomes_a_link(address):
    assert "\u2060" in fmt.plain(address)


def test_no_entity_is_decoded():
    assert fmt.plain("&lt;b&gt;").startswith("\\&")


def test_times_of_day_keep_their_colons():
    assert fmt.plain("10:30") == "10:30"


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_a_list_reads_as_a_sentence(items, text):
    assert fmt.listed(items) == text


def test_a_long_text_is_cut_at_a_word():
    assert fmt.shortened("one two three", 9) == "one two ..."
    assert fmt.shortened("one two", 9) == "one two"


def test_counts_agree_with_their_nouns():
    assert (fmt.plural(1, "row"), fmt.plural(2, "row")) == ("1 row", "2 rows")
    assert fmt.plural(2, "child", "children") == "2 children"
