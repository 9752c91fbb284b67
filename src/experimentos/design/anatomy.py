"""Error strata and degrees of freedom: which factor is tested against which variation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from experimentos.design.table import Column, DesignTable
from experimentos.design.terms import (
    RANK_TOLERANCE,
    Array,
    Codes,
    Term,
    cells,
    orthonormal,
    terms,
)

TERMS_ORDER_LIMIT = 4
SWEEPS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A treatment term inside one stratum.

    Attributes
    ----------
    factor_ids : tuple[str, ...]
        One factor is a main effect, several an interaction; one named twice is its square.
    name : str
    df : int
        Rank gained after the terms above it.
    efficiency : float in (0, 1]
        Share of the term's information that lies in this stratum (mean canonical efficiency).
    """

    factor_ids: tuple[str, ...]
    name: str
    df: int
    efficiency: float


@dataclass(frozen=True, slots=True)
class Stratum:
    """The variation among the units of one level.

    Attributes
    ----------
    unit_id, name : str
    df : int
        Degrees of freedom among these units after the strata above.
    sources : tuple[Source, ...]
    residual_df : int
        What is left to estimate the error of this stratum.
    root : ndarray, shape (cells, rank)
        F with F F' = X' Q X: X the cells of the rows, Q the projection on this stratum.
    """

    unit_id: str
    name: str
    df: int
    sources: tuple[Source, ...]
    residual_df: int
    root: Array = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class TestedIn:
    """Where a term is tested.

    Attributes
    ----------
    source : Source
        In the stratum that holds most of its information.
    unit_id, error : str
        The units whose variation is its error.
    error_df : int
    replication : float
        Units of that level per combination of the term's levels.
    lost_df : int
        Degrees of freedom of the term that no stratum can see.
    """

    source: Source
    unit_id: str
    error: str
    error_df: int
    replication: float
    lost_df: int


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The skeleton analysis of variance of a design.

    Attributes
    ----------
    n : int
        Observations; the strata have n - 1 degrees of freedom in all.
    strata : tuple[Stratum, ...]
        Outermost first.
    tests : tuple[TestedIn, ...]
        One per estimable term.
    terms : tuple[Term, ...]
        All that were looked for.
    cell : ndarray of int, shape (rows,)
        The treatment combination of every row.
    """

    n: int
    strata: tuple[Stratum, ...]
    tests: tuple[TestedIn, ...]
    terms: tuple[Term, ...] = field(repr=False, compare=False)
    cell: Codes = field(repr=False, compare=False)

    def tested(self, *factor_ids: str) -> TestedIn | None:
        """Return where the main effect or interaction of some factors is tested, or None."""
        wanted = sorted(factor_ids)
        return next((t for t in self.tests if sorted(t.source.factor_ids) == wanted), None)

    def stratum(self, unit_id: str) -> Stratum:
        """Return the stratum of a unit level."""
        return next(s for s in self.strata if s.unit_id == unit_id)


def anatomy(table: DesignTable, *, order: int = TERMS_ORDER_LIMIT) -> Anatomy:
    """Return the strata of a design table and the treatment terms in each.

    The spaces of the unit levels are swept in order, each after those above; a term's degrees of
    freedom in a stratum are the rank it gains there after the terms before it, by pivoted QR of
    the projected cells. Treatments applied to no known unit take part like the rest. Blocking and
    nuisance factors that are units are strata; those that are not are terms. The factors of a
    response surface are slopes, products and squares.

    Parameters
    ----------
    order
        Largest number of factors in an interaction; those of more than 400 combinations are left
        out.

    References
    ----------
    Bailey (2008), Design of Comparative Experiments, chapters 4, 8 and 10; Brien and Bailey (2006),
    Multiple randomizations, JRSS B 68.
    """
    units = _with_bottom(table)
    named = {c.id for c in table.units}
    factors = [
        c for c in table.factors if c.kind == "treatment" or table.allotted.get(c.id) in named
    ]
    factors = [c for c in factors if not _is_a_unit(c, table)]
    cell, levels = cells(factors, table.n)
    sought = terms(factors, levels, order)
    sought = tuple(t for t in sought if not any(p <= set(t.factor_ids) for p in table.additive))
    sizes = np.bincount(cell).astype(np.float64)
    strata, seen = [], []
    before: list[Column] = []
    previous = _gram(before, cell, len(levels))
    df_before = 1
    for unit in units:
        after = [*_maximal(before, unit), unit]
        gram = _gram(after, cell, len(levels))
        df_after = _rank_of_units(after)
        root = _root(previous - gram, float(sizes.max(initial=1.0)))
        found = tuple(_sources(root, sought, sizes))
        used = sum(s.df for s in found)
        df = df_after - df_before
        strata.append(Stratum(unit.id, unit.name, df, found, df - used, root))
        seen += [(s, strata[-1]) for s in found]
        before, previous, df_before = after, gram, df_after
    return Anatomy(table.n, tuple(strata), tuple(_tests(seen, sought, units)), sought, cell)


def _with_bottom(table: DesignTable) -> tuple[Column, ...]:
    """Return the unit levels, with the observation itself last when no level is that fine."""
    units = table.units
    if units and int(units[-1].codes.max()) + 1 == table.n:
        return units
    codes = np.arange(table.n, dtype=np.int64)
    return (*units, Column("observation_", "observation", "unit", (), codes))


def _is_a_unit(column: Column, table: DesignTable) -> bool:
    """Return whether a factor's levels are the units of one level, which is a stratum then."""
    if column.kind == "treatment":
        return False
    return any(
        len(u.codes) == len(column.codes) and _same_partition(u.codes, column.codes)
        for u in table.units
    )


def _same_partition(a: Codes, b: Codes) -> bool:
    pairs = np.unique(a * (int(b.max()) + 1) + b)
    return len(pairs) == int(a.max()) + 1 == len(np.unique(b))


def _gram(units: Sequence[Column], cell: Codes, cells: int) -> Array:
    """Return X'(I - P)X, shape (cells, cells): P projects on some unit levels and the mean."""
    counts = np.bincount(cell, minlength=cells).astype(np.float64)
    if len(units) < 2:
        codes = units[0].codes if units else np.zeros(len(cell), dtype=np.int64)
        groups = int(codes.max()) + 1
        if groups == len(cell):
            return np.zeros((cells, cells))
        joint = np.bincount(codes * cells + cell, minlength=groups * cells)
        incidence = joint.reshape(groups, cells).astype(np.float64)
        size = incidence.sum(axis=1, keepdims=True)
        return np.asarray(np.diag(counts) - incidence.T @ (incidence / size), dtype=np.float64)
    left = np.zeros((len(cell), cells))
    left[np.arange(len(cell)), cell] = 1.0
    left = _swept(left, [u.codes for u in units])
    return np.asarray(left.T @ left, dtype=np.float64)


def _swept(matrix: Array, codes: Sequence[Codes]) -> Array:
    """Return what is left of a matrix outside several unit spaces, by alternating projections.

    One round is exact when the levels are orthogonal; otherwise rounds go on until nothing moves.
    """
    for _ in range(SWEEPS_LIMIT):
        start = matrix
        for groups in codes:
            size = np.bincount(groups).astype(np.float64)
            sums = np.zeros((len(size), matrix.shape[1]))
            np.add.at(sums, groups, matrix)
            matrix = matrix - (sums / size[:, None])[groups]
        if float(np.abs(start - matrix).max(initial=0.0)) < 1e-11:
            break
    return matrix


def _maximal(units: Sequence[Column], finer: Column) -> list[Column]:
    """Return the units that a finer one does not contain: the others add nothing beside it."""
    return [u for u in units if not _refines(finer.codes, u.codes)]


def _refines(fine: Codes, coarse: Codes) -> bool:
    pairs = np.unique(fine * (int(coarse.max()) + 1) + coarse)
    return len(pairs) == int(fine.max()) + 1


def _rank_of_units(units: Sequence[Column]) -> int:
    """Return the rank of the indicators of some unit levels together, the mean included."""
    if len(units) == 1:
        return int(units[0].codes.max()) + 1
    sizes = [int(u.codes.max()) + 1 for u in units]
    if len(units) == 2:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        rows, columns = units[0].codes, units[1].codes + sizes[0]
        graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(sum(sizes), sum(sizes)))
        parts = connected_components(graph, directed=False, return_labels=False)
        return sum(sizes) - int(parts)
    indicator = np.hstack([np.eye(s)[u.codes] for s, u in zip(sizes, units, strict=True)])
    return int(np.linalg.matrix_rank(indicator.T @ indicator, tol=1e-6))


def _sources(root: Array, sought: Sequence[Term], sizes: Array) -> Iterator[Source]:
    """Yield the terms that gain rank in the space whose root is given."""
    basis = np.zeros((root.shape[1], 0))
    for term in sought:
        if basis.shape[1] == root.shape[1]:
            return
        image = term.image(root, sizes)
        image -= basis @ (basis.T @ image)
        fresh, rank = orthonormal(image)
        if rank:
            information = float((image**2).sum()) / rank
            yield Source(term.factor_ids, term.name, rank, min(1.0, information))
            basis = np.hstack([basis, fresh])


def _root(gram: Array, scale: float) -> Array:
    """Return F with F F' = gram, shape (cells, rank)."""
    values, vectors = np.linalg.eigh(gram)
    kept = values > RANK_TOLERANCE * scale
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]), dtype=np.float64)


def _tests(
    seen: Sequence[tuple[Source, Stratum]], sought: Sequence[Term], units: Sequence[Column]
) -> Iterator[TestedIn]:
    count = {u.id: int(u.codes.max()) + 1 for u in units}
    for term in sought:
        found = [(s, stratum) for s, stratum in seen if s.factor_ids == term.factor_ids]
        if not found:
            continue
        source, stratum = max(found, key=lambda pair: pair[0].efficiency * pair[0].df)
        combinations_used = int(term.codes.max()) + 1
        yield TestedIn(
            source=source,
            unit_id=stratum.unit_id,
            error=stratum.name,
            error_df=stratum.residual_df,
            replication=count[stratum.unit_id] / combinations_used,
            lost_df=max(0, term.df - max(s.df for s, _ in found)),
        )
