"""Names, levels, controls and units of factors."""

from collections.abc import Iterator, Sequence

from experimentos.design.derive import level_count
from experimentos.design.edits import Patch, Remove, Rename, SetLevels, Update
from experimentos.design.names import counted, folded, several
from experimentos.design.parts import Factor, Level
from experimentos.design.rules.finding import (
    Context,
    DesignRule,
    Found,
    error,
    fix,
    info,
    warning,
)
from experimentos.design.units import convert, same_dimension

ORDERED_PAIRS = frozenset(
    ("low", "high", "-", "+", "-1", "1", "+1", "medium", "middle", "off", "on")
)
DOSE_LEVELS = 4


def _names(given: Context) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for factor in given.document.factors:
        key = folded(factor.name)
        if not key or key in seen:
            base = factor.name or factor.id.replace("_", " ")
            taken = {folded(f.name) for f in given.document.factors}
            free = next(n for k in range(2, 100) if folded(n := f"{base} {k}") not in taken)
            yield error(
                factor.id,
                message=f"Two factors are called {factor.name}."
                if key
                else "A factor has no name.",
                fixes=[fix(f"Call it {free}", Rename(part="factors", id=factor.id, name=free))],
            )
        seen.setdefault(key, factor.id)
        yield from _level_names(factor)


def _level_names(factor: Factor) -> Iterator[Found]:
    kept: dict[tuple[object, str | None], Level] = {}
    for level in factor.levels:
        value = level.value if level.value is not None else folded(level.label)
        if level.label:
            kept.setdefault((value, level.unit), level)
    if len(kept) < len(factor.levels):
        repeated = len(factor.levels) - len(kept)
        yield error(
            factor.id,
            "levels",
            message=f"{counted(repeated, 'level')} of {factor.name} "
            + ("is empty or repeats" if repeated == 1 else "are empty or repeat")
            + " another one.",
            fixes=[
                fix(
                    "Merge the repeated levels",
                    SetLevels(factor_id=factor.id, levels=tuple(kept.values())),
                )
            ],
        )


def _one_level(given: Context) -> Iterator[Found]:
    for factor in given.document.of_kind("treatment", "blocking", "nuisance"):
        if level_count(given.document, factor) != 1:
            continue
        fixes = [fix("It is constant: take the card away", Remove(part="factors", id=factor.id))]
        if factor.levels:
            added = (*factor.levels, Level(label="another level"))
            fixes.insert(
                0, fix("Add a level to fill in", SetLevels(factor_id=factor.id, levels=added))
            )
        yield error(
            factor.id,
            message=f"{factor.name} has one level: it does not vary, so it has no effect.",
            fixes=fixes,
        )


def _control(given: Context) -> Iterator[Found]:
    for factor in given.document.treatments:
        labels = {level.label.casefold() for level in factor.levels}
        nominal = factor.scale == "nominal" and len(factor.levels) > 1
        if not nominal or labels <= ORDERED_PAIRS or any(x.is_control for x in factor.levels):
            continue
        yield warning(
            factor.id,
            message=f"No level of {factor.name} is a control or reference.",
            fixes=[
                fix(
                    f"{chosen.label} is the reference",
                    SetLevels(
                        factor_id=factor.id,
                        levels=tuple(
                            x.model_copy(update={"is_control": x is chosen}) for x in factor.levels
                        ),
                    ),
                )
                for chosen in factor.levels[:4]
            ],
        )


def _numbers(levels: Sequence[Level]) -> list[float] | None:
    try:
        return [float(x.label) if x.value is None else x.value for x in levels]
    except ValueError:
        return None


def _dose(given: Context) -> Iterator[Found]:
    for factor in given.document.treatments:
        values = _numbers(factor.levels)
        if factor.scale == "numeric" or values is None or len(values) < DOSE_LEVELS:
            continue
        levels = tuple(
            x.model_copy(update={"value": v}) for x, v in zip(factor.levels, values, strict=True)
        )
        plain = [x.model_dump(mode="json") for x in levels]
        yield info(
            factor.id,
            message=f"{factor.name} has {len(values)} numeric levels treated as labels.",
            fixes=[
                fix(
                    "Use its numeric scale",
                    Update(
                        part="factors",
                        id=factor.id,
                        fields={"scale": "numeric", "levels": plain},
                    ),
                )
            ],
        )


def _dimension(given: Context) -> Iterator[Found]:
    for factor in given.document.factors:
        units = {x.unit or factor.unit for x in factor.levels if x.value is not None} - {None}
        if len(units) < 2:
            continue
        target = factor.unit or next(x.unit for x in factor.levels if x.unit)
        known = [u for u in units if u is not None]
        if not all(same_dimension(u, target) for u in known):
            yield error(
                factor.id,
                message=f"The levels of {factor.name} mix units of different dimension: "
                f"{', '.join(sorted(known))}.",
            )
            continue
        yield info(
            factor.id,
            message=f"The levels of {factor.name} are in several units: "
            f"{', '.join(sorted(known))}.",
            fixes=[_converted(factor, target)],
        )


def _converted(factor: Factor, target: str) -> Patch:
    levels = []
    for level in factor.levels:
        value, unit = level.value, level.unit or factor.unit or target
        if value is None:
            levels.append(level)
            continue
        number = convert(value, unit, target)
        same = {"label": f"{number:.6g}", "value": number, "unit": None}
        levels.append(level.model_copy(update=same))
    plain = [x.model_dump(mode="json") for x in levels]
    return fix(
        f"Convert all to {target}",
        Update(part="factors", id=factor.id, fields={"unit": target, "levels": plain}),
    )


def _labels(given: Context) -> Iterator[Found]:
    for unit in given.document.units:
        above = given.document.unit(unit.parent)
        if unit.labels == "reused" and above is not None:
            plural = unit.plural or several(unit.name)
            yield warning(
                unit.id,
                message=f"The labels of the {plural} are used again in each {above.name}: are they "
                f"the same {plural} or different ones?",
                fixes=[
                    fix(
                        "They are different: number them throughout",
                        Update(part="units", id=unit.id, fields={"labels": "unique"}),
                    )
                ],
            )


NAMES = DesignRule(
    "R03",
    "Distinct names",
    "Cells of a design are identified by the names of factors and levels.",
    _names,
)
ONE_LEVEL = DesignRule(
    "R04", "More than one level", "Without variation there is no effect to estimate.", _one_level
)
CONTROL = DesignRule(
    "R05",
    "A control or reference level",
    "A comparison needs a baseline: untreated, placebo, vehicle or the standard in use.",
    _control,
)
DOSE = DesignRule(
    "R23",
    "Numeric levels on their scale",
    "A curve over the dose spends fewer degrees of freedom than labels and has more power.",
    _dose,
)
DIMENSION = DesignRule(
    "R38",
    "Levels in one unit",
    "Levels can only be compared in units of one dimension.",
    _dimension,
)
LABELS = DesignRule(
    "R44",
    "Labels that mean one unit",
    'A "rep 1" in each block is six plots, not one: nesting must be explicit.',
    _labels,
)
