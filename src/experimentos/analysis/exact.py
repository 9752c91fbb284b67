"""Exact tests of two rates: Fisher's conditional one and Barnard's unconditional one."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from experimentos.analysis.method import Method
from experimentos.metrics.counts import Counts

type Array = NDArray[np.float64]

LARGEST_ARM = 500
"""Units per arm up to which the unconditional test is computed (0.2 s and 16 MB at most)."""

_TIE = 1e-7
_COARSE = 600
_ZOOMS = 5
_FINE = 21


def fisher_p(control: Counts, treatment: Counts) -> float:
    """Return Fisher's two-sided p: all tables no more probable than the one seen.

    Notes
    -----
    Tables tie when their probabilities agree to 1e-7, as in R. The probabilities are built by
    their ratios outwards from the mode, so nothing is lost at large n.
    """
    converted = control.k + treatment.k
    first = max(0, converted - control.n)
    last = min(converted, treatment.n)
    k = np.arange(first, last, dtype=float)
    up = np.log((treatment.n - k) * (converted - k))
    down = np.log((k + 1) * (control.n - converted + k + 1))
    log_p = np.concatenate(([0.0], np.cumsum(up - down)))
    p = np.exp(log_p - log_p.max())
    seen = p[treatment.k - first]
    return float(min(1.0, p[p <= seen * (1 + _TIE)].sum() / p.sum()))


def barnard_p(control: Counts, treatment: Counts) -> float:
    """Return the unconditional two-sided p of the pooled z statistic.

    The largest probability, over the common rate, of a table whose |z| is at least the one seen.
    Tables are compared in whole numbers, so that those which tie are kept.

    Notes
    -----
    For arms of at most `LARGEST_ARM` units, both with at least one.

    References
    ----------
    Barnard (1945), Nature 156; Suissa and Shuster (1985), JRSS A 148, for the z statistic.
    """
    extreme = _at_least_as_extreme(control, treatment)
    if extreme.all():
        return 1.0

    def tail(angle: Array) -> Array:
        rate = np.sin(angle) ** 2
        left, right = _binomial(control.n, rate), _binomial(treatment.n, rate)
        return np.asarray(np.sum((left @ extreme) * right, axis=1))

    angles = np.linspace(0.0, math.pi / 2, _COARSE)
    values = tail(angles)
    # Each local maximum of the coarse grid that could still win is looked at more closely.
    inner = np.flatnonzero((values[1:-1] >= values[:-2]) & (values[1:-1] >= values[2:])) + 1
    peaks = inner[values[inner] >= 0.98 * values[inner].max()]
    centres, reach = angles[peaks], math.pi / 2 / (_COARSE - 1)
    best = float(values.max())
    for _ in range(_ZOOMS):
        near = centres[:, None] + reach * np.linspace(-1.0, 1.0, _FINE)
        found = tail(near.ravel()).reshape(near.shape)
        centres = near[np.arange(centres.size), found.argmax(axis=1)]
        best = max(best, float(found.max()))
        reach *= 2 / (_FINE - 1)
    return min(1.0, best)


def _at_least_as_extreme(control: Counts, treatment: Counts) -> Array:
    """Return 1 for tables with |z| at least that seen, shape (n_control + 1, n_treatment + 1)."""
    i = np.arange(control.n + 1, dtype=np.int64)[:, None]
    j = np.arange(treatment.n + 1, dtype=np.int64)[None, :]
    n = control.n + treatment.n
    # z^2 is a constant times gap^2 / spread; both sides are whole numbers below 2^63.
    gap = j * control.n - i * treatment.n
    spread = (i + j) * (n - i - j)
    seen_gap = treatment.k * control.n - control.k * treatment.n
    converted = control.k + treatment.k
    seen_spread = converted * (n - converted)
    if seen_gap == 0:
        return np.ones(gap.shape)
    return np.asarray((gap**2 * seen_spread >= seen_gap**2 * spread) & (spread > 0), dtype=float)


def _binomial(n: int, rate: Array) -> Array:
    """Return P(K = k) for k = 0..n, shape (rates, n + 1)."""
    k = np.arange(n + 1, dtype=float)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    p = rate[:, None]
    return np.asarray(np.exp(choose + xlogy(k, p) + xlog1py(n - k, -p)))


FISHER = Method(
    name="fisher",
    title="Fisher's exact test",
    accepts=Counts,
    words=(
        "Given the total number of conversions, the probability of every table that is no more "
        "probable than the one seen."
    ),
    source="Fisher (1935), JRSS 98; two-sided rule of R's fisher.test.",
    assumptions=("Users are independent.", "Never rejects too often; often rejects too rarely."),
)

BARNARD = Method(
    name="barnard",
    title="Barnard's unconditional exact test",
    accepts=Counts,
    words=(
        "The largest probability, over every common rate, of a pooled z at least as far from 0 "
        "as the one seen; tables that tie are counted."
    ),
    source="Barnard (1945), Nature 156:177; Suissa and Shuster (1985), JRSS A 148:317-327.",
    assumptions=("Users are independent and the size of each arm was fixed.",),
)
