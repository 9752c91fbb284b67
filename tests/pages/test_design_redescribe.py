"""The description of a design that exists: its new words are proposed, and done on a click."""

import json

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.flows.design_session import list_sessions, load_session
from experimentos.ui.design_describe import EXAMPLES
from experimentos.ui.services import services
from tests.llm import server
from tests.llm.server import ModelServer
from tests.pages.test_assistant import press_first, settled
from tests.pages.test_design import happens

EIGHT = "Block: count changed from 6 to 8."


def saved():
    store = services().store
    return load_session(store, list_sessions(store)[0].id)


@pytest.fixture
def designed(tab):
    screen = tab().open("design_session")
    return screen.press("A field trial").press("Read it").press("Use this design")


def words(screen, text: str):
    """Type another description."""
    return screen.fill("The description", text)


def test_words_that_did_not_change_propose_nothing(designed):
    assert "The description changed" not in designed.words


def test_a_changed_word_is_proposed_and_done_on_a_click(designed):
    words(designed, saved().text.replace("six blocks", "eight blocks"))
    assert EIGHT in designed.words
    assert len(saved().history.versions) == 1
    designed.press("Accept")
    assert [unit.count for unit in saved().document.units if unit.name == "block"] == [8]
    assert saved().history.last.message == f"From the description: {EIGHT}"
    assert [t.value for t in designed.at.toast] == [
        "Nothing in the new words changes the design any further."
    ]
    assert "The description changed" not in designed.run().words
    assert saved().in_line_with == saved().text
    designed.press("Undo")
    assert EIGHT in designed.words


def test_the_new_words_stay_though_the_design_is_left_as_it_is(designed):
    text = saved().text.replace("six blocks", "eight blocks")
    words(designed, text).press("Reject the rest")
    assert "The description changed" not in designed.words
    assert len(saved().history.versions) == 1
    assert saved().text == text


def test_a_removal_is_no_part_of_accepting_all_and_everything_survives_a_new_tab(designed, tab):
    fewer = saved().text.replace("four wheat varieties (Axis, Bolt, Cedar and Delta)", "two soils")
    words(designed, f"{fewer} We also record plant height in cm on each plot.")
    screen = tab().open("design_session")
    screen.at.query_params["d"] = saved().id
    screen.run()
    assert "The description changed" in screen.words
    screen.press("Accept all additions and changes")
    names = {factor.name for factor in saved().document.factors}
    assert {"plant height", "wheat variety"} <= names
    assert "Removed the factor wheat variety." in screen.words


def test_a_description_may_be_emptied_and_written_anew(designed):
    words(designed, "")
    assert "Removed the factor wheat variety." in designed.words
    words(designed, "Forty plants get one of two lights (red, blue) at random; we measure height.")
    assert "Added the factor light" in designed.words
    assert not designed.at.exception


def test_words_that_change_nothing_are_said_to_and_ask_for_nothing(designed):
    text = saved().text.replace("We compare", "This year we compare")
    words(designed, text)
    assert [t.value for t in designed.at.toast] == ["Nothing in the new words changes the design."]
    assert "The description changed" not in designed.words
    assert saved().in_line_with == text


def test_a_rejected_change_comes_back_only_when_its_words_do(designed):
    eight = saved().text.replace("six blocks", "eight blocks")
    words(designed, f"{eight} We also record plant height in cm on each plot.")
    assert "plant height" in designed.words
    next(b for b in designed.at.button if b.label == "Reject" and ".reject." in b.key).click()
    designed.run()
    left = EIGHT in designed.words
    assert left is not ("Add the factor plant height" in designed.words)
    assert list(saved().decided.values()) == ["rejected"]
    words(designed, saved().text + " ")
    assert (EIGHT in designed.words) is left
    assert len(saved().history.versions) == 1


def test_what_no_longer_fits_is_said_and_closed(designed, monkeypatch):
    happens(designed, monkeypatch, type="delete", key="units.block")
    words(designed, saved().text.replace("six blocks", "eight blocks"))
    assert "Does not fit the design as it is now" in designed.words
    assert EIGHT in designed.words
    assert "The description changed" not in designed.press("Close").words


def wire(body):
    """What a model answers that calls the variety a cultivar and reads the rest as the rules do."""
    text = next(t for t in (EIGHT_BLOCKS, TRIAL) if json.dumps(t)[1:-1] in json.dumps(body))
    draft = parse_design(text)
    factors = [
        {"name": f.name.replace("wheat variety", "cultivar"), "kind": f.kind,
         "levels": list(f.levels), "unit": f.unit, "n_levels": f.n_levels,
         "evidence": f.evidence.quote, "confidence": "sure"}
        for f in draft.factors
    ]  # fmt: skip
    responses = [
        {"name": r.name, "family": r.family, "evidence": r.evidence.quote, "confidence": "sure"}
        for r in draft.responses
    ]
    counts = {
        "replicates_per_cell": None, "replicate_unit": None, "technical_repeats": None,
        "total_units": None,
    }  # fmt: skip
    return {"factors": factors, "responses": responses, "randomisation_unit": "plot",
            "questions": [], **counts}  # fmt: skip


TRIAL = EXAMPLES[0].text
EIGHT_BLOCKS = TRIAL.replace("six blocks", "eight blocks")


@pytest.fixture
def model(monkeypatch):
    started = ModelServer(lambda body, _number: server.message(json.dumps(wire(body))))
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", started.url)
    monkeypatch.setenv("EXPERIMENTOS_LLM_MODEL", "small-model")
    yield started
    started.close()


def test_a_design_of_a_model_is_read_again_by_it_only_when_somebody_asks(tab, model):
    screen = tab().open("design_session").press("A field trial").press("Agree")
    settled(press_first(screen, "design.read.model"))
    screen.at.segmented_control[0].set_value("model")
    screen.run().press("Use this design")
    assert "cultivar" in {f.name for f in saved().document.factors}
    words(screen, EIGHT_BLOCKS)
    assert len(model.requests) == 1
    assert (
        "The design was read by small-model; what is shown here is what the rules" in screen.words
    )
    assert EIGHT in screen.words
    assert "Remove" not in screen.words
    settled(press_first(screen, "design.read.model"))
    assert len(model.requests) == 2
    assert "Both wordings were read by small-model." in screen.words
    assert EIGHT in screen.words
    assert "quite sure, 90%" in screen.words
    screen.press("Accept")
    assert [unit.count for unit in saved().document.units if unit.name == "block"] == [8]
    assert saved().second_reading.source == "small-model"
    assert saved().new_reading is None


def test_a_model_that_was_left_for_the_rules_is_not_offered(tab, model):
    screen = tab().open("design_session").press("A field trial").press("Agree")
    settled(press_first(screen, "design.read.model")).press("Use this design")
    screen.at.session_state["design_tab"].session = saved().model_copy(update={"sent_to": "rules"})
    words(screen.run(), EIGHT_BLOCKS)
    assert EIGHT in screen.words
    assert not [label for label in screen.labels if label.startswith("Read the new words")]
    assert len(model.requests) == 1


def test_words_without_a_factor_say_what_is_missing_and_are_read_again_as_they_change(tab):
    screen = tab().open("design_session")
    screen.fill("Describe your experiment", "Rats get fed and we measure weight.").press("Read it")
    assert "No factor was read from these words" in screen.words
    screen.fill(
        "Describe your experiment", "Rats get one of two diets (old, new) and we measure weight."
    )
    assert "No factor was read" not in screen.words
    assert "**diet**" in screen.words
    diet = next(box for box in screen.at.selectbox if box.label == "Kind of diet")
    diet.set_value("blocking")
    screen.run().fill(
        "Describe your experiment",
        "Twelve rats get one of two diets (old, new) and we measure weight in g.",
    )
    assert [box.value for box in screen.at.selectbox if box.label == "Kind of diet"] == ["blocking"]
    screen.press("Use this design")
    assert [f.kind for f in saved().document.factors if f.name == "diet"] == ["blocking"]
