"""A description read, with the answers of its author put to it before anything is taken over."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from experimentos.design.document import ExperimentDescription
from experimentos.design.from_draft import from_draft
from experimentos.design.names import folded
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
KIND, LEVELS = "kind of ", "levels of "
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


def kind_key(name: str) -> str:
    """Return the name of the answer that gives a factor another kind."""
    return f"{KIND}{folded(name)}"


def levels_key(name: str) -> str:
    """Return the name of the answer that lists the levels of a factor."""
    return f"{LEVELS}{folded(name)}"


def names(factors: Sequence[DraftFactor]) -> tuple[str, ...]:
    """Return by which name the answers about each factor are kept; a repeated one is numbered."""
    found: list[str] = []
    seen: Counter[str] = Counter()
    for factor in factors:
        seen[folded(factor.name)] += 1
        number = seen[folded(factor.name)]
        found.append(factor.name if number == 1 else f"{factor.name} {number}")
    return tuple(found)


def by_name(answers: Mapping[str, str], draft: Draft) -> dict[str, str]:
    """Return answers by the names of factors, where older ones are by their places in a draft."""
    known = names(draft.factors)
    found: dict[str, str] = {}
    for key, answer in answers.items():
        what, _, place = key.partition(".")
        if what not in {"kind", "levels"} or not place.isdecimal():
            found[key] = answer
        elif int(place) < len(known):
            own = kind_key if what == "kind" else levels_key
            found[own(known[int(place)])] = answer
    return found


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
        randomisation_unit=_if_asked(draft, UNIT, answers) or draft.randomisation_unit,
        replication=_replication(draft, answers),
        questions=tuple(q for q in draft.questions if not _is_settled(q, answers)),
    )


def taken_over(
    draft: Draft, answers: Mapping[str, str], *, title: str, text: str
) -> ExperimentDescription:
    """Return the design that a draft and the answers to it describe."""
    return from_draft(answered(draft, answers), title=title, text=text)


def kind_of_answer(answer: str) -> str:
    """Return the kind that a quick answer means, "" for any other answer."""
    return _KIND_ANSWERS.get(answer, "")


def passages(text: str, draft: Draft, answers: Mapping[str, str]) -> tuple[Passage, ...]:
    """Return the description in pieces, those that something was read from marked by its kind."""
    marks = [
        (factor.evidence, answers.get(kind_key(name)) or factor.kind)
        for name, factor in zip(names(draft.factors), draft.factors, strict=True)
    ]
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
    for name, factor in zip(names(draft.factors), draft.factors, strict=True):
        kind = answers.get(kind_key(name)) or factor.kind
        if kind == LEFT_OUT:
            continue
        labels = level_labels(answers.get(levels_key(name), ""))[:MOST_LEVELS]
        levels = labels or factor.levels
        size = len(labels) or factor.n_levels
        sure = 1.0 if kind_key(name) in answers else factor.confidence
        yield replace(factor, kind=kind, levels=levels, n_levels=size, confidence=sure)


def _added_response(draft: Draft, answers: Mapping[str, str]) -> Sequence[DraftResponse]:
    name = answers.get(RESPONSE_NAME, "").strip()
    if not name or draft.responses:
        return ()
    family = _FAMILIES.get(answers.get(RESPONSE_FORM, ""), "normal")
    return (DraftResponse(name, family, _NOWHERE, 1.0),)


def _replication(draft: Draft, answers: Mapping[str, str]) -> Replication:
    given = _if_asked(draft, REPLICATES, answers)
    if not given.isdecimal() or not 0 < int(given[:7]) <= 1_000_000:
        return draft.replication
    return replace(draft.replication, per_cell=int(given[:7]))


def _if_asked(draft: Draft, about: str, answers: Mapping[str, str]) -> str:
    """Return an answer as long as the text leaves the question open: what it says comes first."""
    is_asked = any(q.about == about for q in draft.questions)
    return answers.get(about, "").strip() if is_asked else ""


def _is_settled(asked: Question, answers: Mapping[str, str]) -> bool:
    match asked.about:
        case "response":
            return bool(answers.get(RESPONSE_NAME, "").strip())
        case "replication":
            return answered_number(answers)
        case "randomisation_unit":
            return bool(answers.get(UNIT, "").strip())
        case name:
            return bool({kind_key(name), levels_key(name)} & set(answers))


def answered_number(answers: Mapping[str, str]) -> bool:
    """Return whether the replicates were given as a number."""
    return answers.get(REPLICATES, "").strip().isdecimal()
