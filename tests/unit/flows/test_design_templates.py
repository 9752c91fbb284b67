"""Templates with use and stars, and one's own."""

import pytest

from experimentos.design.templates import template, templates
from experimentos.errors import DesignError
from experimentos.flows import design_templates as flow
from experimentos.flows.design_session import EMPTY_SESSION
from experimentos.store.memory import MemoryStore

TRIAL = template("rcbd_field_trial")


def offer(store, name):
    return next(o for o in flow.offers(store) if o.template.name == name)


def test_every_template_of_the_program_is_offered_once():
    found = flow.offers(MemoryStore())
    assert sorted(o.template.name for o in found) == sorted(t.name for t in templates())
    assert len(found) >= 14
    assert all((o.uses, o.stars, o.record_id) == (0, 0, "") for o in found)


def test_uses_are_counted_and_the_most_used_comes_first(empty_store):
    store = empty_store
    for _ in range(3):
        session = flow.begin_from(store, EMPTY_SESSION, TRIAL)
    assert session.document == TRIAL.design
    assert session.title == TRIAL.design.title
    assert offer(store, TRIAL.name).uses == 3
    assert flow.offers(store)[0].template.name == TRIAL.name


def test_the_last_rating_counts_and_keeps_the_uses(empty_store):
    store = empty_store
    flow.begin_from(store, EMPTY_SESSION, TRIAL)
    flow.rate(store, TRIAL, 2)
    flow.rate(store, TRIAL, 5)
    assert (offer(store, TRIAL.name).uses, offer(store, TRIAL.name).stars) == (1, 5)
    with pytest.raises(DesignError, match="stars"):
        flow.rate(store, TRIAL, 6)


def test_a_design_is_kept_under_a_name_of_its_own_and_dropped(empty_store):
    store = empty_store
    for _ in range(2):
        flow.keep_template(store, TRIAL.design, category=" ", about="Every spring")
    own = [o for o in flow.offers(store) if o.record_id]
    assert len({o.template.name for o in own}) == 2
    assert {o.template.category for o in own} == {flow.OWN_CATEGORY}
    assert own[0].template.design == TRIAL.design
    assert flow.offers(store)[0].record_id
    flow.drop_template(store, own[0])
    assert len([o for o in flow.offers(store) if o.record_id]) == 1


@pytest.mark.parametrize(("title", "about"), [("", "x"), ("x", " ")])
def test_a_template_needs_a_title_and_a_sentence(title, about):
    design = TRIAL.design.model_copy(update={"title": title})
    with pytest.raises(DesignError, match="title"):
        flow.keep_template(MemoryStore(), design, category="", about=about)
