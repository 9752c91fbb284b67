"""Repeated samples on the page Runs."""

import pytest

TWICE = b"scenario,model,sample_index,score\na,m,0,1\na,m,0,0\n"
ONE = b"scenario,model,sample_index,score\na,m,0,0.5\nb,m,0,0.7\nc,m,0,0.2\n"


def test_without_samples_the_page_says_what_it_takes(tab):
    screen = tab().open("runs").runs("Samples")
    assert "Kept in this workspace" not in screen.words
    assert "tau-bench airline" in screen.labels
    assert screen.at.file_uploader


def test_one_click_shows_the_demo_with_its_leaderboard(tab):
    screen = tab().open("runs").runs("Samples").press("tau-bench airline")
    assert not screen.at.exception
    assert "samples_demo.csv" in screen.words
    assert "42.0%" in screen.at.table[0].value.to_string()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("Variance", "0.273"),
        ("Scenarios", "airline-013"),
        ("Plan", "Only one model was sampled"),
        ("Comparison", "nothing to compare with"),
    ],
)
def test_each_tab_of_the_demo_shows_its_figures(tab, shown, expected):
    screen = tab().open("runs").runs("Samples").press("tau-bench airline")
    screen.at.session_state["samples.tabs"] = next(label for label in TABS if label.endswith(shown))
    screen.run()
    tables = "\n".join(str(table.value.to_string()) for table in screen.at.table)
    assert not screen.at.exception
    assert expected in (screen.words + tables).replace("\\", "")


def test_two_models_are_compared_with_the_chosen_baseline(tab):
    screen = tab().open("runs").runs("Samples").press("Atari 100k")
    screen.fill("Baseline", "ppo_fixhp")
    screen.at.session_state["samples.tabs"] = next(t for t in TABS if t.endswith("Comparison"))
    screen.run()
    assert "+1.12" in screen.at.table[0].value.to_string().replace("\\", "")


def test_a_sample_given_twice_is_blocked_with_its_row_and_another_file_can_come(tab):
    screen = tab().open("runs").runs("Samples").upload("twice.csv", TWICE)
    assert "row 3" in screen.words
    assert "cannot be analysed" in screen.words
    screen.press("Another file").upload("one.csv", ONE)
    assert "cannot be analysed" not in screen.words
    assert screen.at.table


def test_single_samples_are_not_called_variable(tab):
    screen = tab().open("runs").runs("Samples").upload("one.csv", ONE)
    screen.at.session_state["samples.tabs"] = next(t for t in TABS if t.endswith("Scenarios"))
    screen.run()
    assert "No scenario was sampled twice" in screen.words


TABS = (
    ":material/leaderboard: Ranking",
    ":material/ssid_chart: Variance",
    ":material/list: Scenarios",
    ":material/compare_arrows: Comparison",
    ":material/event_note: Plan",
    ":material/download: Downloads",
)


def test_columns_of_any_name_are_read_once_they_are_pointed_at(tab):
    content = b"prompt,bot,mark\np1,x,1\np1,y,0\np2,x,1\np2,y,1\n"
    screen = tab().open("runs").runs("Samples").upload("named.csv", content)
    assert "cannot be analysed" in screen.words
    for part, column in (("scenario", "prompt"), ("model", "bot"), ("score", "mark")):
        next(box for box in screen.at.selectbox if box.label == part).set_value(column)
    screen.press("Read with these columns")
    assert "cannot be analysed" not in screen.words
    assert "50.0%" in screen.at.table[0].value.to_string()
    # The names are kept with the file.
    screen = tab().open("runs").runs("Samples").press("Open")
    assert "50.0%" in screen.at.table[0].value.to_string()


def test_graded_scores_show_their_middle_half_and_the_other_tests(tab):
    screen = tab().open("runs").runs("Samples").press("Atari 100k")
    for name, expected in (("Variance", "0.5075"), ("Comparison", "< 0.0001")):
        screen.at.session_state["samples.tabs"] = next(t for t in TABS if t.endswith(name))
        screen.run()
        tables = "".join(table.value.to_string() for table in screen.at.table)
        assert expected in tables.replace("\\", "")


def test_an_uploaded_file_is_there_in_the_next_tab_until_it_is_deleted(tab):
    tab().open("runs").runs("Samples").upload("mine.csv", ONE)
    screen = tab().open("runs").runs("Samples")
    assert "Kept in this workspace" in screen.words
    screen.press("Open")
    assert "mine.csv" in screen.words
    assert screen.at.table
    screen.press("Another file").press("Delete")
    assert "Kept in this workspace" not in screen.words


def test_an_example_and_a_blocked_file_are_not_kept(tab):
    screen = tab().open("runs").runs("Samples").press("tau-bench airline")
    screen.press("Another file").upload("twice.csv", TWICE)
    screen.press("Another file")
    assert "Kept in this workspace" not in screen.words


def test_cells_get_the_interval_that_is_chosen_or_are_told_why_not(tab):
    screen = tab().open("runs").runs("Samples").press("Atari 100k")
    screen.fill("Cell intervals", "clopper-pearson")
    assert "for scores of 0 and 1" in screen.words
    screen.fill("Cell intervals", "bca")
    assert "for scores of 0 and 1" not in screen.words
    assert screen.at.table
