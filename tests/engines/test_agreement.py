"""Every engine gives the moments that numpy gives on the same rows."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from experimentos.analysis.analyze import analyze
from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError, EngineError
from experimentos.flows.warehouse import Resampling, summarize
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from tests.engines.rows import EVENTS, USERS

# ibis 12 asks DuckDB 2 by a name that it is about to lose.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

# 12 digits where sums are compensated, 9 where they are plain.
DIGITS = 1e-9


def metrics(*specs):
    return MetricsFile.model_validate({"metrics": specs})


def summary_of(engine, table, specs, **columns):
    opened = engine(table)
    try:
        return summarize(opened, metrics(*specs), variant="variant", **columns)
    finally:
        opened.close()


def exact(values):
    """Return count, mean and centred squares in decimal arithmetic of 50 digits."""
    numbers = [Decimal(float(value)) for value in values]
    n = len(numbers)
    mean = sum(numbers) / n
    return n, mean, sum((number - mean) ** 2 for number in numbers)


def assert_moments(got, values, rel=DIGITS):
    n, mean, m2 = exact(values)
    assert isinstance(got, Moments)
    assert got.n == n
    assert got.mean == pytest.approx(float(mean), rel=1e-12)
    assert got.m2 == pytest.approx(float(m2), rel=rel, abs=1e-25)


def assert_joint(got, x, y):
    n, mean_x, m2_x = exact(x)
    _, mean_y, m2_y = exact(y)
    product = sum(
        (Decimal(float(a)) - mean_x) * (Decimal(float(b)) - mean_y)
        for a, b in zip(x, y, strict=True)
    )
    assert isinstance(got, CrossMoments)
    assert got.n == n
    assert (got.mean_x, got.mean_y) == pytest.approx((float(mean_x), float(mean_y)), rel=1e-12)
    assert (got.m2_x, got.m2_y) == pytest.approx((float(m2_x), float(m2_y)), rel=DIGITS)
    scale = math.sqrt(float(m2_x) * float(m2_y))
    assert got.c_xy == pytest.approx(float(product), abs=DIGITS * scale)


MEANS = {
    "spend": lambda u: u.spend,
    "balance": lambda u: u.balance,
    "huge": lambda u: u.huge,
    "epoch_ms": lambda u: u.epoch_ms,
    "orders": lambda u: u.orders,
    "partial": lambda u: u.partial.dropna(),
    "same": lambda u: u.same,
}


def test_the_moments_of_every_column_are_those_of_exact_arithmetic(engine):
    specs = [{"name": name, "kind": "mean", "column": name} for name in MEANS]
    made = summary_of(engine, "users", specs)
    assert [arm.name for arm in made.summary.arms] == ["control", "third arm", "treatment"]
    for arm in made.summary.arms:
        own = USERS[USERS.variant == arm.name]
        assert arm.users == len(own)
        for name, values in MEANS.items():
            assert_moments(arm.statistics[name], values(own))
        assert arm.statistics["epoch_ms"].m2 == pytest.approx(
            float(exact(own.epoch_ms)[2]), rel=1e-12
        )


def test_every_kind_of_metric_agrees(engine):
    made = summary_of(
        engine,
        "users",
        [
            {"name": "conversion", "kind": "conversion", "column": "converted"},
            {"name": "buyers", "kind": "conversion", "expression": "orders >= 1 and spend > 0"},
            {"name": "kept", "kind": "retention", "expression": "day > '2026-01-03'"},
            {"name": "net", "kind": "mean", "expression": "(spend - orders) * 2 / 3"},
            {"name": "per", "kind": "mean", "expression": "spend / orders"},
            {"name": "french", "kind": "mean", "column": "spend", "filter": "country = 'FR'"},
            {"name": "zeros", "kind": "mean", "column": "partial", "nulls": "zero"},
            {"name": "cap", "kind": "mean", "column": "spend", "winsorise": {"cap": 20}},
            {"name": "pooled", "kind": "mean", "column": "spend", "winsorise": {"quantile": 0.99}},
            {"name": "basket", "kind": "ratio", "numerator": "spend", "denominator": "orders"},
            {"name": "adjusted", "kind": "mean", "column": "spend", "covariate": "history"},
            {"name": "gaps", "kind": "adjusted", "column": "partial", "covariate": "before"},
            {"name": "paid", "kind": "count", "filter": "not (spend = 0)"},
            {"name": "known", "kind": "count", "column": "partial"},
        ],
    )
    top = np.quantile(USERS.spend, 0.99)
    for arm in made.summary.arms:
        own, got = USERS[USERS.variant == arm.name], arm.statistics
        n = len(own)
        assert got["conversion"] == Counts(n, int(own.converted.sum()))
        assert got["buyers"] == Counts(n, int(((own.orders >= 1) & (own.spend > 0)).sum()))
        assert got["kept"] == Counts(n, int((own.day > "2026-01-03").sum()))
        assert_moments(got["net"], (own.spend - own.orders) * 2 / 3)
        assert_moments(got["per"], (own.spend / own.orders.where(own.orders > 0)).dropna())
        assert_moments(got["french"], own.spend.where(own.country == "FR", 0))
        assert_moments(got["zeros"], own.partial.fillna(0))
        assert_moments(got["cap"], own.spend.clip(upper=20))
        assert_moments(got["pooled"], own.spend.clip(upper=top))
        assert_joint(got["basket"], own.spend, own.orders)
        assert_joint(got["adjusted"], own.spend, own.history)
        both = own[["partial", "before"]].dropna()
        assert_joint(got["gaps"], both.partial, both.before)
        assert_moments(got["paid"], (own.spend != 0).astype(float))
        assert_moments(got["known"], own.partial.notna().astype(float))
    absent = {i.where.column for i in made.issues if i.code == "metric_absent"}
    assert absent == {"per", "gaps"}


def test_cells_of_segments_and_days_pool_to_the_whole(engine):
    specs = [
        {"name": "huge", "kind": "mean", "column": "huge"},
        {"name": "conversion", "kind": "conversion", "column": "converted"},
    ]
    whole = summary_of(engine, "users", specs).summary
    cube = summary_of(engine, "users", specs, segment="country", date="day").summary
    assert len(cube.cells) == 3 * 4 * 7
    for cell in cube.cells:
        own = USERS[(USERS.variant == cell.arm) & (USERS.day.dt.date == cell.day)]
        own = own[own.country.fillna("missing") == cell.segment]
        assert cell.users == len(own)
        assert_moments(cell.statistics["huge"], own.huge)
    for arm in whole.arms:
        pooled = cube.arm(arm.name).statistics
        assert pooled["conversion"] == arm.statistics["conversion"]
        assert pooled["huge"].m2 == pytest.approx(arm.statistics["huge"].m2, rel=1e-12)


def per_unit():
    """Return the units of the events by pandas, with the units that belong to no arm left out."""
    known = EVENTS.dropna(subset=["user_id"])
    arms = known.groupby("user_id").variant.nunique()
    known = known[known.user_id.isin(arms[arms == 1].index)]
    known = known.assign(
        bought=known.event == "buy",
        first=known.groupby("user_id").day.transform("min"),
    )
    later = (known.day > known["first"]) & (known.day <= known["first"] + pd.Timedelta(days=7))
    known = known.assign(
        later=later,
        paid=known.amount.where(known.bought),
        unpaid=known.bought & known.amount.isna(),
    )
    return known.groupby("user_id").agg(
        variant=("variant", "first"),
        rows=("event", "size"),
        purchases=("bought", "sum"),
        revenue=("paid", lambda values: values.sum(min_count=1)),
        big=("big", "sum"),
        largest=("big", "max"),
        week=("later", "any"),
    )


def test_events_are_put_together_by_unit_first(engine):
    made = summary_of(
        engine,
        "events",
        [
            {"name": "conversion", "kind": "conversion", "expression": "event = 'buy'"},
            {"name": "purchases", "kind": "count", "filter": "event = 'buy'"},
            {"name": "rows", "kind": "count"},
            {"name": "revenue", "kind": "mean", "column": "amount", "filter": "event = 'buy'"},
            {"name": "big", "kind": "mean", "column": "big"},
            {"name": "basket", "kind": "ratio", "numerator": "amount", "nulls": "zero",
             "denominator": "event = 'buy'"},
            {"name": "with_big", "kind": "mean", "column": "big", "covariate": "big"},
            {"name": "week", "kind": "retention", "days": 7},
        ],
        unit="user_id",
        date="day",
    )  # fmt: skip
    units = per_unit()
    for arm in made.summary.arms:
        own, got = units[units.variant == arm.name], arm.statistics
        assert arm.users == len(own)
        assert got["conversion"] == Counts(len(own), int((own.purchases > 0).sum()))
        assert got["week"] == Counts(len(own), int(own.week.sum()))
        assert_moments(got["purchases"], own.purchases)
        assert_moments(got["rows"], own.rows)
        revenue = own.revenue.where(own.purchases > 0, 0)
        assert_moments(got["revenue"], revenue.dropna())
        assert_moments(got["big"], own.big)
        assert_joint(got["basket"], own.revenue.fillna(0), own.purchases)
        assert_joint(got["with_big"], own.big, own.largest)
    found = {issue.code: issue for issue in made.issues}
    assert set(found) == {
        "several_arms", "no_unit", "no_variant", "rows_put_together", "metric_absent",
        "rows_without_value", "covariate_varies",
    }  # fmt: skip
    assert found["several_arms"].message.startswith("1 units")
    assert found["no_unit"].message.startswith(f"{EVENTS.user_id.isna().sum():,} rows")


def test_a_source_can_be_looked_at_first(engine):
    opened = engine("users")
    try:
        first = opened.preview(3)
        rows, different = opened.distinct("user_id")
        assert set(opened.columns().types) == set(USERS.columns)
    finally:
        opened.close()
    assert len(first) == 3
    assert len(first[0]) == len(USERS.columns)
    assert rows == len(USERS)
    assert different == pytest.approx(len(USERS), rel=0.1)


def test_what_an_engine_cannot_do_is_said_in_a_sentence(engine):
    with pytest.raises(ContractError, match="country"):
        summary_of(engine, "users", [{"name": "x", "kind": "mean", "column": "country"}])
    with pytest.raises(ContractError, match="--date"):
        summary_of(engine, "users", [{"name": "x", "kind": "retention", "days": 7}])
    with pytest.raises((ContractError, EngineError)) as caught:
        engine("no_such_table")
    assert caught.value.hint


def test_buckets_of_units_bootstrap_as_the_analytic_error_says(engine):
    opened = engine("events")
    try:
        made = summarize(
            opened,
            metrics(
                {"name": "buyers", "kind": "conversion", "expression": "event = 'buy'"},
                {"name": "big", "kind": "mean", "column": "big"},
                {"name": "basket", "kind": "ratio", "numerator": "amount", "nulls": "zero",
                 "denominator": "event = 'buy'"},
                {"name": "p50", "kind": "quantile", "column": "big", "quantile": 0.5},
            ),
            variant="variant",
            unit="user_id",
            resampling=Resampling(2_000, seed=7),
        )  # fmt: skip
    finally:
        opened.close()
    analysis = analyze(made.summary)
    outcomes = {m.metric: dict(m.outcomes)["treatment"] for m in analysis.frequentist.metrics}
    assert [one.metric for one in made.bootstraps] == ["buyers", "big", "basket"]
    for one in made.bootstraps:
        known = outcomes[one.metric]
        assert one.result.difference == pytest.approx(known.difference, rel=1e-9)
        # Of 2,000 resamples the standard error is known to 1.6 %; four of these.
        assert one.result.se == pytest.approx(known.se, rel=0.07)
        low, high = one.result.bca.low, one.result.bca.high
        width = known.interval.high - known.interval.low
        assert high - low == pytest.approx(width, rel=0.12)
