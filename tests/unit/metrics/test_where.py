"""One experiment of a file that holds several is chosen, never guessed and never pooled."""

import pytest

from experimentos.issue import Severity
from experimentos.metrics.contract import read_summary

SEVERAL = b"""\
experiment_id,variant,users,conversions
a,control,1000,100
a,treatment,1010,120
b,control,2000,300
b,treatment,2020,310
"""


def read(content=SEVERAL, **wanted):
    return read_summary(
        content, "several.csv", mapping={f"where={name}": value for name, value in wanted.items()}
    )


def test_without_a_choice_a_file_of_several_experiments_is_blocked_and_says_how_to_choose():
    reading = read()
    assert reading.summary is None
    [issue] = reading.issues
    assert (issue.code, issue.severity) == ("several_experiments", Severity.BLOCKED)
    assert (issue.where.row, issue.where.column) == (1, "experiment_id")
    assert "2 experiments" in issue.message
    assert "--where experiment_id=a" in issue.fix


@pytest.mark.parametrize(("name", "users"), [("a", [1000, 1010]), ("b", [2000, 2020])])
def test_a_chosen_experiment_is_read_as_if_it_stood_alone(name, users):
    summary = read(experiment_id=name).summary
    assert [arm.users for arm in summary.arms] == users
    assert [metric.name for metric in summary.metrics] == ["conversion"]


def test_rows_keep_their_place_in_the_file():
    assert [arm.row for arm in read(experiment_id="b").summary.arms] == [4, 5]


def test_the_choice_is_noted_for_the_memo():
    [note] = read(experiment_id="a").summary.source.notes
    assert note == "Kept 2 of 4 rows: experiment_id = a."


def test_the_data_as_read_stay_whole():
    assert len(read(experiment_id="a").rows) == 4


@pytest.mark.parametrize(
    ("wanted", "code", "says"),
    [
        ({"experiment": "a"}, "where_column", "experiment_id"),
        ({"experiment_id": "c"}, "where_value", "holds a, b"),
        ({"experiment_id": "a", "users": "2000"}, "where_value", "holds"),
    ],
)
def test_a_choice_that_fits_nothing_is_blocked_and_names_what_is_there(wanted, code, says):
    [issue] = read(**wanted).issues
    assert (issue.code, issue.severity) == (code, Severity.BLOCKED)
    assert says in issue.fix


def test_arms_that_carry_an_id_each_are_one_experiment():
    content = b"treatment_id,variant,users,conversions\n0,control,10,1\n1,treatment,10,2\n"
    assert read(content).summary is not None
