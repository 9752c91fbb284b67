import pytest

from experimentos.ui.navigation import SCREENS

TITLES = {
    "home": "Experiments",
    "design_session": "Design session",
    "health_check": "Health check",
    "results": "Results",
    "decision_memo": "Decision memo",
    "runs": "Runs",
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_page_opens_without_data(tab, name):
    screen = tab().open(name)
    assert not screen.at.exception
    assert "Something went wrong" not in screen.words
    assert screen.at.title[0].value == TITLES[name]


@pytest.mark.parametrize("name", ["results", "decision_memo"])
def test_a_page_that_needs_data_says_so_and_links_to_where_it_comes_in(tab, name):
    screen = tab().open(name)
    assert "one row per arm" in screen.words
    links = {link.label for link in screen.at.get("page_link")}
    assert "Bring in your results" in links
    assert not screen.figures


def test_home_without_history_says_how_to_get_the_first_entry(tab):
    assert "Nothing saved yet" in tab().open().words


def test_nothing_is_written_before_there_is_something_to_write(tab):
    screen = tab().open("health_check")
    assert screen.address == ""
    assert "In progress" not in tab().open().words
