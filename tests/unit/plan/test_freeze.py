"""A frozen plan holds the analysis to what was planned, and every deviation is told."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from experimentos.cli.app import app
from experimentos.errors import ContractError
from experimentos.flows.ab_test import run
from experimentos.flows.export import write_memo
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Cell, Metric, Source, Summary
from experimentos.plan.charter import Belief, Charter, GuardrailPlan, LiftRange
from experimentos.plan.deviations import deviations
from experimentos.plan.documents import read_charter
from experimentos.plan.freeze import freeze, is_intact, plan_hash

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
RESULTS = b"variant,users,conversions,refunds\ncontrol,5000,500,10\ntreatment,5000,560,12\n"


def summary(days=(None,), segments=(None,), metrics=("conversion",), users=100):
    cells = tuple(
        Cell(arm, users, {name: Counts(users, 10) for name in metrics}, 2, segment, day)
        for arm in ("control", "treatment")
        for day in days
        for segment in segments
    )
    kinds = tuple(Metric(name, "conversion", (name,)) for name in metrics)
    return Summary(cells, kinds, "control", Source("x.csv", "0" * 64, "csv"))


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_rewording_what_decides_nothing_leaves_a_frozen_plan_intact(title, owner, notes):
    plan = freeze(Charter(hypothesis="h"), NOON)
    assert is_intact(plan.model_copy(update={"title": title, "owner": owner, "notes": notes}))


@pytest.mark.parametrize(
    "change",
    [
        {"alpha": 0.1},
        {"primary": "x"},
        {"hypothesis": "other"},
        {"split": (1.0, 2.0)},
        {"mde": 0.1},
        {"belief": Belief(low=-0.02, high=0.05)},
        {"rope": LiftRange(low=-0.01, high=0.01)},
    ],
)
def test_changing_what_decides_breaks_the_seal(change):
    plan = freeze(Charter(), NOON)
    assert is_intact(plan)
    assert not is_intact(plan.model_copy(update=change))
    assert plan_hash(plan) != plan_hash(plan.model_copy(update=change))


def test_a_plan_from_before_a_field_existed_keeps_its_seal():
    # Made by the first version, whose charters had neither belief nor rope.
    first = "64d48ea3e22db6237452887eaed96baef01a02349757e0576d073a677ddf31c8"
    assert plan_hash(Charter(hypothesis="h", mde=0.01, planned_users=1000)) == first


def test_a_plan_is_frozen_once():
    with pytest.raises(ContractError, match="was frozen at 2026-01-02"):
        freeze(freeze(Charter(), NOON), NOON)


def test_a_plan_that_is_not_frozen_has_no_deviations():
    assert deviations(summary(), Charter(primary="other")) == ()


def test_data_as_planned_deviates_in_nothing():
    days = (date(2026, 1, 1), date(2026, 1, 2))
    plan = Charter(
        start=days[0], stop=days[1], planned_users=400, segments=("a",), split=(1.0, 1.0)
    )
    before = datetime(2025, 12, 31, tzinfo=UTC)
    assert deviations(summary(days, ("a",)), freeze(plan, before)) == ()


def test_every_deviation_is_said_in_plain_words():
    days = (date(2026, 1, 2), date(2026, 1, 5))
    plan = Charter(
        guardrails=(GuardrailPlan(name="refunds"),),
        split=(1.0, 1.0, 1.0),
        start=date(2026, 1, 1),
        stop=date(2026, 1, 8),
        planned_users=1_000,
        segments=("a",),
    )
    found = summary(days, ("a", "b"), ("conversion", "visits"))
    said = deviations(found, freeze(plan, NOON))
    assert said == (
        "refunds was planned and is not in the data.",
        "visits was analysed and not planned.",
        "800 of the 1,000 planned users are here (80%).",
        "2 arms are here where the split plans 3.",
        "The experiment stopped 3 days early: 2026-01-05 where 2026-01-08 was planned.",
        "The experiment started 1 day late: 2026-01-02 where 2026-01-01 was planned.",
        "Segments were added that the plan does not name: b.",
    )


def test_more_users_than_planned_is_a_deviation_too():
    (said,) = deviations(summary(users=300), freeze(Charter(planned_users=500), NOON))
    assert said.startswith("600 users are here where 500 were planned")


def test_a_changed_plan_is_a_warning_and_the_first_deviation():
    plan = freeze(Charter(alpha=0.01), NOON).model_copy(update={"alpha": 0.2})
    test = run(RESULTS, "results.csv", plan)
    assert "plan_changed" in {issue.code for issue in test.health.issues}
    assert deviations(test.reading.summary, plan)[0].startswith("The plan was changed")


def test_the_memo_says_when_the_plan_was_frozen_and_what_deviates():
    test = run(RESULTS, "results.csv", freeze(Charter(), NOON))
    memo = write_memo(test)
    assert "Frozen 2026-01-02 12:00 UTC" in memo
    assert "refunds was analysed and not planned" in memo
    assert "not frozen" in write_memo(run(RESULTS, "results.csv"))


def test_the_memo_says_when_a_frozen_plan_was_followed():
    plan = Charter(guardrails=(GuardrailPlan(name="refunds", direction="lower"),))
    assert "The analysis follows it" in write_memo(run(RESULTS, "results.csv", freeze(plan, NOON)))


def test_freezing_on_the_command_line_round_trips(tmp_path):
    charter, plan = tmp_path / "charter.yaml", tmp_path / "plan.json"
    charter.write_text("hypothesis: one page helps\nalpha: 0.01\nstop: 2026-02-01\n")
    done = CliRunner().invoke(app, ["plan", "freeze", str(charter), "-o", str(plan)])
    assert done.exit_code == 0
    assert is_intact(read_charter(plan.read_bytes(), "plan.json"))
    shown = CliRunner().invoke(app, ["plan", "show", str(plan), "--json"])
    assert json.loads(shown.stdout)["state"] == "frozen"
    again = CliRunner().invoke(app, ["plan", "freeze", str(plan)])
    assert again.exit_code != 0
    plan.write_text(plan.read_text().replace("0.01", "0.2"))
    changed = CliRunner().invoke(app, ["plan", "show", str(plan)])
    assert changed.exit_code == 1
    assert "Changed" in changed.stdout


def test_a_plan_can_be_printed(tmp_path):
    charter = tmp_path / "charter.yaml"
    charter.write_text("alpha: 0.01\n")
    done = CliRunner().invoke(app, ["plan", "freeze", str(charter)])
    assert is_intact(read_charter(done.stdout.encode(), "plan.json"))
    shown = CliRunner().invoke(app, ["plan", "show", str(charter)])
    assert "Not frozen" in shown.stdout


def test_a_plan_frozen_after_its_first_day_of_data_says_so():
    plan = freeze(Charter(), NOON)
    late = deviations(summary(days=(date(2026, 1, 1), date(2026, 1, 3))), plan)
    assert any(
        "frozen on 2026-01-02, after the first day of the data (2026-01-01)" in x for x in late
    )
    same_day = deviations(summary(days=(date(2026, 1, 2), date(2026, 1, 3))), plan)
    assert not any("after the first day" in x for x in same_day)
