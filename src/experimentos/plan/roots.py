"""Roots of many equations at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Array = NDArray[np.float64]

_STEPS = 120
_EPSILON = float(np.finfo(np.float64).eps)


def find_roots(f: Callable[[Array], Array], low: ArrayLike, high: ArrayLike) -> Array:
    """Return a root of f in each bracket, to the spacing of doubles.

    Parameters
    ----------
    f
        Elementwise function; called with arrays of the brackets' shape, must not return nan.
    low, high
        Ends of the brackets. Where f has the same sign at both ends the result is the end at
        which it is closer to zero.

    References
    ----------
    Chandrupatla (1997), Advances in Engineering Software 28: inverse quadratic interpolation
    where it is safe, bisection elsewhere.
    """
    a, b = np.broadcast_arrays(np.asarray(high, float), np.asarray(low, float))
    a, b = np.array(a, dtype=float, ndmin=1), np.array(b, dtype=float, ndmin=1)
    shape = np.broadcast_shapes(np.shape(low), np.shape(high))
    fa, fb = _values(f, a, shape), _values(f, b, shape)
    c, fc = a.copy(), fa.copy()
    share = np.full(a.shape, 0.5)
    outside = np.sign(fa) == np.sign(fb)
    for _ in range(_STEPS):
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        width = np.abs(b - a)
        tolerance = 2 * _EPSILON * np.abs(best) + 5e-324
        done = outside | (width <= 2 * tolerance) | (fa == 0) | (fb == 0)
        if done.all():
            break
        least = np.clip(tolerance / np.where(width > 0, width, 1.0), 0.0, 0.5)
        share = np.clip(share, least, 1 - least)
        x = np.where(done, best, a + share * (b - a))
        fx = _values(f, x, shape)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same | done, b, a), np.where(same | done, fb, fa)
        a, fa = np.where(done, a, x), np.where(done, fa, fx)
        share = _next_share((a, b, c), (fa, fb, fc))
    return np.where(np.abs(fa) < np.abs(fb), a, b).reshape(shape)


def find_root(f: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of one equation in a bracket, to the spacing of doubles."""

    def each(x: Array) -> Array:
        return np.array([f(float(value)) for value in x.ravel()]).reshape(x.shape)

    return float(find_roots(each, low, high))


def _values(f: Callable[[Array], Array], x: Array, shape: tuple[int, ...]) -> Array:
    return np.asarray(f(x.reshape(shape)), dtype=float).reshape(x.shape)


def _next_share(points: tuple[Array, Array, Array], values: tuple[Array, Array, Array]) -> Array:
    a, b, c = points
    fa, fb, fc = values
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        xi = (a - b) / (c - b)
        phi = (fa - fb) / (fc - fb)
        safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (
            fc - fb
        )
    return np.where(safe & np.isfinite(share), share, 0.5)
