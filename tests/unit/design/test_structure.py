"""Descriptions whose units meet several treatments, or are split, become designs of that kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experimentos.design.aliases import resolution
from experimentos.design.anatomy import anatomy
from experimentos.design.derive import design_class
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.describe import parse_design
from experimentos.design.runs import coded_matrix
from experimentos.design.table import expand
from tests.unit.design.parse.corpus import SHARED, texts


def designed(text):
    return from_draft(parse_design(text), text=text)


def skeleton(design):
    return {
        s.name: ({x.name: x.df for x in s.sources}, s.residual_df)
        for s in anatomy(expand(design, 1)).strata
    }


DRUGS = (
    "In a crossover trial 12 volunteers each receive drug A, drug B and placebo in three periods "
    "with a washout of a week. The order is randomised. We measure systolic blood pressure in mmHg."
)
GLAZE = (
    "Oven temperature (180, 200, 220 degC) is hard to change and is set once per day on 9 days; "
    "within each day four glaze recipes (R1, R2, R3, R4) are randomised to four tiles. The "
    "response is gloss."
)
TANKS = (
    "24 tanks outdoors are assigned at random to warming (ambient or +4 C), twelve tanks each. "
    "Chlorophyll a is measured in each tank on weeks 2, 4, 6 and 8."
)


def test_a_crossover_is_every_volunteer_in_every_period_balanced_for_carry_over():
    design = designed(DRUGS)
    assert design_class(design) == "crossover"
    table = expand(design, 3)
    sequences = table.factor("drug").codes.reshape(12, 3)
    assert (np.sort(sequences, axis=1) == np.arange(3)).all()
    follows = np.zeros((3, 3), dtype=int)
    np.add.at(follows, (sequences[:, :-1], sequences[:, 1:]), 1)
    assert set(follows[~np.eye(3, dtype=bool)].tolist()) == {4}


def test_the_oats_text_has_the_split_plot_table_of_venables_and_ripley():
    text = next(c["text"] for c in texts(SHARED) if c["id"] == "doe-004")
    found = {tuple(sources.values()): left for sources, left in skeleton(designed(text)).values()}
    # Section 10.2: blocks 5; varieties 2 against 10; nitrogen 3 and interaction 6 against 45.
    assert found == {(): 5, (2,): 10, (3, 6): 45}


def test_what_is_set_once_per_day_is_applied_to_days():
    design = designed(GLAZE)
    assert design_class(design) == "split_plot"
    assert skeleton(design) == {
        "day": ({"oven temperature": 2}, 6),
        "subplot": ({"glaze recipe": 3, "oven temperature x glaze recipe": 6}, 18),
    }


def test_a_split_plot_that_does_not_say_what_is_whole_asks():
    text = (
        "A split-plot experiment with 3 irrigation levels (low, mid, high) and 2 cultivars (Ada "
        "and Bo) in 4 blocks at random. Yield is measured."
    )
    design = designed(text)
    asked = next(q for q in design.open_questions if q.id == "whole_plot")
    assert len(asked.answers) == 2
    assert len({a.unit_id for a in design.allotments}) == 1


def test_tanks_measured_in_four_weeks_are_the_error_of_what_they_received():
    design = designed(TANKS)
    assert design_class(design) == "repeated_measures"
    assert skeleton(design)["tank"] == ({"warming": 1}, 22)
    assert expand(design, 1).n == 96


def test_every_worker_on_every_machine_is_an_order_for_each_worker():
    text = (
        "Six workers each operate every machine (A, B, C) once, in random order. The response is a "
        "productivity score. Workers are random."
    )
    design = designed(text)
    table = expand(design, 1)
    machines = table.of_kind("treatment")[0].codes.reshape(6, 3)
    assert (np.sort(machines, axis=1) == np.arange(3)).all()


@pytest.mark.parametrize(
    ("words", "wells", "edge"),
    [
        ("A 384-well plate assay. Edge wells are not used because of evaporation.", 384, "guard"),
        ("Two 96-well plates; the outer wells are filled with buffer.", 96, "guard"),
        ("We avoid the edge wells of a 96 well plate.", 96, "guard"),
        ("Cells in 24-well plates.", 24, "use"),
    ],
)
def test_a_plate_is_laid_out_as_the_text_says(words, wells, edge):
    layout = designed(
        f"{words} Three doses (0, 1, 10 uM) at random. We measure luminescence."
    ).layout
    assert (layout.form, layout.wells, layout.edge) == ("plate", wells, edge)


def test_a_well_of_water_is_no_plate():
    assert designed("A 30-well survey of arsenic in ground water.").layout is None


@given(
    st.lists(
        st.sampled_from(
            [
                "split-plot",
                "crossover",
                "whole plot",
                "set once per day",
                "hard to change",
                "and",
                "12 volunteers",
                "each",
                "three periods",
                "drug A, drug B and placebo",
                "day",
                ";",
                "weeks 2, 4 and 6",
                "four blocks",
                "at random",
                "0, 10 and 20 kg/ha",
                "main plots: ",
                ".",
                "within each",
                "temperature",
                "subplots",
                "96-well plate",
                "every",
            ]
        ),
        max_size=25,
    )
)
@settings(deadline=None, max_examples=150)
def test_whatever_the_words_a_document_comes_out(words):
    text = " ".join([*words, ". We measure yield."])
    assert designed(text).hash() == designed(text).hash()


PROCESS = (
    "temperature 20/40 C, acid ratio 1.1/1.5, addition time 1/3 h, stirring 200/600 rpm, water "
    "content 0/2 %. Runs in random order on one reactor. We measure yield in %."
)


@pytest.mark.parametrize(
    ("words", "runs", "resolved", "units"),
    [
        ("Half-fraction 2^(5-1) of the nitration: ", 16, 5, 16),
        ("A quarter fraction, 8 runs: ", 8, 3, 8),
        ("Fractional factorial in 16 runs plus 3 centre points: ", 16, 5, 19),
    ],
)
def test_a_fraction_that_is_named_is_the_published_one(words, runs, resolved, units):
    design = designed(words + PROCESS)
    assert design_class(design) == "fractional_factorial"
    bare = design.matrix.model_copy(update={"centre_points": 0})
    assert len(coded_matrix(bare)) == runs
    assert resolution(design.matrix) == resolved
    assert expand(design, 1).n == units


def test_a_fraction_of_runs_that_no_published_one_has_is_left_to_its_reader():
    assert designed("Fractional factorial in 11 runs: " + PROCESS).matrix is None


def test_the_windows_of_a_switchback_are_not_its_subjects():
    text = (
        "Switchback test of a dispatch rule. In each of five cities the day is cut into windows "
        "and for every window a coin decides whether the old or the new rule is on. Delivery "
        "time in minutes is measured."
    )
    design = designed(text)
    assert not any(u.crossed_with for u in design.units)
