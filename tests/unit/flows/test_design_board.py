"""The cards of a design and what is done with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.design.patch import apply
from experimentos.design.rules import Severity, validate_design
from experimentos.design.templates import template, templates
from experimentos.errors import DesignError
from experimentos.flows.design_board import (
    board_patch,
    cards,
    grouped,
    is_card,
)
from experimentos.flows.design_status import preview, standing

SCREENING = template("factorial_screening").design


def known(document):
    return cards(document, validate_design(document))


def done(document, **event):
    return apply(document, board_patch(document, event))


def keys_of(document):
    return [f"factors.{f.id}" for f in document.factors]


@pytest.mark.parametrize("name", [t.name for t in templates()])
def test_every_part_of_a_design_has_one_card(name):
    document = template(name).design
    expected = len(document.factors) + len(document.units) + len(document.responses)
    made = known(document)
    assert len({card.key for card in made}) == len(made) == expected
    assert all(is_card(document, card.key) for card in made)
    assert sum(len(g.cards) for g in grouped(made)) == expected


def test_a_card_counts_the_findings_that_are_about_it_first():
    document = template("rcbd_field_trial").design
    bare = apply(document, board_patch(document, {"type": "delete", "key": "units.plot"}))
    found = [f for f in validate_design(bare) if f.subjects]
    for card in known(bare):
        own = [f.severity for f in found if f.subjects[0] == card.key.partition(".")[2]]
        assert card.errors == own.count(Severity.ERROR)
        assert card.warnings == own.count(Severity.WARNING)


@given(st.permutations(keys_of(SCREENING)))
def test_the_order_of_the_board_is_the_order_of_the_design(order):
    patch = board_patch(SCREENING, {"type": "order", "key": order[0], "keys": order})
    document = SCREENING if patch is None else apply(SCREENING, patch)
    assert keys_of(document) == list(order)


def test_only_the_cards_that_were_shown_change_places():
    first, second, third, *rest = keys_of(SCREENING)
    moved = done(SCREENING, type="order", key=first, keys=[third, first])
    assert keys_of(moved) == [third, second, first, *rest]


@pytest.mark.parametrize("keys", [None, "a", [], ["factors.gone"], ["units.run"]])
def test_an_order_of_nothing_is_no_change(keys):
    event = {"type": "order", "key": keys_of(SCREENING)[0], "keys": keys}
    assert board_patch(SCREENING, event) is None


def test_units_stay_in_the_order_of_their_nesting():
    document = template("split_plot_process").design
    keys = [f"units.{u.id}" for u in reversed(document.units)]
    assert board_patch(document, {"type": "order", "key": keys[0], "keys": keys}) is None


def test_a_name_is_changed_where_it_stands():
    key = keys_of(SCREENING)[0]
    renamed = done(SCREENING, type="rename", key=key, name="  Heat  ")
    assert (renamed.factors[0].name, renamed.factors[0].id) == ("Heat", SCREENING.factors[0].id)
    with pytest.raises(DesignError, match="name"):
        board_patch(SCREENING, {"type": "rename", "key": key, "name": " "})


@pytest.mark.parametrize("name", [t.name for t in templates()])
def test_every_card_can_be_duplicated_and_deleted(name):
    document = template(name).design
    for card in known(document):
        part, _, _ = card.key.partition(".")
        more = done(document, type="duplicate", key=card.key)
        assert len(getattr(more, part)) == len(getattr(document, part)) + 1
        names = [p.name for p in getattr(more, part)]
        assert len(set(names)) == len(names)
        less = done(document, type="delete", key=card.key)
        assert not is_card(less, card.key)


def test_a_copy_is_applied_as_the_original_and_is_not_primary():
    factor = SCREENING.factors[0]
    more = done(SCREENING, type="duplicate", key=f"factors.{factor.id}")
    copy = more.factors[1]
    old, new = SCREENING.allotment(factor.id), more.allotment(copy.id)
    assert (new.unit_id, new.rule) == (old.unit_id, old.rule)
    response = SCREENING.responses[0]
    again = done(more, type="duplicate", key=f"responses.{response.id}")
    assert [r.primary for r in again.responses] == [response.primary, False]


@pytest.mark.parametrize("key", ["", "factors.", "factors.gone", "allotments.x", "nonsense"])
def test_an_event_about_no_card_is_refused_in_words(key):
    with pytest.raises(DesignError) as caught:
        board_patch(SCREENING, {"type": "delete", "key": key})
    assert caught.value.hint
    assert not is_card(SCREENING, key)


def test_an_event_that_changes_nothing_has_no_patch():
    assert board_patch(SCREENING, {"type": "select", "key": keys_of(SCREENING)[0]}) is None


def test_cards_are_found_by_name_level_and_kind():
    made = known(template("rcbd_field_trial").design)
    assert [g.kind for g in grouped(made, kinds=["blocking"])] == ["blocking"]
    assert grouped(made, text="no such word") == ()
    first = made[0]
    found = [c for g in grouped(made, text=first.name.upper()) for c in g.cards]
    assert first in found
    flat = grouped(made, by_kind=False)[0]
    assert flat.kind == "factor"
    assert {c.kind for c in flat.cards} == {"blocking", "treatment"}


def test_a_design_stands_as_its_rules_say():
    document = template("rcbd_field_trial").design
    assert standing(document).word == "ready"
    empty = done(document, type="delete", key=known(document)[-1].key)
    assert standing(empty).word == "blocked"
    assert document.factors[0].name in preview(document)


def test_a_preview_is_short_whatever_the_names():
    document = SCREENING
    for _ in range(4):
        document = done(document, type="duplicate", key=keys_of(document)[0])
    assert "and 3 more" in preview(document)
    long = done(document, type="rename", key=keys_of(document)[0], name="x" * 200)
    assert len(preview(long)) <= 160
