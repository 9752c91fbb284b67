"""The response, and whether its family fits what is measured."""

import re
from collections.abc import Iterator

from experimentos.design.edits import AddResponse, Patch, Update
from experimentos.design.names import counted, family_words
from experimentos.design.parts import Response
from experimentos.design.rules.finding import Context, DesignRule, Found, error, fix, warning

COUNT = re.compile(r"\b(counts?|number of|colonies|events)\b", re.IGNORECASE)
PERCENT = re.compile(r"%|\b(per ?cent|percentage|proportion|fraction|share)\b", re.IGNORECASE)
HAS_ZEROS = re.compile(
    r"\b(spend|spending|spent|revenue|sales|purchases?|rainfall|precipitation|donations?|claims?|"
    r"expenditure|catch|dollars)\b",
    re.IGNORECASE,
)
ORDINAL_CATEGORIES = 7
REAL = ("normal", "studentt")
POSITIVE = ("lognormal", "gamma")
COUNTS = ("poisson", "negative_binomial")


def measured_scale(response: Response) -> str:
    """Return "count", "share", "score" or "real": what the response says of its own scale."""
    words = f"{response.name} {response.unit or ''}"
    if response.cutpoints:
        return "score"
    if response.bounds == (0.0, 1.0) or PERCENT.search(words):
        return "share"
    return "count" if COUNT.search(words) else "real"


def family_of(response: Response, family: str, link: str, **more: object) -> Patch:
    """Return the patch that gives a response another family."""
    return fix(
        f"Use the {family_words(family)} family with the {link} link",
        Update(
            part="responses", id=response.id, fields={"family": family, "link": link} | dict(more)
        ),
    )


def _family(given: Context) -> Iterator[Found]:
    for response in given.document.responses:
        scale, family = measured_scale(response), response.family
        low = response.expected_range[0] if response.expected_range else None
        if family in REAL and scale == "count":
            yield _misfit(response, "a count", [
                family_of(response, "negative_binomial", "log"),
                family_of(response, "poisson", "log"),
            ])  # fmt: skip
        elif family in REAL and scale == "share":
            yield _misfit(response, "a share", [family_of(response, "beta", "logit")])
        elif family == "beta" and _touches_ends(response):
            yield _misfit(response, "a share with exact 0 or 1 possible", [
                family_of(response, "binomial", "logit", trials="trials")
            ])  # fmt: skip
        elif family in (*POSITIVE, *COUNTS) and low is not None and low < 0:
            words = f"expected down to {low:g}"
            yield _misfit(response, words, [family_of(response, "normal", "identity")])


def _misfit(response: Response, what: str, fixes: list[Patch]) -> Found:
    family = family_words(response.family)
    return error(
        response.id,
        message=f"{response.name} is {what}, which the {family} family cannot hold.",
        fixes=fixes,
    )


def _touches_ends(response: Response) -> bool:
    if response.expected_range is None:
        return False
    low, high = response.expected_range
    top = 100.0 if response.unit in {"%", "percent"} else 1.0
    return low <= 0 or high >= top


def _zeros(given: Context) -> Iterator[Found]:
    ids = {r.id for r in given.document.responses}
    for response in given.document.responses:
        low, part = response.bounds[0], f"any_{response.id}"[:64]
        expected_zero = response.expected_range is not None and response.expected_range[0] == 0
        possible = expected_zero or bool(HAS_ZEROS.search(response.name)) or low == 0
        if response.family not in POSITIVE or not possible or part in ids or (low or 0) > 0:
            continue
        added = Response(
            id=part,
            name=f"any {response.name}"[:200],
            family="bernoulli",
            link="logit",
            measured_on=response.measured_on,
        )
        yield warning(
            response.id,
            message=f"{response.name} can be zero, which the "
            f"{family_words(response.family)} family cannot hold.",
            fixes=[
                fix(
                    "Two responses: whether there is any, and how much",
                    AddResponse(response=added),
                    *(
                        Update(part="responses", id=r.id, fields={"primary": True})
                        for r in given.document.responses
                        if r == given.document.primary and not r.primary
                    ),
                )
            ],
        )


def _exposure(given: Context) -> Iterator[Found]:
    for response in given.document.responses:
        unequal = response.is_effort_equal is False
        if response.family in COUNTS and response.exposure is None and unequal:
            yield warning(
                response.id,
                message=f"{response.name} is counted over unequal effort, and no exposure is "
                "recorded.",
                fixes=[
                    fix(
                        "Record the effort and use it as an offset",
                        Update(part="responses", id=response.id, fields={"exposure": "effort"}),
                    )
                ],
            )


def _trials(given: Context) -> Iterator[Found]:
    for response in given.document.responses:
        is_share = measured_scale(response) == "share"
        without = response.family == "binomial" and response.trials is None
        if without or (response.family == "bernoulli" and is_share):
            yield error(
                response.id,
                message=f"{response.name} is a share of trials, and the number of trials is not "
                "recorded.",
                fixes=[family_of(response, "binomial", "logit", trials="trials")],
            )


def _ordered(given: Context) -> Iterator[Found]:
    for response in given.document.responses:
        categories = response.cutpoints
        if categories and categories <= ORDINAL_CATEGORIES and response.family in REAL:
            yield warning(
                response.id,
                message=f"{response.name} has "
                f"{counted(categories, 'ordered category', 'ordered categories')} and is treated "
                "as a measurement.",
                fixes=[family_of(response, "ordered", "logit")],
            )


def _expected(given: Context) -> Iterator[Found]:
    primary = given.document.primary
    if primary is None:
        return
    is_rate = primary.family in {"bernoulli", "binomial"}
    scale = (
        ("the rate that is expected", primary.expected_centre)
        if is_rate
        else ("the range where most values will lie", primary.expected_range)
    )
    smallest = ("the smallest effect that matters", primary.smallest_effect)
    missing = [words for words, value in (scale, smallest) if value is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        yield warning(
            primary.id, message=f"{primary.name}: {' and '.join(missing)} {verb} not stated."
        )


def _detection(given: Context) -> Iterator[Found]:
    for response in given.document.responses:
        if response.expected_range is None or response.is_censored:
            continue
        (low, high), (floor, ceiling) = response.expected_range, response.detection_limits
        below, above = floor is not None and low <= floor, ceiling is not None and high >= ceiling
        if below or above:
            yield warning(
                response.id,
                message=f"{response.name} is expected to reach its "
                f"{'detection limit' if below else 'saturation'}.",
                fixes=[
                    fix(
                        "Treat such values as censored",
                        Update(part="responses", id=response.id, fields={"is_censored": True}),
                    )
                ],
            )


FAMILY = DesignRule(
    "R18",
    "A family that can hold the response",
    "A likelihood must give probability to every value that can occur, and to no other.",
    _family,
)
ZEROS = DesignRule(
    "R19",
    "No zeros in a positive family",
    "A lognormal or gamma value is never zero: model whether there is any, and how much.",
    _zeros,
)
EXPOSURE = DesignRule(
    "R20",
    "Counts with their exposure",
    "Counts over unequal time or area are rates; the effort belongs in the model as an offset.",
    _exposure,
)
TRIALS = DesignRule(
    "R21",
    "Shares with their trials",
    "The information of a share lies in its denominator: 1 of 2 is not 500 of 1,000.",
    _trials,
)
ORDERED = DesignRule(
    "R22",
    "Ordered scores as ordered",
    "The steps of a short score are not equal; an ordered logit does not assume that they are.",
    _ordered,
)
EXPECTED = DesignRule(
    "R33",
    "Expected range and smallest effect",
    "Power and priors need the scale of the response and what difference would matter.",
    _expected,
)
DETECTION = DesignRule(
    "R45",
    "Values inside the detection limits",
    "Values at a limit are known to lie beyond it; as numbers they bias mean and spread.",
    _detection,
)
