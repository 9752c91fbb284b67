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


def _exposures():
    rng = np.random.default_rng(20261128)
    users, start = 3_000, pd.Timestamp("2026-03-01")
    first = pd.DataFrame(
        {
            "user_id": np.arange(users),
            "variant": np.where(np.arange(users) % 2 == 0, "control", "treatment"),
            "exposed_at": start + pd.to_timedelta(rng.integers(0, 10 * 86_400, users), unit="s"),
            "country": rng.choice(["DE", "FR"], users),
        }
    )
    again = first.sample(900, random_state=1).copy()
    again["exposed_at"] += pd.to_timedelta(rng.integers(1, 5 * 86_400, len(again)), unit="s")
    moved = first.iloc[:5].assign(variant="treatment")
    frame = pd.concat([first, again, moved], ignore_index=True)
    frame.loc[frame.user_id == 11, "exposed_at"] = pd.NaT
    frame["user_id"] = frame.user_id.astype("float64")
    nobody = frame.iloc[[20, 21]].assign(user_id=np.nan)
    return pd.concat([frame, nobody], ignore_index=True)


def _actions():
    rng = np.random.default_rng(7)
    count, start = 20_000, pd.Timestamp("2026-02-15")
    frame = pd.DataFrame(
        {
            # Every third user never comes, and 500 come who were never exposed.
            "user_id": rng.choice(np.r_[np.arange(0, 3_000)[np.arange(3_000) % 3 > 0],
                                        np.arange(9_000, 9_500)], count).astype("float64"),
            "at": start + pd.to_timedelta(rng.integers(0, 40 * 86_400, count), unit="s"),
            "amount": _some(rng, rng.lognormal(3, 1, count) - 15, 0.05),
            "huge": 1e8 + rng.normal(0, 1, count),
            "session": rng.integers(0, 6, count),
            "age": np.nan,
        }
    )  # fmt: skip
    frame["age"] = 20 + frame.user_id % 41
    frame["tenure"] = (frame.user_id * 7) % 13
    frame.loc[rng.random(count) < 0.001, "at"] = pd.NaT
    frame.loc[rng.random(count) < 0.001, "user_id"] = np.nan
    return frame


def _some(rng, values, share):
    return np.where(rng.random(len(values)) < share, np.nan, values)


EXPOSURES = _exposures()
ACTIONS = _actions()
EXPOSED_DAYS = EXPOSURES.assign(exposed_at=EXPOSURES.exposed_at.dt.normalize())
