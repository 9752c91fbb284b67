import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experimentos.design.document import ExperimentDescription, read_document
from experimentos.design.parts import Factor, Interaction, Level, Response
from experimentos.design.patch import (
    AddFactor,
    AddInteraction,
    Patch,
    Remove,
    Rename,
    Reorder,
    SetDocument,
    SetLevels,
    Update,
    apply,
    between,
    inverse,
)
from experimentos.errors import DesignError
from tests.unit.design.examples import blocks_of, crd, factorial_in_blocks, oats, square, strip_plot

DESIGNS = [oats(), crd(), square(), strip_plot(), blocks_of(7, 7, 3), factorial_in_blocks(),
           ExperimentDescription()]  # fmt: skip


def sex() -> Factor:
    return Factor(
        id="sex", name="sex", kind="blocking", levels=(Level(label="f"), Level(label="m"))
    )


@pytest.mark.parametrize("design", DESIGNS)
def test_a_document_survives_its_own_json(design):
    assert read_document(design.model_dump_json()) == design
    assert read_document(design.canonical()).hash() == design.hash()


def test_the_hash_does_not_depend_on_the_order_of_the_fields_but_on_every_value():
    shuffled = ExperimentDescription.model_validate(
        dict(reversed(list(oats().model_dump().items())))
    )
    assert shuffled.hash() == oats().hash()
    assert oats().model_copy(update={"aim": "x"}).hash() != oats().hash()


@pytest.mark.parametrize("old", DESIGNS)
@pytest.mark.parametrize("new", DESIGNS)
def test_the_edits_between_two_documents_turn_one_into_the_other(old, new):
    assert apply(old, between(old, new)) == new


EDITS = st.lists(
    st.sampled_from(
        [
            AddFactor(factor=sex(), at=0),
            Remove(part="factors", id="variety"),
            Remove(part="units", id="wholeplot"),
            Rename(part="factors", id="nitrogen", name="N rate"),
            SetLevels(factor_id="nitrogen", levels=(Level(label="0"), Level(label="9"))),
            Reorder(part="factors", ids=("nitrogen", "block", "variety")),
            Update(part="responses", id="yield", fields={"unit": "kg", "expected_range": [1, 2]}),
            Update(part="units", id="blocks", fields={"count": 4}),
            SetDocument(fields={"title": "Other", "conduct": {"alpha": 0.01}}),
            AddInteraction(
                interaction=Interaction(id="i1", factor_ids=("variety", "nitrogen")), at=None
            ),
        ]
    ),
    max_size=5,
    unique_by=id,
)


@given(EDITS)
@settings(deadline=None, max_examples=150)
def test_undo_gives_back_the_very_document(edits):
    design, patch = oats(), Patch(title="some edits", edits=tuple(edits))
    try:
        changed = apply(design, patch)
    except DesignError:
        return
    undo = inverse(design, patch)
    assert apply(changed, undo) == design
    assert Patch.model_validate_json(undo.model_dump_json()) == undo


def test_a_patch_travels_as_json_and_keeps_its_meaning():
    patch = between(crd(), oats())
    assert apply(crd(), Patch.model_validate_json(patch.model_dump_json())) == oats()


def test_applying_a_patch_leaves_the_document_it_was_given():
    design = oats()
    apply(design, Patch(edits=(Remove(part="factors", id="variety"),)))
    assert design == oats()


def test_with_a_factor_goes_what_can_not_exist_without_it():
    design = apply(
        oats(),
        Patch(
            edits=(
                AddInteraction(interaction=Interaction(id="i1", factor_ids=("variety", "block"))),
                Remove(part="factors", id="variety"),
            )
        ),
    )
    assert [a.factor_id for a in design.allotments] == ["nitrogen"]
    assert design.interactions == ()


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (AddFactor(factor=oats().factors[0]), "already hold the id 'block'"),
        (Remove(part="factors", id="nothing"), "hold no 'nothing'"),
        (Update(part="factors", id="variety", fields={"colour": 1}), "no field 'colour'"),
        (Update(part="factors", id="variety", fields={"kind": "magic"}), "kind"),
        (Update(part="units", id="blocks", fields={"count": 0}), "count"),
        (SetDocument(fields={"factors": []}), "no field 'factors'"),
    ],
)
def test_an_edit_that_can_not_be_made_says_why(edit, says):
    with pytest.raises(DesignError, match=says):
        apply(oats(), Patch(edits=(edit,)))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"responses": [{"id": "y", "name": "y", "measured_on": "moon"}]}, "missing unit 'moon'"),
        ({"factors": [sex().model_dump(), sex().model_dump()]}, "two parts with the id 'sex'"),
        ({"schema_version": 2}, "schema_version"),
        ({"secret": 1}, "secret"),
    ],
)
def test_an_impossible_document_is_refused_with_the_place(fields, says):
    import json

    with pytest.raises(DesignError, match=says):
        read_document(json.dumps(ExperimentDescription().model_dump(mode="json") | fields))


def test_the_only_response_is_the_primary_one_and_of_two_unmarked_neither_is():
    one = Response(id="y", name="y")
    two = Response(id="z", name="z")
    assert ExperimentDescription(responses=(one,)).primary == one
    assert ExperimentDescription(responses=(one, two)).primary is None
