"""Power of a design by simulation, for any response, with the error of the simulation."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experimentos.design.anatomy import Anatomy, TestedIn
from experimentos.design.document import ExperimentDescription
from experimentos.design.least import adjusted_for, least_favourable, seen_terms
from experimentos.design.names import counted
from experimentos.design.power import NORMAL_90, Assumed
from experimentos.design.responses import Scale, draw, on_scale
from experimentos.design.table import DesignTable
from experimentos.errors import DesignError

type Array = NDArray[np.float64]
type Codes = NDArray[np.int64]
type Report = Callable[[int, int], bool]

CELLS_LIMIT = 40_000_000
BATCH_CELLS = 2_000_000
RANK_TOLERANCE = 1e-8
# Where the values lie does not matter to how they differ.
SHIFTED = frozenset({"normal", "studentt"})
CENTRED = frozenset({"bernoulli", "binomial", "poisson"})


@dataclass(frozen=True, slots=True)
class SimulatedPower:
    """How often the effect of one treatment was found.

    Attributes
    ----------
    factor_id, name : str
    found, simulations : int
    """

    factor_id: str
    name: str
    found: int
    simulations: int

    @property
    def power(self) -> float:
        """Return the share of simulations that found the effect."""
        return self.found / self.simulations

    @property
    def error(self) -> float:
        """Return the Monte Carlo standard error of the power (of one more hit and miss each)."""
        share = (self.found + 1) / (self.simulations + 2)
        return math.sqrt(share * (1 - share) / self.simulations)


@dataclass(frozen=True, slots=True)
class Simulation:
    """How many data sets are simulated, and from which seed."""

    simulations: int = 1000
    seed: int = 1


def assumptions(document: ExperimentDescription, *, between_share: float = 1.0) -> Assumed:
    """Return effect, spread and level of the primary response, whatever its family.

    A share or a count carries its spread in its expected value; other families need the range.

    Raises
    ------
    DesignError
        If the smallest effect, or what tells the spread, is not stated.
    """
    primary = document.primary
    if primary is None or primary.smallest_effect is None:
        raise DesignError(
            "Power needs the smallest effect of the primary response that matters.",
            hint="Say how large a difference between two levels must not be missed.",
        )
    sd = _spread(document)
    return Assumed(primary.smallest_effect, sd, between_share, document.conduct.alpha)


def scale_of(document: ExperimentDescription, sd: float) -> Scale:
    """Return how values of the primary response are drawn.

    Parameters
    ----------
    sd
        Of single values; shares and Poisson counts have their own.

    Raises
    ------
    DesignError
        If there is no primary response, or neither its expected value nor its range is stated.
    """
    primary = document.primary
    if primary is None:
        raise DesignError("There is no primary response.", hint="Mark one as primary.")
    centre = primary.expected_centre
    if centre is None and primary.expected_range is not None:
        low, high = primary.expected_range
        centre = (low + high) / 2
    if centre is None and primary.family in SHIFTED:
        centre = 0.0
    if centre is None:
        raise DesignError(
            f"What value {primary.name} usually has is not stated.",
            hint="Say what is expected at the reference level.",
        )
    return on_scale(Scale(primary.family, centre, sd, primary.cutpoints or 7))


def simulate_power(
    document: ExperimentDescription,
    table: DesignTable,
    found: Anatomy,
    given: Assumed,
    *,
    how: Simulation = Simulation(),
    report: Report | None = None,
) -> tuple[SimulatedPower, ...]:
    """Return for every treatment how often its main effect is found when it is there.

    Each treatment is simulated by itself: two of its levels differ by the effect and the others lie
    where they help least, as in the closed form. Values are drawn from the family of the response;
    those of one unit are averaged, on the scale on which the family is analysed; the F test is that
    of the treatment's own stratum, adjusted for the strata above and for the other treatments.

    Parameters
    ----------
    report
        Told how many simulations are done of how many; False from it stops early.

    Raises
    ------
    DesignError
        If the design is too large, the scale is not stated, or `report` asked to stop.
    """
    scale = scale_of(document, given.sd)
    wanted = [(c.id, t) for c in table.of_kind("treatment") if (t := found.tested(c.id))]
    tests = [_test(table, found, id_, tested) for id_, tested in wanted]
    simulations = how.simulations
    total = simulations * len(tests)
    answers: list[SimulatedPower] = []
    for place, test in enumerate(tests):
        rng = np.random.default_rng([abs(how.seed), place])
        hits = 0
        for size in _batches(simulations, table.n):
            hits += test.hits(draw(scale, *test.means(given, size, rng), rng), given.alpha)
            done = simulations * place + size
            if report is not None and not report(done, total):
                raise DesignError("The simulation was stopped.", hint="Start it again.")
        tested = wanted[place][1]
        answers.append(SimulatedPower(test.factor_id, tested.source.name, hits, simulations))
    return tuple(answers)


def _spread(document: ExperimentDescription) -> float:
    primary = document.primary
    centre = primary.expected_centre if primary else None
    if primary is not None and primary.expected_range is not None:
        low, high = primary.expected_range
        if primary.family not in CENTRED:
            return (high - low) / (2 * NORMAL_90)
        centre = (low + high) / 2 if centre is None else centre
    if primary is not None and centre is not None and primary.family in CENTRED:
        if primary.family == "poisson":
            return math.sqrt(max(centre, 0.0))
        return math.sqrt(max(centre * (1 - centre), 0.0))
    raise DesignError(
        "Power needs to know how much the primary response varies.",
        hint="Say between which values nine in ten measurements will lie; for a share or a count, "
        "what is expected.",
    )


@dataclass(frozen=True, slots=True)
class _Test:
    """The F test of one treatment on the means of its units.

    Attributes
    ----------
    factor_id : str
    levels : Codes
        Of every row of the table.
    levels_at : Array
        Expected value of each level for an effect of one.
    order, starts : Codes
        Rows sorted by unit, and where each unit starts.
    sizes : Array
        Rows of each unit.
    before, own, after : Array
        Orthonormal columns: what is adjusted for, the treatment, what contains it.
    error_df : int
    """

    factor_id: str
    levels: Codes
    levels_at: Array
    order: Codes
    starts: Codes
    sizes: Array
    before: Array
    own: Array
    after: Array
    error_df: int

    def means(
        self, given: Assumed, size: int, rng: np.random.Generator
    ) -> tuple[Array, Array, float]:
        """Return what each row is expected to be, shifts of its unit, and the share of the units.

        Shapes (rows,), (size, rows); the shifts are standard normal.
        """
        many = bool(self.sizes.max() > 1)
        unit = np.empty(len(self.levels), dtype=np.int64)
        unit[self.order] = np.repeat(np.arange(len(self.sizes)), self.sizes.astype(np.int64))
        shifts = rng.standard_normal((size, len(self.sizes)))[:, unit]
        return (
            given.effect * self.levels_at[self.levels],
            shifts,
            given.between_share if many else 0.0,
        )

    def hits(self, values: Array, alpha: float) -> int:
        """Return in how many simulations the test rejects; values of shape (size, rows)."""
        from scipy.special import fdtri

        if self.error_df < 1 or not self.own.shape[1]:
            return 0
        sums = np.add.reduceat(values[:, self.order], self.starts, axis=1)
        means = (sums / self.sizes).T
        means = means - means.mean(axis=0)
        own = ((self.own.T @ means) ** 2).sum(axis=0)
        others = sum(((q.T @ means) ** 2).sum(axis=0) for q in (self.before, self.after))
        left = np.maximum((means**2).sum(axis=0) - own - others, 0.0)
        df = self.own.shape[1]
        critical = float(fdtri(df, self.error_df, 1 - alpha))
        return int((own * self.error_df > critical * df * left * (1 + 1e-9)).sum())


def _test(table: DesignTable, found: Anatomy, factor_id: str, tested: TestedIn) -> _Test:
    column = next(c for c in table.factors if c.id == factor_id)
    unit = next((c.codes for c in table.units if c.id == tested.unit_id), np.arange(table.n))
    order = np.argsort(unit, kind="stable")
    _, starts, sizes = np.unique(unit[order], return_index=True, return_counts=True)
    first = order[starts]
    coarser = [c.codes[first] for c in table.units if _contains(unit, c.codes, len(sizes))]
    term = next(t for t in found.terms if t.factor_ids == (factor_id,))
    seen = seen_terms(found, tested.unit_id)
    others = adjusted_for(term, seen)
    inside = [t for t in seen if t is not term and all(t is not o for o in others)]
    cell = found.cell[first]
    width = sum(int(c.max()) + 1 for c in coarser) + sum(t.columns().shape[1] for t in seen)
    if width * len(first) > CELLS_LIMIT:
        raise DesignError(
            f"{counted(len(first), tested.error)} with {width:,} terms are too many to simulate.",
            hint="Use the closed form, or a smaller design of the same shape.",
        )
    start = np.ones((len(first), 1)) / math.sqrt(len(first))
    groups = (np.eye(int(c.max()) + 1)[c] for c in coarser)
    before = _extended(_extended(start, groups), (t.columns()[cell] for t in others))
    own = _extended(before, [term.columns()[cell]])[:, before.shape[1] :]
    through = np.hstack([before, own])
    after = _extended(through, (t.columns()[cell] for t in inside))[:, through.shape[1] :]
    error_df = len(first) - through.shape[1] - after.shape[1]
    least = least_favourable(table, found, factor_id)
    means = np.array(least.means) if least else np.zeros(len(column.labels))
    return _Test(
        factor_id, column.codes, means, order, starts, sizes.astype(np.float64),
        before, own, after, error_df,
    )  # fmt: skip


def _contains(fine: Codes, coarse: Codes, count: int) -> bool:
    """Return whether units of another level hold whole units of this one, several each."""
    groups = int(coarse.max()) + 1
    return groups < count and len(np.unique(fine * groups + coarse)) == count


def _extended(basis: Array, added: Iterable[Array]) -> Array:
    """Return an orthonormal basis with the columns of some terms added, as far as new."""
    from scipy.linalg import qr

    for columns in added:
        # Twice, so that what remains of the old directions is of the size of rounding.
        for _ in range(2):
            columns = columns - basis @ (basis.T @ columns)
        q, r, _ = qr(columns, mode="economic", pivoting=True)
        rank = int((np.abs(np.diag(r)) > math.sqrt(RANK_TOLERANCE)).sum())
        basis = np.hstack([basis, q[:, :rank]])
    return basis


def _batches(simulations: int, rows: int) -> Iterator[int]:
    size = max(1, min(simulations, BATCH_CELLS // max(rows, 1)))
    for start in range(0, simulations, size):
        yield min(size, simulations - start)
