"""Answers stay with what they are about, whatever else the text names before it."""

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.flows.design_reading import (
    REPLICATES,
    answered,
    by_name,
    kind_key,
    levels_key,
    names,
)

PLOTS = (
    "We compare two fertilisers (urea and manure) on plots, assigned at random. "
    "The response is yield in t/ha."
)
EARLIER = f"Plots are irrigated with two water sources (rain and well). {PLOTS}"


def kinds(draft) -> dict[str, str]:
    return {factor.name: factor.kind for factor in draft.factors}


def test_an_answer_stays_with_its_factor_when_another_one_comes_before_it():
    before, now = parse_design(PLOTS), parse_design(EARLIER)
    assert [f.name for f in before.factors] == ["fertiliser"]
    assert [f.name for f in now.factors] == ["water source", "fertiliser"]
    answers = {kind_key("fertiliser"): "covariate"}
    assert kinds(answered(before, answers)) == {"fertiliser": "covariate"}
    assert kinds(answered(now, answers)) == {"water source": "treatment", "fertiliser": "covariate"}


def test_the_spelling_of_a_name_does_not_lose_its_answer():
    draft = parse_design(PLOTS)
    answers = {levels_key("Fertiliser "): "urea, manure, none"}
    assert answered(draft, answers).factors[0].levels == ("urea", "manure", "none")


def test_factors_of_one_name_have_answers_of_their_own():
    draft = parse_design(PLOTS)
    twice = (*draft.factors, *draft.factors)
    assert names(twice) == ("fertiliser", "fertiliser 2")


def test_answers_kept_by_place_are_read_as_those_of_the_factor_at_that_place():
    draft = parse_design(EARLIER)
    old = {"kind.1": "covariate", "levels.0": "rain, well, none", "kind.7": "nuisance", "x": "y"}
    assert by_name(old, draft) == {
        kind_key("fertiliser"): "covariate",
        levels_key("water source"): "rain, well, none",
        "x": "y",
    }
    assert by_name(by_name(old, draft), draft) == by_name(old, draft)


@pytest.mark.parametrize(("said", "count"), [("", 6), (" Each treatment has 4 plots.", 4)])
def test_an_answer_holds_only_as_long_as_the_text_leaves_it_open(said, count):
    draft = parse_design(PLOTS + said)
    assert answered(draft, {REPLICATES: "6"}).replication.per_cell == count
