"""Planning before the data: the size, the charter's plan, freezing, and its file."""

import json

import pytest

from experimentos.plan.charter import Charter
from experimentos.plan.freeze import is_intact
from experimentos.plan.power import Mean, Rate, mde, power, sample_size
from experimentos.plan.scheme import Scheme


def charter_of(screen):
    return screen.at.session_state["session"].draft.charter


@pytest.fixture
def sizing(tab):
    """The health check without a file, the section on the size unfolded."""
    screen = tab().open("health_check")
    screen.at.session_state["size"] = True
    return screen.run()


def planned(screen):
    return screen.fill("Rate of the control (%)", 12.0).fill("Effect (points)", 1.0)


def test_the_size_is_planned_without_any_file(sizing):
    assert "Give the baseline and the effect" in sizing.words
    figures = planned(sizing).figures
    needed = sample_size(Rate(0.12), 0.01)
    assert figures["Users in all arms"] == f"{needed.total:,}"
    assert figures["Effect"] == "+1.00 points"
    assert figures["Power"] == "80.0%"
    assert "score (pooled z) test" in sizing.words


def test_days_follow_from_the_traffic_and_its_ramp(sizing):
    planned(sizing).fill("New users a day", 3000.0)
    level = int(sizing.figures["Days"])
    sizing.fill("Share of the traffic on each first day (%)", "5, 25, 100")
    assert int(sizing.figures["Days"]) > level
    sizing.fill("Share of the traffic on each first day (%)", "a lot")
    assert "The ramp needs percentages" in sizing.words


def test_the_smallest_effect_and_the_power_are_solved_too(sizing):
    sizing.fill("Rate of the control (%)", 12.0).fill("I want to know", "effect")
    sizing.fill("Users in all arms", 20_000)
    found = mde(Rate(0.12), 10_000)
    assert sizing.figures["Smallest effect"] == f"+{100 * found:.2f} points"
    sizing.fill("I want to know", "power").fill("Effect (points)", 1.0)
    assert sizing.figures["Power"] == f"{power(Rate(0.12), 0.01, 10_000):.1%}"


def test_arms_split_looks_and_margin_enter_the_solution(sizing):
    planned(sizing).fill("Treatment arms", 2).fill("Looks", 4)
    sizing.fill("Users of each per user of the control", 2.0)
    scheme = Scheme(arms=2, ratio=2.0, looks=(0.25, 0.5, 0.75, 1.0))
    needed = sample_size(Rate(0.12), 0.01, scheme)
    assert sizing.figures["Users in all arms"] == f"{needed.total:,}"
    sizing.fill("To show", "non_inferiority")
    assert "Non-inferiority needs a margin" in sizing.words


def test_a_covariate_lowers_the_size_by_its_squared_correlation(sizing):
    sizing.fill("Metric", "mean").fill("Standard deviation per user", 20.0)
    sizing.fill("Effect (the metric's unit)", 1.0)
    sizing.fill("Correlation with a covariate (CUPED)", 0.6)
    needed = sample_size(Mean(20.0, explained=0.36), 1.0)
    assert sizing.figures["Users in all arms"] == f"{needed.total:,}"


def test_what_cannot_be_is_answered_with_a_sentence(sizing):
    sizing.fill("Rate of the control (%)", 99.5).fill("Effect (points)", 1.0)
    assert "leave the range of a rate" in sizing.words
    assert "Power" not in sizing.figures


def test_the_size_is_taken_over_into_the_charter(sizing):
    planned(sizing).fill("Looks", 3)
    screen = sizing.press("Take over into the charter")
    charter = charter_of(screen)
    assert charter.mde == 0.01
    assert charter.planned_users == int(screen.figures["Users in all arms"].replace(",", ""))
    assert charter.monitoring.kind == "group_sequential"
    assert "The charter plans this size." in screen.words


def test_baseline_and_variance_come_from_the_results_that_are_loaded(tab):
    screen = tab().open().press("A clear win").go("health_check")
    screen.at.session_state["size"] = True
    screen.run().fill("Baseline and variance from", "conversion").fill("Effect (points)", 1.0)
    assert "conversion of control: 10.00% on 25,012 users" in screen.words
    assert "Users in all arms" in screen.figures


def test_what_was_typed_for_the_size_survives_a_second_file_and_a_reload(tab, sample):
    screen = tab().open("health_check").upload("launch.csv", sample("launch.csv"))
    screen.at.session_state["size"] = True
    planned(screen.run())
    screen.upload("hold.csv", sample("hold.csv"))
    again = tab(s=screen.address).open("health_check")
    again.at.session_state["size"] = True
    assert again.run().figures["Effect"] == "+1.00 points"


def test_segments_and_looks_are_named_in_the_charter(tab):
    screen = tab().open("health_check")
    screen.fill("Segments named in advance", "mobile, desktop, mobile")
    screen.fill("Results are looked at", "always_valid")
    charter = charter_of(screen)
    assert charter.segments == ("mobile", "desktop")
    assert charter.monitoring.kind == "always_valid"
    assert "give them too" in screen.words
    screen.fill("Results are looked at", "once")
    assert charter_of(screen).monitoring is None


def test_a_frozen_plan_shows_its_hash_and_only_its_prose_can_change(tab):
    screen = tab().open("health_check").fill("Planned users in all", 20_000)
    screen.press("Freeze the plan")
    charter = charter_of(screen)
    assert charter.frozen.sha256 in screen.words
    assert not [w for w in screen.at.number_input if w.label == "Planned users in all"]
    assert "20,000" in list(screen.at.table[0].value[""])
    screen.fill("Title", "Another name")
    assert is_intact(charter_of(screen))
    assert charter_of(screen).title == "Another name"


def test_a_frozen_plan_is_copied_to_be_changed(tab):
    screen = tab().open().press("A clear win").go("health_check").press("Freeze the plan")
    first = screen.address
    screen.press("Copy as a new plan")
    assert charter_of(screen).frozen is None
    assert screen.address != first
    assert "launch.csv" in screen.words
    assert charter_of(tab(s=first).open("health_check")).frozen is not None


def test_deviations_from_a_frozen_plan_stand_under_the_decision(tab):
    screen = tab().open().press("A clear win").go("health_check")
    screen.fill("Planned users in all", 900_000).press("Freeze the plan")
    screen.go("results")
    assert any("deviation" in box.label for box in screen.at.expander)
    assert "of the 900,000 planned users are here" in screen.words


def test_a_charter_is_read_from_a_file(tab):
    screen = tab().open("health_check")
    uploader(screen).upload("plan.yaml", b"title: From a file\nalpha: 0.01\nsegments: [mobile]\n")
    screen.run()
    assert charter_of(screen).alpha == 0.01
    assert screen.at.text_input[0].value == "From a file"
    assert "was read from plan.yaml" in screen.words


def test_a_charter_file_with_faults_says_which_and_changes_nothing(tab):
    screen = tab().open("health_check")
    uploader(screen).upload("plan.json", json.dumps({"alpah": 0.01}).encode())
    screen.run()
    assert "This charter cannot be used" in screen.words
    assert "Did you mean alpha?" in screen.words
    assert charter_of(screen) == Charter()


def test_a_plan_that_was_changed_after_freezing_is_told(tab):
    screen = tab().open("health_check").press("Freeze the plan")
    frozen = charter_of(screen).model_dump(mode="json")
    other = tab().open("health_check")
    uploader(other).upload("plan.json", json.dumps({**frozen, "alpha": 0.2}).encode())
    assert "changed after it was frozen" in other.run().words


def uploader(screen):
    return next(u for u in screen.at.file_uploader if u.label.startswith("Charter file"))


def test_the_card_of_a_one_sided_plan_tells_what_its_p_value_is_held_against(tab):
    screen = tab().open().press("A clear win")
    notes = {card.label: card.delta for card in screen.at.metric}
    assert notes["p-value"] == "alpha 0.05"
    screen.go("health_check").fill("Sides", 1).go("results")
    notes = {card.label: card.delta for card in screen.at.metric}
    assert notes["p-value"] == "two-sided; limit 0.1 = 2 \N{MULTIPLICATION SIGN} 0.05"
