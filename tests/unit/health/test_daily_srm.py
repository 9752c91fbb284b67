"""The sequential sample ratio check on dated rows."""

from datetime import date, timedelta

import pytest

from experimentos.decision.decide import decide
from experimentos.flows.ab_test import run
from experimentos.health import CHECKS
from experimentos.health.daily_srm import daily_ratio
from experimentos.health.srm_sequential import srm_sequential
from experimentos.issue import Severity
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY
from tests.unit.health import build

FIRST = date(2026, 2, 2)
# Output of ssrm-test 0.1.5 (tests/unit/health/test_srm_sequential.py): p stays at 0.46.
BALANCED = [
    *([1967, 2056], [1928, 2035], [2039, 2020], [1986, 1967], [2024, 1920], [2020, 1974]),
    *([1988, 2011], [2051, 1985], [1999, 2069], [2009, 1993], [1938, 1961], [1968, 2007]),
]
# A third of one arm is lost on three days; later days dilute it to p = 0.1 of the whole.
DILUTED = [[1000, 700], [1000, 680], [1000, 690], *([[9000, 9600]] * 2), *([[9000, 9080]] * 3)]


def dated(batches, names=("control", "B", "C")):
    return build.summary(
        *(
            build.cell(names[arm], users, 2 + len(batch) * day + arm, day=FIRST + timedelta(day))
            for day, batch in enumerate(batches)
            for arm, users in enumerate(batch)
        )
    )


def issues(summary, charter=EMPTY_CHARTER):
    return list(CHECKS["srm_sequential"].run(summary, charter, DEFAULT_POLICY))


def test_the_p_value_over_the_days_agrees_with_ssrm_test():
    got = daily_ratio(dated(BALANCED), EMPTY_CHARTER, DEFAULT_POLICY)
    assert got.p_value == pytest.approx(0.4609310286236014, rel=1e-9)
    assert (got.days, got.alarm) == (12, None)
    assert got.day == FIRST + timedelta(1)
    assert issues(dated(BALANCED)) == []


def test_a_mismatch_of_the_first_days_is_found_although_later_days_dilute_it():
    [issue] = issues(dated(DILUTED))
    assert issue.code == "sample_ratio_mismatch_daily"
    assert issue.severity is Severity.WARNING
    assert issue.where.column == "date"
    assert "below its share" in issue.message or "above its share" in issue.message
    assert "alarm since 2026-02-03" in issue.message
    assert not list(CHECKS["srm"].run(dated(DILUTED), EMPTY_CHARTER, DEFAULT_POLICY))


def test_the_decision_then_holds_and_says_that_the_days_are_the_reason():
    rows = "\n".join(
        f"{arm},{FIRST + timedelta(day)},{batch[i]},{batch[i] // (10 - i * 3)}"
        for day, batch in enumerate(DILUTED)
        for i, arm in enumerate(("control", "treatment"))
    )
    test = run(f"variant,date,users,conversions\n{rows}\n".encode(), "days.csv")
    assert test.decision.rule == "srm_warning"
    assert "on every day" in test.decision.sentence
    assert "sequential p < 0.000001" in test.decision.sentence
    assert decide(test.health, test.analysis.frequentist, test.policy) == test.decision
    assert test.health.srm_sequential.alarm == FIRST + timedelta(1)


def test_days_that_nobody_dated_or_a_single_day_are_no_sequence():
    assert daily_ratio(dated(BALANCED[:1]), EMPTY_CHARTER, DEFAULT_POLICY) is None
    assert daily_ratio(build.users(100, 100), EMPTY_CHARTER, DEFAULT_POLICY) is None
    mixed = build.summary(
        build.cell("control", 100, 2, day=FIRST), build.cell("B", 100, 3),
    )  # fmt: skip
    assert daily_ratio(mixed, EMPTY_CHARTER, DEFAULT_POLICY) is None


def test_an_unequal_plan_is_tested_against_its_own_shares_and_an_empty_arm_stays_out():
    batches = [[900, 100, 0]] * 5
    plan = Charter(split=(9, 1, 0))
    assert issues(dated(batches), plan) == []
    got = daily_ratio(dated(batches), plan, DEFAULT_POLICY)
    assert got.p_value == srm_sequential([[900, 100]] * 5, [0.9, 0.1]).p[-1]
    assert issues(dated(batches), Charter(split=(1, 1, 0)))[0].severity is Severity.WARNING


def test_an_arm_without_a_row_on_a_day_has_no_users_on_it():
    late = build.summary(
        build.cell("control", 1000, 2, day=FIRST),
        build.cell("control", 1000, 3, day=FIRST + timedelta(1)),
        build.cell("B", 1000, 4, day=FIRST + timedelta(1)),
    )
    got = daily_ratio(late, EMPTY_CHARTER, DEFAULT_POLICY)
    assert got.p_value == srm_sequential([[1000, 0], [1000, 1000]], [1, 1]).p[-1]
    assert got.alarm == FIRST


def test_a_plan_for_other_arms_leaves_it_to_the_check_of_the_plan():
    assert daily_ratio(dated(BALANCED), Charter(split=(1, 1, 1)), DEFAULT_POLICY) is None
