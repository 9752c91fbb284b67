"""The unit of analysis against the unit of the draw."""

from collections.abc import Iterator

from experimentos.design.derive import lies_in
from experimentos.design.edits import SetDocument, Update
from experimentos.design.names import several
from experimentos.design.rules.finding import (
    Context,
    DesignRule,
    Found,
    error,
    fix,
    warning,
)

SHARE_TOLERANCE = 1e-6


def _unit(given: Context) -> Iterator[Found]:
    document = given.document
    drawn = list(given.drawn)
    for response in document.responses:
        analysed = document.unit(response.analysed_on)
        if analysed is None or not drawn:
            continue
        lowest = drawn[-1][2]
        if lies_in(document, analysed, lowest) and lowest.handling is None:
            edit = Update(part="responses", id=response.id, fields={"analysed_on": lowest.id})
            term = Update(part="units", id=lowest.id, fields={"handling": "random_term"})
            yield error(
                response.id,
                lowest.id,
                message=f"{response.name} is analysed per {analysed.name}, but {drawn[-1][0].name} "
                f"is drawn per {lowest.name}.",
                fixes=[
                    fix(f"Analyse it per {lowest.name}", edit),
                    fix(
                        f"Use an error that allows for several "
                        f"{analysed.plural or several(analysed.name)} per {lowest.name}",
                        term,
                    ),
                ],
            )
    yield from _split(given)


def _split(given: Context) -> Iterator[Found]:
    split = given.document.conduct.split
    for factor, allotment, _ in given.drawn:
        if not split or len(split) != len(factor.levels):
            continue
        ratio = allotment.ratio or (1.0,) * len(split)
        planned = [x / sum(split) for x in split]
        drawn = [x / sum(ratio) for x in ratio]
        if max(abs(a - b) for a, b in zip(planned, drawn, strict=True)) <= SHARE_TOLERANCE:
            continue
        plain = given.document.conduct.model_dump(mode="json")
        edit = Update(part="allotments", id=allotment.id, fields={"ratio": list(split)})
        yield warning(
            factor.id,
            message=f"{factor.name} is drawn {_shares(drawn)}, but {_shares(planned)} is planned.",
            fixes=[
                fix("Draw as planned", edit),
                fix(
                    "Plan as drawn",
                    SetDocument(fields={"conduct": plain | {"split": list(ratio)}}),
                ),
            ],
        )


def _shares(shares: list[float]) -> str:
    return " : ".join(f"{x:.0%}" for x in shares)


UNIT = DesignRule(
    "R43",
    "Analysis on the unit that was drawn",
    "Sessions of one user are not independent, and a split other than planned biases the "
    "comparison (Kohavi, Tang and Xu 2020).",
    _unit,
)
