"""Replication: of the right unit, enough of it, and an error to test against."""

import math
from collections.abc import Iterator, Sequence

from experimentos.design.anatomy import TestedIn
from experimentos.design.derive import (
    containers,
    design_class,
    lies_in,
    observation_unit,
    replicates,
    unit_total,
)
from experimentos.design.edits import AddInteraction, Patch, Update
from experimentos.design.names import counted, several
from experimentos.design.parts import Interaction, UnitLevel
from experimentos.design.power import scalable_unit
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

ERROR_DF_LOW = 6
ERROR_DF_MODEST = 10
CLUSTERS_PER_ARM = 6
WHOLE_PLOTS = 2


def _pseudo(given: Context) -> Iterator[Found]:
    document = given.document
    measured = observation_unit(document)
    primary = document.primary
    carried = _lowest_treated(given)
    if measured is None or primary is None or carried is None or carried.handling is not None:
        return
    below = [u for u in document.units if lies_in(document, u, carried) and _is_many(u)]
    inside = [u for u in below if u.id == measured.id or lies_in(document, measured, u)]
    inside = [u for u in inside if not u.is_ordered]
    repeated = primary.repeats > 1 and not primary.averaged
    if not inside and not repeated:
        return
    what = inside[-1] if inside else None
    count = unit_total(document, carried)
    subject = next((f.id for f, _, u in given.drawn if u.id == carried.id), carried.id)
    name = next((f.name for f, _, u in given.drawn if u.id == carried.id), "The treatment")
    yield error(
        subject,
        carried.id,
        message=f"{name} is applied to each {carried.name}, "
        + (f"but each {what.name} is" if what else f"and each {carried.name} is repeatedly")
        + " measured: "
        + (f"n is {count:,}, not more" if count else f"n counts {_several(carried)}")
        + f". Neither a term for {carried.name} nor an average is planned.",
        fixes=_pseudo_fixes(carried, _several(what) if what else "measurements"),
    )


def _several(unit: UnitLevel) -> str:
    return unit.plural or several(unit.name)


def _pseudo_fixes(carried: UnitLevel, what: str) -> Iterator[Patch]:
    for title, handling in (
        (f"Add a random term for {carried.name}", "random_term"),
        (f"Average the {what} of each {carried.name}", "average"),
    ):
        yield fix(title, Update(part="units", id=carried.id, fields={"handling": handling}))


def _is_many(unit: UnitLevel) -> bool:
    return unit.count != 1


def _lowest_treated(given: Context) -> UnitLevel | None:
    used = {u.id for _, _, u in given.drawn}
    treatments = {f.id for f in given.document.treatments}
    used |= {u.id for u in given.document.units if u.factor_id in treatments}
    return next((u for u in reversed(given.document.units) if u.id in used), None)


def _unreplicated(given: Context) -> Iterator[Found]:
    document = given.document
    if given.anatomy is None or document.matrix is not None:
        return
    for top in given.anatomy.tests:
        ids = top.source.factor_ids
        is_top = not any(set(ids) < set(t.source.factor_ids) for t in given.anatomy.tests)
        if len(ids) < 2 or not is_top or top.error_df > 0 or _is_negligible(given, ids):
            continue
        yield error(
            *ids,
            message=f"There is one {top.error} for each combination: the interaction "
            f"{top.source.name} takes every degree of freedom and leaves none for error.",
            fixes=[*_drop(given, ids), *_more(given, top, top.source.df)],
        )


def _is_negligible(given: Context, ids: Sequence[str]) -> bool:
    return any(
        i.status == "negligible" and set(i.factor_ids) <= set(ids)
        for i in given.document.interactions
    )


def _drop(given: Context, ids: Sequence[str]) -> Iterator[Patch]:
    existing = next((i for i in given.document.interactions if set(i.factor_ids) == set(ids)), None)
    title = "Take the highest interaction as error"
    if existing is not None:
        fields = {"status": "negligible"}
        yield fix(title, Update(part="interactions", id=existing.id, fields=fields))
        return
    taken = {i.id for i in given.document.interactions}
    id_ = next(i for k in range(1, 500) if (i := f"negligible_{k}") not in taken)
    interaction = Interaction(id=id_, factor_ids=tuple(ids), status="negligible")
    yield fix(title, AddInteraction(interaction=interaction))


def _more(given: Context, tested: TestedIn, wanted: int) -> Iterator[Patch]:
    """Offer to multiply the outermost count until the stratum has `wanted` error d.f."""
    stratum = next(
        (s for s in given.anatomy.strata if s.unit_id == tested.unit_id), None
    ) if given.anatomy else None  # fmt: skip
    unit = given.document.unit(tested.unit_id) or observation_unit(given.document)
    scaled = scalable_unit(given.document, unit) if unit else None
    if stratum is None or scaled is None or not isinstance(scaled.count, int) or stratum.df < 1:
        return
    spent = sum(s.df for s in stratum.sources)
    count = scaled.count * max(2, math.ceil((wanted + spent) / stratum.df))
    yield more_units(given.document, scaled, count)


def _error_df(given: Context, tested: TestedIn) -> int:
    """Return the error d.f. of a term, with the interactions that are taken as negligible."""
    if given.anatomy is None:
        return tested.error_df
    stratum = next(s for s in given.anatomy.strata if s.unit_id == tested.unit_id)
    return tested.error_df + sum(
        s.df
        for s in stratum.sources
        if len(s.factor_ids) > 1 and _is_negligible(given, s.factor_ids)
    )


def _error_strata(given: Context) -> Iterator[Found]:
    # A response surface is fitted by a quadratic, not by one mean per setting.
    if given.anatomy is None or design_class(given.document) == "response_surface":
        return
    weakest: dict[str, tuple[int, TestedIn]] = {}
    for tested in given.anatomy.tests:
        factor = given.document.factor(tested.source.factor_ids[0])
        if len(tested.source.factor_ids) == 1 and factor and factor.kind == "treatment":
            weakest.setdefault(tested.unit_id, (_error_df(given, tested), tested))
    for df, tested in weakest.values():
        if df >= ERROR_DF_MODEST:
            continue
        report = error if df <= 0 else warning if df < ERROR_DF_LOW else info
        yield report(
            tested.source.factor_ids[0],
            tested.unit_id,
            message=f"{tested.source.name} is compared between {_error_units(given, tested)}, with "
            f"{counted(max(df, 0), 'degree of freedom', 'degrees of freedom')} for error; about "
            f"{ERROR_DF_MODEST} are wanted.",
            fixes=_more(given, tested, ERROR_DF_MODEST),
        )


def _error_units(given: Context, tested: TestedIn) -> str:
    unit = given.document.unit(tested.unit_id)
    return _several(unit) if unit else several(tested.error)


def _clusters(given: Context) -> Iterator[Found]:
    if design_class(given.document) != "cluster_randomised":
        return
    for factor, _, unit in given.drawn:
        per_arm = replicates(given.document, factor)
        if per_arm is None or per_arm >= CLUSTERS_PER_ARM:
            continue
        report = error if per_arm < 2 else warning
        yield report(
            factor.id,
            message=f"{factor.name} has {counted(per_arm, unit.name, unit.plural)} in each arm; "
            f"more subjects in each {unit.name} do not replace more {_several(unit)}.",
            fixes=_scaled(given, unit, CLUSTERS_PER_ARM / per_arm),
        )


def _whole_plots(given: Context) -> Iterator[Found]:
    drawn = list(given.drawn)
    for factor, _, unit in drawn:
        inner = [u for _, _, u in drawn if lies_in(given.document, u, unit)]
        count = replicates(given.document, factor)
        if inner and count is not None and count < WHOLE_PLOTS:
            yield error(
                factor.id,
                message=f"{factor.name} has {counted(count, unit.name, unit.plural)} per level: "
                "its error cannot be estimated.",
                fixes=_scaled(given, unit, WHOLE_PLOTS / count),
            )


def _scaled(given: Context, unit: UnitLevel, times: float) -> Iterator[Patch]:
    scaled = scalable_unit(given.document, unit)
    if scaled is None or not isinstance(scaled.count, int):
        return
    yield more_units(given.document, scaled, math.ceil(scaled.count * times))


def _subjects(given: Context) -> Iterator[Found]:
    document = given.document
    for occasion in (u for u in document.units if u.is_ordered):
        subject = _subject_of(given, occasion)
        if subject is None or subject.handling is not None or not _is_many(occasion):
            continue
        slope = isinstance(occasion.count, int) and occasion.count >= 3
        yield error(
            subject.id,
            message=f"Each {subject.name} is measured at several {_several(occasion)}"
            f", and no {subject.name} term is planned"
            + (" (with three or more, a slope too)." if slope else "."),
            fixes=[
                fix(
                    f"Add a random term for {subject.name}",
                    Update(part="units", id=subject.id, fields={"handling": "random_term"}),
                )
            ],
        )


def _subject_of(given: Context, occasion: UnitLevel) -> UnitLevel | None:
    if occasion.crossed_with:
        return given.document.unit(occasion.crossed_with[-1])
    above = containers(given.document, occasion)
    return above[-1] if above else None


PSEUDO = DesignRule(
    "R07",
    "No pseudo-replication",
    "Replication is counted at the unit the treatment was applied to; measurements below it are "
    "not independent (Hurlbert 1984).",
    _pseudo,
)
UNREPLICATED = DesignRule(
    "R08",
    "An error beside the full interaction",
    "With one unit per combination the highest interaction and the error are the same thing.",
    _unreplicated,
)
ERROR_STRATA = DesignRule(
    "R09",
    "Enough degrees of freedom for error",
    "Below six to ten error degrees of freedom the variance is poorly known and power collapses "
    "(Mead, Gilmour and Mead: the resource equation).",
    _error_strata,
)
CLUSTERS = DesignRule(
    "R11",
    "Enough clusters",
    "In a cluster trial the clusters are the sample: the design effect is 1 + (m - 1) ICC "
    "(Hayes and Moulton).",
    _clusters,
)
WHOLE = DesignRule(
    "R14",
    "Replicated whole plots",
    "A factor on whole plots is tested against whole plots; there must be at least two per level.",
    _whole_plots,
)
SUBJECTS = DesignRule(
    "R30",
    "A term for the subject",
    "Measurements of one subject over time are alike; treating them as independent makes the "
    "error too small.",
    _subjects,
)
