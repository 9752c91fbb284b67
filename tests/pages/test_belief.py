"""What was expected of the lift: kept in the charter, shown on one view, read by no rule."""

from datetime import UTC, datetime

from experimentos.plan.charter import Belief
from experimentos.plan.freeze import freeze

BAYES = ":material/blur_on: Bayesian view"
LOW, HIGH = "Lift expected, from (%)", "Lift expected, to (%)"


def opened(tab):
    screen = tab().open().press("Three arms")
    screen.at.session_state["results.tabs"] = BAYES
    return screen.run()


def draft(screen):
    return screen.at.session_state["session"].draft


def test_an_expectation_is_kept_in_the_charter_and_changes_the_view_and_no_decision(tab):
    screen = opened(tab)
    before = [each.value for each in screen.at.markdown if "Launch" in each.value]
    screen.fill(LOW, -2.0)
    assert "Lift expected: give both ends." in screen.words
    screen.fill(HIGH, 5.0)
    assert draft(screen).charter.belief == Belief(low=-0.02, high=0.05)
    table = screen.at.table[-1].value
    assert list(table["Arm"]) == ["**shorter\\_form**", "**one\\_page**"]
    assert "the lift was held to lie between" in screen.words
    assert before == [each.value for each in screen.at.markdown if "Launch" in each.value]
    assert before


def test_ends_in_the_wrong_order_are_refused_and_the_last_range_stays(tab):
    screen = opened(tab).fill(LOW, -2.0).fill(HIGH, 5.0).fill(LOW, 8.0)
    assert "low must be below high" in screen.words
    assert draft(screen).charter.belief == Belief(low=-0.02, high=0.05)


def test_what_is_too_small_to_matter_is_named_with_its_source(tab):
    screen = opened(tab)
    assert "the policy's limit of what is negligible" in screen.words
    screen.fill("Too small to matter, from (%)", -3.0).fill("Too small to matter, to (%)", 3.0)
    assert "as the charter says" in screen.words


def test_a_frozen_plan_shows_its_expectation_and_takes_no_other(tab):
    screen = opened(tab).fill(LOW, -2.0).fill(HIGH, 5.0)
    work = screen.at.session_state["session"]
    frozen = freeze(work.draft.charter, datetime(2026, 1, 2, tzinfo=UTC))
    work.draft = work.draft.model_copy(update={"charter": frozen})
    screen.run()
    assert "From the frozen plan. Lift expected:" in screen.words
    assert LOW not in [each.label for each in screen.at.number_input]
    screen.go("health_check")
    assert "Lift expected, for the Bayesian view" in str(screen.at.table[-1].value)
