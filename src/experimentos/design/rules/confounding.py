"""Effects that cannot be told apart."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from experimentos.design.derive import block_size, containers, group_size, unit_total
from experimentos.design.edits import Patch, Remove, SetDocument, Update
from experimentos.design.names import counted
from experimentos.design.parts import Interaction, UnitLevel
from experimentos.design.rules.finding import (
    Context,
    DesignRule,
    Found,
    error,
    fix,
    info,
    more_units,
    warning,
)
from experimentos.design.runs import coded_matrix
from experimentos.design.table import Column
from experimentos.errors import DesignError

NEARLY = 0.8
ALIASED = 1 - 1e-9


def _aliased(given: Context) -> Iterator[Found]:
    if given.table is None:
        return
    for treatment in given.table.of_kind("treatment"):
        for other in given.table.of_kind("blocking", "nuisance"):
            if _carries(given, treatment, other):
                continue
            counts = crossing(treatment, other)
            groups = components(counts)
            if groups == len(treatment.labels) > 1:
                yield error(
                    treatment.id,
                    other.id,
                    message=f"{treatment.name} and {other.name} always change together: "
                    "their effects cannot be told apart.",
                    fixes=_reallot(given, treatment),
                )
            elif groups == 1 and (v := cramers_v(counts)) > NEARLY:
                yield warning(
                    treatment.id,
                    other.id,
                    message=f"{treatment.name} nearly coincides with {other.name} "
                    f"(Cramér's V {v:.2f}).",
                    fixes=_reallot(given, treatment),
                )


def _carries(given: Context, treatment: Column, other: Column) -> bool:
    """Return whether a factor's levels are the units that carry the treatment, or lie in them."""
    document = given.document
    unit = next((u for u in document.units if u.factor_id == other.id), None)
    carrier = document.unit(given.table.allotted.get(treatment.id)) if given.table else None
    if unit is None or carrier is None:
        return False
    inside = unit.id == carrier.id or carrier.id in {u.id for u in containers(document, unit)}
    return inside and len(other.labels) > len(treatment.labels)


def _reallot(given: Context, treatment: Column) -> Iterator[Patch]:
    allotment = given.document.allotment(treatment.id)
    unit = given.document.unit(allotment.unit_id) if allotment else None
    if allotment is None or unit is None:
        return
    rule = "within_block" if unit.parent else "complete"
    fields = {"rule": rule, "within": []}
    title = (
        "Draw it so that every level occurs in every block" if unit.parent else "Draw it at random"
    )
    yield fix(title, Update(part="allotments", id=allotment.id, fields=fields))


def crossing(a: Column, b: Column) -> NDArray[np.int64]:
    """Return how often the levels of two columns meet, shape (levels of a, levels of b)."""
    shape = (len(a.labels), len(b.labels))
    joint = np.bincount(a.codes * shape[1] + b.codes, minlength=shape[0] * shape[1])
    return np.asarray(joint.reshape(shape), dtype=np.int64)


def components(counts: NDArray[np.int64]) -> int:
    """Return the connected parts of the graph of two factors whose levels meet."""
    meet = (counts[counts.sum(axis=1) > 0] > 0).astype(np.float64)
    reach = (meet @ meet.T) > 0
    while True:
        further = (reach.astype(np.float64) @ reach) > 0
        if (further == reach).all():
            return len(np.unique(reach, axis=0))
        reach = further


def cramers_v(counts: NDArray[np.int64]) -> float:
    """Return Cramér's V in [0, 1] of a table of counts (Cramér 1946); 0 without two levels."""
    table = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    smaller = min(table.shape) - 1
    if smaller < 1:
        return 0.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    chi_square = float(((table - expected) ** 2 / expected).sum())
    return float(np.sqrt(chi_square / (table.sum() * smaller)))


def _small_blocks(given: Context) -> Iterator[Found]:
    for factor, allotment, unit in given.drawn:
        size = block_size(given.document, allotment)
        group = group_size(given.document, allotment)
        if allotment.rule != "within_block" or not size or not group or size >= group:
            continue
        tested = given.anatomy.tested(factor.id) if given.anatomy else None
        kept = tested.source.efficiency if tested else None
        edit = Update(part="units", id=unit.id, fields={"count": group})
        report = info if kept is not None and kept > ALIASED else warning
        yield report(
            factor.id,
            message=f"A block holds {size} of the {group} combinations"
            + (f"; {kept:.0%} of the information on {factor.name} is left within blocks." if kept
               else "."),
            fixes=[fix(f"Use blocks of {group}", edit)] if isinstance(unit.count, int) else [],
        )  # fmt: skip


def _alias(given: Context) -> Iterator[Found]:
    matrix = given.document.matrix
    if matrix is None or matrix.form not in {"fraction", "plackett_burman"} or given.obstacle:
        return
    try:
        coded = coded_matrix(matrix)
    except DesignError:
        # A matrix that fits no factor of the design draws no run, so it confounds nothing.
        return
    columns = {f: coded[:, k] for k, f in enumerate(matrix.factor_ids)}
    others: dict[tuple[str, ...], NDArray[np.float64]] = {(f,): x for f, x in columns.items()}
    for interaction in given.document.interactions:
        if interaction.status == "negligible" or not set(interaction.factor_ids) <= set(columns):
            continue
        word = np.prod([columns[f] for f in interaction.factor_ids], axis=0)
        twin = next((ids for ids, x in others.items() if _is_same(word, x)), None)
        if twin is not None:
            yield _alias_found(given, interaction, twin)
        others[interaction.factor_ids] = word


def _is_same(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return size > 0 and abs(float(a @ b)) / size > ALIASED


def _alias_found(given: Context, interaction: Interaction, twin: tuple[str, ...]) -> Found:
    names = " x ".join(_name(given, f) for f in interaction.factor_ids)
    alias = " x ".join(_name(given, f) for f in twin)
    edit = Update(part="interactions", id=interaction.id, fields={"status": "negligible"})
    return error(
        interaction.id,
        *interaction.factor_ids,
        message=f"In this fraction {names} is the same column as {alias}.",
        fixes=[
            fix("Take the interaction as negligible", edit),
            fix("Run the full factorial", SetDocument(fields={"matrix": None})),
        ],
    )


def _name(given: Context, factor_id: str) -> str:
    factor = given.document.factor(factor_id)
    return factor.name if factor else factor_id


def _interaction(given: Context) -> Iterator[Found]:
    known = {f.id for f in given.document.factors}
    for interaction in given.document.interactions:
        ids = interaction.factor_ids
        removal = fix("Remove the interaction", Remove(part="interactions", id=interaction.id))
        missing = [f for f in ids if f not in known]
        if missing or len(set(ids)) < len(ids):
            yield error(
                interaction.id,
                message=f"An interaction names {missing[0] if missing else ids[0]}, which "
                + ("is not a factor of this design." if missing else "it holds twice."),
                fixes=[removal],
            )
        elif _never_cross(given, ids):
            yield error(
                interaction.id,
                *ids,
                message=f"{_name(given, ids[0])} and {_name(given, ids[1])} never cross: their "
                "interaction cannot be estimated.",
                fixes=[removal],
            )


def _never_cross(given: Context, ids: tuple[str, ...]) -> bool:
    columns = [given.table.factor(f) for f in ids] if given.table else []
    present = [c for c in columns if c is not None]
    if len(present) < 2:
        return False
    counts = crossing(present[0], present[1]) > 0
    return bool(counts.sum() <= max(counts.shape))


def _connected(given: Context) -> Iterator[Found]:
    if given.table is None or given.document.matrix is not None:
        return
    for factor, allotment, unit in given.drawn:
        column = given.table.factor(factor.id)
        group = group_size(given.document, allotment)
        if column is None or not group:
            continue
        empty = int((np.bincount(column.codes, minlength=len(column.labels)) == 0).sum())
        total = unit_total(given.document, unit) or 0
        split = [
            b
            for b in given.table.of_kind("blocking", "nuisance")
            if 1 < components(crossing(column, b)) < len(column.labels)
            and not _carries(given, column, b)
        ]
        if empty or split or (total < group and not _disallows(given)):
            what = (
                f"is disconnected from {split[0].name}: some levels are never compared"
                if split
                else f"has {counted(total, unit.name, unit.plural)} for {group} combinations: "
                "some never occur"
            )
            yield error(
                factor.id,
                message=f"{factor.name} {what}.",
                fixes=_enlarged(given, unit, group),
            )


def _disallows(given: Context) -> bool:
    return any(c.kind == "disallowed" for c in given.document.constraints)


def _enlarged(given: Context, unit: UnitLevel, group: int) -> Iterator[Patch]:
    if isinstance(unit.count, int):
        yield more_units(given.document, unit, group)


ALIASED_RULE = DesignRule(
    "R10",
    "No treatment confounded with a nuisance factor",
    "When day and dose change together, no analysis can say which of them did it.",
    _aliased,
)
SMALL_BLOCKS = DesignRule(
    "R12",
    "Blocks that hold every treatment",
    "In incomplete blocks part of the treatment differences is lost among blocks; balance makes "
    "the loss equal (Bailey 2008, chapter 11).",
    _small_blocks,
)
ALIAS = DesignRule(
    "R25",
    "Requested interactions free of aliases",
    "A fraction of resolution R confounds effects of p factors with effects of R - p or more.",
    _alias,
)
INTERACTION = DesignRule(
    "R26",
    "Interactions of factors that cross",
    "An interaction compares an effect across levels of another factor; both must meet.",
    _interaction,
)
CONNECTED = DesignRule(
    "R27",
    "A connected design without empty cells",
    "Treatments are comparable only when blocks link them (Bailey 2008, section 11.3).",
    _connected,
)
