"""Rows joined to an exposure table: every engine attributes as pandas does on the same rows."""

import numpy as np
import pandas as pd
import pytest

from experimentos.flows.ab_test import check_summary
from experimentos.flows.warehouse import summarize
from experimentos.metrics.counts import Counts
from tests.engines.rows import ACTIONS, EXPOSED_DAYS, EXPOSURES
from tests.engines.test_agreement import assert_joint, assert_moments, metrics

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

DAY = pd.Timedelta(days=1)


def summary_of(engine, exposures, *specs, **columns):
    opened = engine("actions", exposures)
    try:
        return summarize(
            opened,
            metrics(*specs),
            **{
                "variant": "variant",
                "unit": "user_id",
                "date": "at",
                "exposure_date": "exposed_at",
                **columns,
            },
        )
    finally:
        opened.close()


def joined(exposures, actions=ACTIONS):
    """Return the units in one arm and their rows, each with the unit's first exposure."""
    known = exposures.dropna(subset=["user_id"])
    units = known.groupby("user_id").agg(
        arms=("variant", "nunique"), variant=("variant", "min"), first=("exposed_at", "min"),
        times=("variant", "size"),
    )  # fmt: skip
    units = units[units.arms == 1]
    return units, actions.merge(units[["variant", "first"]], left_on="user_id", right_index=True)


def summed(units, rows, column="amount"):
    """Return the sum of each unit: 0 without rows, none when no row has a value."""
    sums = rows.groupby("user_id")[column].sum(min_count=1)
    return sums.reindex(units.index).where(units.index.isin(rows.user_id), 0.0)


@pytest.mark.parametrize("window", [None, 7, 20])
def test_rows_count_from_first_exposure_until_the_window_ends(engine, window):
    made = summary_of(
        engine,
        "exposures",
        {"name": "buyers", "kind": "conversion", "expression": "amount > 0"},
        {"name": "revenue", "kind": "mean", "column": "amount"},
        {"name": "huge", "kind": "mean", "column": "huge"},
        {"name": "visits", "kind": "count"},
        {"name": "short", "kind": "count", "window_days": 2},
        {"name": "basket", "kind": "ratio", "numerator": "amount", "denominator": "amount > 0",
         "nulls": "zero"},
        {"name": "before", "kind": "mean", "column": "amount", "nulls": "zero",
         "pre_period": {"days": 10}},
        {"name": "back", "kind": "retention", "days": 3},
        window_days=window,
        segment="country",
    )  # fmt: skip
    units, rows = joined(EXPOSURES)
    after = rows[rows["at"] >= rows["first"]]
    inside = after if window is None else after[after["at"] < after["first"] + window * DAY]
    past = rows[(rows["at"] < rows["first"]) & (rows["at"] >= rows["first"] - 10 * DAY)]
    later = after[(after["at"] >= after["first"] + DAY) & (after["at"] < after["first"] + 4 * DAY)]
    for arm in made.summary.arms:
        mine = units.variant == arm.name
        own = units[mine]
        counted, got = inside[inside.variant == arm.name], arm.statistics
        assert arm.users == len(own)
        revenue = summed(own, counted)
        buyers = counted[counted.amount > 0].user_id.nunique()
        bare = int(revenue.isna().sum())
        assert got["buyers"] == Counts(len(own) - bare, buyers)
        assert_moments(got["revenue"], revenue.dropna())
        assert_moments(got["huge"], summed(own, counted, "huge"))
        visits = counted.groupby("user_id").size().reindex(own.index, fill_value=0)
        assert_moments(got["visits"], visits)
        soon = after[(after["at"] < after["first"] + 2 * DAY) & (after.variant == arm.name)]
        assert_moments(
            got["short"], soon.groupby("user_id").size().reindex(own.index, fill_value=0)
        )
        bought = counted[counted.amount > 0].groupby("user_id").size()
        assert_joint(got["basket"], revenue.fillna(0), bought.reindex(own.index, fill_value=0))
        pre = summed(own, past[past.variant == arm.name]).fillna(0)
        assert_joint(got["before"], revenue.fillna(0), pre)
        back = later[later.variant == arm.name].user_id.nunique()
        assert got["back"] == Counts(len(own), back)
    assert {metric.name: metric.kind for metric in made.summary.metrics}["before"] == "adjusted"
    assert_counted(made, units, rows, window)


def assert_counted(made, units, rows, window):
    """Nothing is left out without a count."""
    found = {issue.code: issue.message for issue in made.issues}
    early = int((rows["at"] < rows["first"]).sum())
    strangers = ACTIONS.user_id[ACTIONS.user_id >= 9_000]
    idle = int((~units.index.isin(rows.user_id)).sum())
    assert found["before_exposure"].startswith(f"{early:,} rows")
    assert found["not_exposed"].startswith(f"{len(strangers):,} rows are of 500 units")
    assert found["several_arms"].startswith("3 units")
    assert found["no_unit"].startswith(f"{ACTIONS.user_id.isna().sum():,} rows")
    assert found["exposure_without_unit"].startswith("2 exposures")
    assert found["exposure_without_date"].startswith("1 exposed")
    assert found["row_without_date"].startswith(f"{rows['at'].isna().sum():,} rows")
    assert found["several_exposures"].startswith(f"{units.times.sum():,} exposures are of")
    assert found["exposed_without_rows"].startswith(f"{idle:,} exposed units")
    late = 0 if window is None else int((rows["at"] >= rows["first"] + window * DAY).sum())
    assert ("after_window" in found) == (window is not None)
    assert found.get("after_window", "0 rows").startswith(f"{late:,} rows")
    ends = units["first"] + pd.Timedelta(days=window or 0)
    unripe = int((ends > ACTIONS["at"].max()).sum())
    assert found.get("window_not_over", "0 units").startswith(f"{unripe:,} units")
    assert made.scan.rows == len(ACTIONS)
    assert "no_variant" not in found
    said = " ".join(made.summary.source.notes)
    assert window is None or f"{window} days" in said


def test_a_day_without_a_time_counts_whole(engine):
    made = summary_of(
        engine,
        "exposed_days",
        {"name": "visits", "kind": "count"},
        {"name": "back", "kind": "retention", "days": 3},
        window_days=2,
    )
    units, rows = joined(EXPOSED_DAYS)
    day = rows["at"].dt.normalize()
    inside = rows[(day >= rows["first"]) & (day < rows["first"] + 2 * DAY)]
    later = rows[(day > rows["first"]) & (day <= rows["first"] + 3 * DAY)]
    for arm in made.summary.arms:
        own = units[units.variant == arm.name]
        visits = inside.groupby("user_id").size().reindex(own.index, fill_value=0)
        assert_moments(arm.statistics["visits"], visits)
        assert arm.statistics["back"].k == later[later.variant == arm.name].user_id.nunique()
    late = int((day >= rows["first"] + 2 * DAY).sum())
    found = {issue.code: issue.message for issue in made.issues}
    assert found["after_window"].startswith(f"{late:,} rows")
    assert {cell.day for cell in made.summary.cells} == {*units["first"].dropna().dt.date, None}


def test_without_dates_all_rows_of_exposed_units_count(engine):
    made = summary_of(
        engine,
        "exposures",
        {"name": "visits", "kind": "count"},
        {"name": "per_session", "kind": "mean", "column": "amount", "nulls": "zero",
         "sub_unit": "session"},
        {"name": "good_sessions", "kind": "conversion", "expression": "amount > 0",
         "sub_unit": "session"},
        {"name": "net", "kind": "mean", "column": "amount",
         "covariates": ["age", "tenure", "age * 2"]},
        date=None,
        exposure_date=None,
    )  # fmt: skip
    units, rows = joined(EXPOSURES)
    for arm in made.summary.arms:
        own = units[units.variant == arm.name]
        visits = rows.groupby("user_id").size().reindex(own.index, fill_value=0)
        assert_moments(arm.statistics["visits"], visits)
        sessions = rows.groupby("user_id").session.nunique().reindex(own.index, fill_value=0)
        money = summed(own, rows).fillna(0)
        assert_joint(arm.statistics["per_session"], money, sessions)
        good = rows[rows.amount > 0].groupby("user_id").session.nunique()
        assert_joint(
            arm.statistics["good_sessions"], good.reindex(own.index, fill_value=0), sessions
        )
    assert_adjusted(made, units, rows)


def assert_adjusted(made, units, rows):
    """The combination of covariates is that of least squares with one indicator per arm."""
    per = rows.groupby("user_id").agg(age=("age", "max"), tenure=("tenure", "max"))
    frame = units.join(per).assign(net=summed(units, rows)).dropna(subset=["age", "net"])
    arms = pd.get_dummies(frame.variant).to_numpy(float)
    columns = np.column_stack([arms, frame.age, frame.tenure])
    slopes = np.linalg.lstsq(columns, frame.net.to_numpy(), rcond=None)[0][2:]
    for arm in made.summary.arms:
        own = frame[frame.variant == arm.name]
        combined = own[["age", "tenure"]].to_numpy() @ slopes
        got = arm.statistics["net"]
        assert got.n == len(own)
        assert (got.mean_x, got.mean_y) == pytest.approx(
            (own.net.mean(), combined.mean()), rel=1e-8
        )
        assert got.m2_y == pytest.approx(np.sum((combined - combined.mean()) ** 2), rel=1e-7)


def test_quantiles_are_those_of_the_ordered_units(engine):
    made = summary_of(
        engine,
        "exposures",
        {"name": "median", "kind": "quantile", "column": "huge", "quantile": 0.5},
        {"name": "p90", "kind": "quantile", "column": "amount", "quantile": 0.9},
        {"name": "p99", "kind": "quantile", "column": "amount", "quantile": 0.9999},
        window_days=7,
    )
    units, rows = joined(EXPOSURES)
    inside = rows[(rows["at"] >= rows["first"]) & (rows["at"] < rows["first"] + 7 * DAY)]
    for arm in made.summary.arms:
        own = units[units.variant == arm.name]
        for name, column, share in (("median", "huge", 0.5), ("p90", "amount", 0.9)):
            ordered = np.sort(summed(own, inside, column).dropna())
            n = len(ordered)
            spread = 1.959963984540054 * np.sqrt(n * share * (1 - share))
            low, high = int(np.floor(n * share - spread)), int(np.ceil(n * share + spread))
            got = arm.statistics[name]
            assert got.n == n
            assert got.mean == pytest.approx(np.quantile(ordered, share), rel=1e-9)
            se = (ordered[high - 1] - ordered[low - 1]) / (2 * 1.959963984540054)
            assert np.sqrt(got.variance / n) == pytest.approx(se, rel=1e-9)
        assert arm.statistics["p99"].n == 0
    assert "too_few_for_quantile" in {issue.code for issue in made.issues}
    assert not check_summary(made.summary, made.issues, made.charter).health.is_blocked
    assert made.scan.passes[-1] == "one pass to order the units of a quantile"
