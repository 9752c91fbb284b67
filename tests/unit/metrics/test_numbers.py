"""The grammar of numbers: what is read, with which note, and what is refused and why."""

from decimal import Decimal

import pytest

from experimentos.metrics.reading.numbers import Quantity, Rejected, read_amount, read_count


@pytest.mark.parametrize(
    ("text", "value", "variety"),
    [
        ("1200", 1200, ()),
        ("+1200", 1200, ()),
        ("-3", -3, ()),
        ("0", 0, ()),
        ("007", 7, ("zeros",)),
        (" 12 ", 12, ("spaces",)),
        ("\u00a012", 12, ("spaces",)),
        ("1e4", 10_000, ("scientific",)),
        ("1.2E+3", 1200, ("scientific", "decimals")),
        ("1200.0", 1200, ("decimals",)),
        ("10000.000", 10_000, ("decimals",)),
        ("10,000", 10_000, ("thousands",)),
        ("1.234.567", 1_234_567, ("thousands",)),
        ("1,234.00", 1234, ("thousands", "decimals")),
        ("10 000", 10_000, ("thousands",)),
        ("10\u202f000", 10_000, ("thousands",)),
        ("1'200", 1200, ("thousands",)),
        ("1\u2019200\u2019000", 1_200_000, ("thousands",)),
        ("0e999999999", 0, ("scientific",)),
    ],
)
def test_a_count_is_read_with_a_note_on_its_spelling(text, value, variety):
    assert read_count(text) == Quantity(value, variety)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        ("  ", "blank"),
        ("NaN", "blank"),
        ("#N/A", "blank"),
        ("-", "blank"),
        ("10.000", "ambiguous_number"),
        ("10,00", "ambiguous_number"),
        ("10000,0", "ambiguous_number"),
        ("0.5", "not_whole"),
        ("10000.5", "not_whole"),
        ("1e-3", "not_whole"),
        ("1,234.5", "not_whole"),
        ("1" + "0" * 18, "too_large"),
        ("1e18", "too_large"),
        ("9" * 101, "too_long"),
        ("1e400", "out_of_range"),
        ("1e999999999", "out_of_range"),
        ("1e-999999999", "out_of_range"),
        ("12%", "percent"),
        ("#DIV/0!", "sheet_error"),
        ("true", "boolean"),
        ("$10", "currency"),
        ("10 EUR", "currency"),
        ("10_000", "underscore"),
        ("inf", "not_finite"),
        ("-Infinity", "not_finite"),
        ("0x10", "not_decimal"),
        ("(10)", "parentheses"),
        ("=1+1", "formula_text"),
        ("1,00,000", "bad_groups"),
        ("10 00", "bad_groups"),
        ("1.2.3", "bad_groups"),
        ("\u0661\u0662\u0660\u0660", "foreign_digits"),
        ("\uff11\uff12", "foreign_digits"),
        ("\u221210", "not_a_number"),
        ("ten", "not_a_number"),
        ("1200 users", "not_a_number"),
        ("'10000", "not_a_number"),
        ("12\n13", "not_a_number"),
    ],
)
def test_what_is_no_count_is_refused_with_its_reason(text, code):
    found = read_count(text)
    assert isinstance(found, Rejected)
    assert (found.code, bool(found.reason), bool(found.fix)) == (code, True, True)


@pytest.mark.parametrize(
    ("text", "value", "variety"),
    [
        ("50.123", Decimal("50.123"), ()),
        ("-50000", Decimal(-50_000), ()),
        (".5", Decimal("0.5"), ()),
        ("50000,5", Decimal("50000.5"), ("decimal comma",)),
        ("0,123", Decimal("0.123"), ("decimal comma",)),
        ("1.234,5", Decimal("1234.5"), ("thousands",)),
        ("1,234.5", Decimal("1234.5"), ("thousands",)),
        ("1 234,5", Decimal("1234.5"), ("thousands",)),
        ("1e308", Decimal("1e308"), ()),
    ],
)
def test_an_amount_may_have_decimals(text, value, variety):
    assert read_amount(text) == Quantity(value, variety)


@pytest.mark.parametrize("text", ["50,000", "1.8e308", "1e309", "1e-400", ""])
def test_an_ambiguous_or_boundless_amount_is_refused(text):
    assert isinstance(read_amount(text), Rejected)


def test_among_semicolons_a_comma_or_point_before_three_digits_is_ambiguous():
    for text in ("50.123", "50,123"):
        assert read_amount(text, semicolon=True).code == "ambiguous_number"
    assert read_count("10,000", semicolon=True).code == "ambiguous_number"
    assert read_amount("0.123", semicolon=True).value == Decimal("0.123")
