"""The graph of a design, its sentences, and the anatomy in words."""

import pytest

from experimentos.design.anatomy import anatomy
from experimentos.design.names import several
from experimentos.design.parts import Interaction
from experimentos.design.patch import AddInteraction, Patch, apply
from experimentos.design.rules import context
from experimentos.design.templates import template, templates
from experimentos.flows.design_relations import graph, sentences
from experimentos.flows.design_words import anatomy_rows, anatomy_words

NAMES = [t.name for t in templates()]


def related(name):
    given = context(template(name).design)
    return given, graph(given.document, given.table)


@pytest.mark.parametrize("name", NAMES)
def test_relations_join_nodes_of_the_graph_and_levels_go_from_left_to_right(name):
    _, found = related(name)
    levels = {node.key: node.level for node in found.nodes}
    assert len(levels) == len(found.nodes)
    for relation in found.relations:
        assert {relation.source, relation.target} <= set(levels)
        if relation.kind in {"applied", "measured", "names", "adjusts"}:
            assert levels[relation.source] < levels[relation.target]


def test_a_split_plot_tells_nesting_allotment_crossing_and_measurement():
    _, found = related("split_plot_process")
    kinds = {relation.kind for relation in found.relations}
    assert {"nested", "applied", "crossed", "measured"} <= kinds
    assert any("combinations occur" in sentence for sentence in sentences(found))


def test_rows_and_columns_of_a_square_are_told_to_cross():
    _, found = related("latin_square")
    crossed = [r for r in found.relations if r.kind == "crossed" and r.source.startswith("units")]
    assert len(crossed) == 1


def test_a_covariate_adjusts_and_is_not_applied():
    _, found = related("cluster_randomised")
    assert "adjusts" in {relation.kind for relation in found.relations}


def test_what_interacts_is_told_as_that_and_not_as_crossing():
    document = template("split_plot_process").design
    a, b = (f.id for f in document.treatments[:2])
    edit = AddInteraction(interaction=Interaction(id="both", factor_ids=(a, b), status="expected"))
    given = context(apply(document, Patch(edits=(edit,))))
    found = graph(given.document, given.table)
    between = {
        r.kind for r in found.relations if {r.source, r.target} == {f"factors.{a}", f"factors.{b}"}
    }
    assert between == {"interaction"}


def test_without_a_table_no_crossing_is_claimed():
    document = template("split_plot_process").design
    assert "crossed" not in {r.kind for r in graph(document, None).relations}


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_of_the_anatomy_add_up_to_all_degrees_of_freedom(name):
    given, _ = related(name)
    rows = anatomy_rows(given.anatomy)
    assert sum(row.df for row in rows) == given.anatomy.n - 1
    words = anatomy_words(given.document, given.anatomy)
    assert len(words) == len(given.document.treatments)


def test_the_oats_of_yates_in_words():
    # Yates (1935): 3 varieties on whole plots, 4 nitrogen levels on subplots, 6 blocks.
    from tests.unit.design.examples import oats

    document = oats()
    given = context(document)
    words = " ".join(anatomy_words(document, anatomy(given.table)))
    assert "10 degrees of freedom" in words
    assert "45 degrees of freedom" in words


@pytest.mark.parametrize(
    ("one", "many"),
    [("plot", "plots"), ("mouse", "mice"), ("assay day", "assay days"), ("colony", "colonies"),
     ("mixing batch", "mixing batches"), ("tray", "trays"), ("box", "boxes")],
)  # fmt: skip
def test_units_are_named_in_the_plural(one, many):
    assert several(one) == many
