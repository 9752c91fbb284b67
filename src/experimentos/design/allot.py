"""The random draw: which treatment combination goes to which unit."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experimentos.design.incomplete import alpha_design, confounded_blocks, incomplete_blocks
from experimentos.design.parts import Rule
from experimentos.design.squares import graeco_latin_square, latin_square, williams_sequences
from experimentos.errors import DesignError

type Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draw:
    """What is to be drawn.

    Attributes
    ----------
    rule : str
        Of the allotment.
    runs, units : int
        Treatment combinations, and units that receive one each.
    within : tuple of ndarray, each of shape (units,)
        Restriction per unit: the block; or row and column of a square.
    ratio : tuple[float, ...]
        Planned shares of the combinations; empty = equal.
    balances_carry_over : bool
        Columns follow one another in time: use Williams sequences.
    two_level_factors : int
        Number of two-level factors when the runs are their full crossing, else 0.
    alphabets : int
        2 when the runs are the pairs of two factors that a Graeco-Latin square lays out.
    """

    rule: Rule
    runs: int
    units: int
    within: tuple[Codes, ...] = ()
    ratio: tuple[float, ...] = ()
    balances_carry_over: bool = False
    two_level_factors: int = 0
    alphabets: int = 1


def draw(wanted: Draw, rng: np.random.Generator) -> Codes:
    """Return the combination of every unit, shape (units,), values 0 to runs-1.

    Raises
    ------
    DesignError
        If a Latin square is asked for and rows, columns and treatments do not fit.
    """
    match wanted.rule:
        case "latin":
            return _latin(wanted, rng)
        case "within_block" if wanted.within:
            return _within_blocks(wanted, rng)
        case "complete" | "within_block":
            return rng.permutation(_dealt(wanted, wanted.units))
        case _:
            return _in_order(wanted)


def _dealt(wanted: Draw, units: int) -> Codes:
    """Return the combinations in order, as equally often as they can be (or by the ratio)."""
    if len(wanted.ratio) == wanted.runs:
        exact = np.array(wanted.ratio) / sum(wanted.ratio) * units
        counts = np.floor(exact).astype(np.int64)
        short = units - int(counts.sum())
        counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
        return np.repeat(np.arange(wanted.runs), counts)
    return np.sort(np.arange(units) % wanted.runs)


def _in_order(wanted: Draw) -> Codes:
    """Return the combinations as listed, in every block."""
    chosen = np.empty(wanted.units, dtype=np.int64)
    block = wanted.within[0] if wanted.within else np.zeros(wanted.units, dtype=np.int64)
    for members in _members(block):
        chosen[members] = _dealt(wanted, len(members))
    return chosen


def _members(block: Codes) -> list[Codes]:
    order = np.argsort(block, kind="stable")
    return np.split(order, np.cumsum(np.bincount(block))[:-1])


def _within_blocks(wanted: Draw, rng: np.random.Generator) -> Codes:
    members = _members(wanted.within[0])
    sizes = {len(m) for m in members}
    chosen = np.empty(wanted.units, dtype=np.int64)
    rest = [len(m) % wanted.runs for m in members]
    if not wanted.ratio and not any(rest) and len(sizes) == 1:
        equal = np.tile(_dealt(wanted, len(members[0])), (len(members), 1))
        chosen[np.concatenate(members)] = rng.permuted(equal, axis=1).ravel()
        return chosen
    if wanted.ratio or len(sizes) > 1:
        for unit in members:
            chosen[unit] = rng.permutation(_fair(wanted, len(unit), rng))
        return chosen
    full, short = divmod(len(members[0]), wanted.runs)
    plan = _short_blocks(wanted, len(members), short, rng)
    for unit, row in zip(members, plan, strict=True):
        dealt = np.concatenate([np.tile(np.arange(wanted.runs), full), row])
        chosen[unit] = rng.permutation(dealt)
    return chosen


def _fair(wanted: Draw, units: int, rng: np.random.Generator) -> Codes:
    """Deal the combinations; which ones come once more is drawn too."""
    if wanted.ratio:
        return _dealt(wanted, units)
    return np.asarray(rng.permutation(wanted.runs)[_dealt(wanted, units)], dtype=np.int64)


def _short_blocks(wanted: Draw, blocks: int, size: int, rng: np.random.Generator) -> Codes:
    """Return what the blocks hold beyond full sets, shape (blocks, size)."""
    k = wanted.two_level_factors
    if k > 1 and size & (size - 1) == 0 and blocks % (wanted.runs // size) == 0:
        sets = confounded_blocks(k, size)
        plan = np.tile(sets, (blocks // len(sets), 1))
        return np.asarray(plan[rng.permutation(len(plan))], dtype=np.int64)
    resolvable = wanted.runs % size == 0 and blocks % (wanted.runs // size) == 0
    if resolvable and size > 1 and len(wanted.within) > 1:
        replicates = blocks // (wanted.runs // size)
        return alpha_design(wanted.runs, size, replicates, rng).reshape(blocks, size)
    return incomplete_blocks(wanted.runs, blocks, size, rng)


def _latin(wanted: Draw, rng: np.random.Generator) -> Codes:
    if len(wanted.within) != 2:
        raise DesignError(
            "A Latin square needs two restrictions, rows and columns.",
            hint="Name both units that the treatments are balanced over.",
        )
    rows, columns = wanted.within
    n_rows, n_columns = int(rows.max()) + 1, int(columns.max()) + 1
    t = wanted.runs if wanted.alphabets == 1 else math.isqrt(wanted.runs)
    if n_columns != t and n_rows == t:
        rows, columns, n_rows, n_columns = columns, rows, n_columns, n_rows
    if n_columns != t or n_rows % t:
        raise DesignError(
            f"A Latin square of {t} treatments does not fit {n_rows} rows and {n_columns} columns.",
            hint="Make the columns as many as the treatments, the rows a multiple of them.",
        )
    if wanted.alphabets == 2:
        pairs = (graeco_latin_square(t, rng) for _ in range(n_rows // t))
        return np.vstack([latin * t + greek for latin, greek in pairs])[rows, columns]
    return _square_rows(wanted, n_rows, rng)[rows, columns]


def _square_rows(wanted: Draw, n_rows: int, rng: np.random.Generator) -> Codes:
    t = wanted.runs
    if wanted.balances_carry_over:
        sequences = williams_sequences(t)
        times = -(-n_rows // len(sequences))
        dealt = np.tile(sequences, (times, 1))[:n_rows]
        return np.asarray(rng.permutation(t)[dealt][rng.permutation(n_rows)], dtype=np.int64)
    squares = [latin_square(t, rng) for _ in range(n_rows // t)]
    return np.vstack(squares)
