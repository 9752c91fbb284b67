"""The work grows with the length of the text: counted in calls, not in seconds."""

import re
import sys
import tomllib
from importlib.resources import files

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.lexicon import pattern

PIECES = [
    "a,", "((", "()", "1,", "either or ", "between a and b ", "each ", "3 blocks ", "a vs b ",
    "a: b, c; ", "half get a, ", "age recorded ", "temp (low/high) ", "between 4 and 8 C ",
    "treated with a, b or c ", "nested in each ", "randomised to ", "AB12 or ", "six plots. ",
    "wools, A and B ", "day 1 to day 9 ", "we measure yield and ",
]  # fmt: skip
LENGTH = 1_500
GROWTH = 2.6
"""Twice the text may cost this many times the calls: 2 for a linear parser, 4 for a square one."""

TABLE = tomllib.loads(
    files("experimentos.design.parse").joinpath("lexicon.toml").read_text(encoding="utf-8")
)


def calls(text):
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        parse_design(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_costs_about_twice_the_calls(piece):
    parse_design("a plot")
    once = calls((piece * LENGTH)[:LENGTH])
    twice = calls((piece * LENGTH)[: 2 * LENGTH])
    assert twice <= GROWTH * once + 500


def repeats(parsed, inside=False):
    """Yield whether a repeat without a bound stands inside another one."""
    for operation, argument in parsed:
        name = str(operation)
        unbounded = name in {"MAX_REPEAT", "MIN_REPEAT"} and argument[1] == MAXREPEAT
        if unbounded:
            yield inside
        for part in parts(argument):
            yield from repeats(part, inside=inside or unbounded)


def parts(argument):
    if isinstance(argument, SUBPATTERN):
        yield argument
    elif isinstance(argument, (list, tuple)):
        for item in argument:
            yield from parts(item)


MAXREPEAT = re._constants.MAXREPEAT
SUBPATTERN = re._parser.SubPattern


@pytest.mark.parametrize("name", sorted(TABLE["patterns"]))
def test_no_pattern_repeats_without_bound_inside_such_a_repeat(name):
    nested = list(repeats(re._parser.parse(pattern(name).pattern)))
    # A list of leading words, "(?:(?:the|a)\\s+)+", cannot be matched in two ways: its words and
    # its spaces are disjoint.
    assert not any(nested) or name in {"arms_noise", "covariates_leading"}


def test_twenty_thousand_hostile_characters_are_read():
    text = ("".join(PIECES) * 20_000)[:20_000]
    assert parse_design(text).factors
