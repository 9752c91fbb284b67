"""Made-up rows to try things with: the visits of an online shop, the same at every call."""

from datetime import date, timedelta
from functools import lru_cache

from experimentos.flows.raw_rows import Roles

NAME = "example_visits.csv"
USERS = 6_000
SEED = 7
FIRST_DAY = date(2026, 3, 2)
ROLES = Roles(
    variant="variant", control="old", unit="user_id", segment="country", date="visited_on"
)
METRICS = """\
metrics:
- name: bought
  kind: conversion
  expression: revenue > 0
- name: revenue
  kind: adjusted
  column: revenue
  covariate: revenue_before
  winsorise:
    quantile: 0.999
- name: visits
  kind: count
- name: complained
  kind: conversion
  column: complained
  direction: lower
"""


@lru_cache(maxsize=1)
def example_rows() -> bytes:
    """Return a CSV of one row per visit: two arms over two weeks, the new one buys more."""
    # Loaded when somebody asks for the example.
    import numpy as np

    rng = np.random.default_rng(SEED)
    is_new = rng.permutation(np.arange(USERS) % 2)
    taste = rng.gamma(2.0, 1.0, USERS)
    visits = 1 + rng.poisson(0.9, USERS)
    first = rng.integers(0, 14, USERS)
    country = rng.choice(["DE", "FR", "PL"], USERS, p=[0.5, 0.3, 0.2])
    before = rng.gamma(1.0, 9.0 * taste) * (rng.random(USERS) < 0.6)
    lines = ["user_id,variant,visited_on,country,revenue,revenue_before,complained"]
    for user in range(USERS):
        arm = "new" if is_new[user] else "old"
        for visit in range(visits[user]):
            buys = rng.random() < 0.105 + 0.028 * is_new[user]
            revenue = rng.gamma(2.0, 8.0 * taste[user]) if buys else 0.0
            day = FIRST_DAY + timedelta(days=int(min(13, first[user] + 2 * visit)))
            complains = rng.random() < 0.012
            lines.append(
                f"{user + 1001},{arm},{day},{country[user]},{revenue:.2f},{before[user]:.2f},"
                f"{str(complains).lower()}"
            )
    return ("\n".join(lines) + "\n").encode()
