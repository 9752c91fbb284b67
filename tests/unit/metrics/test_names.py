"""Names that are safe to show, and names that are safe to use."""

import pytest

from experimentos.metrics.reading.names import (
    extension,
    safe_name,
    skeleton,
    strange_character,
    visible,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x00b", "a\\x00b"),
        ("a\nb", "a\\x0ab"),
        ("x" * 100, "x" * 60 + "…"),
        ("\u200b" * 60, ("\\u200b" * 60)[:60] + "…"),
        ("Größe", "Größe"),
    ],
)
def test_hidden_characters_are_shown_as_escapes_and_long_text_is_cut(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("name", "shown", "ending"),
    [
        ("../../etc/cron.d/x.csv", "x.csv", "csv"),
        ("..\\..\\x.csv", "x.csv", "csv"),
        ("a\x00b.csv", "a\\x00b.csv", "csv"),
        ("x" * 300 + ".csv", "x" * 60 + "…" + "x" * 15 + ".csv", "csv"),
        ("results.CSV", "results.CSV", "csv"),
        ("results.csv.exe", "results.csv.exe", "exe"),
        (".csv", ".csv", "csv"),
        ("", "upload", ""),
        ("folder/", "upload", ""),
        ("pasted", "pasted", ""),
        ("x.csv ", "x.csv", "csv"),
    ],
)
def test_a_file_name_is_its_last_part_escaped_and_short(name, shown, ending):
    assert (safe_name(name), extension(name)) == (shown, ending)


@pytest.mark.parametrize("name", ["\u0441ontrol", "c\u200bontrol", "\uff43ontrol", "CONTROL"])
def test_names_that_look_alike_have_one_skeleton(name):
    assert skeleton(name) == "control"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("control", None),
        ("\u0441ontrol", "CYRILLIC SMALL LETTER ES"),
        ("a\u200bb", "invisible character U+200B ZERO WIDTH SPACE"),
        ("a\x07b", "invisible character U+0007"),
        ("a/b", "the character /"),
    ],
)
def test_the_first_strange_character_is_named(name, told):
    found = strange_character(name)
    assert (found is None) if told is None else (told in found)
