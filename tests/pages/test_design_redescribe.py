"""The description of a design that exists: its new words are proposed, and done on a click."""

import pytest

from experimentos.flows.design_session import list_sessions, load_session
from experimentos.ui.services import services

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
    assert "Nothing in the new words changes the design any further" in designed.words
    designed.press("Close")
    assert "The description changed" not in designed.words


def test_the_new_words_stay_though_the_design_is_left_as_it_is(designed):
    text = saved().text.replace("six blocks", "eight blocks")
    words(designed, text).press("Leave the rest as it is")
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
