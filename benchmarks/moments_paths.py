"""Raw rows to moments: against reading the same columns, tea-tasting and pandas, on one file.

The file has seven measured columns, an arm, a country and a day; the metrics are two means with
covariates, two ratios and an epoch second, which is what the digits are counted on.
"""

import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path as File

import duckdb
import ibis
import numpy as np
import pandas as pd
from measure import Case, Error, Path
from tea_tasting import Experiment, Mean, RatioOfMeans

from experimentos.engine.spec import MetricsFile
from experimentos.flows.warehouse import Summarized, summarize
from experimentos.metrics.moments import Moments
from experimentos.metrics.summary import Cell

SEED = 20261120
ROWS = int(float(os.environ.get("EXPERIMENTOS_BENCH_ROWS", "1e6")))
COLUMNS = ("revenue", "revenue_0", "sessions", "sessions_0", "orders", "clicks", "epoch")
METRICS = MetricsFile.model_validate(
    {
        "metrics": [
            {"name": "revenue", "kind": "mean", "column": "revenue", "covariate": "revenue_0"},
            {
                "name": "visits",
                "kind": "mean",
                "column": "sessions",
                "covariate": "sessions_0",
            },
            {"name": "basket", "kind": "ratio", "numerator": "revenue", "denominator": "orders"},
            {"name": "ctr", "kind": "ratio", "numerator": "clicks", "denominator": "sessions"},
            {"name": "epoch", "kind": "mean", "column": "epoch"},
        ]
    }
)
SAMPLE = 200_000


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="experimentos-bench-")


@cache
def rows(count: int = ROWS) -> str:
    """Return a Parquet file of that many rows, written in blocks of a million."""
    place = File(folder().name) / f"rows-{count}"
    whole = place.with_suffix(".parquet")
    if whole.exists():
        return str(whole)
    place.mkdir()
    rng = np.random.default_rng(SEED)
    for start in range(0, count, 1_000_000):
        _block(rng, min(1_000_000, count - start)).to_parquet(place / f"{start:012}.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM '{place}/*.parquet') TO '{whole}'")
    return str(whole)


def _block(rng: np.random.Generator, count: int) -> pd.DataFrame:
    buys = rng.random(count) < 0.05
    sessions = rng.poisson(4, count)
    return pd.DataFrame(
        {
            "variant": rng.choice(["control", "treatment"], count),
            "country": rng.choice([f"c{i}" for i in range(10)], count),
            "platform": rng.choice(["web", "app"], count),
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 28, count), "D"),
            "revenue": np.where(buys, rng.lognormal(3, 1, count), 0.0),
            "revenue_0": rng.lognormal(1, 1, count),
            "sessions": sessions,
            "sessions_0": rng.poisson(4, count),
            "orders": rng.poisson(0.3, count),
            "clicks": rng.binomial(sessions, 0.3),
            "epoch": 1.7e9 + rng.random(count) * 604_800,
        }
    )


def ours(**columns: str) -> Summarized:
    return summarize(rows(), METRICS, variant="variant", **columns)


def _scan() -> object:
    sums = ", ".join(f"sum({column})" for column in COLUMNS)
    with duckdb.connect() as connection:
        query = f"SELECT variant, count(*), {sums} FROM '{rows()}' GROUP BY 1"
        return connection.execute(query).fetchall()


def _digits() -> Error:
    """Return the distance of the epoch's variance from exact arithmetic, on a part of the rows."""
    place = File(folder().name) / "digits.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM '{rows()}' LIMIT {SAMPLE}) TO '{place}'")
    got = summarize(place, METRICS, variant="variant").summary
    frame = pd.read_parquet(place)
    worst = 0.0
    for arm in got.arms:
        values = [Fraction(value) for value in frame.epoch[frame.variant == arm.name]]
        mean = sum(values) / len(values)
        exact = sum((value - mean) ** 2 for value in values)
        found = arm.statistics["epoch"]
        assert isinstance(found, Moments)
        worst = max(worst, abs(float(Fraction(found.m2) / exact - 1)))
    return Error(worst, 1e-14, f"variance {worst:.0e}")


def _against_scan() -> Case:
    rows()
    return Case(ours, _scan, error=_digits)


def _tea() -> object:
    connection = ibis.duckdb.connect()
    experiment = Experiment(
        {
            "revenue": Mean("revenue", "revenue_0"),
            "visits": Mean("sessions", "sessions_0"),
            "basket": RatioOfMeans("revenue", "orders"),
            "ctr": RatioOfMeans("clicks", "sessions"),
            "epoch": Mean("epoch"),
        }
    )
    return experiment.analyze(connection.read_parquet(rows()), control="control")


def _pandas() -> object:
    frame = pd.read_parquet(rows(), columns=["variant", *COLUMNS])
    groups = frame.groupby("variant")
    pairs = (
        ("revenue", "revenue_0"),
        ("sessions", "sessions_0"),
        ("revenue", "orders"),
        ("clicks", "sessions"),
    )
    covariances = [groups[list(pair)].cov() for pair in pairs]
    return groups[list(COLUMNS)].agg(["count", "mean", "var"]), covariances


def _cube() -> Case:
    rows()
    return Case(lambda: ours(segment="country", date="day"), ours)


def _question() -> Case:
    summary = ours(segment="country", date="day").summary

    def asked() -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {}
        for cell in summary.cells:
            if cell.segment == "c3" and cell.day is not None and cell.day.day <= 7:
                found.setdefault(cell.arm, []).append(cell)
        return {arm: [_total(cells)] for arm, cells in found.items()}

    def again() -> object:
        place = rows()
        sums = ", ".join(f"avg({c}), var_samp({c})" for c in COLUMNS)
        with duckdb.connect() as connection:
            return connection.execute(
                f"SELECT variant, {sums} FROM '{place}' "
                "WHERE country = 'c3' AND day < '2026-01-08' GROUP BY 1"
            ).fetchall()

    return Case(asked, again)


def _total(cells: list[Cell]) -> Cell:
    first, *others = cells
    statistics = dict(first.statistics)
    for cell in others:
        statistics = {name: value + cell.statistics[name] for name, value in statistics.items()}
    return Cell(first.arm, sum(cell.users for cell in cells), statistics, first.row)


OURS = """
import experimentos as xos, sys
xos.summarize(sys.argv[1], sys.argv[2], variant="variant")
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
TEA = """
import ibis, sys, tea_tasting as tt
data = ibis.duckdb.connect().read_parquet(sys.argv[1])
tt.Experiment(
    {"revenue": tt.Mean("revenue", "revenue_0"), "visits": tt.Mean("sessions", "sessions_0"),
     "basket": tt.RatioOfMeans("revenue", "orders"), "ctr": tt.RatioOfMeans("clicks", "sessions"),
     "epoch": tt.Mean("epoch")}
).analyze(data, control="control")
"""


def _child(program: str, place: str) -> str:
    metrics = File(folder().name) / "metrics.json"
    metrics.write_text(METRICS.model_dump_json(exclude_none=True))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, place, str(metrics)],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _peak(place: str) -> float:
    """Return the most memory that a process of its own ever held, in MiB."""
    return int(_child(OURS, place)) / 1_024


def _command() -> Case:
    place = rows()

    def memory() -> Error:
        small, large = _peak(rows(1_000_000)), _peak(place)
        text = f"peak {large:.0f} MiB, {large / small:.2f} x 1e6 rows"
        return Error(max(large / 200, large / small / 1.5), 1.0, text)

    return Case(lambda: _child(OURS, place), lambda: _child(TEA, place), error=memory)


def _against(reference: object) -> Case:
    rows()
    return Case(ours, reference)  # type: ignore[arg-type]


WORK = f"{ROWS:.0e} rows, 7 columns, 4 pairs".replace("e+0", "e")
PATHS = [
    Path(
        name="moments.scan",
        work=WORK,
        reference="scan, one sum each",
        bound=2.2,
        make=_against_scan,
    ),
    Path(
        name="moments.peer",
        work=WORK,
        reference="tea-tasting, ibis/DuckDB",
        bound=0.85,
        make=lambda: _against(_tea),
    ),
    Path(
        name="moments.pandas",
        work=WORK,
        reference="pandas groupby",
        bound=0.3,
        make=lambda: _against(_pandas),
    ),
    Path(
        name="moments.command",
        work="the same, whole process",
        reference="tea-tasting, whole process",
        bound=0.30,
        make=_command,
    ),
    Path(name="cube.build", work="560 cells", reference="one pass", bound=1.6, make=_cube),
    Path(
        name="cube.question",
        work="country, 7 days, built cube",
        reference="scan of the rows again",
        bound=1 / 100 if ROWS >= 10**7 else 1 / 10,
        make=_question,
    ),
]
"""Every path from rows, in the order of the table."""
