"""Rows 16 and 17: sample ratio mismatch, once, at every look, and in a published archive."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from experimentos.health import CHECKS
from experimentos.health.goodness_of_fit import chi_square
from experimentos.health.srm_sequential import srm_sequential
from experimentos.issue import Severity
from experimentos.metrics.summary import Cell, Source, Summary
from experimentos.plan.charter import EMPTY_CHARTER
from experimentos.policy import DEFAULT_POLICY

pytestmark = pytest.mark.slow

DAYS, USERS = 30, 2_000
# Matias et al. (2021), The Upworthy Research Archive; half of the tests, CC BY 4.0.
ARCHIVE = Path(__file__).parents[1] / "reference" / "datasets" / "upworthy_shared.csv.gz"


def days(rng, share, size):
    control = rng.binomial(USERS, share, (size, DAYS))
    return np.stack([control, USERS - control], axis=2)


def test_row_16_without_a_mismatch(band, random, repeats):
    size = repeats(4_000, 40_000)
    seen = days(random(16), 0.5, size)
    totals = np.cumsum(seen, axis=1)
    once = [chi_square(row[-1].tolist(), [1, 1]).p_value for row in totals]
    band(
        16, "alarms, chi-square once at 0.001", "50/50", np.mean(np.array(once) < 0.001), 0, 0.0025
    )
    few = totals[: size // 4]
    p = np.array([[chi_square(day.tolist(), [1, 1]).p_value for day in row] for row in few])
    any_day = np.mean((p < 0.001).any(axis=1))
    band(16, "alarms, chi-square on any day at 0.001 (control)", "50/50", any_day, 0.002, 0.03)
    any_day = np.mean((p < 0.05).any(axis=1))
    band(16, "alarms, chi-square on any day at 0.05 (control)", "50/50", any_day, 0.22, 0.33)
    runs = [srm_sequential(row, [1, 1]) for row in seen]
    for alpha in (0.05, 0.01, 0.001):
        found = np.mean([run.alarm(alpha) is not None for run in runs])
        most = alpha + 3 * np.sqrt(alpha * (1 - alpha) / size)
        band(16, f"alarms, sequential at {alpha}", "50/50", found, None, most)


@pytest.mark.parametrize(("share", "low"), [(0.5, None), (0.51, 0.66)])
def test_row_16_the_health_check_on_dated_rows(share, low, band, random, repeats):
    size = repeats(1_000, 10_000)
    alarms = [_is_alarmed(row) for row in days(random(16), share, size)]
    high = 0.001 + 3 * np.sqrt(0.001 * 0.999 / size) if low is None else 0.85
    case = f"{100 * share:g}/{100 * (1 - share):g}"
    band(16, "alarms, check srm_sequential at 0.001", case, np.mean(alarms), low, high)


def _is_alarmed(row):
    cells = (
        Cell(arm, int(day[place]), {}, 2, None, date(2026, 1, 1) + timedelta(number))
        for number, day in enumerate(row)
        for place, arm in enumerate(("control", "treatment"))
    )
    summary = Summary(tuple(cells), (), "control", Source("x.csv", "0" * 64, "csv"))
    found = CHECKS["srm_sequential"].run(summary, EMPTY_CHARTER, DEFAULT_POLICY)
    return any(issue.severity is Severity.WARNING for issue in found)


@pytest.mark.parametrize(
    ("share", "alpha", "low", "high"),
    [(0.51, 0.001, 0.70, 0.82), (0.51, 0.01, 0.87, 0.96), (0.505, 0.01, None, None)],
)
def test_row_16_with_a_mismatch(share, alpha, low, high, band, random, repeats):
    seen = days(random(16), share, repeats(2_000, 40_000))
    found = np.mean([srm_sequential(row, [1, 1]).alarm(alpha) is not None for row in seen])
    case = f"{100 * share:g}/{100 * (1 - share):g}"
    band(16, f"alarms, sequential at {alpha}", case, found, low, high)


def test_row_17_the_archive_is_suspect_where_its_authors_say_so(band):
    tests = {}
    with gzip.open(ARCHIVE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            arms = tests.setdefault((row["test_id"], row["suspect_window"]), [])
            arms.append(int(row["impressions"]))
    low = {"1": [], "0": []}
    for (_, suspect), users in tests.items():
        if len(users) > 1:
            low[suspect].append(chi_square(users, [1] * len(users)).p_value < 0.001)
    inside, outside = len(low["1"]), len(low["0"])
    band(17, "p < 0.001 in the suspect window", f"{inside:,} tests", np.mean(low["1"]), 0.6, 0.8)
    band(17, "p < 0.001 outside it", f"{outside:,} tests", np.mean(low["0"]), None, 0.01)
