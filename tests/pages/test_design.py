"""Each state transition of a design session."""

import json
from pathlib import Path

import pytest

from experimentos.flows.design_session import export_session, list_sessions, load_session
from experimentos.flows.drafts import list_drafts, load_draft
from experimentos.ui import design_board, design_graph, design_outputs, services

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<img src=x onerror=alert(1)> **bold** :material/home:"
NO_COUNT = "Mice are randomly assigned to two diets: control or high fat. We measure body weight."


def saved():
    return list_sessions(services.services().store)


def only():
    store = services.services().store
    return load_session(store, saved()[0].id)


def card(screen, key: str):
    """Open a card from the list, as people without a mouse do."""
    next(b for b in screen.at.selectbox if b.label == "Open a card").set_value(key)
    return screen.run()


def happens(screen, monkeypatch, **event):
    """Let the board report one event, as its script would."""
    answers = [event]
    with monkeypatch.context() as patched:
        patched.setattr(design_board, "board", lambda *_, **__: answers.pop() if answers else None)
        screen.run()
    return screen


def put(screen, label: str, value: str):
    """Fill a field of a form, which is sent only with its button."""
    fields = (*screen.at.text_input, *screen.at.text_area)
    next(f for f in fields if f.label == label).set_value(value)
    return screen


def at_address(tab, address):
    screen = tab().open("design_session")
    screen.at.query_params["d"] = address
    return screen.run()


@pytest.fixture
def described(tab):
    """A page on which the field trial was read."""
    return tab().open("design_session").press("A field trial")


@pytest.fixture
def designed(described):
    """A page on which the field trial is a design."""
    return described.press("Use this design")


def test_nothing_is_saved_before_something_is_typed(tab):
    tab().open("design_session")
    assert saved() == []


def test_an_example_is_read_with_the_words_it_came_from(described):
    words = described.words
    assert "What was read" in words
    assert "four wheat varieties (Axis, Bolt, Cedar and Delta)" in words
    assert "Treatment" in words
    assert "Blocking" in words
    assert "grain yield" in words


def test_a_typed_description_is_kept_before_it_is_read(tab):
    screen = tab().open("design_session").fill("Describe your experiment", NO_COUNT)
    assert "What was read" not in screen.words
    assert only().text == NO_COUNT
    assert "What was read" in screen.press("Read it").words


def test_a_factor_that_is_left_out_is_not_in_the_design(described):
    box = next(b for b in described.at.selectbox if b.label == "Kind of block")
    box.set_value("left out")
    described.run().press("Use this design")
    assert [f.name for f in only().document.factors] == ["wheat variety"]


def test_an_open_question_is_answered_before_the_design_is_used(tab):
    screen = tab().open("design_session").fill("Describe your experiment", NO_COUNT)
    screen.press("Read it")
    pills = next(p for p in screen.at.pills if p.label == "Independent units per treatment")
    pills.set_value("6")
    screen.run().press("Use this design")
    assert [u.count for u in only().document.units] == [12]


def test_the_design_shows_cards_anatomy_and_checks(designed):
    words = designed.words
    assert "RCBD · 2 factors · 24 observations" in words
    assert "Compared: wheat variety" in words
    assert "Anatomy of the analysis" in words
    assert "No level of wheat variety is a control or reference" in words
    cells = [str(v) for table in designed.at.table for v in table.value.to_numpy().ravel()]
    assert "plot, 15 d.f." in [cell.replace("\\", "") for cell in cells]


def test_a_fix_is_applied_by_one_click_and_undone_by_another(designed):
    designed.press("Apply: Axis is the reference")
    assert "is a control or reference" not in designed.words
    assert [x.is_control for x in only().document.factors[0].levels] == [True, *[False] * 3]
    designed.press("Undo")
    assert "No level of wheat variety is a control or reference" in designed.words


def test_undo_goes_back_step_by_step_and_then_rests(designed, monkeypatch):
    first = only().document.hash()
    designed.press("Apply: Axis is the reference")
    happens(designed, monkeypatch, type="delete", key="factors.block")
    assert "**block** was deleted." in designed.words
    designed.press("Take it back")
    assert "Take it back" not in designed.labels
    designed.press("Undo")
    assert only().document.hash() == first
    undo = next(b for b in designed.at.button if b.label == "Undo")
    assert undo.disabled


def test_a_warning_is_accepted_with_a_reason(designed):
    assert "2 warnings" in designed.words
    designed.press("Accept")
    assert "A warning is accepted with a reason" in designed.words
    label = next(i.label for i in designed.at.text_input if i.label.startswith("Why R"))
    designed.fill(label, "No variety is the standard one.").press("Accept")
    assert "1 warning" in designed.words
    assert only().document.acknowledged[0].reason == "No variety is the standard one."


def test_an_accepted_warning_stays_visible_and_is_asked_again(designed):
    label = next(i.label for i in designed.at.text_input if i.label.startswith("Why R"))
    designed.fill(label, "All are new.").press("Accept")
    assert "Accepted: All are new." in designed.words
    designed.press("Ask again")
    assert only().document.acknowledged == ()
    assert "2 warnings" in designed.words


def test_aim_and_hypothesis_are_said(designed):
    put(designed, "Hypothesis", "Axis yields more.").press("Keep")
    assert only().document.hypothesis == "Axis yields more."


def test_a_unit_is_put_into_another(designed):
    card(designed, "units.plot")
    next(b for b in designed.at.selectbox if b.label == "Lies in a").set_value("")
    designed.press("Save")
    assert only().document.unit("plot").parent is None


def test_each_kind_of_factor_has_its_own_questions(designed):
    asked = {"nuisance": ("What the plan does", "randomised", "handling"),
             "covariate": ("Measured", "before", "measured")}  # fmt: skip
    for kind, (label, answer, field) in asked.items():
        add = next(b for b in designed.at.selectbox if b.label == "Add a")
        add.set_value(kind)
        put(designed, "Called", kind).press("Add")
        card(designed, f"factors.{kind}")
        next(b for b in designed.at.selectbox if b.label == label).set_value(answer)
        designed.press("Save")
        assert getattr(only().document.factor(kind), field) == answer
    put(card(designed, "factors.nuisance"), "Name", " ").press("Save")
    assert "A name is needed" in designed.words


def test_power_without_a_primary_response_says_what_to_do(designed, monkeypatch):
    happens(designed, monkeypatch, type="delete", key="responses.grain_yield")
    open_tab(designed, "Power")
    assert "Mark one on its card" in designed.words
    assert "Power is not known yet" in designed.words


def test_a_range_that_is_upside_down_is_refused_in_words(designed):
    open_tab(designed, "Power")
    values = {"Nine in ten values above": 8.0, "Nine in ten values below": 4.0}
    for label, value in values.items():
        next(n for n in designed.at.number_input if n.label == label).set_value(value)
    designed.press("Use these")
    assert "must be below the upper end" in designed.words.replace("\u2060", "")
    assert len(only().history.versions) == 1


def test_an_interaction_is_stated_and_removed(designed):
    put(designed, "Called", "water").press("Add")
    choose(designed, "Show the design as", design_board.RELATIONS).press("State it")
    assert "An interaction has two to four factors" in designed.words
    designed.at.multiselect[0].set_value(["wheat_variety", "water"])
    designed.press("State it")
    assert only().document.interactions[0].factor_ids == ("wheat_variety", "water")
    assert "wheat variety x water: to be tested" in designed.words
    designed.press("Remove")
    assert only().document.interactions == ()


def test_a_card_is_edited_in_place(designed):
    put(card(designed, "factors.wheat_variety"), "Name", "Variety")
    put(designed, "Levels, one per line", "Axis\nBolt, late\nCedar").press("Save")
    factor = only().document.factors[0]
    assert factor.name == "Variety"
    assert [level.label for level in factor.levels] == ["Axis", "Bolt, late", "Cedar"]


def test_a_card_is_opened_renamed_and_found_gone_from_the_board(designed, monkeypatch):
    happens(designed, monkeypatch, type="select", key="responses.grain_yield")
    assert "About grain yield" in designed.words
    assert "Distribution" in [b.label for b in designed.at.selectbox]
    happens(designed, monkeypatch, type="rename", key="responses.grain_yield", name="Yield")
    assert only().document.responses[0].name == "Yield"
    happens(designed, monkeypatch, type="delete", key="factors.gone")
    assert "This card is gone" in designed.words
    designed.press("Whole design")
    assert "About Yield" not in designed.words


def test_a_card_is_asked_about_from_the_board(designed, monkeypatch):
    happens(designed, monkeypatch, type="ask", key="responses.grain_yield")
    assert "About grain yield" in designed.words
    assert "nothing leaves this machine" in designed.words


def test_the_units_and_the_scale_of_a_response_are_edited(designed):
    screen = card(designed, "responses.grain_yield")
    for label, value in (("Most values from", 4.0), ("Most values to", 8.0)):
        next(n for n in screen.at.number_input if n.label == label).set_value(value)
    screen.press("Save")
    assert only().document.responses[0].expected_range == (4.0, 8.0)
    screen = card(screen, "units.plot")
    next(n for n in screen.at.number_input if n.label == "How many in each unit above").set_value(8)
    screen.press("Save")
    assert only().document.units[1].count == 8


def test_cards_are_searched_and_filtered(designed, monkeypatch):
    shown = []
    monkeypatch.setattr(design_board, "board", lambda groups, **_: shown.append(groups))
    designed.fill("Find a card", "cedar")
    assert [c["name"] for g in shown[-1] for c in g["cards"]] == ["wheat variety"]
    designed.fill("Find a card", "")
    designed.at.pills[0].set_value(["unit"])
    designed.run()
    assert [g["title"] for g in shown[-1]] == ["Units, outermost first"]


def test_a_node_of_the_graph_opens_its_card(designed, monkeypatch):
    monkeypatch.setattr(design_graph, "relation_graph", lambda _: "responses.grain_yield")
    choose(designed, "Show the design as", design_board.RELATIONS)
    assert "wheat variety is applied to each plot at random within each block" in designed.words
    assert "About grain yield" in designed.words
    designed.press("Close")
    assert "About grain yield" not in designed.words


def test_the_graph_is_drawn_from_names_alone(designed):
    choose(designed, "Show the design as", design_board.RELATIONS)
    assert "The same in sentences" in [e.label for e in designed.at.expander]
    assert not designed.at.exception


def test_notes_are_kept_and_are_no_version(designed):
    designed.fill("Notes for the people who work on this", "Ask Ann about block 3.")
    assert only().notes == "Ask Ann about block 3."
    assert len(only().history.versions) == 1


def test_an_edit_that_is_cancelled_changes_nothing(designed):
    before = only().document.hash()
    put(card(designed, "units.plot"), "Name", "strip").press("Cancel")
    assert "Name" not in [f.label for f in designed.at.text_input]
    assert only().document.hash() == before


def test_a_part_is_added_and_moved(designed, monkeypatch):
    for name in ("irrigation", "nitrogen"):
        put(designed, "Called", name).press("Add")
    keys = ["factors.wheat_variety", "factors.nitrogen", "factors.irrigation"]
    happens(designed, monkeypatch, type="order", key=keys[1], keys=keys)
    names = [f.name for f in only().document.treatments]
    assert names == ["wheat variety", "nitrogen", "irrigation"]


def test_a_count_that_is_not_known_is_asked_and_set(tab):
    screen = tab().open("design_session").fill("Describe your experiment", NO_COUNT)
    screen.press("Read it").press("Use this design")
    assert "size not known" in screen.words
    screen.fill("Number in each unit above", 20).press("Set")
    assert "20 observations" in screen.words


def test_an_old_version_is_restored_as_a_new_one(designed):
    designed.press("Apply: Axis is the reference")
    open_tab(designed, "Versions").press("Restore")
    versions = only().history.versions
    assert len(versions) == 3
    assert versions[0].hash == versions[2].hash


def test_the_run_sheet_follows_its_seed(designed):
    first = designed.at.dataframe[0].value.to_numpy().tolist()
    assert len(first) == 24
    designed.fill("Seed", 2)
    second = designed.at.dataframe[0].value.to_numpy().tolist()
    designed.fill("Seed", 1)
    assert designed.at.dataframe[0].value.to_numpy().tolist() == first != second


def choose(screen, label: str, value):
    """Choose in a segmented control."""
    next(v for v in screen.at.button_group if v.label == label).set_value(value)
    return screen.run()


def test_a_plate_is_set_with_controls_and_a_constraint(designed):
    choose(designed, "Units lie on", "plate")
    assert only().document.layout.wells == 96
    put(designed, "Control wells", "A01 h12")
    put(designed, "What they hold, in turn", "blank").press("Set the plate")
    layout = only().document.layout
    assert (layout.controls, layout.control_levels) == (("A01", "H12"), ("blank",))
    designed.press("Spread four controls")
    assert len(only().document.layout.controls) == 4
    designed.press("Add it")
    assert "The layout keeps 1 constraint" in designed.words
    designed.press("Remove")
    assert only().document.constraints == ()
    put(designed, "Control wells", "nonsense").press("Set the plate")
    assert "is not a well" in designed.words


def test_a_field_is_proposed_with_sides_that_the_units_fill_and_takes_others(designed):
    choose(designed, "Units lie on", "field")
    proposed = only().document.layout
    assert proposed.rows * proposed.columns == 24
    assert designed.at.get("vega_lite_chart") or designed.at.get("arrow_vega_lite_chart")
    for label, value in (("Rows", 6), ("Columns", 4)):
        next(n for n in designed.at.number_input if n.label == label).set_value(value)
    designed.press("Set the grid")
    assert only().document.layout.rows == 6
    assert designed.at.get("vega_lite_chart") or designed.at.get("arrow_vega_lite_chart")


@pytest.mark.parametrize("kind", ["keep_together", "fixed", "no_edge"])
def test_every_kind_of_constraint_has_its_fields(designed, kind):
    designed.fill("Add a constraint", kind).press("Add it")
    if kind == "fixed":
        assert "A place is needed" in designed.words
    else:
        assert [c.kind for c in only().document.constraints] == [kind]


def test_the_seed_of_a_layout_is_part_of_the_design(designed):
    designed.press("Draw anew").press("Draw anew")
    assert only().document.layout.seed == 3
    assert len(only().history.versions) == 2


def open_tab(screen, name: str):
    screen.at.session_state["design.tabs"] = next(t for t in design_outputs.TABS if name in t)
    return screen.run()


def test_power_is_asked_for_simulated_and_reached(designed):
    open_tab(designed, "Power")
    assert "Power is not known yet" in designed.words
    values = {"Smallest difference that matters": 0.5, "Nine in ten values above": 4.0,
              "Nine in ten values below": 8.0}  # fmt: skip
    for label, value in values.items():
        next(n for n in designed.at.number_input if n.label == label).set_value(value)
    designed.press("Use these")
    assert only().document.primary.smallest_effect == 0.5
    designed.press("Simulate").finished()
    tables = [str(v) for t in designed.at.table for v in t.value.to_numpy().ravel()]
    assert any("±" in cell for cell in tables)
    designed.press("Work it out").finished()
    use = next(
        label for label in designed.labels if label.startswith("Use ") and label != "Use these"
    )
    designed.press(use)
    assert only().document.units[0].count == int(use.removeprefix("Use ").replace(",", ""))


def test_a_number_that_no_count_reaches_says_why(tab):
    screen = template_named(tab, "cluster_randomised")
    open_tab(screen, "Power")
    next(n for n in screen.at.number_input if n.label == "Power goal").set_value(0.99)
    screen.press("Use these")
    screen.fill("Of which unit", "pupil").press("Work it out").finished()
    assert "they do not replicate the treatment" in screen.words


def test_an_ab_design_becomes_the_frozen_plan_of_the_analysis(tab):
    screen = open_tab(template_named(tab, "ab_test"), "Power")
    screen.press("Freeze as the plan of an A/B test")
    assert screen.at.title[0].value == "Health check"
    store = services.services().store
    (draft,) = [load_draft(store, record.id) for record in list_drafts(store)]
    assert draft.charter.frozen is not None
    assert draft.charter.planned_users == 10_000


def gallery(screen):
    screen.at.session_state["design.gallery"] = True
    return screen.run()


def template_named(tab, name: str):
    """A page on which a design was begun from a template."""
    screen = gallery(tab().open("design_session"))
    screen.at.button(key=f"template.use.{name}").click()
    return screen.run()


def test_a_title_is_kept_and_undone(designed):
    designed.fill("Title", "Wheat 2027")
    assert designed.at.title[0].value == "Wheat 2027"
    assert saved()[0].title == "Wheat 2027"
    designed.press("Undo")
    assert designed.at.title[0].value == "Design session"


def test_a_new_tab_at_the_same_address_shows_the_same_design(tab, designed):
    address = designed.at.query_params["d"]
    services.close()
    assert "RCBD · 2 factors" in at_address(tab, address).words


def test_an_address_that_is_not_known_says_so(tab):
    screen = at_address(tab, "01J00000000000000000000000")
    assert "not in this history" in screen.words
    assert "d" not in screen.at.query_params


def test_two_tabs_do_not_overwrite_each_other(tab, designed):
    other = tab().open("design_session").press("Open")
    other.fill("Title", "From the other tab")
    designed.fill("Title", "From this tab")
    assert "Nothing was overwritten" in designed.words
    assert only().title == "From the other tab"
    designed.press("Keep mine as a copy")
    assert {r.title for r in saved()} == {"From the other tab", "From this tab"}


def test_the_newer_design_can_be_taken_over(tab, designed):
    other = tab().open("design_session").press("Open")
    other.fill("Title", "From the other tab")
    designed.fill("Title", "From this tab").press("Show the newer design")
    assert designed.at.title[0].value == "From the other tab"


def test_designs_are_listed_duplicated_deleted_and_taken_back(designed):
    designed.fill("Title", "Wheat").press("All designs")
    assert "Saved designs" in designed.words
    assert "wheat variety, block on grain yield" in designed.words
    designed.press("Duplicate").press("All designs")
    assert {r.title for r in saved()} == {"Wheat", "Copy of Wheat"}
    designed.press("Delete design")
    assert len(saved()) == 1
    designed.press("Take it back")
    assert len(saved()) == 2


def test_a_design_is_renamed_archived_and_found_again(designed):
    designed.press("All designs")
    name = saved()[0].id
    box = next(t for t in designed.at.text_input if t.key and f"design.title.{name}" in t.key)
    box.set_value("Oats")
    designed.press("Rename")
    assert only().document.title == saved()[0].title == "Oats"
    designed.press("Archive")
    assert "Current: nothing here" in designed.words
    choose(designed, "Show", "archive").press("Back from the archive")
    assert "Archive: nothing here" in designed.words
    choose(designed, "Show", "current").fill("Find a design", "grain")
    assert "**Oats**" in designed.words
    designed.fill("Find a design", "no such design")
    assert "No design matches" in designed.words


def test_designs_are_filtered_by_how_they_stand(designed):
    designed.press("All designs")
    pills = next(b for b in designed.at.button_group if b.label == "Status")
    pills.set_value("ready")
    designed.run()
    assert "No design matches" in designed.words


def test_home_shows_the_last_designs_and_resumes_one(tab, designed):
    designed.fill("Title", "Wheat")
    screen = tab().open("home")
    assert "**Wheat**" in screen.words
    screen.press("Resume")
    assert screen.at.title[0].value == "Wheat"
    home = screen.go("home").press("New design session")
    assert "Describe an experiment in plain words" in home.words


def test_a_design_begins_from_scratch(tab):
    screen = tab().open("design_session").press("Start from scratch")
    put(screen, "Called", "dose").press("Add")
    assert [f.name for f in only().document.factors] == ["dose"]


def test_versions_are_named_compared_and_gone_on_from(designed):
    designed.press("Apply: Axis is the reference")
    open_tab(designed, "Versions")
    assert "Name a version below to keep it as a variant" in designed.words
    assert "Wheat variety: Axis is the reference" in designed.words
    first = next(t for t in designed.at.text_input if t.key and t.key.endswith("name.1"))
    first.set_value("Without a reference")
    designed.at.button(key=next(b.key for b in designed.at.button
                                if b.key and b.key.endswith("name.keep.1"))).click()  # fmt: skip
    designed.run()
    assert "**Without a reference** · version 1" in designed.words
    assert only().history.version(1).name == "Without a reference"
    designed.press("Go on from here")
    assert only().history.last.message == "Go on from Without a reference"
    assert len(only().history.versions) == 3


def test_two_versions_that_say_the_same_are_told_so(designed):
    designed.press("Apply: Axis is the reference").press("Undo")
    open_tab(designed, "Versions").fill("From version", 1)
    assert "These two versions say the same" in designed.words


def test_an_exported_design_comes_in_again_with_the_same_hash(designed):
    designed.press("Apply: Axis is the reference")
    before = only()
    designed.press("All designs").upload("wheat.json", export_session(before))
    assert len(saved()) == 1, "nothing is taken before it is looked at"
    assert "2 versions" in designed.words
    designed.press("Open it as a new design")
    assert "RCBD · 2 factors" in designed.words
    assert len(saved()) == 2
    assert only().document.hash() == before.document.hash()
    assert only().id != before.id


def test_a_file_says_what_it_would_change_and_is_taken_over_as_a_version(designed):
    designed.press("Apply: Axis is the reference")
    other = only()
    designed.press("Undo")
    before = only().document.hash()
    open_tab(designed, "Export").upload("wheat.json", export_session(other))
    assert "makes a new version with these changes" in designed.words
    assert only().document.hash() == before
    designed.press("Take it over")
    assert only().document.hash() == other.document.hash()
    assert only().history.last.author == "import"
    open_tab(designed, "Export").upload("wheat.json", export_session(other))
    assert "this very design" in designed.words


def test_a_file_that_is_no_design_is_refused_with_what_to_do(tab):
    screen = tab().open("design_session").upload("x.json", b'{"a": 1}')
    assert "was not brought in" in screen.words
    assert saved() == []


def test_hostile_markup_is_shown_as_typed(tab):
    text = f"We compare two diets: {HOSTILE} versus control. We measure weight."
    screen = tab().open("design_session").fill("Describe your experiment", text).press("Read it")
    screen.press("Use this design")
    put(screen.fill("Title", HOSTILE), "Called", HOSTILE).press("Add")
    assert HOSTILE in [f.name for f in only().document.factors]
    for element in screen.at.markdown:
        assert "<img" not in element.value.replace("\\<img", "")
        assert ":material/home" not in element.value
    assert not any(element.allow_html for element in screen.at.markdown)


def test_every_payload_comes_through_a_title_and_a_card(tab):
    file = ROOT / "tests" / "reference" / "markup" / "payloads.json"
    screen = tab().open("design_session").press("A field trial").press("Use this design")
    for payload in json.loads(file.read_text())["payloads"][:6]:
        if payload["payload"].strip():
            put(screen, "Called", payload["payload"][:200]).press("Add")
    assert len(only().document.factors) > 4
    assert not screen.at.exception
    assert "Something went wrong" not in screen.words


def test_a_template_begins_a_design_of_its_own_and_the_use_is_counted(tab):
    screen = template_named(tab, "rcbd_field_trial")
    assert "36 observations" in screen.words
    assert only().title == screen.at.title[0].value.replace("\\", "")
    screen = gallery(screen.press("All designs"))
    assert "Used 1 time\n" in f"{screen.words}\n"


def test_a_design_is_kept_as_a_template_and_dropped(designed):
    designed.fill("Title", "Our wheat")
    open_tab(designed, "Export").press("Keep as a template")
    assert "A template needs a title" in designed.words
    put(designed, "What it is for", "Every spring").press("Keep as a template")
    assert "is among the templates now" in designed.words
    screen = gallery(designed.press("All designs"))
    assert "Every spring" in screen.words
    screen.fill("Find a template", "spring")
    assert "Every spring" in screen.words
    screen.press("Delete")
    assert "No template matches" in screen.words
