"""A description read, with the answers of its author put to it before anything is taken over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from experimentos.design.document import ExperimentDescription
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.draft import (
    Draft,
    DraftFactor,
    DraftResponse,
    Evidence,
    Question,
    Replication,
)

MOST_LEVELS = 60
LEFT_OUT = "left out"
KINDS = ("treatment", "nuisance", "blocking", "covariate")
_KIND_ANSWERS = {
    "yes, we set it": "treatment",
    "yes, a block": "blocking",
    "we only record it": "covariate",
    "no": LEFT_OUT,
}
_FAMILIES = {
    "a number": "normal",
    "yes or no": "bernoulli",
    "a count": "poisson",
    "a score": "ordered",
}
_NOWHERE = Evidence(0, 0, "")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the description; `kind` is what it was read as, "" for nothing."""

    text: str
    kind: str


def kind_key(place: int) -> str:
    """Return the name of the answer that gives the factor at a place another kind."""
    return f"kind.{place}"


def levels_key(place: int) -> str:
    """Return the name of the answer that lists the levels of the factor at a place."""
    return f"levels.{place}"


RESPONSE_NAME = "response.name"
RESPONSE_FORM = "response.form"
REPLICATES = "replication"
UNIT = "randomisation_unit"


def answered(draft: Draft, answers: Mapping[str, str]) -> Draft:
    """Return a draft with the answers of its author in it; what was answered is asked no more."""
    factors = tuple(_factors(draft, answers))
    return replace(
        draft,
        factors=factors,
        responses=(*draft.responses, *_added_response(draft, answers)),
        randomisation_unit=answers.get(UNIT, "").strip() or draft.randomisation_unit,
        replication=_replication(draft, answers),
        questions=tuple(q for q in draft.questions if not _is_settled(draft, q, answers)),
    )


def taken_over(
    draft: Draft, answers: Mapping[str, str], *, title: str, text: str
) -> ExperimentDescription:
    """Return the design that a draft and the answers to it describe."""
    return from_draft(answered(draft, answers), title=title, text=text)


def kind_of_answer(answer: str) -> str:
    """Return the kind that a quick answer means, "" for any other answer."""
    return _KIND_ANSWERS.get(answer, "")


def place_of(draft: Draft, name: str) -> int | None:
    """Return the place of the factor that a question is about, None when it is about none."""
    return next((k for k, f in enumerate(draft.factors) if f.name == name), None)


def passages(text: str, draft: Draft, answers: Mapping[str, str]) -> tuple[Passage, ...]:
    """Return the description in pieces, those that something was read from marked by its kind."""
    kinds = [answers.get(kind_key(k)) or f.kind for k, f in enumerate(draft.factors)]
    marks = [(f.evidence, kind) for f, kind in zip(draft.factors, kinds, strict=True)]
    marks += [(r.evidence, "response") for r in draft.responses]
    found: list[Passage] = []
    at = 0
    for evidence, kind in sorted(marks, key=lambda m: (m[0].start, -m[0].end)):
        if evidence.start < at or evidence.end <= evidence.start or kind == LEFT_OUT:
            continue
        found += [Passage(text[at : evidence.start], ""), Passage(evidence.quote, kind)]
        at = evidence.end
    return tuple(p for p in (*found, Passage(text[at:], "")) if p.text)


def level_labels(text: str) -> tuple[str, ...]:
    """Return levels typed one per line, or in one line with commas between them."""
    lines = text.splitlines() if "\n" in text.strip() else text.split(",")
    labels = [line.strip()[:200] for line in lines]
    return tuple(dict.fromkeys(label for label in labels if label))


def _factors(draft: Draft, answers: Mapping[str, str]) -> Iterator[DraftFactor]:
    for place, factor in enumerate(draft.factors):
        kind = answers.get(kind_key(place)) or factor.kind
        if kind == LEFT_OUT:
            continue
        labels = level_labels(answers.get(levels_key(place), ""))[:MOST_LEVELS]
        levels = labels or factor.levels
        size = len(labels) or factor.n_levels
        sure = 1.0 if kind_key(place) in answers else factor.confidence
        yield replace(factor, kind=kind, levels=levels, n_levels=size, confidence=sure)


def _added_response(draft: Draft, answers: Mapping[str, str]) -> Sequence[DraftResponse]:
    name = answers.get(RESPONSE_NAME, "").strip()
    if not name or draft.responses:
        return ()
    family = _FAMILIES.get(answers.get(RESPONSE_FORM, ""), "normal")
    return (DraftResponse(name, family, _NOWHERE, 1.0),)


def _replication(draft: Draft, answers: Mapping[str, str]) -> Replication:
    given = answers.get(REPLICATES, "").strip()
    if not given.isdecimal() or not 0 < int(given[:7]) <= 1_000_000:
        return draft.replication
    return replace(draft.replication, per_cell=int(given[:7]))


def _is_settled(draft: Draft, asked: Question, answers: Mapping[str, str]) -> bool:
    match asked.about:
        case "response":
            return bool(answers.get(RESPONSE_NAME, "").strip())
        case "replication":
            return answered_number(answers)
        case "randomisation_unit":
            return bool(answers.get(UNIT, "").strip())
        case name:
            place = place_of(draft, name)
            own = set() if place is None else {kind_key(place), levels_key(place)}
            return bool(own & set(answers))


def answered_number(answers: Mapping[str, str]) -> bool:
    """Return whether the replicates were given as a number."""
    return answers.get(REPLICATES, "").strip().isdecimal()
