"""The filter of run lists: what it understands, what it finds, what it says when it does not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.runs.documents import Run
from experimentos.runs.filter_match import matches
from experimentos.runs.filter_text import FilterError, parse_filter
from experimentos.runs.search import And, Between, Compare, Field, FieldType, Operator, Or

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RUN = Run(
    run_id="01ARZ3NDEKTSV4RRFFQ69G5FAV",
    project="shop",
    experiment="temperature",
    variant="creative",
    repeat=2,
    kind="script",
    title="Checkout v2",
    status="completed",
    created_at=NOW,
    primary_value=0.75,
    params={"temperature": 1.0, "model": "small", "deep": {"lr": 0.01, "warm": True}, "n": 5},
    metrics={"accuracy": 0.75, "loss": "NaN"},
    tags={"team": "search"},
    environment={"python": "3.13.0"},
)

TRUE = """
status = completed
STATUS = completed OR nothing = 1
variant != balanced
params.temperature > 0.9 AND params.temperature <= 1
params.temperature IN 0.5..1
params.temperature between 0.5 and 1
params.n = 5
params.deep.lr = 1e-2
params.deep.warm = true
params.model IN (small, "large")
params.model NOT IN (medium, large)
NOT params.model = large
title CONTAINS 'CHECKOUT'
not (status = failed or status = cancelled)
score >= .75
metrics.loss IS NOT EMPTY
metrics.auc is empty
error is empty
created > 2026-11-28 and created < 2026-11-28T12:00:01
created in 2026-11-01..2026-11-30
created_at = 2026-11-28T13:00:00+01:00
tags.team = search
environment.python = 3.13.0 or environment.python = '3.13.0'
repeat = 2
id = 01ARZ3NDEKTSV4RRFFQ69G5FAV
status = failed and status = failed or variant = creative
""".strip().splitlines()

FALSE = """
params.missing = 1
params.missing != 1
params.temperature = '1'
params.model > 5
params.deep = 1
params.deep.warm = 1
params.n = true
metrics.loss < 1
metrics.loss > 0
metrics.auc < 1
title contains nothing
cost < 5
params.temperature in 0..0.99
variant = Creative
status = failed or variant = creative and status = failed
""".strip().splitlines()


def parsed(text):
    return parse_filter(text.replace("nothing = 1", "repeat = 99"))


@pytest.mark.parametrize("text", TRUE)
def test_a_filter_finds_the_run_it_describes(text):
    assert matches(parsed(text), RUN)


@pytest.mark.parametrize("text", FALSE)
def test_a_filter_does_not_find_another(text):
    assert not matches(parsed(text), RUN)
    assert matches(parse_filter(f"NOT ({text})"), RUN)


def test_and_binds_closer_than_or():
    a, b, c = (Compare(Field((f,), FieldType.TEXT), Operator.EQUAL, "x") for f in ("host",) * 3)
    assert parse_filter("host = x or host = x and host = x") == Or((a, And((b, c))))


def test_a_range_is_one_value():
    field = Field(("metrics", "f1"), FieldType.NUMBER)
    assert parse_filter("metrics.f1 in -1..2.5") == Between(field, -1.0, 2.5)


KNOWN = ("params.lr", "params.deep.lr", "metrics.accuracy", "metrics.loss", "params.loss", "tags.a")


def test_a_bare_name_finds_its_one_place():
    assert parse_filter("accuracy > 0.5", KNOWN) == parse_filter("metrics.accuracy > 0.5", KNOWN)
    assert parse_filter("params.deep is empty", KNOWN) is not None


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("statu = completed", 1, "status"),
        ("status = complete", 10, "completed"),
        ("metrics.acuracy > 1", 1, "metrics.accuracy"),
        ("acuracy > 1", 1, "metrics.accuracy"),
        ("loss < 1", 1, "metrics.loss or params.loss"),
        ("status = ", 10, "nothing"),
        ("status completed", 8, "CONTAINS"),
        ("status = completed variant = a", 20, "AND"),
        ("(status = completed", 1, "Add a )"),
        ("variant IN (a, b", 12, "never closed"),
        ("variant IN a", 12, "IN (a, b)"),
        ("params.lr in 2..1", 14, "Swap"),
        ("params.lr in 2..a", 14, "ends of a range"),
        ("params.lr between 1 2", 21, "AND"),
        ("cost < cheap", 8, "number"),
        ("created > yesterday", 11, "date"),
        ("status > completed", 8, "order"),
        ("cost contains 5", 15, "no text"),
        ("title contains (", 16, "needs a text"),
        ("title = 'open", 9, "never closed"),
        ("status is null", 11, "EMPTY"),
        ("AND", 1, "a field is needed"),
        ("params. = 1", 1, "no run has"),
        ("params..x = 1", 1, "no run has"),
        ("metrics.nothing = 1", 1, "no run has"),
        ("quite_other_word = 1", 1, "Use status"),
        ("NOT " * 40 + "status = failed", 125, "nested"),
        ("x" * 2_001, 2_001, "longer"),
        (" or ".join(["repeat = 1"] * 101), None, "more than 100"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_a_way_out(text, at, says):
    with pytest.raises(FilterError) as caught:
        parse_filter(text, KNOWN)
    assert says in str(caught.value)
    assert caught.value.hint
    assert at is None or caught.value.position == at - 1


def test_blank_is_no_filter():
    assert parse_filter("  \n ") is None


@given(st.text(alphabet="status=completed ()'\"<>!.,ANDORNOTIN0123", max_size=60))
def test_any_text_is_a_filter_or_a_clear_error(text):
    try:
        found = parse_filter(text)
    except FilterError as error:
        place = error.position
        found = None
    else:
        place = 0
    assert 0 <= place <= len(text)
    assert found is None or matches(found, RUN) in (True, False)
