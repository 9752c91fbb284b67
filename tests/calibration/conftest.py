"""What every calibration row needs: its size, its random numbers and its band."""

import os

import numpy as np
import pytest

FULL = os.environ.get("EXPERIMENTOS_CALIBRATION") == "full"


@pytest.fixture
def repeats():
    """Return the fast or the full number of replications."""
    return lambda fast, full: full if FULL else fast


@pytest.fixture
def random():
    """Return the random numbers of a row: its number is its seed."""
    return np.random.default_rng


@pytest.fixture
def band(record_property):
    """Record a measured value for the published table, and hold it to its band."""

    def hold(row, what, case, measured, low=None, high=None):
        value = float(measured)
        ok = (low is None or low <= value) and (high is None or value <= high)
        entry = {"row": row, "what": what, "case": case, "measured": value}
        record_property("band", entry | {"low": low, "high": high, "ok": ok})
        assert ok, f"row {row}, {what}, {case}: {value:.5g} is not in [{low}, {high}]"

    return hold
