"""A model's reading of a description beside that of the rules; where they differ, a question."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from experimentos.design.matching import Known, labels_of, pairs
from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.draft import (
    Draft,
    DraftFactor,
    DraftResponse,
    Question,
    Replication,
)
from experimentos.flows.design_turn import TurnTokens
from experimentos.ids import content_hash
from experimentos.llm.port import Reading

type Reader = Literal["both", "rules", "model"]

KIND_ANSWERS = ("yes, we set it", "yes, a block", "we only record it", "no")
AGREED = 0.95
DISPUTED = 0.5


class SecondReading(BaseModel):
    """What a model read, kept with the session until the description changes.

    Attributes
    ----------
    text_hash : str
        SHA-256 of the description that was read.
    source : str
    draft : Draft
        Every factor and response has words of the text.
    notices : tuple[str, ...]
        What was refused or went wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_hash: str
    source: Annotated[str, Field(max_length=200)]
    draft: Draft
    notices: tuple[str, ...] = ()


def kept(reading: Reading, text: str) -> SecondReading:
    """Return a reading as it is kept."""
    return SecondReading(
        text_hash=content_hash(text.encode()),
        source=reading.source[:200],
        draft=reading.draft,
        notices=reading.notices,
    )


def tokens_after(known: TurnTokens, reading: Reading) -> TurnTokens:
    """Return the tokens of all readings so far with those of one more."""
    usage = reading.usage
    return TurnTokens(
        calls=known.calls + usage.calls,
        prompt=known.prompt + usage.prompt,
        cached=known.cached + usage.cached,
        completion=known.completion + usage.completion,
        is_estimate=known.is_estimate or usage.is_estimate,
    )


def is_of(second: SecondReading | None, text: str) -> bool:
    """Return whether a reading is one of this very text."""
    return second is not None and second.text_hash == content_hash(text.encode())


def known_factor(factor: DraftFactor, *, with_span: bool) -> Known:
    """Return what a factor of a reading is recognised by in another one.

    Parameters
    ----------
    with_span
        Both are readings of the same text.
    """
    span = (factor.evidence.start, factor.evidence.end) if with_span else None
    return Known("", (factor.name, *factor.aliases), labels_of(factor.levels), span)


def _known_response(response: DraftResponse) -> Known:
    span = (response.evidence.start, response.evidence.end)
    return Known("", (response.name,), span=span)


def draft_of(text: str, second: SecondReading | None, reader: Reader) -> Draft:
    """Return what was read from a text: by the rules, by the model, or by both together."""
    own = parse_design(text)
    if second is None or reader == "rules" or not is_of(second, text):
        return own
    return second.draft if reader == "model" else combined(own, second.draft)


def combined(rules: Draft, model: Draft) -> Draft:
    """Return one draft of two: what both read is surer, what they dispute becomes a question."""
    questions: list[Question] = []
    factors = tuple(_factors(rules, model, questions))
    responses = tuple(_responses(rules, model, questions))
    known = {q.about for q in questions}
    open_ = [q for q in rules.questions if q.about not in known and not _is_known(q, model)]
    known |= {q.about for q in open_} | {f.name for f in factors}
    questions += [*open_, *(q for q in model.questions if q.about not in known)]
    return Draft(
        factors=factors,
        responses=responses,
        design_class=rules.design_class,
        randomisation_unit=rules.randomisation_unit or model.randomisation_unit,
        replication=_replication(rules.replication, model.replication),
        questions=tuple(questions),
    )


def _factors(rules: Draft, model: Draft, asked: list[Question]) -> Iterator[DraftFactor]:
    partners = pairs(
        *([known_factor(f, with_span=True) for f in draft.factors] for draft in (rules, model))
    )
    for place, factor in enumerate(rules.factors):
        if place not in partners:
            asked.append(_doubt(factor, "The rules read", "the model did not"))
            yield replace(factor, confidence=min(factor.confidence, DISPUTED))
            continue
        yield _agreed(factor, model.factors[partners[place]], asked)
    for place, factor in enumerate(model.factors):
        if place in partners.values():
            continue
        asked.append(_doubt(factor, "The model read", "the rules did not"))
        yield replace(factor, confidence=min(factor.confidence, DISPUTED))


def _agreed(factor: DraftFactor, other: DraftFactor, asked: list[Question]) -> DraftFactor:
    """Return a factor that both read, its name as the rules have it."""
    if factor.kind != other.kind:
        text = f"{factor.name}: the rules say {factor.kind}, the model {other.kind}. Which is it?"
        asked.append(Question(factor.name, text, KIND_ANSWERS))
        return replace(factor, confidence=DISPUTED)
    if not factor.levels or not other.levels or labels_of(factor.levels) == labels_of(other.levels):
        confidence = max(factor.confidence, other.confidence, AGREED)
        if factor.levels or not other.levels:
            return replace(factor, confidence=confidence, unit=factor.unit or other.unit)
        return replace(other, name=factor.name, confidence=confidence)
    text = f"Which levels does {factor.name} have? The rules and the model differ."
    answers = ("\n".join(factor.levels), "\n".join(other.levels))
    asked.append(Question(factor.name, text, answers))
    return replace(factor, confidence=DISPUTED)


def _doubt(factor: DraftFactor, who: str, others: str) -> Question:
    text = f"{who} {factor.name} as {factor.kind}, {others}. Is it a factor?"
    return Question(factor.name, text, KIND_ANSWERS)


def _responses(rules: Draft, model: Draft, asked: list[Question]) -> Iterator[DraftResponse]:
    partners = pairs(*([_known_response(r) for r in draft.responses] for draft in (rules, model)))
    left = [r for place, r in enumerate(model.responses) if place not in partners.values()]
    for place, response in enumerate(rules.responses):
        if place not in partners:
            yield response
            continue
        other = model.responses[partners[place]]
        if other.family == response.family:
            yield replace(response, confidence=max(response.confidence, AGREED))
            continue
        named = tuple(r.family.replace("_", " ") for r in (response, other))
        text = f"Which values can {response.name} take: {named[0]} (rules) or {named[1]} (model)?"
        asked.append(Question(response.name, text, named))
        yield replace(response, confidence=min(response.confidence, DISPUTED))
    yield from (replace(r, confidence=min(r.confidence, DISPUTED)) for r in left)


def _is_known(question: Question, model: Draft) -> bool:
    match question.about:
        case "response":
            return bool(model.responses)
        case "treatment":
            return any(f.kind == "treatment" for f in model.factors)
        case "randomisation_unit":
            return model.randomisation_unit is not None
        case "replication":
            return model.replication.per_cell is not None
        case _:
            return False


def _replication(rules: Replication, model: Replication) -> Replication:
    return Replication(
        rules.per_cell or model.per_cell,
        rules.unit or model.unit,
        rules.technical or model.technical,
        rules.total_units or model.total_units,
    )
