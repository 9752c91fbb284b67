"""Row 22: from a file to a verdict, over and over."""

import numpy as np
import pytest

from experimentos.decision.decision import Verdict
from experimentos.flows.ab_test import run
from experimentos.plan.charter import Charter, GuardrailPlan

pytestmark = pytest.mark.slow

CHARTER = Charter(
    guardrails=(GuardrailPlan(name="cancellations", direction="lower", harm=0.005),), mde=0.02
)
N = 5_000


def verdicts(rng, size, rates, guardrail=(0.02, 0.02), share=0.5):
    """Return the verdicts of `size` experiments that went through a file."""
    found = []
    for _ in range(size):
        users = rng.binomial(2 * N, share)
        lines = ["variant,users,conversions,cancellations"]
        for arm, n, p, g in zip(
            ("control", "treatment"), (2 * N - users, users), rates, guardrail, strict=True
        ):
            lines.append(f"{arm},{n},{rng.binomial(n, p)},{rng.binomial(n, g)}")
        content = "\n".join(lines).encode()
        found.append(run(content, "a.csv", CHARTER).decision.verdict)
    assert run(content, "again.csv", CHARTER).decision.verdict is found[-1]
    return np.array([verdict.value for verdict in found])


def test_row_22_verdicts_keep_their_promises(band, random, repeats):
    rng, size = random(22), repeats(200, 4_000)
    launch = Verdict.LAUNCH.value

    def most(rate):
        return rate + 3 * np.sqrt(rate * (1 - rate) / size)

    null = verdicts(rng, size, (0.1, 0.1)) == launch
    band(22, "launched", "no effect", null.mean(), None, most(0.05))
    harm = verdicts(rng, size, (0.1, 0.08)) == launch
    band(22, "launched", "harm of 2 points", harm.mean(), None, most(0.025))
    mismatch = verdicts(rng, size, (0.1, 0.13), share=0.55) == launch
    band(22, "launched", "a gain, but 45/55 instead of 50/50", mismatch.mean(), None, 0.0)
    worse = verdicts(rng, size, (0.1, 0.13), guardrail=(0.02, 0.05)) == launch
    band(22, "launched", "a gain, guardrail 3 points worse", worse.mean(), None, 0.0)
    win = verdicts(rng, size, (0.1, 0.13)) == launch
    band(22, "launched", "gain of 3 points", win.mean(), 0.75)
    small = verdicts(rng, size, (0.1, 0.105)) == launch
    band(22, "launched", "under-powered: gain of 0.5 points", small.mean(), None, 0.35)
    back = verdicts(rng, size, (0.1, 0.07)) == Verdict.ROLLBACK.value
    band(22, "rolled back", "harm of 3 points", back.mean(), 0.9)
