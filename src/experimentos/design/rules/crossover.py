"""Treatments that follow one another on the same subject."""

from collections.abc import Iterator

from experimentos.design.derive import design_class
from experimentos.design.edits import SetDocument, Update
from experimentos.design.rules.finding import Context, DesignRule, Found, fix, warning


def _carry_over(given: Context) -> Iterator[Found]:
    document = given.document
    if design_class(document) != "crossover":
        return
    conduct = document.conduct
    if not conduct.washout and conduct.carry_over is None:
        plain = conduct.model_dump(mode="json")
        yield warning(
            "conduct",
            message="Treatments follow one another on a subject with no washout and no plan for "
            "carry-over.",
            fixes=[
                fix(
                    "Model first-order carry-over",
                    SetDocument(fields={"conduct": plain | {"carry_over": "model"}}),
                ),
                fix(
                    "No carry-over is expected",
                    SetDocument(fields={"conduct": plain | {"carry_over": "none_expected"}}),
                ),
            ],
        )
    if not any(u.is_ordered for u in document.units):
        candidates = [u for u in document.units if u.crossed_with]
        yield warning(
            "units",
            message="No period is stated: a change over time would look like an effect.",
            fixes=[
                fix(
                    f"{u.name} is the period",
                    Update(part="units", id=u.id, fields={"is_ordered": True}),
                )
                for u in candidates
            ],
        )


CARRY_OVER = DesignRule(
    "R29",
    "Periods, washout and carry-over",
    "What a treatment leaves behind is measured under the next one (Senn, Cross-over Trials).",
    _carry_over,
)
