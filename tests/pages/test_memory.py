"""What survives: a refresh, another tab, a restart of the server, two tabs at once."""

from experimentos.ui import services


def test_a_new_tab_at_the_same_address_shows_the_same_work(tab):
    first = tab().open().press("A clear win").go("health_check")
    first.fill("Title", "Typed in the first tab")
    second = tab(s=first.address).open("results")
    assert second.at.title[0].value == "Typed in the first tab"


def test_work_survives_a_restart_of_the_server(tab):
    first = tab().open().press("A clear win").go("health_check")
    first.fill("Hypothesis", "Still here.")
    services.close()
    again = tab(s=first.address).open("health_check")
    values = [area.value for area in again.at.text_area]
    assert "Still here." in values


def test_an_address_that_is_not_known_opens_new_work_and_says_so(tab):
    screen = tab(s="01J00000000000000000000000").open()
    assert "not in this history" in screen.words
    assert screen.address == ""


def test_two_tabs_do_not_overwrite_each_other(tab):
    first = tab().open().press("A clear win").go("health_check")
    second = tab(s=first.address).open("health_check")
    second.fill("Title", "From the second tab")
    first.fill("Owner", "The first tab")
    assert "Nothing was overwritten" in first.words
    third = tab(s=first.address).open("results")
    assert third.at.title[0].value == "From the second tab"


def test_the_newer_version_can_be_taken_over(tab):
    first = tab().open().press("A clear win").go("health_check")
    second = tab(s=first.address).open("health_check")
    second.fill("Title", "From the second tab")
    first.fill("Owner", "The first tab")
    first.press("Show the newer version")
    assert "From the second tab" in [field.value for field in first.at.text_input]
    assert "Nothing was overwritten" not in first.words


def test_a_copy_keeps_what_the_stale_tab_shows(tab):
    first = tab().open().press("A clear win").go("health_check")
    second = tab(s=first.address).open("health_check")
    second.fill("Title", "From the second tab")
    before = first.address
    first.fill("Owner", "The first tab")
    first.press("Keep mine as a copy")
    assert first.address != before
    assert "The first tab" in [field.value for field in first.at.text_input]
    assert "One-step checkout" in [field.value for field in first.at.text_input]


def test_work_in_progress_is_listed_continued_and_discarded(tab):
    tab().open().press("A clear win")
    home = tab().open()
    assert "In progress" in home.words
    assert "Launch treatment" in home.press("Continue").words
    home = tab().open().press("Discard")
    assert "In progress" not in home.words


def test_a_new_experiment_leaves_the_old_one_where_it_was(tab):
    screen = tab().open().press("A clear win")
    old = screen.address
    screen.press("New experiment")
    assert "one row per arm" in screen.words.lower()
    assert "One-step checkout" in tab(s=old).open("results").words
