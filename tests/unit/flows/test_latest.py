"""Answers that are kept until what they depend on changes."""

import pytest

from experimentos.flows.latest import Latest


def never():
    raise AssertionError("the answer is known")


def test_an_answer_is_found_out_once_for_each_key():
    known = Latest(2)
    assert known.get(("stamp", 1), lambda: "one") == "one"
    assert known.get(("stamp", 1), never) == "one"
    assert known.get(("later", 1), lambda: "two") == "two"


def test_the_answer_that_nobody_asked_for_longest_goes_first():
    known = Latest(2)
    for key in ("a", "b"):
        known.get(key, lambda key=key: key)
    known.get("a", never)
    known.get("c", lambda: "c")
    assert known.get("a", never) == "a"
    assert known.get("b", lambda: "again") == "again"


def test_a_failure_is_not_kept():
    known = Latest(2)
    with pytest.raises(AssertionError):
        known.get("a", never)
    assert known.get("a", lambda: 1) == 1
