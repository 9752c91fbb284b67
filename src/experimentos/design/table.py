"""One row per observation: the design table, derived from the document and a seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experimentos.design.allot import Codes, Draw, draw
from experimentos.design.derive import containers, observation_unit
from experimentos.design.document import ExperimentDescription
from experimentos.design.names import several
from experimentos.design.parts import Allotment, Factor, UnitLevel
from experimentos.design.runs import Runs, treatment_runs
from experimentos.errors import DesignError

ROWS_LIMIT = 200_000
MEASUREMENT = "repeat_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the design table.

    Attributes
    ----------
    id, name : str
    kind : str
        "unit" or the kind of the factor.
    labels : tuple[str, ...]
    codes : ndarray of int, shape (rows,)
        Index into the labels.
    coded : tuple[float, ...]
        Of a factor whose slope and curvature are fitted: each label in coded units (-1 low, 1
        high). Empty otherwise.
    """

    id: str
    name: str
    kind: str
    labels: tuple[str, ...]
    codes: Codes
    coded: tuple[float, ...] = ()

    def values(self) -> tuple[str, ...]:
        """Return the label of every row."""
        return tuple(self.labels[code] for code in self.codes)


@dataclass(frozen=True, slots=True)
class DesignTable:
    """The rows of an experiment, in the order of its units.

    Attributes
    ----------
    n : int
        Rows, one per observation of the primary response.
    units : tuple[Column, ...]
        Unit levels, outermost first.
    factors : tuple[Column, ...]
        Every factor whose level is known before the experiment, in the order of the cards.
    allotted : Mapping[str, str]
        Factor id to the id of the unit it is applied to.
    seed : int
    additive : tuple[frozenset[str], ...]
        Factors that meet each other once, in a Graeco-Latin square: they have no interaction.
    """

    n: int
    units: tuple[Column, ...]
    factors: tuple[Column, ...]
    allotted: Mapping[str, str]
    seed: int
    additive: tuple[frozenset[str], ...] = ()

    def unit(self, id: str) -> Column:  # noqa: A002 - the field's own name
        """Return a unit column by id."""
        return next(c for c in self.units if c.id == id)

    def factor(self, id: str) -> Column | None:  # noqa: A002 - the field's own name
        """Return a factor column by id, or None."""
        return next((c for c in self.factors if c.id == id), None)

    def of_kind(self, *kinds: str) -> tuple[Column, ...]:
        """Return the factor columns of some kinds."""
        return tuple(c for c in self.factors if c.kind in kinds)


def expand(document: ExperimentDescription, seed: int) -> DesignTable:
    """Return the design table: units from the unit structure, levels from the allotments.

    The same document and seed give the same table. Covariates, and factors whose rule is
    "observed", have no column: their values are known only when the experiment is run.

    Parameters
    ----------
    seed
        Of the whole draw; an allotment with a seed of its own uses that one.

    Raises
    ------
    DesignError
        If a count is not known, there are no units, rows exceed `ROWS_LIMIT`, or a rule cannot be
        carried out (a Latin square whose sides differ from its treatments).
    """
    levels = _levels(document)
    frame = unit_frame(levels)
    columns = {c.id: c for c in _unit_factors(document, levels, frame)}
    allotted = {u.factor_id: u.id for u in levels if u.factor_id is not None}
    additive: list[frozenset[str]] = []
    for group in _groups(document, set(columns), frame):
        if _is_graeco_latin(group, frame):
            additive.append(frozenset(f.id for f, _ in group))
        for column in _allot(document, group, frame, seed):
            columns[column.id] = column
            allotted[column.id] = group[0][1].unit_id
    units = tuple(_unit_column(u, frame[u.id]) for u in levels)
    factors = tuple(columns[f.id] for f in document.factors if f.id in columns)
    return DesignTable(len(units[0].codes), units, factors, allotted, seed, tuple(additive))


def unit_frame(levels: Sequence[UnitLevel]) -> dict[str, Codes]:
    """Return the code of every unit per row; rows are the product of all levels, in order."""
    frame: dict[str, Codes] = {}
    rows = 1
    for level in levels:
        above = _above(levels, level)
        inside, parents = _joint([frame[u.id] for u in above], rows)
        counts = _counts(level, inside, parents)
        if counts.sum() > ROWS_LIMIT:
            raise DesignError(
                f"The design has more than {ROWS_LIMIT:,} rows at {level.name}.",
                hint="Lower a count, or measure a coarser unit.",
            )
        frame = {id_: np.repeat(codes, counts) for id_, codes in frame.items()}
        rows = int(counts.sum())
        start = np.repeat(np.cumsum(counts) - counts, counts)
        place = np.arange(rows) - start
        frame[level.id], _ = _joint([np.repeat(inside, counts), place], rows)
    return frame


def place_within(frame: Mapping[str, Codes], levels: Sequence[UnitLevel], unit: UnitLevel) -> Codes:
    """Return the place of each row's unit among the units that share its container, from 0."""
    codes = frame[unit.id]
    inside, _ = _joint([frame[u.id] for u in _above(levels, unit)], len(codes))
    first = np.full(inside.max() + 1, codes.max() + 1)
    np.minimum.at(first, inside, codes)
    return codes - first[inside]


def _levels(document: ExperimentDescription) -> tuple[UnitLevel, ...]:
    measured = observation_unit(document)
    if measured is None:
        raise DesignError("The design has no units yet.", hint="Say what receives a treatment.")
    levels = (*containers(document, measured), measured)
    for level in levels:
        if level.count is None:
            raise DesignError(
                f"The number of {level.plural or several(level.name)} is not known yet.",
                hint="Answer how many there are.",
            )
    primary = document.primary
    if primary is not None and primary.repeats > 1 and not primary.averaged:
        repeat = UnitLevel(
            id=MEASUREMENT, name="measurement", parent=measured.id, count=primary.repeats
        )
        levels = (*levels, repeat)
    return levels


def _above(levels: Sequence[UnitLevel], unit: UnitLevel) -> list[UnitLevel]:
    known = {u.id: u for u in levels}
    found: set[str] = set()
    waiting = [unit.parent] if unit.parent else []
    while waiting:
        above = known.get(waiting.pop())
        if above is not None and above.id not in found:
            found.add(above.id)
            waiting += [*([above.parent] if above.parent else []), *above.crossed_with]
    return [u for u in levels if u.id in found]


def _joint(columns: Sequence[Codes], rows: int) -> tuple[Codes, int]:
    """Return one code per distinct combination of columns, and how many there are."""
    joint = np.zeros(rows, dtype=np.int64)
    for column in columns:
        joint = joint * (int(column.max()) + 1) + column
        _, joint = np.unique(joint, return_inverse=True)
    return joint, int(joint.max()) + 1


def _counts(level: UnitLevel, inside: Codes, parents: int) -> Codes:
    if isinstance(level.count, tuple):
        if len(level.count) != parents:
            raise DesignError(
                f"{level.name} has {len(level.count)} counts for {parents} parents.",
                hint="Give one count for every parent, or one number for all.",
            )
        return np.array(level.count, dtype=np.int64)[inside]
    return np.full(len(inside), level.count or 1, dtype=np.int64)


def _unit_column(unit: UnitLevel, codes: Codes) -> Column:
    return Column(
        unit.id, unit.name, "unit", tuple(str(k + 1) for k in range(int(codes.max()) + 1)), codes
    )


def _unit_factors(
    document: ExperimentDescription, levels: Sequence[UnitLevel], frame: Mapping[str, Codes]
) -> Iterator[Column]:
    for unit in levels:
        factor = document.factor(unit.factor_id or "")
        if factor is None:
            continue
        codes, count = frame[unit.id], int(frame[unit.id].max()) + 1
        labels = tuple(level.label for level in factor.levels)
        if len(labels) != count:
            within = place_within(frame, levels, unit)
            if labels and len(labels) == int(within.max()) + 1:
                codes, count = within, len(labels)
            else:
                labels = tuple(str(k + 1) for k in range(count))
        yield Column(factor.id, factor.name, factor.kind, labels, codes)


type Group = list[tuple[Factor, Allotment]]


def _groups(
    document: ExperimentDescription, done: set[str], frame: Mapping[str, Codes]
) -> Iterator[Group]:
    """Yield the factors that are applied together: same unit, rule, restriction and kind."""
    groups: dict[tuple[object, ...], Group] = {}
    for factor in document.factors:
        allotment = document.allotment(factor.id)
        if allotment is None or factor.id in done or factor.kind == "covariate":
            continue
        if allotment.unit_id not in frame or allotment.rule == "observed":
            continue
        if not factor.levels and not _in_matrix(document, factor):
            continue
        joint = allotment.rule == "latin" or factor.kind == "treatment"
        joint = joint and not allotment.ratio
        key = (allotment.unit_id, allotment.rule, allotment.within, joint or factor.id)
        groups.setdefault(key, []).append((factor, allotment))
    yield from groups.values()


def _in_matrix(document: ExperimentDescription, factor: Factor) -> bool:
    return document.matrix is not None and factor.id in document.matrix.factor_ids


def _allot(
    document: ExperimentDescription, group: Group, frame: Mapping[str, Codes], seed: int
) -> Iterator[Column]:
    factors = [factor for factor, _ in group]
    allotment = group[0][1]
    unit = document.unit(allotment.unit_id)
    default = (unit.parent,) if unit and unit.parent else ()
    within = [frame[i] for i in allotment.within or default if i in frame]
    codes = frame[allotment.unit_id]
    _, first = np.unique(codes, return_index=True)
    runs = treatment_runs(document, factors)
    restricted = tuple(w[first] for w in within)
    ordered = any(u is not None and u.is_ordered for u in map(document.unit, allotment.within))
    chosen = draw(
        Draw(
            rule=allotment.rule,
            runs=len(runs.codes),
            units=len(first),
            within=restricted,
            ratio=allotment.ratio,
            balances_carry_over=ordered,
            two_level_factors=len(factors) if _is_two_level(runs) else 0,
            alphabets=2 if _is_graeco_latin(group, frame) else 1,
        ),
        _generator(allotment, factors, seed),
    )
    for k, factor in enumerate(factors):
        position = runs.factor_ids.index(factor.id)
        labels = runs.labels[position]
        column = runs.codes[chosen][:, position][codes]
        coded = runs.coded[position] if runs.coded else ()
        yield Column(factor.id, factor.name, factors[k].kind, labels, column, coded)


def _generator(allotment: Allotment, factors: Sequence[Factor], seed: int) -> np.random.Generator:
    """Return a stream of its own for each group, so that other edits leave its draw alone."""
    key = "+".join(f.id for f in factors).encode()
    used = seed if allotment.seed is None else allotment.seed
    return np.random.default_rng([abs(used), *key])


def _is_graeco_latin(group: Group, frame: Mapping[str, Codes]) -> bool:
    """Return whether two factors each have as many levels as the square has columns."""
    allotment = group[0][1]
    if allotment.rule != "latin" or len(group) != 2:
        return False
    sides = {int(frame[i].max()) + 1 for i in allotment.within if i in frame}
    levels = {len(factor.levels) for factor, _ in group}
    return len(levels) == 1 and levels <= sides


def _is_two_level(runs: Runs) -> bool:
    return all(len(names) == 2 for names in runs.labels) and len(runs.codes) == 2 ** len(
        runs.labels
    )
