"""What the tabs, the empty cases and the small print say."""

from dataclasses import replace

from experimentos.flows import history
from experimentos.store.port import State
from experimentos.ui import charter_form, experiment
from experimentos.ui.services import services

NOBODY = b"variant,users,conversions\ncontrol,5000,0\ntreatment,5000,0\n"


def tab_opened(screen, label):
    screen.at.session_state["results.tabs"] = label
    return screen.run()


def test_the_bayesian_view_says_that_it_decides_nothing(tab):
    screen = tab().open().press("Three arms")
    tab_opened(screen, ":material/blur_on: Bayesian view")
    assert "Nothing on this tab enters the decision" in screen.words
    assert "probable to be better" in screen.words
    assert "No continuous metric" not in screen.words
    table = screen.at.table[-1].value
    assert list(table["Arm"]) == ["shorter\\_form", "one\\_page"] * 2


def test_the_details_hold_methods_second_methods_data_and_downloads(tab):
    screen = tab().open().press("Revenue and order value")
    tab_opened(screen, ":material/receipt_long: Details")
    assert "What was assumed" in screen.words
    assert "Pooled z test" in screen.words
    methods = {expander.label for expander in screen.at.expander}
    assert {"Miettinen-Nurminen score test", "Welch's t test"} <= methods
    frames = [frame.value for frame in screen.at.dataframe]
    assert list(frames[0]["Metric"]) == ["conversion", "revenue", "aov"]
    assert list(frames[1]["variant"]) == ["control", "treatment"]


def test_a_comparison_that_does_not_exist_says_why_and_shows_no_figure(tab):
    screen = tab().open("health_check").upload("nobody.csv", NOBODY).go("results")
    assert "No comparison for conversion" in screen.words
    assert "Difference" not in screen.figures
    tab_opened(screen, ":material/blur_on: Bayesian view")
    assert not screen.at.exception


def test_means_are_shown_with_their_unit_and_role(tab):
    screen = tab().open().press("Revenue and order value")
    assert "Reported only" in screen.words
    assert "aov counts orders" in screen.words


def test_a_read_only_history_is_announced_on_every_page(tab, monkeypatch):
    screen = tab().open()
    store = services().store
    monkeypatch.setattr(type(store), "state", lambda _: State("The disk is full."))
    assert "The history is read-only" in screen.run().words
    assert "The disk is full." in screen.words


def test_the_bin_lists_what_was_deleted_and_gives_it_back(tab):
    tab().open().press("A clear win").go("decision_memo").press("Save to history")
    home = tab().open()
    home.at.get("menu_button")[0].set_value("Delete")
    home.run()
    home.at.get("button_group")[0].set_value("Bin")
    home.run()
    home.press("Restore")
    assert "The bin is empty." in home.words
    assert len(history.list_analyses(services().store)) == 1


def test_a_saved_analysis_that_computes_otherwise_is_said_to_differ(tab, monkeypatch):
    tab().open().press("A clear win").go("decision_memo").press("Save to history")
    real = history.rerun

    def changed(*asked):
        found = real(*asked)
        return replace(found, identical=False, differences=("decision.rule: a then, b now",))

    home = tab().open()
    monkeypatch.setattr(history, "rerun", changed)
    home.at.get("menu_button")[0].set_value("Run again")
    home.run()
    assert "Run again: not the same" in home.words
    assert "a then, b now" in home.words


def test_many_saved_analyses_are_shown_by_the_page(tab):
    screen = tab().open().press("A clear win").go("decision_memo").press("Save to history")
    for _ in range(12):
        history.duplicate(services().store, history.list_analyses(services().store)[0].id)
    home = screen.go("home")
    assert home.labels.count("Open") == 12
    home.press("Show more")
    assert home.labels.count("Open") == 13


def test_a_field_that_the_charter_refuses_is_told_and_the_old_value_stays(tab, monkeypatch):
    screen = tab().open().press("A clear win").go("health_check")
    real = charter_form._plan
    monkeypatch.setattr(charter_form, "_plan", lambda *a: {**real(*a), "planned_users": -1})
    assert "The last valid value is still in use" in screen.run().words


def test_a_split_of_words_is_answered_with_an_example(tab):
    screen = tab().open().press("A clear win").go("health_check")
    screen.fill("Planned split", "half and half")
    assert "such as 50, 50" in screen.words


def test_what_was_planned_for_a_guardrail_is_used(tab):
    screen = tab().open().press("Won, but at a price").go("health_check")
    screen.fill("Worse from (points)", 5.0)
    found = experiment.of(services_draft(screen))
    assert found is not None
    assert found.charter.guardrails is not None
    assert found.charter.guardrails[0].harm == 0.05


def test_the_memo_can_be_read_as_markdown(tab):
    screen = tab().open().press("A clear win").go("decision_memo")
    screen.at.session_state["memo.tabs"] = ":material/markdown: Markdown"
    screen.run()
    assert screen.at.code[0].value.startswith("# One-step checkout")


def test_a_memo_of_an_unreadable_file_is_not_offered(tab):
    screen = tab().open("health_check").upload("picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
    screen.go("decision_memo")
    assert "nothing to decide about" in screen.words
    assert "Save to history" not in screen.labels


def services_draft(screen):
    return screen.at.session_state["session"].draft


def test_a_file_without_days_or_segments_says_what_would_bring_them(tab):
    screen = tab().open().press("A clear win")
    tab_opened(screen, ":material/donut_small: Segments")
    assert "Add a **segment** column" in screen.words
    tab_opened(screen, ":material/calendar_month: Over time")
    assert "Add a **date** column" in screen.words


def test_days_and_segments_are_read_by_the_plan(tab):
    screen = tab().open().press("Two weeks, two devices")
    tab_opened(screen, ":material/donut_small: Segments")
    assert "interaction p = " in screen.words
    assert list(screen.at.table[-1].value["Segment"]) == ["**mobile**", "**desktop**"]
    tab_opened(screen, ":material/calendar_month: Over time")
    assert "the plan allows stopping there" in screen.words
    assert "planned looks" in screen.words
