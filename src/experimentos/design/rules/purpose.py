"""What the experiment is for: responses, treatments, comparisons."""

from collections.abc import Iterator

from experimentos.design.edits import AddFactor, AddResponse, SetDocument, Update
from experimentos.design.parts import Factor, Level, Response
from experimentos.design.rules.finding import (
    Context,
    DesignRule,
    Found,
    error,
    fix,
    info,
    warning,
)

CONTRASTS_LIMIT = 5
RESPONSES_LIMIT = 3


def _response(given: Context) -> Iterator[Found]:
    responses = given.document.responses
    if not responses:
        added = Response(id="response", name="response", primary=True)
        yield error(
            "responses",
            message="The design has no response: nothing is measured.",
            fixes=[fix("Add a response to fill in", AddResponse(response=added))],
        )
    elif given.document.primary is None:
        count = sum(r.primary for r in responses)
        yield error(
            "responses",
            message=f"{count} of the {len(responses)} responses are marked primary: one decides."
            if count
            else f"None of the {len(responses)} responses is marked primary.",
            fixes=[
                fix(
                    f"Make {chosen.name} the primary response",
                    *(
                        Update(part="responses", id=r.id, fields={"primary": r.id == chosen.id})
                        for r in responses
                    ),
                )
                for chosen in responses[:3]
            ],
        )


def _treatment(given: Context) -> Iterator[Found]:
    document = given.document
    if document.treatments:
        return
    if document.purpose == "variance_components":
        yield info(
            "factors",
            message="There is no treatment: this is a sampling study of variance components.",
        )
        return
    taken = {f.id for f in document.factors}
    levels = (Level(label="control", is_control=True), Level(label="treated"))
    added = Factor(
        id=next(i for i in ("treatment", "treatment_2", "treatment_3") if i not in taken),
        name="treatment" if "treatment" not in taken else "new treatment",
        kind="treatment",
        levels=levels,
    )
    yield error(
        "factors",
        message="No factor is a treatment, so nothing is compared.",
        fixes=[
            fix("Add a treatment to fill in", AddFactor(factor=added)),
            fix(
                "The aim is variance components",
                SetDocument(fields={"purpose": "variance_components"}),
            ),
        ],
    )


def _multiplicity(given: Context) -> Iterator[Found]:
    document = given.document
    many_responses = len(document.responses) >= RESPONSES_LIMIT
    many_contrasts = len(document.contrasts) > CONTRASTS_LIMIT
    if document.conduct.comparisons is not None or not (many_responses or many_contrasts):
        return
    what = (
        f"{len(document.responses)} responses" if many_responses
        else f"{len(document.contrasts)} contrasts"
    )  # fmt: skip
    conduct = document.conduct.model_dump(mode="json")
    yield info(
        "responses" if many_responses else "contrasts",
        message=f"{what} are planned with no word on which of them decides.",
        fixes=[
            fix(title, SetDocument(fields={"conduct": conduct | {"comparisons": plan}}))
            for title, plan in (
                ("The primary response decides", "one_primary"),
                ("Adjust for the family", "adjusted"),
                ("Use a hierarchical model", "hierarchical"),
            )
        ],
    )


def _blinding(given: Context) -> Iterator[Found]:
    for response in given.document.responses:
        if response.is_subjective and not response.is_blinded:
            yield warning(
                response.id,
                message=f"{response.name} is judged by a person, and no blinding is stated.",
                fixes=[
                    fix(
                        "Blind the assessor and code the samples",
                        Update(part="responses", id=response.id, fields={"is_blinded": True}),
                    )
                ],
            )


RESPONSE = DesignRule(
    "R01",
    "A primary response",
    "An experiment estimates an effect on something that is named beforehand (Fisher 1935).",
    _response,
)
TREATMENT = DesignRule(
    "R02",
    "A treatment",
    "A comparative experiment sets something on purpose; without it the study only samples.",
    _treatment,
)
MULTIPLICITY = DesignRule(
    "R39",
    "A plan for many comparisons",
    "Of twenty comparisons at 5 % one is expected to look significant by chance alone.",
    _multiplicity,
)
BLINDING = DesignRule(
    "R40",
    "Blinding of a subjective response",
    "Who knows the treatment measures what is expected; blinding removes that bias.",
    _blinding,
)
