"""Verify this installation, on Home."""

import json
from importlib import resources

import pytest

from experimentos.ui import background


def half_wrong():
    """Two cases of the packaged table, the second with an expectation that nobody meets."""
    file = resources.files("experimentos") / "reference" / "cases.json"
    first = json.loads(file.read_bytes())["cases"][0]
    wrong = {**first, "id": "does-not", "expected": dict.fromkeys(first["expected"], 12345.0)}
    return json.dumps({"cases": [first, wrong]}).encode()


@pytest.fixture
def opened(tab):
    screen = tab().open()
    screen.at.session_state["verify"] = True
    return screen.run()


def own(screen, content):
    screen.at.segmented_control(key="verify.which").set_value("A table of your own")
    screen.run()
    screen.at.file_uploader(key="verify.file").upload("mine.json", content)
    return screen.run()


def test_nothing_is_verified_before_the_section_is_opened(tab):
    assert not any("reference case" in label for label in tab().open().labels)


def test_the_packaged_table_is_run_on_a_click_and_every_kind_is_listed(opened):
    label = next(label for label in opened.labels if "reference cases" in label)
    screen = opened.press(label).finished()
    assert "agree within their tolerances" in screen.words
    table = screen.at.table[-1].value
    assert "two\\_proportion\\_z" in list(table["Kind"])
    assert (table["Cases"] == table["Passed"]).all()
    assert {b.label for b in screen.at.get("download_button")} >= {
        "Installation report, HTML",
        "Markdown",
    }


def test_a_second_visitor_finds_the_result_of_the_first(opened, tab):
    label = next(label for label in opened.labels if "reference cases" in label)
    opened.press(label).finished()
    other = tab().open()
    other.at.session_state["verify"] = True
    assert "agree within their tolerances" in other.run().words


def test_a_table_of_ones_own_that_disagrees_is_told_case_by_case(opened):
    screen = own(opened, half_wrong()).press("Run 2 reference cases")
    words = screen.finished().words
    assert "1 of 2 reference cases disagree" in words
    assert list(screen.at.table[0].value["Case"]) == ["does\\-not"]


def test_a_file_that_is_no_table_is_answered_with_the_form_that_is_needed(opened):
    words = own(opened, b"[1, 2]").words
    assert "No table of reference cases" in words
    assert '"expected"' in words


def test_a_run_that_was_cancelled_reports_nothing_and_can_be_started_again(opened, monkeypatch):
    def cancelled(job, _done, _total):
        job.cancel()
        return False

    monkeypatch.setattr(background.Job, "report", cancelled)
    label = next(label for label in opened.labels if "reference cases" in label)
    screen = opened.press(label).finished()
    assert "Cancelled before the end" in screen.words
    assert label in screen.labels
