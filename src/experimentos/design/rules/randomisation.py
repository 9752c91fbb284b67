"""How treatments come to units: the draw, its restrictions and its shares."""

import math
from collections.abc import Iterator

import numpy as np

from experimentos.design.derive import group_size, level_count, unit_total
from experimentos.design.edits import AddAllotment, AddUnit, Patch, Update
from experimentos.design.names import counted
from experimentos.design.parts import Allotment, Factor, UnitLevel
from experimentos.design.rules.finding import (
    Context,
    DesignRule,
    Found,
    fix,
    info,
    more_units,
    warning,
)
from experimentos.design.table import Column

TREND = 0.6
TREND_ROWS = 4
UNEQUAL = 1.5


def _randomised(given: Context) -> Iterator[Found]:
    document = given.document
    of_units = {u.factor_id for u in document.units}
    for factor in document.treatments:
        allotment = document.allotment(factor.id)
        if factor.id in of_units:
            continue
        if allotment is None:
            yield warning(
                factor.id,
                message=f"It is not said which units receive {factor.name}, nor how it is drawn.",
                fixes=_new_allotment(given, factor),
            )
        elif allotment.rule == "none" or (allotment.rule == "systematic" and not allotment.reason):
            rule = _rule_for(given, allotment)
            words = "no random draw" if allotment.rule == "none" else "a systematic order"
            yield warning(
                factor.id,
                message=f"{factor.name} is applied with {words} and no reason.",
                fixes=[
                    fix(
                        "Draw it at random"
                        + (" within each block" if rule == "within_block" else ""),
                        Update(part="allotments", id=allotment.id, fields={"rule": rule}),
                    )
                ],
            )


def _rule_for(given: Context, allotment: Allotment) -> str:
    unit = given.document.unit(allotment.unit_id)
    blocked = allotment.within or (unit is not None and unit.parent is not None)
    return "within_block" if blocked else "complete"


def _new_allotment(given: Context, factor: Factor) -> Iterator[Patch]:
    document = given.document
    taken = {a.id for a in document.allotments}
    id_ = next(i for k in range(1, 100) if (i := f"allot_{factor.id}"[:60] + f"_{k}") not in taken)
    for unit in document.units[-2:]:
        rule = "within_block" if unit.parent else "complete"
        allotment = Allotment.model_validate(
            {"id": id_, "factor_id": factor.id, "unit_id": unit.id, "rule": rule}
        )
        yield fix(f"Draw it for each {unit.name}", AddAllotment(allotment=allotment))
    if not document.units:
        allotment = Allotment(id=id_, factor_id=factor.id, unit_id="unit", rule="complete")
        unit = UnitLevel(id="unit", name="unit")
        yield fix("Draw it for each unit", AddUnit(unit=unit), AddAllotment(allotment=allotment))


def _hard(given: Context) -> Iterator[Found]:
    for factor, allotment, unit in given.drawn:
        easy = [f.id for f, a, u in given.drawn if u.id == unit.id and f.change == "easy" and a.id]
        free = allotment.rule in {"complete", "within_block"}
        if factor.change != "easy" and easy and free:
            yield warning(
                factor.id,
                message=f"{factor.name} is hard to change, yet may change with every {unit.name}.",
                fixes=_split(given, factor, allotment, unit),
            )


def _split(
    given: Context, factor: Factor, allotment: Allotment, unit: UnitLevel
) -> Iterator[Patch]:
    """Offer a split-plot: a level of whole units between the block and the unit."""
    document = given.document
    levels = level_count(document, factor)
    group = group_size(document, allotment)
    if not levels or not group or not isinstance(unit.count, int):
        return
    others = group // levels
    whole = max(levels, unit.count // others // levels * levels)
    taken = {u.id for u in document.units}
    id_ = next(i for i in ("whole_unit", "whole_unit_2", "whole_unit_3") if i not in taken)
    added = UnitLevel(
        id=id_, name=f"whole {unit.name}", parent=unit.parent, count=whole,
    )  # fmt: skip
    at = next(k for k, u in enumerate(document.units) if u.id == unit.id)
    rule = "within_block" if unit.parent else "complete"
    yield fix(
        f"Make it a split-plot: {counted(whole, 'setting')} of {factor.name}, "
        f"{counted(max(1, others), unit.name, unit.plural)} in each",
        AddUnit(unit=added, at=at),
        Update(part="units", id=unit.id, fields={"parent": id_, "count": max(1, others)}),
        Update(
            part="allotments",
            id=allotment.id,
            fields={"unit_id": id_, "rule": rule, "within": []},
        ),
    )


def _trend(given: Context) -> Iterator[Found]:
    table = given.table
    if table is None or table.n < TREND_ROWS:
        return
    document = given.document
    for column in table.of_kind("treatment", "nuisance"):
        allotment = document.allotment(column.id)
        if allotment is None or allotment.rule not in {"systematic", "none"}:
            continue
        if abs(rho := _order_correlation(column)) > TREND:
            rule = _rule_for(given, allotment)
            edit = Update(part="allotments", id=allotment.id, fields={"rule": rule})
            yield warning(
                column.id,
                message=f"{column.name} follows the order of the runs (rank correlation "
                f"{rho:.2f}): a drift over time would look like its effect.",
                fixes=[fix("Draw the order at random", edit)],
            )


def _order_correlation(column: Column) -> float:
    """Return Spearman's correlation of the row with the level, ties averaged."""
    counts = np.bincount(column.codes)
    middle = np.cumsum(counts) - (counts + 1) / 2
    ranks = middle[column.codes]
    if len(np.unique(ranks)) < 2:
        return 0.0
    return float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])


def _shares(given: Context) -> Iterator[Found]:
    if given.table is None:
        return
    for factor, allotment, unit in given.drawn:
        column = given.table.factor(factor.id)
        if column is None or allotment.reason or given.document.matrix is not None:
            continue
        units = given.table.unit(unit.id).codes if _known(given, unit) else None
        first = np.unique(units, return_index=True)[1] if units is not None else slice(None)
        counts = np.bincount(column.codes[first], minlength=len(column.labels))
        if counts.min() == 0 or counts.max() / counts.min() <= UNEQUAL:
            continue
        yield info(
            factor.id,
            message=f"{factor.name} is replicated unequally: "
            + ", ".join(f"{k} of {n}" for n, k in zip(column.labels, counts, strict=True))
            + ".",
            fixes=_balanced(given, allotment, unit),
        )


def _known(given: Context, unit: UnitLevel) -> bool:
    return given.table is not None and any(c.id == unit.id for c in given.table.units)


def _balanced(given: Context, allotment: Allotment, unit: UnitLevel) -> Iterator[Patch]:
    if allotment.ratio:
        edit = Update(part="allotments", id=allotment.id, fields={"ratio": []})
        yield fix("Replicate equally", edit)
    group = group_size(given.document, allotment)
    if not allotment.ratio and group and isinstance(unit.count, int):
        total = unit_total(given.document, unit) or unit.count
        each = math.ceil(total / group) * group * unit.count // total or group
        yield more_units(given.document, unit, max(each, group))
    reason = "More on the control on purpose: the square root of the number it is compared with."
    edit = Update(part="allotments", id=allotment.id, fields={"reason": reason})
    yield fix("More on the control on purpose", edit)


def _nuisance(given: Context) -> Iterator[Found]:
    document = given.document
    of_units = {u.factor_id for u in document.units}
    for factor in document.of_kind("nuisance"):
        handled = factor.handling or factor.id in of_units or document.allotment(factor.id)
        if not handled:
            yield warning(
                factor.id,
                message=f"{factor.name} is named, but neither blocked, randomised over, measured "
                "nor held constant.",
                fixes=[
                    fix(
                        title,
                        Update(part="factors", id=factor.id, fields={"handling": handling}),
                    )
                    for title, handling in (
                        ("Record it", "measured"),
                        ("Hold it constant", "constant"),
                        ("Randomise over it", "randomised"),
                    )
                ],
            )


RANDOMISED = DesignRule(
    "R06",
    "A random draw",
    "Randomisation is what justifies the error estimate and removes unseen differences on average.",
    _randomised,
)
HARD = DesignRule(
    "R13",
    "Hard-to-change factors",
    "A factor that is not reset for every run is not replicated by the runs: use whole plots.",
    _hard,
)
TREND_RULE = DesignRule(
    "R17",
    "No trend of a factor over the run order",
    "A drift of instrument, batch or operator is confounded with whatever follows the order.",
    _trend,
)
SHARES = DesignRule(
    "R28",
    "Equal replication, or a reason",
    "Equal replication is most precise for all pairs; for k treatments against one control the "
    "control gets about the square root of k times as many.",
    _shares,
)
NUISANCE = DesignRule(
    "R42",
    "A plan for nuisance factors",
    "Block what you can, randomise what you cannot (Box, Hunter and Hunter).",
    _nuisance,
)
