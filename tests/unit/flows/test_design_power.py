"""Power of a design as its screen asks for it, and the hand-over of an A/B design."""

from datetime import UTC, datetime

import pytest

from experimentos.design.patch import Patch, Update, apply
from experimentos.design.rules import context
from experimentos.design.templates import template, templates
from experimentos.errors import DesignError
from experimentos.flows import design_power as flow
from experimentos.flows.design_charter import frozen_charter, is_ab
from experimentos.plan.freeze import is_intact

TRIAL = template("rcbd_field_trial").design
AB = template("ab_test").design
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_a_normal_response_is_exact_and_another_is_not():
    assert flow.power_view(context(TRIAL), 1.0).is_exact
    view = flow.power_view(context(AB), 1.0)
    assert not view.is_exact
    assert view.analysed == "as shares of units"


def test_the_number_of_blocks_reaches_the_goal_and_one_less_does_not():
    unit = flow.countable_units(TRIAL)[0]
    count = flow.needed(TRIAL, unit.id, 1.0, 0.95)

    def least(number):
        changed = apply(TRIAL, flow.count_patch(TRIAL, unit.id, number))
        return min(p.power for p in flow.power_view(context(changed), 1.0).powers)

    assert least(count) >= 0.95 > least(count - 1)


def test_users_of_an_ab_test_are_counted_beyond_the_limit_of_blocks():
    # Two means of variance p(1 - p) in equal arms: 2 (z_0.975 + z_0.8)^2 p (1 - p) / d^2 each.
    count = flow.needed(AB, "user", 1.0, 0.8)
    assert count == pytest.approx(2 * 2 * (1.95996 + 0.84162) ** 2 * 0.09 / 0.01**2, rel=0.001)


def test_what_power_rests_on_is_stated_by_one_patch():
    patch = flow.assume_patch(TRIAL, {"smallest_effect": 1.0}, {"power_goal": 0.9, "alpha": 0.05})
    changed = apply(TRIAL, patch)
    assert (changed.primary.smallest_effect, changed.conduct.power_goal) == (1.0, 0.9)
    assert flow.assume_patch(changed, {"smallest_effect": 1.0}, {"power_goal": 0.9}).edits == ()


def test_without_a_response_or_a_table_there_is_no_power():
    bare = TRIAL.model_copy(update={"responses": ()})
    with pytest.raises(DesignError, match="primary response"):
        flow.assume_patch(bare, {}, {})
    unit = TRIAL.units[-1]
    unknown = apply(TRIAL, Patch(edits=(Update(part="units", id=unit.id, fields={"count": None}),)))
    with pytest.raises(DesignError, match="not known"):
        flow.power_view(context(unknown), 1.0)
    with pytest.raises(DesignError, match="not known"):
        flow.simulated(unknown, 1.0, 100)


def test_a_simulation_reports_its_steps():
    told = []
    found = flow.simulated(TRIAL, 1.0, 200, lambda done, total: told.append((done, total)) or True)
    assert found[0].simulations == 200
    assert told[-1] == (200, 200)


def test_only_designs_of_arms_have_a_charter():
    assert {t.name for t in templates() if is_ab(t.design)} == {"ab_test", "three_arm_ab"}
    with pytest.raises(DesignError, match="one treatment"):
        frozen_charter(TRIAL, NOW)


def test_the_charter_of_an_ab_design_is_frozen_with_what_the_design_says():
    charter = frozen_charter(AB, NOW)
    assert is_intact(charter)
    assert charter.primary == "conversion"
    assert charter.mde == AB.primary.smallest_effect
    assert charter.planned_users == 10_000
    assert charter.split == (1.0, 1.0)
    assert AB.hash()[:12] in charter.notes


def test_the_control_comes_first_in_the_split():
    factor = AB.treatments[0]
    levels = tuple(
        level.model_copy(update={"is_control": k == 1}) for k, level in enumerate(factor.levels)
    )
    edits = (
        Update(part="factors", id=factor.id, fields={"levels": levels}),
        Update(part="allotments", id=AB.allotments[0].id, fields={"ratio": (3.0, 1.0)}),
        Update(part="responses", id=AB.primary.id, fields={"direction": "decrease"}),
    )
    charter = frozen_charter(apply(AB, Patch(edits=edits)), NOW)
    assert charter.split == (1.0, 3.0)
    assert charter.direction == "lower"


def test_a_design_with_errors_is_not_frozen():
    twice = tuple(x.model_copy(update={"label": "A"}) for x in AB.treatments[0].levels)
    edit = Update(part="factors", id=AB.treatments[0].id, fields={"levels": twice})
    broken = apply(AB, Patch(edits=(edit,)))
    with pytest.raises(DesignError, match="Errors"):
        frozen_charter(broken, NOW)
