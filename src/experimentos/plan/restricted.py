"""Rates under a hypothesised difference: what every score test and its power stand on."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Array = NDArray[np.float64]
type Arms = tuple[Array, Array, Array, Array]

_NEWTON_STEPS = 40


def restricted_rates(arms: Arms, difference: ArrayLike) -> tuple[Array, Array]:
    """Return the control and treatment rates of highest likelihood with a given difference.

    Parameters
    ----------
    arms
        Conversions and units of the control, then of the treatment, arrays of one shape; expected
        values on any common scale will do.
    difference
        p_treatment - p_control, in [-1, 1], broadcast against the rates.

    References
    ----------
    Miettinen and Nurminen (1985), Statistics in Medicine 4, appendix I (closed form of the
    cubic), polished by Newton steps because the closed form loses half the digits at rare events.
    """
    k_control, n_control, k_treatment, n_treatment = arms
    d = np.asarray(difference, dtype=float)
    if not d.any():
        pooled = (k_control + k_treatment) / (n_control + n_treatment)
        return pooled, pooled
    gap = np.abs(d)
    # q is the lower of the two rates: the other one is q + gap, so neither is lost to rounding.
    up = d >= 0
    k_low = np.where(up, k_control, k_treatment)
    n_low = np.where(up, n_control, n_treatment)
    k_high = np.where(up, k_treatment, k_control)
    n_high = np.where(up, n_treatment, n_control)
    n = n_low + n_high
    # n q^3 + b q^2 + c q + e = 0, after Miettinen and Nurminen with the lower arm as reference.
    b = ((n_high + 2 * n_low) * gap - n - k_low - k_high) / n
    c = ((n_low * gap - n - 2 * k_low) * gap + k_low + k_high) / n
    e = k_low * gap * (1 - gap) / n
    third = b / 3
    u = np.sqrt(np.maximum(third * third - c / 3, 0.0))
    v = third**3 - b * c / 6 + e / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.where(u > 0, np.clip(np.abs(v) / u**3, 0.0, 1.0), 1.0)
    signed = np.where(v < 0, -u, u)
    q = 2 * signed * np.cos((math.pi + np.arccos(angle)) / 3) - third
    low = _polish(np.clip(q, 0.0, 1 - gap), gap, (k_low, n_low, k_high, n_high))
    high = low + gap
    return np.where(up, low, high), np.where(up, high, low)


def _polish(q: Array, gap: Array, arms: Arms) -> Array:
    k_low, n_low, k_high, n_high = arms
    top = 1 - gap
    for _ in range(_NEWTON_STEPS):
        r = q + gap
        rest, miss = 1 - q, top - q
        pull_low, pull_high = k_low - n_low * q, k_high - n_high * r
        value = pull_low * r * miss + pull_high * q * rest
        slope = (
            pull_low * (miss - r) - n_low * r * miss + pull_high * (rest - q) - n_high * q * rest
        )
        step = np.where(slope < 0, value / np.where(slope < 0, slope, 1.0), 0.0)
        before, q = q, np.clip(q - step, 0.0, top)
        # Two or three steps do, a few more where one conversion stands against 1e8 users.
        if np.all(np.abs(q - before) <= 1e-15 * q):
            break
    return q
