"""Two tables as one experiment: where they lie, what does not fit, and what came before."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError, UnreadableError
from experimentos.flows.ab_test import check_summary
from experimentos.flows.warehouse import contract_csv, summarize
from experimentos.metrics.contract import read_summary

RNG = np.random.default_rng(20261128)
UNITS = 600
EXPOSURES = pd.DataFrame(
    {
        "unit": [f"u{i}" for i in range(UNITS)],
        "arm": np.where(np.arange(UNITS) % 2 == 0, "control", "new"),
        "seen": pd.Timestamp("2026-05-01", tz="UTC")
        + pd.to_timedelta(RNG.integers(0, 5 * 24, UNITS), unit="h"),
    }
)
ROWS = pd.DataFrame(
    {
        "unit": [f"u{i}" for i in RNG.integers(0, UNITS, 4_000)],
        "at": pd.Timestamp("2026-04-20", tz="UTC")
        + pd.to_timedelta(RNG.integers(0, 30 * 24 * 60, 4_000), unit="min"),
        "amount": RNG.gamma(2, 10, 4_000),
    }
)
AMOUNT = {"name": "amount", "kind": "mean", "column": "amount"}
ROLES = {"variant": "arm", "unit": "unit", "date": "at", "exposure_date": "seen"}


def metrics(*specs, **more):
    return MetricsFile.model_validate({"metrics": specs, **more})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("two")
    ROWS.to_parquet(path / "rows.parquet")
    EXPOSURES.to_parquet(path / "seen.parquet")
    with duckdb.connect(str(path / "shop.duckdb")) as connection:
        connection.register("r", ROWS)
        connection.register("e", EXPOSURES)
        connection.execute("CREATE TABLE rows AS FROM r; CREATE SCHEMA ab")
        connection.execute("CREATE TABLE ab.seen AS FROM e")
    return path


def test_two_files_and_two_tables_of_one_file_say_the_same(folder):
    files = summarize(
        folder / "rows.parquet", metrics(AMOUNT), **ROLES, exposures=folder / "seen.parquet"
    )
    tables = summarize(
        f"{folder / 'shop.duckdb'}#rows", metrics(AMOUNT), **ROLES, exposures="#ab.seen"
    )
    mixed = summarize(
        folder / "rows.parquet",
        metrics(AMOUNT),
        **ROLES,
        exposures=f"{folder / 'shop.duckdb'}#ab.seen",
    )
    for other in (tables, mixed):
        for one, two in zip(files.summary.arms, other.summary.arms, strict=True):
            own, its = one.statistics["amount"], two.statistics["amount"]
            assert (one.name, one.users, own.n) == (two.name, two.users, its.n)
            assert (own.mean, own.m2) == pytest.approx((its.mean, its.m2), rel=1e-14)
    assert {cell.day for cell in files.summary.cells} == set(EXPOSURES.seen.dt.date)
    with pytest.raises(ContractError, match="no metric here is called conversion"):
        contract_csv(files)
    rate = {"name": "conversion", "kind": "conversion", "expression": "amount > 30"}
    both = summarize(
        folder / "rows.parquet", metrics(rate, AMOUNT), **ROLES, exposures=folder / "seen.parquet"
    )
    assert read_summary(contract_csv(both).encode(), "x.csv").summary.arms[0].users == 300


def test_a_window_of_the_metrics_file_is_that_of_the_call(folder):
    given = {**ROLES, "exposures": folder / "seen.parquet"}
    asked = summarize(folder / "rows.parquet", metrics(AMOUNT), **given, window_days=7)
    written = summarize(folder / "rows.parquet", metrics(AMOUNT, window_days=7), **given)
    for one, two in zip(asked.summary.arms, written.summary.arms, strict=True):
        assert one.statistics["amount"].m2 == pytest.approx(two.statistics["amount"].m2, rel=1e-14)
    joined = ROWS.merge(EXPOSURES, on="unit")
    after = joined["at"] - joined.seen
    inside = joined[(after >= pd.Timedelta(0)) & (after < pd.Timedelta(days=7))]
    own = inside[inside.arm == "new"].amount.sum() / (UNITS / 2)
    assert asked.summary.arm("new").statistics["amount"].mean == pytest.approx(own, rel=1e-12)


def test_exposures_change_the_fingerprint(folder, tmp_path):
    for name in ("rows.parquet", "seen.parquet"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    given = {**ROLES, "exposures": tmp_path / "seen.parquet"}
    then = summarize(tmp_path / "rows.parquet", metrics(AMOUNT), **given).summary.source.sha256
    EXPOSURES.iloc[1:].to_parquet(tmp_path / "seen.parquet")
    now = summarize(tmp_path / "rows.parquet", metrics(AMOUNT), **given).summary.source.sha256
    assert then != now


def test_tables_that_name_units_differently_are_blocked(folder, tmp_path):
    EXPOSURES.assign(unit=EXPOSURES.unit.str.upper()).to_parquet(tmp_path / "seen.parquet")
    made = summarize(
        folder / "rows.parquet", metrics(AMOUNT), **ROLES, exposures=tmp_path / "seen.parquet"
    )
    assert "no_row_matches" in {issue.code for issue in made.issues}
    assert check_summary(made.summary, made.issues, made.charter).health.is_blocked


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": None}, "no column is named as the unit"),
        ({"variant": "version"}, "exposure table has no column 'version'"),
        ({"segment": "amount"}, "exposure table has no column 'amount'"),
        ({"exposure_date": "arm"}, "not a date"),
        ({"date": None}, "one is named"),
        ({"date": None, "exposure_date": None, "window_days": 3}, "Name both"),
        ({"exposure_unit": "seen"}, "cannot be joined"),
    ],
)
def test_what_does_not_fit_is_said(folder, change, words):
    with pytest.raises(ContractError) as caught:
        summarize(
            folder / "rows.parquet",
            metrics(AMOUNT),
            **{**ROLES, "exposures": folder / "seen.parquet", **change},
        )
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({**AMOUNT, "window_days": 3}, "--exposures"),
        ({**AMOUNT, "pre_period": {"days": 3}}, "exposure table"),
        ({**AMOUNT, "pre_period": {"column": "unit", "before": "2026-05-01"}}, "not a date"),
        ({**AMOUNT, "kind": "quantile", "quantile": 0.5}, "--segment"),
    ],
)
def test_what_needs_exposures_or_whole_arms_says_so(folder, spec, words):
    frame = folder / "rows.parquet"
    with pytest.raises(ContractError) as caught:
        summarize(frame, metrics(spec), variant="unit", unit="unit", segment="unit", control="u1")
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("address", ["../seen.parquet", "/etc/hostname.parquet", "a\\b.parquet"])
def test_exposures_lie_inside_the_workspace_like_the_rows(folder, address):
    with pytest.raises(ContractError, match="inside the workspace"):
        summarize("rows.parquet", metrics(AMOUNT), **ROLES, exposures=address, inside=folder)
    with pytest.raises(UnreadableError, match="no such file"):
        summarize("rows.parquet", metrics(AMOUNT), **ROLES, exposures="x.parquet", inside=folder)


def test_a_covariate_may_be_the_metric_before_a_date(tmp_path):
    frame = ROWS.merge(EXPOSURES[["unit", "arm"]], on="unit").assign(
        arm=lambda d: d.arm, day=lambda d: d["at"].dt.tz_localize(None)
    )
    frame.to_parquet(tmp_path / "rows.parquet")
    spec = {
        **AMOUNT,
        "filter": "amount > 5",
        "pre_period": {"column": "day", "before": "2026-05-01"},
    }
    made = summarize(
        tmp_path / "rows.parquet", metrics(spec), variant="arm", unit="unit", names={"new": "B"}
    )
    kept = frame[frame.amount > 5]
    early = kept.day < "2026-05-01"
    for name, arm in (("control", "control"), ("B", "new")):
        units = frame[frame.arm == arm].unit.unique()
        x = kept[~early].groupby("unit").amount.sum().reindex(units, fill_value=0.0)
        y = kept[early].groupby("unit").amount.sum().reindex(units, fill_value=0.0)
        got = made.summary.arm(name).statistics["amount"]
        assert (got.n, got.mean_x, got.mean_y) == (
            len(units),
            pytest.approx(x.mean()),
            pytest.approx(y.mean()),
        )
        assert got.c_xy == pytest.approx(np.sum((x - x.mean()) * (y - y.mean())))
    assert made.summary.metric("amount").kind == "adjusted"
