"""What a project allows: refused before, stopped meanwhile, held against what was left."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from experimentos.ids import ordered_id
from experimentos.issue import Severity
from experimentos.runs.constraint_checks import Finished, broken_by, records_in, states_of
from experimentos.runs.constraints import (
    Spent,
    limit_reached,
    malformed,
    plan_issues,
    run_seconds,
    spent_by,
)
from experimentos.runs.documents import Evaluation, Execution, Experiment, Run, Variant
from experimentos.runs.tally import tallies_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
# The constraints of seed 003's own project.
PERSONAS = {
    "age_range": [25, 65],
    "required_fields": ["demographics.occupation", "goals", "pain_points"],
    "min_goals": 3,
}


def an_experiment(**changes):
    given = {
        "name": "Temperature", "project": "Shop", "baseline": "low",
        "variants": (
            Variant(name="low", parameters={"temperature": 0.3, "model": {"name": "small"}}),
            Variant(name="high", parameters={"temperature": 1.0, "model": {"name": "large"}}),
        ),
        "evaluation": Evaluation(metrics=("score",)),
    }  # fmt: skip
    return Experiment(**given | changes)


def planned(each=2):
    variants = an_experiment().variants
    return [(v.name, v.parameters) for _ in range(each) for v in variants]


def a_run(at=0, seconds=10.0, **fields):
    given = {
        "run_id": ordered_id(NOON, at.to_bytes(10)), "kind": "script", "status": "completed",
        "created_at": NOON, "started_at": NOON, "ended_at": NOON + timedelta(seconds=seconds),
        "project": "shop", "experiment": "temperature", "variant": "low",
    }  # fmt: skip
    return Run(**given | fields)


@pytest.mark.parametrize(
    ("constraints", "says", "fix"),
    [
        ({"budget_usd": 5}, "5 USD 1 USD are left", "at most 2 runs"),
        ({"budget_usd": 4}, "is spent: 4 USD", "Raise budget_usd"),
        ({"max_runs": 7}, "has 4 runs; the project allows 7 in all and has 4", "at most 3 runs"),
        ({"max_runs_per_variant": 5}, "low would have 6 runs", "at most 1 of it"),
        ({"max_seconds": 70}, "40 s are used. The plan takes about 40 s", "at most 3 runs"),
        ({"required_metrics": ["score", "cost"]}, "requires the metric cost", "Add cost"),
        ({"allowed_data": ["data/*.csv"]}, "data source raw/x.csv is none", "allowed_data"),
        ({"allowed_values": {"name": ["small"]}}, "high has model.name = large", "allowed_values"),
        ({"temperature_range": [0, 0.8]}, "high has temperature = 1; the project allows 0 to 0.8",
         "Change temperature"),
        ({"max_temperature": 0.9}, "allows at most 0.9", "Change temperature"),
        ({"budget_usd": "much"}, "a number above 0 is needed", "Write budget_usd: 10"),
    ],
)  # fmt: skip
def test_a_plan_that_breaks_a_constraint_is_refused_with_the_number_and_the_fix(
    constraints, says, fix
):
    experiment = an_experiment(data_sources=({"path": "raw/x.csv"},))
    past = [a_run(at, cost_usd=1.0) for at in range(4)]
    (issue,) = plan_issues(constraints, experiment, planned(), tallies_of(past), 2.0)
    assert issue.severity is Severity.BLOCKED
    assert says in issue.message
    assert fix in issue.fix
    assert issue.message.startswith(f"{next(iter(constraints))}: ")


def test_a_plan_inside_every_constraint_is_not_refused():
    constraints = {
        "budget_usd": 10, "max_runs": 8, "max_runs_per_variant": 6, "max_seconds": 80,
        "required_metrics": ["score"], "allowed_data": [], "tone": "kind",
        "allowed_values": {"name": ["small", "large"]}, "temperature_range": [0, 1],
    }  # fmt: skip
    past = [a_run(at, cost_usd=1.0) for at in range(4)]
    assert plan_issues(constraints, an_experiment(), planned(), tallies_of(past), 4.0) == ()


def test_what_need_only_be_known_is_a_note():
    tight = an_experiment(execution=Execution(time_limit_seconds=600))
    constraints = {"max_seconds_per_run": 60, "budget_usd": 5}
    issues = plan_issues(constraints, tight, planned(), [], 0.0)
    assert {issue.severity for issue in issues} == {Severity.NOTE}
    assert "not after the 600 s" in issues[1].message
    assert (run_seconds(constraints, 600), run_seconds(constraints, 10)) == (60, 10)


def test_a_run_that_never_started_used_nothing():
    runs = [a_run(1, cost_usd=2.0), a_run(2, status="cancelled", started_at=None, ended_at=NOON)]
    assert spent_by(tallies_of(runs)) == Spent(1, 2.0, 10.0)


def test_money_and_time_stop_what_runs():
    assert limit_reached({"budget_usd": 5}, 4.99, 1e9) == ""
    assert "budget_usd 5) is spent: 5 USD" in limit_reached({"budget_usd": 5}, 5.0, 0)
    assert "max_seconds 60" in limit_reached({"max_seconds": 60}, 0, 61)
    assert limit_reached({}, 1e9, 1e9) == ""


def test_the_records_that_a_run_left_are_held_against_the_constraints():
    good = {"demographics": {"occupation": "nurse", "age": 40}, "goals": [1, 2, 3],
            "pain_points": ["queues"]}  # fmt: skip
    bad = {"demographics": {"occupation": "", "age": 70}, "goals": [1, 2], "pain_points": ["x"]}
    files = {"personas.json": json.dumps({"personas": [good, bad]}).encode(), "a.txt": b"[{}]"}
    said = broken_by(PERSONAS, {}, records_in(files))
    assert said == (
        "required_fields: 1 of 2 records of personas.json have no demographics.occupation.",
        "age_range: age is not 25 to 65 in 1 of 2 records of personas.json.",
        "min_goals: goals is not at least 3 in 1 of 2 records of personas.json.",
    )
    whole = {"personas.json": json.dumps([good, good]).encode()}
    assert broken_by(PERSONAS, {}, records_in(whole)) == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff", b"[" * 100_000, b"3"])
def test_what_holds_no_records_is_not_held_against_anything(content):
    assert records_in({"out.json": content}) == {}


def test_a_required_metric_and_a_bound_on_a_metric_are_held_against_what_was_reported():
    constraints = {"required_metrics": ["score", "cost"], "max_cost": 2}
    assert broken_by(constraints, {"score": 1.0, "cost": 1.5}, {}) == ()
    said = broken_by(constraints, {"score": "NaN", "cost": 3.0}, {})
    assert said == (
        "The project requires the metric score; the run did not report it.",
        "max_cost: cost is 3, not at most 2.",
    )


def test_each_constraint_says_how_an_experiment_stands_to_it():
    constraints = {
        "budget_usd": 5, "required_metrics": ["score"], "min_goals": 3, "tone": "kind",
        "max_runs": "many", "allowed_data": ["x"],
    }  # fmt: skip
    told = {s.name: s for s in states_of(constraints, Spent(2, 1.5, 3.0), Finished(0))}
    assert told["required_metrics"].state == "open"
    runs = [a_run(1, metrics={"score": 1.0}), a_run(2, metrics={"score": "NaN"})]
    done = Finished(2, (), runs)
    told = {s.name: (s.state, s.said) for s in states_of(constraints, Spent(2, 1.5, 3.0), done)}
    assert told["budget_usd"] == ("kept", "1.5 of 5 USD spent in the whole project.")
    assert told["required_metrics"] == ("broken", "1 of 2 completed runs break it.")
    assert told["min_goals"][0] == told["tone"][0] == "unchecked"
    assert "called goals" in told["min_goals"][1]
    assert told["max_runs"][0] == "broken"
    assert told["allowed_data"][0] == "kept"


def test_a_constraint_that_was_changed_is_held_against_what_is_on_record():
    done = a_run(1, metrics={"cost": 3.0}, params={"count": 5}, outputs={"out/a.json": "0" * 64},
                 environment={"constraints": {"min_goals": 2}})  # fmt: skip

    def state(constraints, run=done):
        found = Finished(1, [run] if run.error else (), [run])
        return [each.state for each in states_of(constraints, Spent(1, 0.0, 1.0), found)]

    assert state({"max_cost": 2, "min_count": 6}) == ["broken", "broken"]
    assert state({"min_goals": 2}) == ["kept"]
    assert state({"min_goals": 3}) == ["open"]
    broken = done.model_copy(
        update={"error_kind": "constraint", "error": "min_goals: goals is ..."}
    )
    assert (
        states_of({"min_goals": 2}, Spent(1, 0.0, 1.0), Finished(1, [broken], [broken]))[0].state
        == "broken"
    )


def test_a_value_that_is_no_constraint_of_ours_is_left_alone():
    assert malformed({"tone": 3, "range": [1], "note": None}) == ()
    assert [i.code for i in malformed({"age_range": [65, 25]})] == ["constraint_age_range"]
