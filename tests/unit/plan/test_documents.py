"""Hand-written documents are read without trust, and every refusal names its line."""

import contextlib
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.errors import UnreadableError
from experimentos.issue import Severity
from experimentos.plan.charter import Charter, GuardrailPlan
from experimentos.plan.documents import read_charter, read_document, read_json, read_yaml
from experimentos.policy import Policy

FILES = Path(__file__).resolve().parents[2] / "reference" / "uploads" / "files"

CHARTER = """\
schema_version: 1
title: New checkout
hypothesis: |
  Fewer steps,
  more orders.
primary: conversion
alpha: 0.05
mde: 0.01
split: [50, 50]
start: 2026-02-01
planned_users: 20000
guardrails:
  - name: bounces
    direction: lower
    harm: 0.002
"""


def test_a_charter_in_yaml_is_typed_by_its_schema():
    charter = read_charter(CHARTER.encode(), "charter.yaml")
    assert charter == Charter(
        title="New checkout",
        hypothesis="Fewer steps,\nmore orders.\n",
        alpha=0.05,
        mde=0.01,
        split=(50.0, 50.0),
        start=date(2026, 2, 1),
        planned_users=20_000,
        guardrails=(GuardrailPlan(name="bounces", direction="lower", harm=0.002),),
    )


def test_a_charter_in_json_is_read_the_same():
    charter = read_charter(CHARTER.encode(), "charter.yaml")
    again = read_charter(charter.model_dump_json().encode(), "charter.json")
    assert again == charter


@pytest.mark.parametrize(
    ("file", "word", "row"),
    [("python_tag.yaml", "tag", 1), ("alias_bomb.yaml", "alias", 1), ("tabs.yaml", "tab", 4)],
)
def test_a_hostile_document_is_refused_with_its_line(file, word, row):
    [issue] = read_charter((FILES / file).read_bytes(), file)
    assert issue.severity is Severity.UNREADABLE
    assert word in issue.message
    assert issue.where.row == row
    assert issue.fix


def test_a_scalar_stays_the_word_that_was_written():
    text = "a: no\nb: 1:30\nc: 0x1F\nd: 2026-01-01\ne: 1_000\nf: 'null'\ng: ~\nh:\n"
    assert read_yaml(text) == {
        "a": "no",
        "b": "1:30",
        "c": "0x1F",
        "d": "2026-01-01",
        "e": "1_000",
        "f": "null",
        "g": None,
        "h": None,
    }


@pytest.mark.parametrize(
    ("text", "word", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "given twice", 3),
        ("a: &x 1\nb: *x\n", "anchor", 1),
        ("a: 1\nb: *x\n", "alias", 2),
        ("a: !!str 1\n", "tag", 1),
        ("a: !custom {}\n", "tag", 1),
        ("a: 1\n---\nb: 2\n", "second document", 2),
        ("? [a, b]\n: c\n", "key", 1),
        ("a: 1\nb: [1, 2\n", "expected", 3),
        ("a: 1\nb: \x07\n", "character", 2),
        ("- a\n- b\n", "named fields", 1),
        ("", "named fields", 1),
        ("just a sentence", "named fields", 1),
        ("a: " + "[" * 100 + "]" * 100, "deeper", 1),
        ("{a: 1, a: 2}", "given twice", 1),
    ],
)
def test_what_is_not_one_plain_mapping_is_refused_with_its_line(text, word, line):
    with pytest.raises(UnreadableError, match=rf"^line {line}: .*{word}") as caught:
        read_yaml(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"a": 1, "a": 2}', "given twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ('{"a": 1234567890123456789}', "digits"),
        ('{"a": \n oops}', "line 2"),
        ("[1]", "object"),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", "deeper"),
        ('{"a": ' + "[" * 200_000 + "]" * 200_000 + "}", "deeper"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(text, word):
    with pytest.raises(UnreadableError, match=word):
        read_json(text)


def test_a_document_over_the_cap_is_not_parsed():
    with pytest.raises(UnreadableError, match="at most 10"):
        read_document(b"a: 12345678", "charter.yaml", Policy(document_bytes=10))


def test_bytes_that_are_not_utf8_name_their_line():
    with pytest.raises(UnreadableError, match="line 2: not UTF-8"):
        read_document(b"a: 1\nb: \xff", "charter.yaml")


def test_a_byte_order_mark_is_ignored():
    assert read_document("\ufeffa: 1".encode(), "charter.yaml") == {"a": "1"}


@pytest.mark.parametrize(
    ("line", "column", "near"),
    [
        ("alhpa: 0.1", "alhpa", "alpha"),
        ("guardrails:\n  - name: a\n    harmful: 1", "guardrails.0.harmful", "harm"),
        ("secondary:\n  - name: a\n    way: higher", "secondary.0.way", "name"),
    ],
)
def test_an_unknown_field_is_named_with_its_place_and_the_nearest_one(line, column, near):
    [issue] = read_charter(line.encode(), "charter.yaml")
    assert (issue.code, issue.where.column) == ("field_unknown", column)
    assert near in issue.fix


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("alpha: 5%", "alpha"),
        ("alpha: 0.9", "alpha"),
        ("alpha: nan", "alpha"),
        ("mde: inf", "mde"),
        ("direction: up", "direction"),
        ("start: soon", "start"),
        ("planned_users: 0.5", "planned_users"),
        ("split: 50/50", "split"),
        ("split: [50, nan]", "split.1"),
        ("schema_version: 2", "schema_version"),
        ("guardrails:\n  - direction: lower", "guardrails.0.name"),
        ('title: "a\\0b"', "title"),
        ('title: "a\\u202Eb"', "title"),
    ],
)
def test_a_value_that_does_not_fit_names_its_field(line, column):
    [issue] = read_charter(line.encode(), "charter.yaml")
    assert issue.where.column == column
    assert issue.message.startswith(column)
    assert issue.fix


def test_every_wrong_field_is_reported_at_once():
    issues = read_charter(b"alpha: 2\nmde: -1\nnope: 1", "charter.yaml")
    assert {issue.where.column for issue in issues} == {"alpha", "mde", "nope"}


def test_a_number_is_not_made_from_true():
    issues = read_charter(b'{"mde": true}', "charter.json")
    assert issues[0].where.column == "mde"


@given(st.text())
def test_any_text_is_one_mapping_or_refused_as_unreadable(text):
    with contextlib.suppress(UnreadableError):
        assert isinstance(read_yaml(text), dict)


@given(
    st.recursive(
        st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", min_size=1), inner),
        max_leaves=10,
    )
)
def test_yaml_and_json_agree_on_a_document_of_strings(value):
    text = json.dumps({"a": value})
    assert read_yaml(text) == read_json(text)
