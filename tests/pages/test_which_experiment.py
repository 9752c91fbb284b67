"""A file of several experiments: one is chosen, remembered, and can be changed for another."""

from experimentos.flows import history
from experimentos.ui.services import services

STACKED = b"""\
experiment_id,variant,users,conversions
a,control,10000,1000
a,treatment,10000,1150
b,control,20000,2400
b,treatment,20000,2100
"""
FOREIGN = b"""\
test,group,visitors,wins
a,old,10000,1000
a,new,10000,1150
b,old,20000,2400
b,new,20000,2100
"""
QUESTION = "Experiment"


def choice(screen):
    return next(box for box in screen.at.selectbox if box.label == QUESTION)


def brought(tab, content=STACKED):
    return tab().open("health_check").upload("several.csv", content)


def test_a_file_of_several_experiments_asks_which_one(tab):
    screen = brought(tab)
    assert "Blocked" in screen.words
    assert "Choose one experiment" in screen.words
    assert (choice(screen).options, choice(screen).value) == (["a", "b"], None)
    assert "Map your columns" not in screen.words


def test_the_chosen_experiment_is_checked_and_analysed_alone(tab):
    screen = brought(tab).fill(QUESTION, "a")
    assert "Healthy." in screen.words
    assert "Choose one experiment" not in screen.words
    assert choice(screen).value == "a"
    assert "Launch treatment" in screen.go("results").words


def test_another_experiment_of_the_same_file_is_one_choice_away(tab):
    screen = brought(tab).fill(QUESTION, "a").fill(QUESTION, "b")
    assert choice(screen).value == "b"
    assert "Rollback" in screen.go("results").words


def test_the_choice_is_kept_with_the_work(tab):
    first = brought(tab).fill(QUESTION, "b")
    second = tab(s=first.address).open("health_check")
    assert choice(second).value == "b"


def test_the_choice_can_be_undone(tab):
    screen = brought(tab).fill(QUESTION, "a").press("Undo the choice")
    assert "Choose one experiment" in screen.words
    assert choice(screen).value is None


def test_a_second_file_is_not_read_by_the_choice_for_the_first(tab):
    screen = brought(tab).fill(QUESTION, "a")
    screen.upload("one.csv", STACKED.split(b"b,control")[0])
    assert "Healthy." in screen.words
    assert not [box for box in screen.at.selectbox if box.label == QUESTION]


def test_each_experiment_is_saved_as_an_analysis_of_its_own(tab):
    screen = brought(tab).fill(QUESTION, "a").go("decision_memo").press("Save to history")
    screen.go("health_check").fill(QUESTION, "b")
    screen.go("decision_memo").press("Save to history")
    assert len(history.list_analyses(services().store)) == 2


def test_foreign_columns_and_several_experiments_are_both_asked_for(tab):
    screen = brought(tab, FOREIGN)
    screen.fill("Column of arms", "group")
    screen.fill("Column of users", "visitors")
    screen.fill("Column of conversions", "wins")
    screen.fill("Control arm", "old").press("Read with this mapping")
    screen.fill(QUESTION, "a")
    assert "Healthy." in screen.words
    assert "Mapped" in screen.words
    screen.press("Undo the mapping")
    assert "Map your columns" in screen.words
    assert choice(screen).value == "a"
