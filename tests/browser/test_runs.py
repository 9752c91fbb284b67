"""From a project to a reproduced run and an export; and a file of samples to its odd one out."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES

pytestmark = pytest.mark.browser

VARIANTS = "low: temperature=0.3\nmid: temperature=0.7\nhigh: temperature=1.0"


def open_tab(visitor, name):
    visitor.page.get_by_role("tab", name=name).first.click()
    visitor.settled()


def fill(visitor, label, text):
    visitor.page.get_by_label(label, exact=True).fill(text)


def test_a_project_leads_to_runs_a_comparison_a_reproduction_and_an_export(visitor):
    page = visitor.page
    visitor.visit("/runs")
    open_tab(visitor, "Projects")
    visitor.press("New project")
    fill(visitor, "Project name", "Colour words")
    visitor.press("Create project")
    visitor.sees("Define an experiment")
    fill(visitor, "Experiment name", "Temperature")
    fill(visitor, "Entry point", "examples.temperature:simulate")
    fill(visitor, "Variants, one a line", VARIANTS)
    fill(visitor, "Metric that ranks", "diversity")
    visitor.press("Create experiment")
    visitor.sees("15 runs of 3 variants")
    visitor.press("Start")
    visitor.sees("15 completed")
    visitor.press("Put away")
    visitor.sees("5 of 5")

    open_tab(visitor, "Compare")
    visitor.sees("has the highest mean diversity")
    visitor.sees("Against low")
    open_tab(visitor, "Leaderboard")
    visitor.sees("Mean diversity (95% interval)")

    open_tab(visitor, "All runs")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 150, box["y"] + 55)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Temperature: high, repeat 5")).to_be_visible()
    dialog.get_by_role("tab", name="Log").click()
    expect(dialog.get_by_text("answers at temperature 1.0")).to_be_visible()
    dialog.get_by_role("button", name="Reproduce").click()
    visitor.sees("Every metric has the same bits and every output file the same hash.")
    expect(dialog).to_have_count(0)

    open_tab(visitor, "Projects")
    with page.expect_download() as started:
        page.get_by_role("button", name="Export as JSON").click()
    document = json.loads(started.value.path().read_text())
    assert len(document["runs"]) == 16
    assert document["comparison"]["metric"] == "diversity"
    assert not visitor.outside

    visitor.go("Home")
    visitor.sees("Recent runs")


def test_repeated_samples_lead_to_the_scenario_that_varies_most(visitor):
    visitor.visit("/runs")
    open_tab(visitor, "Samples")
    upload = visitor.page.get_by_test_id("stFileUploaderDropzoneInput").first
    upload.set_input_files(SAMPLES / "samples_demo.csv")
    visitor.sees("samples_demo.csv")
    open_tab(visitor, "Variance")
    visitor.sees("SE is clustered")
    open_tab(visitor, "Scenarios")
    visitor.sees("Most variable scenarios")
    expect(visitor.page.get_by_test_id("stTable").first).to_contain_text("airline-")
