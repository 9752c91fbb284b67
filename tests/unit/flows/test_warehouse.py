"""Raw rows become the same summary that their aggregate would give, and lose nobody silently."""

import gzip
import os
import subprocess
import sys
from datetime import date
from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import pytest

import experimentos as xos
from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError, EngineError, UnreadableError
from experimentos.flows.ab_test import check_summary, run_summary
from experimentos.flows.warehouse import contract_csv, summarize
from experimentos.issue import Severity
from experimentos.metrics.contract import read_summary
from experimentos.metrics.counts import Counts

PLAYERS = 4_000


@pytest.fixture(scope="module")
def players():
    """Return one row per player in the form of a mobile game's experiment."""
    rng = np.random.default_rng(20261120)
    rounds = rng.negative_binomial(0.5, 0.01, PLAYERS)
    rounds[17] = 49_854
    return pd.DataFrame(
        {
            "userid": np.arange(PLAYERS) * 7 + 116,
            "version": np.where(np.arange(PLAYERS) % 2 == 0, "gate_30", "gate_40"),
            "sum_gamerounds": rounds,
            "retention_1": rng.random(PLAYERS) < 0.45,
            "retention_7": rng.random(PLAYERS) < 0.19,
        }
    )


def metrics(*specs):
    return MetricsFile.model_validate({"metrics": specs})


GAME = metrics(
    {"name": "conversion", "kind": "conversion", "column": "retention_7"},
    {"name": "retention_1", "kind": "retention", "column": "retention_1"},
    {"name": "rounds", "kind": "mean", "column": "sum_gamerounds"},
)


def write(frame, folder, form):
    path = folder / f"rows.{form}"
    match form:
        case "csv.gz":
            path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
        case "csv":
            frame.to_csv(path, index=False)
        case "parquet":
            frame.to_parquet(path)
        case "arrow":
            frame.to_feather(path)
        case "duckdb":
            with duckdb.connect(str(path)) as connection:
                connection.register("rows", frame)
                connection.execute("CREATE TABLE players AS FROM rows")
    return path


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet", "arrow", "duckdb"])
@pytest.mark.parametrize("unit", [None, "userid"])
def test_every_form_gives_the_aggregate_exactly(players, tmp_path, form, unit):
    made = summarize(
        write(players, tmp_path, form), GAME, variant="version", control="gate_30", unit=unit
    )
    reading = read_summary(contract_csv(made).encode(), "summary.csv")
    assert reading.summary is not None
    for arm, version in zip(reading.summary.arms, ("gate_30", "gate_40"), strict=True):
        own = players[players.version == version]
        assert arm.users == len(own)
        assert arm.statistics["conversion"] == Counts(len(own), int(own.retention_7.sum()))
        assert arm.statistics["retention_1"] == Counts(len(own), int(own.retention_1.sum()))
    text = contract_csv(made)
    own = players[players.version == "gate_30"].sum_gamerounds.astype(object)
    assert f'"{own.sum()}","{(own * own).sum()}"' in text.splitlines()[1]


def test_a_cap_tames_one_outlier(players, tmp_path):
    capped = {"name": "x", "kind": "mean", "column": "sum_gamerounds"}
    path = write(players, tmp_path, "parquet")
    made = {
        name: summarize(
            path, metrics({**capped, **extra}), variant="version", control="gate_30"
        ).summary
        for name, extra in {
            "raw": {},
            "fixed": {"winsorise": {"cap": 500}},
            "pooled": {"winsorise": {"quantile": 0.99}},
        }.items()
    }
    limit = np.quantile(players.sum_gamerounds, 0.99)
    for name, cap in (("fixed", 500), ("pooled", limit)):
        for version in ("gate_30", "gate_40"):
            own = players[players.version == version].sum_gamerounds.clip(upper=cap)
            got = made[name].arm(version).statistics["x"]
            assert got.mean == pytest.approx(own.mean(), rel=1e-12)
            assert got.variance == pytest.approx(own.var(), rel=1e-12)
    raw = made["raw"].arm("gate_40").statistics["x"]
    assert raw.variance > 20 * made["fixed"].arm("gate_40").statistics["x"].variance
    assert "pooled quantile 0.99" in made["pooled"].source.notes[-1]


def test_rows_that_repeat_a_unit_are_not_counted_as_units(players, tmp_path):
    twice = pd.concat([players, players])
    path = write(twice, tmp_path, "parquet")
    with pytest.raises(ContractError, match="a row is not a unit") as caught:
        summarize(path, GAME, variant="version", control="gate_30")
    assert "--unit userid" in caught.value.hint
    made = summarize(path, GAME, variant="version", control="gate_30", unit="userid")
    assert sum(arm.users for arm in made.summary.arms) == PLAYERS
    assert "rows_put_together" in {issue.code for issue in made.issues}


EVENTS = pd.DataFrame(
    {
        "user": ["a", "a", "b", "c", "c", "d", "e", None, "f", "g", "g"],
        "arm": ["control", "control", "control", "treatment", "treatment", "treatment",
                None, "control", "treatment", "control", "treatment"],
        "kind": ["visit", "buy", "visit", "buy", "buy", "visit", "buy", "buy", "visit", "buy",
                 "buy"],
        "amount": [None, 10.0, None, 5.0, 7.5, None, 3.0, 99.0, None, 50.0, 50.0],
        "country": ["DE", "DE", "FR", "FR", "DE", None, "DE", "DE", "DE", "DE", "DE"],
        "day": pd.to_datetime(
            ["2026-01-01", "2026-01-03", "2026-01-01", "2026-01-02", "2026-01-09", "2026-01-02",
             "2026-01-01", "2026-01-01", None, "2026-01-01", "2026-01-01"]
        ),
    }
)  # fmt: skip
SHOP = metrics(
    {"name": "conversion", "kind": "conversion", "expression": "kind = 'buy'"},
    {"name": "revenue", "kind": "mean", "column": "amount", "filter": "kind = 'buy'"},
    {"name": "purchases", "kind": "count", "filter": "kind = 'buy'"},
    {"name": "basket", "kind": "ratio", "numerator": "amount", "denominator": "kind = 'buy'",
     "nulls": "zero"},
    {"name": "back", "kind": "retention", "days": 3},
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    path = write(EVENTS, tmp_path_factory.mktemp("shop"), "parquet")
    return summarize(path, SHOP, variant="arm", unit="user", segment="country", date="day")


def test_events_are_put_together_by_unit_before_they_are_counted(shop):
    control, treatment = shop.summary.arms
    assert (control.users, treatment.users) == (2, 3)
    assert control.statistics["conversion"] == Counts(2, 1)
    assert treatment.statistics["conversion"] == Counts(3, 1)
    assert treatment.statistics["revenue"].mean == pytest.approx(12.5 / 3)
    assert treatment.statistics["purchases"].mean == pytest.approx(2 / 3)
    basket = treatment.statistics["basket"]
    assert basket.mean_x / basket.mean_y == pytest.approx(12.5 / 2)
    assert control.statistics["back"] == Counts(2, 1)
    assert treatment.statistics["back"] == Counts(3, 0)


def test_a_unit_stands_in_the_cell_of_its_first_day(shop):
    days = {(cell.arm, cell.day, cell.segment): cell.users for cell in shop.summary.cells}
    assert days["control", date(2026, 1, 1), "DE"] == 1
    assert days["treatment", date(2026, 1, 2), "missing"] == 1
    assert sum(days.values()) == 5


def test_nobody_is_lost_without_a_word(shop):
    found = {issue.code: issue for issue in shop.issues}
    assert {"several_arms", "no_unit", "no_variant", "segment_varies", "no_date"} <= set(found)
    assert found["several_arms"].severity is Severity.BLOCKED
    assert "1 units (16.67%)" in found["several_arms"].message
    assert shop.scan.rows == len(EVENTS)
    assert all(issue.fix for issue in shop.issues)
    assert run_summary(shop.summary, shop.issues).analysis is None


def test_a_blocked_source_writes_no_contract(shop):
    with pytest.raises(ContractError, match="more than one arm"):
        contract_csv(shop)


def test_missing_values_are_left_out_with_their_count_or_read_as_zero(tmp_path):
    frame = pd.DataFrame(
        {"variant": ["control", "treatment"] * 3, "x": [1.0, 2.0, None, 4.0, 3.0, None]}
    )
    path = write(frame, tmp_path, "parquet")
    spec = {"name": "x", "kind": "mean", "column": "x"}
    made = summarize(path, metrics(spec), variant="variant")
    assert made.summary.arm("control").statistics["x"].n == 2
    (issue,) = [issue for issue in made.issues if issue.code == "metric_absent"]
    assert "control 1 of 3, treatment 1 of 3" in issue.message
    with pytest.raises(ContractError, match="2 of the 3 units"):
        contract_csv(made)
    zero = summarize(path, metrics({**spec, "nulls": "zero"}), variant="variant")
    assert zero.summary.arm("control").statistics["x"].mean == pytest.approx(4 / 3)
    assert zero.issues == ()


def test_two_numbers_of_a_metric_are_summed_over_units_that_have_both(tmp_path):
    frame = pd.DataFrame(
        {
            "variant": ["control"] * 4 + ["treatment"] * 4,
            "x": [1.0, 2.0, None, 4.0, 5.0, 6.0, 8.0, 7.0],
            "before": [2.0, None, 3.0, 9.0, 1.0, 2.0, 2.5, 4.0],
        }
    )
    spec = {"name": "x", "kind": "mean", "column": "x", "covariate": "before"}
    plain = {"name": "alone", "kind": "mean", "column": "x"}
    path = write(frame, tmp_path, "parquet")
    made = summarize(path, metrics(spec, plain), variant="variant")
    both = frame[frame.variant == "control"].dropna()
    got = made.summary.arm("control").statistics["x"]
    assert (got.n, got.mean_x, got.mean_y) == (2, both.x.mean(), both.before.mean())
    assert got.c_xy == pytest.approx(both.x.cov(both.before))
    assert made.summary.arm("control").statistics["alone"].n == 3
    assert len(made.scan.passes) == 2


def test_counts_where_a_share_was_meant_are_blocked(tmp_path):
    frame = pd.DataFrame({"variant": ["control", "treatment"], "clicks": [3, 1]})
    spec = {"name": "conversion", "kind": "conversion", "column": "clicks"}
    made = summarize(write(frame, tmp_path, "csv"), metrics(spec), variant="variant")
    assert [issue.code for issue in made.issues if issue.severity is Severity.BLOCKED] == [
        "not_zero_or_one"
    ]


def test_a_value_that_is_not_finite_is_blocked_and_not_averaged(tmp_path):
    frame = pd.DataFrame({"variant": ["control", "treatment"] * 2, "x": [1, 2, 1e300, 3]})
    spec = {"name": "x", "kind": "mean", "column": "x"}
    made = summarize(write(frame, tmp_path, "parquet"), metrics(spec), variant="variant")
    assert "not_finite" in {issue.code for issue in made.issues}
    assert check_summary(made.summary, made.issues, made.charter).health.is_blocked


def test_arms_of_numbers_are_named_while_they_are_read(tmp_path):
    frame = pd.DataFrame({"group": [0, 1] * 200, "x": np.arange(400.0)})
    path = write(frame, tmp_path, "csv")
    spec = metrics({"name": "x", "kind": "mean", "column": "x"})
    assert {i.code for i in summarize(path, spec, variant="group", control="0").issues} == {
        "arm_name"
    }
    named = summarize(path, spec, variant="group", names={"0": "control", "1": "new"})
    assert [arm.name for arm in named.summary.arms] == ["control", "new"]
    assert named.issues == ()
    with pytest.raises(ContractError, match="one arm"):
        summarize(path, spec, variant="group", names={"0": "a", "1": "a"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"variant": "Version"},
        {"unit": "user"},
        {"segment": "none"},
        {"date": "version", "segment": "none"},
    ],
)
def test_a_column_that_is_not_there_is_named(players, tmp_path, wrong):
    path = write(players, tmp_path, "parquet")
    with pytest.raises(ContractError, match="no column"):
        summarize(path, GAME, **({"variant": "version"} | wrong))


def test_bytes_that_are_no_parquet_are_unreadable(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 but not really")
    with pytest.raises(UnreadableError) as caught:
        summarize(path, GAME, variant="version")
    assert str(tmp_path) not in str(caught.value)


def test_a_view_of_a_database_file_reads_no_other_file(tmp_path):
    (tmp_path / "secret.csv").write_text("version,x\ncontrol,1\n")
    path = tmp_path / "trap.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW v AS FROM read_csv('{tmp_path / 'secret.csv'}')")
    spec = metrics({"name": "x", "kind": "mean", "column": "x"})
    with pytest.raises((EngineError, UnreadableError)):
        summarize(path, spec, variant="version")


def test_the_variance_of_an_epoch_has_fifteen_digits(tmp_path):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "variant": ["control", "treatment"] * 5_000,
            "seconds": 1.7e9 + rng.random(10_000) * 604_800,
            "milliseconds": 1_700_000_000_000 + rng.integers(0, 604_800_000, 10_000),
            "mostly_zero": np.where(rng.random(10_000) < 0.98, 0.0, rng.lognormal(9, 1, 10_000)),
        }
    )
    names = ("seconds", "milliseconds", "mostly_zero")
    specs = [{"name": name, "kind": "mean", "column": name} for name in names]
    made = summarize(write(frame, tmp_path, "parquet"), metrics(*specs), variant="variant")
    for arm in made.summary.arms:
        for name in names:
            values = [Fraction(float(v)) for v in frame[name][frame.variant == arm.name]]
            mean = sum(values) / len(values)
            exact = sum((value - mean) ** 2 for value in values)
            got = arm.statistics[name]
            assert abs(Fraction(got.m2) / exact - 1) < 1e-14
            assert got.mean == pytest.approx(float(mean), rel=1e-15)
    assert made.scan.passes == ("one pass over the rows",)


def test_whole_numbers_too_large_for_plain_sums_are_asked_for_again(tmp_path):
    values = [1, 2, 3, 4] * 5_000 + [2**40, 2**40 + 1]
    frame = pd.DataFrame({"variant": ["control", "treatment"] * 10_001, "x": values})
    spec = {"name": "x", "kind": "mean", "column": "x"}
    made = summarize(write(frame, tmp_path, "parquet"), metrics(spec), variant="variant")
    assert any("again" in what or "more" in what for what in made.scan.passes)
    for arm in made.summary.arms:
        own = [Fraction(v) for v in frame.x[frame.variant == arm.name]]
        mean = sum(own) / len(own)
        exact = sum((value - mean) ** 2 for value in own)
        assert abs(Fraction(arm.statistics["x"].m2) / exact - 1) < 1e-14


def test_summing_up_loads_nothing_that_analyses(players, tmp_path):
    path = write(players, tmp_path, "parquet")
    (tmp_path / "m.json").write_text(GAME.model_dump_json(exclude_none=True))
    program = (
        "import sys, experimentos as xos\n"
        "xos.summarize(*sys.argv[1:], variant='version', control='gate_30')\n"
        "heavy = {'numpy', 'scipy', 'pandas', 'pyarrow', 'ibis', 'statsmodels', 'streamlit'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), str(tmp_path / "m.json")],
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_the_public_name_is_the_same_call(players, tmp_path):
    path = write(players, tmp_path, "parquet")
    made = xos.summarize(path, GAME, variant="version", control="gate_30")
    report = xos.check(made.reading, made.charter)
    assert report.srm.observed == (PLAYERS // 2, PLAYERS // 2)
    assert made.charter.primary == "conversion"
    assert "GROUP BY arm" in made.scan.sql
    assert str(tmp_path) not in made.scan.sql
