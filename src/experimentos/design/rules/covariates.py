"""Covariates: measured when, on what scale."""

from collections.abc import Iterator

from experimentos.design.edits import AddResponse, Remove, Update
from experimentos.design.parts import Response
from experimentos.design.rules.finding import Context, DesignRule, Found, error, fix, warning


def _after(given: Context) -> Iterator[Found]:
    taken = {r.id for r in given.document.responses}
    for factor in given.document.of_kind("covariate"):
        if factor.measured != "after":
            continue
        id_ = next(i for i in (factor.id, f"{factor.id[:50]}_response") if i not in taken)
        yield error(
            factor.id,
            message=f"{factor.name} is measured after the treatment, which may have changed it.",
            fixes=[
                fix(
                    "Measure it before",
                    Update(part="factors", id=factor.id, fields={"measured": "before"}),
                ),
                fix(
                    "It is a response",
                    Remove(part="factors", id=factor.id),
                    AddResponse(response=Response(id=id_, name=factor.name, unit=factor.unit)),
                ),
            ],
        )


def _stated(given: Context) -> Iterator[Found]:
    for factor in given.document.of_kind("covariate"):
        if factor.measured is None:
            yield warning(
                factor.id,
                "measured",
                message=f"It is not said when {factor.name} is measured.",
                fixes=[
                    fix(
                        f"It is measured {when} randomisation",
                        Update(part="factors", id=factor.id, fields={"measured": when}),
                    )
                    for when in ("before", "at")
                ],
            )
        if factor.scale == "numeric" and factor.unit is None and factor.range is None:
            yield warning(
                factor.id,
                "range",
                message=f"Neither unit nor range of {factor.name} is stated.",
            )


AFTER = DesignRule(
    "R15",
    "Covariates from before the treatment",
    "Adjusting for something the treatment changed removes part of its effect and adds bias.",
    _after,
)
STATED = DesignRule(
    "R16",
    "Covariates with time, unit and range",
    "Adjustment assumes the covariate was fixed before the draw, and its scale sets the prior.",
    _stated,
)
