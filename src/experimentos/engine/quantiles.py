"""Quantiles of units by their order: which ranks are asked for, and what they amount to.

The interval of an arm lies between two order statistics (binomial ranks), whatever the values'
distribution; half of its width over the normal quantile is the standard error. Unlike a quantile
per random bucket of units it is the same on every engine.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import batched

from experimentos.engine.collect import Answer
from experimentos.engine.port import Engine, Ranks
from experimentos.metrics.moments import Moments
from experimentos.metrics.quantile import of_error

# 95 %: the ranks between which the quantile lies, wide enough to be told from rounding.
Z = 1.959963984540054
PARTS = 4


def ask_quantiles(
    engine: Engine, answer: Answer
) -> tuple[Mapping[tuple[str, str], Moments], str | None]:
    """Return the quantiles of an answer without cells, by metric and arm, and what was run.

    A quantile beyond which too few units lie for an interval is left out.

    References
    ----------
    Conover (1999), Practical Nonparametric Statistics, section 3.2; Price and Bonett (2001),
    Journal of Statistical Computation and Simulation 68:295-305.
    """
    asked = dict(_asked(answer))
    if not asked:
        return {}, None
    values, sql = engine.ordered(answer.question, tuple(asked.values()))
    found = {}
    for key, four, one in zip(
        asked, batched(values, PARTS, strict=True), asked.values(), strict=True
    ):
        low, high, under, over = four
        share = answer.named(key[0]).metric.quantile or 0.0
        place = (one.count - 1) * share
        value = low + (high - low) * (place - math.floor(place))
        found[key] = of_error(one.count, value, (over - under) / (2 * Z))
    return found, sql


def _asked(answer: Answer) -> Iterator[tuple[tuple[str, str], Ranks]]:
    for wanted in answer.wanted:
        if not wanted.is_ordered:
            continue
        place = answer.question.need.values.index(wanted.x)
        for row, n in zip(
            answer.counted, answer.counts(answer.places(wanted.x).present), strict=True
        ):
            ranks = ranks_of(n, wanted.metric.quantile or 0.0)
            if ranks is not None:
                arm = row.arm or ""
                yield (wanted.metric.name, arm), Ranks(place, arm, ranks, n)


def ranks_of(n: int, share: float) -> tuple[int, int, int, int] | None:
    """Return the ranks on both sides of a quantile, and those of its interval.

    None when the interval would reach beyond the sample.
    """
    spread = Z * math.sqrt(n * share * (1 - share))
    under, over = math.floor(n * share - spread), math.ceil(n * share + spread)
    if under < 1 or over > n:
        return None
    low = math.floor((n - 1) * share) + 1
    return low, min(low + 1, n), under, over
