"""What changed card by card, and named versions as variants."""

import pytest

from experimentos.design.edits import AddNote, Patch, Remove, Rename, Reorder, SetDocument, Update
from experimentos.design.parts import Acknowledgement
from experimentos.design.patch import apply
from experimentos.design.templates import template
from experimentos.errors import DesignError
from experimentos.flows import design_versions as flow
from experimentos.flows.design_session import EMPTY_SESSION, revise, take_over

TRIAL = template("rcbd_field_trial").design
PLOT = template("split_plot_process").design


def edited(document, *edits):
    return apply(document, Patch(edits=edits))


def begun(document=TRIAL):
    return take_over(EMPTY_SESSION, document)


def test_a_renamed_factor_is_renamed_and_nothing_else():
    (change,) = flow.card_changes(
        TRIAL, edited(TRIAL, Rename(part="factors", id="variety", name="Cultivar"))
    )
    assert (change.kind, change.part_kind, change.name) == ("renamed", "treatment", "Cultivar")
    assert len(change.sentences) == 1


def test_all_that_changed_on_one_card_stands_on_it():
    fields = {"name": "Cultivar", "note": "seed of 2026", "unit": "kg"}
    new = edited(TRIAL, Update(part="factors", id="variety", fields=fields))
    (change,) = flow.card_changes(TRIAL, new)
    assert change.kind == "changed"
    assert len(change.sentences) == 3


def test_a_removed_card_is_told_with_its_kind_and_what_went_with_it():
    found = flow.card_changes(PLOT, edited(PLOT, Remove(part="factors", id=PLOT.factors[1].id)))
    kinds = {(c.kind, c.part_kind) for c in found}
    assert ("removed", PLOT.factors[1].kind) in kinds
    assert flow.RELATED in {c.name for c in found}


def test_order_and_title_are_changes_of_the_design():
    ids = tuple(f.id for f in reversed(PLOT.factors))
    new = edited(PLOT, Reorder(part="factors", ids=ids), SetDocument(fields={"title": "New"}))
    (change,) = flow.card_changes(PLOT, new)
    assert change.name == flow.WHOLE
    assert change.kind == "changed"


def test_an_accepted_warning_is_told_among_the_notes():
    note = Acknowledgement(id="a", rule="R05", subjects=("variety",), reason="No standard.")
    (change,) = flow.card_changes(TRIAL, edited(TRIAL, AddNote(note=note)))
    assert (change.name, change.kind) == (flow.RELATED, "added")


def test_units_and_responses_have_their_own_kind():
    new = edited(
        TRIAL,
        Update(part="units", id=TRIAL.units[0].id, fields={"count": 9}),
        Update(part="responses", id=TRIAL.responses[0].id, fields={"unit": "kg"}),
    )
    assert {c.part_kind for c in flow.card_changes(TRIAL, new)} == {"unit", "response"}


def test_a_step_is_told_against_the_version_it_was_made_from():
    session = revise(begun(), Patch(title="x", edits=(SetDocument(fields={"aim": "Find out"}),)))
    assert flow.step_changes(session, 1) == ()
    assert "Find out" in flow.step_changes(session, 2)[0]
    assert flow.step_changes(EMPTY_SESSION, 1) == ()


def test_a_variant_has_the_anatomy_and_the_power_of_its_version():
    session = begun()
    block = TRIAL.units[0].id
    edit = Update(part="units", id=block, fields={"count": 3})
    session = revise(flow.name_version(session, 1, "Six"), Patch(title="Three", edits=(edit,)))
    six, now = flow.variants(session)
    assert (six.name, now.name) == ("Six", "Now")
    assert six.treatments[0].error_df > now.treatments[0].error_df
    assert six.treatments[0].power > now.treatments[0].power
    assert (six.observations, now.observations) == (36, 18)
    again = flow.work_from(session, 1)
    assert again.document == TRIAL
    assert again.history.last.message == "Go on from Six"
    assert flow.work_from(session, 2).history.last.message == "Go on from version 2"


def test_a_variant_without_assumptions_or_table_says_so():
    bare = edited(
        TRIAL,
        Update(part="responses", id=TRIAL.responses[0].id, fields={"smallest_effect": None}),
    )
    (variant,) = flow.variants(begun(bare))
    assert variant.treatments[0].power is None
    unknown = edited(TRIAL, Update(part="units", id=TRIAL.units[0].id, fields={"count": None}))
    (variant,) = flow.variants(begun(unknown))
    assert variant.observations is None
    assert variant.treatments[0].error == ""
    assert flow.variants(EMPTY_SESSION) == ()


def test_a_name_belongs_to_one_version():
    session = flow.name_version(begun(), 1, " First ")
    session = revise(session, Patch(title="x", edits=(SetDocument(fields={"aim": "y"}),)))
    with pytest.raises(DesignError, match="called"):
        flow.name_version(session, 2, "first")
    assert flow.named(flow.name_version(session, 1, "").history) == ()
    with pytest.raises(DesignError, match="no design"):
        flow.name_version(EMPTY_SESSION, 1, "x")


def test_a_title_is_changed_with_and_without_a_design():
    assert flow.retitle(EMPTY_SESSION, " New ").title == "New"
    assert flow.retitle(begun(), "New").document.title == "New"
