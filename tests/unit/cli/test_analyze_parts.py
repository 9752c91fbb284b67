"""Segments, days and covariates in the answer of `analyze`, as JSON and for people."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from experimentos.analysis.group_sequential import Look, monitor
from experimentos.cli.app import app
from experimentos.cli.status import Exit

TWO_WEEKS = Path(__file__).resolve().parents[3] / ".tmp" / "samples" / "two_weeks.csv"
PLAN = """
planned_users: 40000
segments: [mobile]
monitoring:
  kind: group_sequential
"""
COLUMNS = "spend_sum,spend_sum_sq,spend_cov_sum,spend_cov_sum_sq,spend_cov_cross"
COVARIATE = f"""variant,users,conversions,{COLUMNS}
control,1000,100,10000,140000,10000,140000,132000
treatment,1000,110,10500,150000,10020,140500,136000
"""


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return str(path)


def words(*arguments):
    shown = CliRunner().invoke(app, ["analyze", *map(str, arguments)])
    assert shown.exit_code == Exit.DONE, shown.stderr
    return " ".join(shown.stdout.split())


def test_segments_say_whether_they_were_planned_and_whether_they_differ(report, plan):
    _, document = report("analyze", TWO_WEEKS, "--charter", plan)
    [view] = document["segments"]
    assert [(each["segment"], each["planned"]) for each in view["segments"]] == [
        ("mobile", True),
        ("desktop", False),
    ]
    assert view["segments"][0]["adjustment"] == "holm"
    assert view["interaction"]["df"] == 1
    assert view["poststratified"]["method"] == "poststratification"
    text = words(TWO_WEEKS, "--charter", plan)
    assert "mobile (planned)" in text
    assert "desktop (not planned)" in text
    assert "Cochran's Q" in text
    assert "all users post-stratified" in text


def test_days_answer_whether_the_plan_lets_it_stop_today(report, plan):
    _, document = report("analyze", TWO_WEEKS, "--charter", plan)
    [course] = document["over_time"]
    assert course["kind"] == "group_sequential"
    assert course["may_stop"]
    assert len(course["boundary"]) == len(course["looks"])
    looks = [Look(look["users"] / 40_000, look["estimate"], look["se"]) for look in course["looks"]]
    alone = monitor(looks, "obrien_fleming", 0.05)
    assert course["final"]["p_value"] == alone.p_value
    assert course["final"]["interval"]["low"] == alone.interval.low
    text = words(TWO_WEEKS, "--charter", plan)
    assert "Given the plan, can I stop today?" in text
    assert "the boundary was crossed on" in text
    assert "Adjusted for the looks: +1.15 points" in text
    assert "the planned looks say whether to stop" in text
    assert "No early looks were planned" in words(TWO_WEEKS)


def test_a_plan_that_cannot_be_read_day_by_day_says_why(report, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("monitoring:\n  kind: always_valid\n")
    _, document = report("analyze", TWO_WEEKS, "--charter", path)
    assert document["over_time"][0]["unavailable"]["code"] == "no_planned_users"
    assert "names no planned number of users" in words(TWO_WEEKS, "--charter", path)


def test_a_covariate_says_what_it_leaves_of_the_variance(tmp_path):
    path = tmp_path / "spend.csv"
    path.write_text(COVARIATE)
    assert "spend, treatment: the covariate leaves" in words(path)


def test_a_file_without_parts_has_none(report):
    _, document = report("analyze", TWO_WEEKS.parent / "launch.csv")
    assert document["segments"] == document["over_time"] == []
    assert "By segment" not in words(TWO_WEEKS.parent / "launch.csv")


def test_segments_without_a_shared_metric_value_are_unavailable_and_not_an_error(report, tmp_path):
    path = tmp_path / "one_sided.csv"
    path.write_text(
        "variant,segment,users,conversions\ncontrol,a,1000,100\ntreatment,a,1000,110\n"
        "control,b,1000,0\ntreatment,b,1000,0\n"
    )
    status, document = report("analyze", path)
    assert status == Exit.DONE
    assert document["segments"][0]["segments"][1]["unavailable"]["code"] == "no_conversions"
    assert "Nobody converted" in words(path)
