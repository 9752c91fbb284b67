"""Each state transition of the main job."""

from experimentos.flows import history
from experimentos.ui.services import services

WORSE = b"variant,users,conversions\ncontrol,20000,2400\ntreatment,20000,2100\n"
FOREIGN = b"group,visitors,wins\nold,10000,1000\nnew,10000,1150\n"


def test_a_sample_is_one_click_from_its_results(tab):
    screen = tab().open().press("A clear win")
    assert screen.at.title[0].value == "One\\-step checkout"
    assert "Launch treatment" in screen.words
    assert screen.figures["Difference"] == "+1.20 points"


def test_an_uploaded_file_shows_its_health(tab, sample):
    screen = tab().open("health_check").upload("launch.csv", sample("launch.csv"))
    assert "Healthy." in screen.words
    assert "launch.csv" in screen.words
    assert screen.figures["Sample ratio test"].startswith("p = ")


def test_a_second_file_replaces_the_first(tab, sample):
    screen = tab().open("health_check").upload("launch.csv", sample("launch.csv"))
    screen.upload("worse.csv", WORSE)
    assert "worse.csv" in screen.words
    assert "launch.csv" not in screen.words
    assert "Rollback" in screen.go("results").words


def test_a_pasted_table_is_read_like_a_file(tab):
    screen = tab().open("health_check")
    screen.at.text_area[0].set_value(WORSE.decode())
    screen.press("Check this table")
    assert "40" in screen.words
    assert "Healthy." in screen.words


def test_an_empty_paste_is_answered_with_what_to_do(tab):
    screen = tab().open("health_check").press("Check this table")
    assert "paste a table with a header row" in screen.words


def test_blocked_data_stops_politely_with_reasons_and_a_way_on(tab):
    screen = tab().open().press("Data that must not pass")
    assert "Blocked: this data may not be analysed" in screen.words
    assert "conversions 10,320 exceeds users 9,979" in screen.words
    assert "Nothing was analysed" in screen.words
    assert "Difference" not in screen.figures


def test_an_unreadable_file_is_told_and_can_be_replaced(tab):
    screen = tab().open("health_check").upload("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
    assert "could not be read" in screen.words
    screen.upload("worse.csv", WORSE)
    assert "Healthy." in screen.words


def test_a_warning_stands_above_the_results(tab):
    screen = tab().open().press("Uneven traffic")
    assert "Warning: read this before you trust the numbers" in screen.words
    assert "Hold" in screen.words


def test_foreign_columns_are_mapped_and_the_mapping_is_remembered(tab):
    screen = tab().open("health_check").upload("theirs.csv", FOREIGN)
    assert "Map your columns" in screen.words
    screen.fill("Column of arms", "group")
    screen.fill("Column of users", "visitors")
    screen.fill("Column of conversions", "wins")
    screen.fill("Control arm", "old")
    screen.press("Read with this mapping")
    assert "Healthy." in screen.words
    assert "Launch treatment" in screen.go("results").words
    another = tab().open("health_check").upload("next.csv", FOREIGN)
    assert "Healthy." in another.words
    assert "mapped as they were the last time" in another.words


def test_a_mapping_can_be_undone(tab):
    screen = tab().open("health_check").upload("theirs.csv", FOREIGN)
    screen.fill("Column of conversions", "wins")
    screen.press("Read with this mapping").press("Undo the mapping")
    assert "Map your columns" in screen.words


def test_the_charter_changes_the_analysis(tab):
    screen = tab().open().press("A clear win").go("health_check")
    screen.fill("Better when", "lower")
    assert "Rollback" in screen.go("results").words


def test_a_split_that_is_wrong_keeps_the_last_valid_one(tab):
    screen = tab().open().press("A clear win").go("health_check")
    screen.fill("Planned split", "50, 50, 50")
    assert "The split needs 2 numbers" in screen.words
    screen.fill("Planned split", "90, 10")
    assert "Blocked" in screen.words


def test_planned_guardrails_replace_the_guess(tab):
    screen = tab().open().press("Won, but at a price").go("health_check")
    screen.at.selectbox(key=key_of(screen, "role.cancellations")).set_value("Only reported")
    screen.run()
    words = screen.go("results").words
    assert "Launch treatment" in words


def test_tabs_compute_only_what_is_open(tab):
    screen = tab().open().press("Three arms")
    assert "No continuous metric" in screen.words
    assert "For orientation only" not in screen.words


def test_a_memo_is_written_saved_listed_and_opened_again(tab):
    screen = tab().open().press("A clear win").go("decision_memo")
    screen.fill("Title", "Checkout in one step")
    screen.fill("Notes", "Ship it *slowly*.")
    screen.press("Save to history")
    assert "Save the changes" in screen.labels
    home = tab().open()
    assert "Checkout in one step" in home.words
    assert "Launch" in home.words
    record = history.list_analyses(services().store)[0]
    assert "Ship it" in history.memo(services().store, record.id, "md")
    opened = home.press("Open")
    assert opened.at.title[0].value == "Checkout in one step"


def test_saving_again_updates_the_entry_and_a_new_entry_can_be_asked_for(tab):
    screen = tab().open().press("A clear win").go("decision_memo").press("Save to history")
    screen.fill("Title", "Second thoughts")
    screen.press("Save the changes")
    assert [r.title for r in history.list_analyses(services().store)] == ["Second thoughts"]
    screen.press("Save as a new entry")
    assert len(history.list_analyses(services().store)) == 2


def test_a_saved_analysis_is_bit_identical_when_run_again(tab):
    tab().open().press("Three arms").go("decision_memo").press("Save to history")
    home = tab().open()
    menu(home, "Run again")
    assert "bit-identical" in home.words


def test_a_deleted_analysis_comes_back_with_undo(tab):
    tab().open().press("A clear win").go("decision_memo").press("Save to history")
    home = tab().open()
    menu(home, "Delete")
    assert "is in the bin" in home.words
    assert not history.list_analyses(services().store)
    home.press("Undo")
    assert "is in the bin" not in home.words
    assert len(history.list_analyses(services().store)) == 1


def test_a_duplicate_is_an_entry_of_its_own(tab):
    tab().open().press("A clear win").go("decision_memo").press("Save to history")
    home = tab().open()
    menu(home, "Duplicate")
    titles = sorted(record.title for record in history.list_analyses(services().store))
    assert titles == ["Copy of One-step checkout", "One-step checkout"]


def test_the_history_is_searched_and_filtered(tab):
    tab().open().press("A clear win").go("decision_memo").press("Save to history")
    tab().open().press("A step back").go("decision_memo").press("Save to history")
    home = tab().open()
    home.at.text_input(key="history.search").set_value("banner")
    home.run()
    assert home.labels.count("Open") == 1
    home.at.text_input(key="history.search").set_value("nothing like it")
    assert "No saved analysis matches" in home.run().words


def key_of(screen, name):
    return next(w.key for w in screen.at.selectbox if w.key and w.key.endswith(name))


def menu(screen, action):
    button = screen.at.get("menu_button")[0]
    button.set_value(action)
    screen.run()
