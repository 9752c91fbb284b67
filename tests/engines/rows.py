"""The rows that every engine sums up: nulls, duplicates, negative and huge values."""

import numpy as np
import pandas as pd

ROWS = 20_000
RNG = np.random.default_rng(20261120)


def _holes(values, share):
    frame = pd.Series(values)
    return frame.mask(RNG.random(len(frame)) < share)


USERS = pd.DataFrame(
    {
        "user_id": np.arange(ROWS),
        "variant": RNG.choice(["control", "treatment", "third arm"], ROWS),
        "country": _holes(RNG.choice(["DE", "FR", "US"], ROWS), 0.05),
        "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(RNG.integers(0, 7, ROWS), unit="D"),
        "converted": RNG.random(ROWS) < 0.2,
        "spend": np.where(RNG.random(ROWS) < 0.95, 0.0, RNG.lognormal(3, 1, ROWS)),
        "history": RNG.normal(10, 3, ROWS),
        "balance": RNG.normal(-5_000, 40, ROWS),
        "huge": 1e8 + RNG.normal(0, 1, ROWS),
        "epoch_ms": 1_767_225_600_000 + RNG.integers(0, 7 * 86_400_000, ROWS),
        "orders": RNG.poisson(0.7, ROWS),
        "partial": _holes(RNG.normal(1, 2, ROWS), 0.3),
        "before": _holes(RNG.normal(1, 2, ROWS), 0.2),
        "same": np.full(ROWS, 0.1),
    }
)
USERS["spend"] += 0.3 * USERS.history * (USERS.spend > 0)

_OWNER = RNG.integers(0, ROWS // 5, ROWS)
EVENTS = pd.DataFrame(
    {
        "user_id": pd.Series(_OWNER, dtype="float64").mask(RNG.random(ROWS) < 0.001),
        "variant": np.where(_OWNER % 2 == 0, "control", "treatment"),
        "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(RNG.integers(0, 30, ROWS), unit="D"),
        "event": RNG.choice(["visit", "cart", "buy"], ROWS, p=[0.7, 0.2, 0.1]),
        "amount": _holes(RNG.lognormal(3, 1, ROWS), 0.02),
        "big": 1e8 + RNG.normal(0, 1, ROWS),
    }
)
EVENTS.loc[EVENTS.event != "buy", "amount"] = np.nan
EVENTS.loc[EVENTS.user_id == 7, "variant"] = ["control"] * (
    int((EVENTS.user_id == 7).sum()) - 1
) + ["treatment"]
EVENTS.loc[EVENTS.user_id == 8, "variant"] = None
