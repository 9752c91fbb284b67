"""Blocks smaller than the number of treatments: balanced, alpha, confounded."""

from functools import lru_cache
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray

from experimentos.errors import DesignError

type Codes = NDArray[np.int64]
RESTARTS = 20
STARTERS_LIMIT = 20_000


def incomplete_blocks(t: int, blocks: int, size: int, rng: np.random.Generator) -> Codes:
    """Return an incomplete block design as balanced as was found, shape (blocks, size).

    It is a balanced incomplete block design when one is found for (t, blocks, size): unreduced,
    cyclic from one or two starters, or by exchange. Otherwise pairs of treatments meet as equally
    as the exchange could make them. Labels, blocks and places in a block are then randomised.

    Raises
    ------
    DesignError
        If size is not below t or below 2 and blocks cannot connect the treatments.
    """
    if not 1 <= size < t:
        raise DesignError(
            f"Blocks of {size} are not incomplete for {t} treatments.",
            hint="Use a size from 2 up to one less than the treatments.",
        )
    plan = np.array(_plan(t, blocks, size), dtype=np.int64)
    plan = rng.permutation(t)[plan][rng.permutation(blocks)]
    return np.asarray(rng.permuted(plan, axis=1), dtype=np.int64)


def is_balanced(plan: Codes, t: int) -> bool:
    """Return whether every pair of treatments meets in equally many blocks."""
    off = concurrence(plan, t)[~np.eye(t, dtype=bool)]
    return bool(off.min() == off.max())


def concurrence(plan: Codes, t: int) -> Codes:
    """Return the concurrence matrix, shape (t, t): in how many blocks two treatments meet."""
    incidence = np.zeros((t, len(plan)), dtype=np.int64)
    np.add.at(incidence, (plan, np.arange(len(plan))[:, None]), 1)
    return incidence @ incidence.T


def alpha_design(t: int, size: int, replicates: int, rng: np.random.Generator) -> Codes:
    """Return a resolvable alpha design, shape (replicates, t / size, size).

    The generating array with the smallest largest concurrence among seeded draws is used
    (Patterson and Williams 1976, Biometrika 63).

    Raises
    ------
    DesignError
        If size does not divide t.
    """
    if t % size or not 1 < size < t:
        raise DesignError(
            f"An alpha design needs a block size that divides {t}; {size} does not.",
            hint="Choose a divisor, or add a treatment such as a second control.",
        )
    s = t // size
    best = _from_array(np.multiply.outer(np.arange(size), np.arange(replicates)) % s, s)
    search = np.random.default_rng(t * 1000 + size)
    best_worst = _worst(best.reshape(-1, size), t)
    for _ in range(200):
        if best_worst <= 1:
            break
        array = search.integers(0, s, size=(size, replicates))
        array[0], array[:, 0] = 0, 0
        plan = _from_array(array, s)
        worst = _worst(plan.reshape(-1, size), t)
        if worst < best_worst:
            best, best_worst = plan, worst
    plan = rng.permutation(t)[best]
    for replicate in plan:
        rng.shuffle(replicate)
    return np.asarray(rng.permuted(plan, axis=2), dtype=np.int64)


def confounded_blocks(factors: int, size: int) -> Codes:
    """Return the runs of a 2^factors design in blocks of `size`, shape (blocks, size).

    Run number r has factor i at its high level when bit i of r is set. One block generator is the
    highest interaction; further ones halve again (Montgomery, Design and Analysis, section 7).

    Raises
    ------
    DesignError
        If size is not a power of two below 2^factors.
    """
    runs = np.arange(2**factors)
    halvings = factors - (size.bit_length() - 1)
    if size < 1 or size & (size - 1) or halvings < 1:
        raise DesignError(
            f"Blocks of {size} do not halve a 2^{factors} design.", hint="Use a power of two."
        )
    generators = _generators(factors, halvings)
    code = np.zeros(len(runs), dtype=np.int64)
    for bit, generator in enumerate(generators):
        parity = np.array([(int(r) & generator).bit_count() % 2 for r in runs])
        code += parity << bit
    return np.array([runs[code == block] for block in range(2**halvings)], dtype=np.int64)


def _generators(factors: int, halvings: int) -> tuple[int, ...]:
    """Return independent words whose products confound the longest shortest word."""
    words = sorted(range(1, 2**factors), key=lambda w: (-w.bit_count(), w))
    pool = [w for w in words if w.bit_count() >= min(2, factors)] or words
    best: tuple[int, ...] = ()
    best_length = -1
    for chosen in combinations(pool[:60], halvings):
        products = [_product(chosen, pick) for pick in product((0, 1), repeat=halvings)][1:]
        if 0 in products:
            continue
        shortest = min(p.bit_count() for p in products)
        if shortest > best_length:
            best, best_length = chosen, shortest
        if halvings == 1:
            break
    return best


def _product(words: tuple[int, ...], pick: tuple[int, ...]) -> int:
    found = 0
    for word, use in zip(words, pick, strict=True):
        found ^= word if use else 0
    return found


@lru_cache(maxsize=256)
def _plan(t: int, blocks: int, size: int) -> tuple[tuple[int, ...], ...]:
    every = comb(t, size)
    if every <= blocks and blocks % every == 0:
        return tuple(combinations(range(t), size)) * (blocks // every)
    if blocks % t == 0 and (cyclic := _cyclic(t, blocks // t, size)):
        return cyclic
    return _exchanged(t, blocks, size)


def _cyclic(t: int, starters: int, size: int) -> tuple[tuple[int, ...], ...]:
    """Develop one or two starters modulo t whose differences are balanced, if there are any."""
    pairs = starters * size * (size - 1)
    if starters > 2 or pairs % (t - 1) or comb(t - 1, size - 1) ** starters > STARTERS_LIMIT:
        return ()
    wanted = pairs // (t - 1)
    candidates = [(0, *rest) for rest in combinations(range(1, t), size - 1)]
    for chosen in combinations(candidates, starters):
        counts = [0] * t
        for starter in chosen:
            for a in starter:
                for b in starter:
                    counts[(a - b) % t] += a != b
        if all(c == wanted for c in counts[1:]):
            return tuple(tuple((x + s) % t for x in c) for c in chosen for s in range(t))
    return ()


def _exchanged(t: int, blocks: int, size: int) -> tuple[tuple[int, ...], ...]:
    rng = np.random.default_rng(t * 10_007 + blocks * 101 + size)
    best: Codes | None = None
    for _ in range(RESTARTS):
        plan = _improved(_start(t, blocks, size, rng), t, rng)
        if best is None or _unevenness(plan, t) < _unevenness(best, t):
            best = plan
        if is_balanced(best, t):
            break
    if best is None:
        raise DesignError("No plan was found.", hint="Change the number of blocks.")
    return tuple(tuple(int(x) for x in row) for row in best)


def _start(t: int, blocks: int, size: int, rng: np.random.Generator) -> Codes:
    """Fill blocks with the treatments used least so far, ties at random."""
    used = np.zeros(t)
    rows = []
    for _ in range(blocks):
        row = np.argsort(used + rng.random(t) * 0.5)[:size]
        used[row] += 1
        rows.append(row)
    return np.array(rows, dtype=np.int64)


def _improved(plan: Codes, t: int, rng: np.random.Generator) -> Codes:
    """Swap treatments between blocks while that evens out how often pairs meet."""
    meet = concurrence(plan, t)
    budget = min(4000, 60 * len(plan) * t)
    for _ in range(budget):
        a, b = rng.integers(0, len(plan), 2)
        i, j = rng.integers(0, plan.shape[1], 2)
        x, y = plan[a, i], plan[b, j]
        if a == b or y in plan[a] or x in plan[b]:
            continue
        with_x, with_y = np.delete(plan[a], i), np.delete(plan[b], j)
        gain = (meet[x, with_x] - meet[y, with_x] - 1).sum()
        gain += (meet[y, with_y] - meet[x, with_y] - 1).sum()
        if gain >= 0:
            for old, new, others in ((x, y, with_x), (y, x, with_y)):
                meet[old, others] -= 1
                meet[others, old] -= 1
                meet[new, others] += 1
                meet[others, new] += 1
            plan[a, i], plan[b, j] = y, x
    return plan


def _unevenness(plan: Codes, t: int) -> int:
    off = concurrence(plan, t)[~np.eye(t, dtype=bool)]
    return int(off.max() - off.min()) * 1_000_000 + int((off**2).sum())


def _worst(plan: Codes, t: int) -> int:
    return int(concurrence(plan, t)[~np.eye(t, dtype=bool)].max())


def _from_array(array: Codes, s: int) -> Codes:
    """Develop a generating array (size, replicates) cyclically into (replicates, s, size)."""
    size, replicates = array.shape
    place = np.arange(size) * s
    return np.array(
        [[(array[:, r] + b) % s + place for b in range(s)] for r in range(replicates)],
        dtype=np.int64,
    )
