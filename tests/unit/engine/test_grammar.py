"""Expressions of a metrics file: what they mean, and that nothing else gets through."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.engine.expression import (
    Arithmetic,
    Column,
    Comparison,
    IsNull,
    Logic,
    Not,
    Number,
    Text,
    Type,
    columns_of,
    describe,
    type_of,
)
from experimentos.engine.grammar import parse
from experimentos.errors import ContractError

TYPES = {
    "a": Type.NUMBER,
    "b": Type.NUMBER,
    "ok": Type.BOOLEAN,
    "name": Type.TEXT,
    "day": Type.TIME,
    "blob": Type.OTHER,
}


def test_products_bind_before_sums_and_and_before_or():
    a, b = Column("a"), Column("b")
    assert parse("a + b * 2") == Arithmetic("+", a, Arithmetic("*", b, Number(2)))
    assert parse("(a + b) * 2") == Arithmetic("*", Arithmetic("+", a, b), Number(2))
    assert parse("ok or ok and not ok") == Logic(
        "or", Column("ok"), Logic("and", Column("ok"), Not(Column("ok")))
    )
    assert parse("a - b - 1") == Arithmetic("-", Arithmetic("-", a, b), Number(1))


def test_names_with_spaces_and_texts_with_quotes_are_one_value_each():
    assert parse('"order ""value""" > 1') == Comparison(">", Column('order "value"'), Number(1))
    assert parse("name = 'it''s; drop table'") == Comparison(
        "=", Column("name"), Text("it's; drop table")
    )
    assert parse("a IS NOT NULL") == IsNull(Column("a"), negated=True)


@pytest.mark.parametrize(
    "text",
    [
        "", "a +", "a b", "a; drop table x", "read_csv('/etc/passwd')", "a --",
        "a /* c */", "1 = ", "((a)", "a)", "select 1", "a.b", "$1", "?", "a || b", "'open",
        "a is 3", "1.2.3", "0x1f", "a = 'x\x00'", '""', "a <> > b", "\\", "9to5",
    ],
)  # fmt: skip
def test_what_is_not_of_the_grammar_is_refused(text):
    with pytest.raises(ContractError):
        parse(text)


def test_depth_and_length_are_bounded():
    with pytest.raises(ContractError, match="deeper"):
        parse("(" * 500 + "a" + ")" * 500)
    with pytest.raises(ContractError, match="characters"):
        parse("a + " * 1_000 + "a")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a / b - 1", Type.NUMBER),
        ("-a", Type.NUMBER),
        ("a > 1 and name = 'x'", Type.BOOLEAN),
        ("not ok", Type.BOOLEAN),
        ("blob is null", Type.BOOLEAN),
        ("day >= '2025-03-31'", Type.BOOLEAN),
        ("true", Type.BOOLEAN),
    ],
)
def test_the_type_of_an_expression_follows_from_its_columns(text, kind):
    assert type_of(parse(text), TYPES) is kind


@pytest.mark.parametrize(
    "text",
    [
        "a + name", "name > 1", "not a", "ok and a", "missing + 1", "day > 'soon'", "day > 3",
        "blob = blob", "-name", "missing is null",
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused_with_what_to_do(text):
    with pytest.raises(ContractError) as caught:
        type_of(parse(text), TYPES)
    assert caught.value.hint


@st.composite
def _numbers(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["a", "b", "2", "0.5", '"odd name"']))
    sign = draw(st.sampled_from("+-*/"))
    left, right = draw(_numbers(depth=depth - 1)), draw(_numbers(depth=depth - 1))
    return f"({left} {sign} {right})"


@given(_numbers(), st.sampled_from(["<", "<=", "=", "!=", ">", ">="]), _numbers())
def test_an_expression_written_out_reads_back_to_itself(left, sign, right):
    found = parse(f"{left} {sign} {right} or not (a is null)")
    assert parse(describe(found)) == found
    assert columns_of(found) <= {"a", "b", "odd name"}


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_refused(text):
    with suppress(ContractError):
        found = parse(text)
        assert parse(describe(found)) == found
