"""The flat form in which a model writes a draft down, and its way into ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from experimentos.design.parse.draft import (
    Draft,
    DraftFactor,
    DraftResponse,
    Evidence,
    Question,
    Replication,
)
from experimentos.design.parts import FactorKind, Family
from experimentos.llm.evidence import locate, speaks_of

WIRE_VERSION = 1
MOST_FACTORS = 30
MOST_RESPONSES = 12
MOST_LEVELS = 96
MOST_QUESTIONS = 6

type Sure = Literal["sure", "likely", "unsure"]

_CONFIDENCE: dict[Sure, float] = {"sure": 0.9, "likely": 0.7, "unsure": 0.5}
_DOUBTED = 0.5


class Wire(BaseModel):
    """What strict schemas allow: closed, every field required, no bounds."""

    model_config = ConfigDict(extra="forbid")


class WireFactor(Wire):
    """A factor with the words that it was read from."""

    name: str
    kind: FactorKind
    levels: list[str]
    unit: str | None
    n_levels: int | None
    evidence: str
    confidence: Sure


class WireResponse(Wire):
    """A response with the words that it was read from."""

    name: str
    family: Family
    evidence: str
    confidence: Sure


class WireQuestion(Wire):
    """What the text leaves open."""

    about: str
    text: str
    answers: list[str]


class DraftDesign(Wire):
    """What a description says of its design."""

    factors: list[WireFactor]
    responses: list[WireResponse]
    randomisation_unit: str | None
    replicates_per_cell: int | None
    replicate_unit: str | None
    technical_repeats: int | None
    total_units: int | None
    questions: list[WireQuestion]


@dataclass(frozen=True, slots=True)
class Checked:
    """A model's draft after its quotes were looked up in the text.

    Attributes
    ----------
    draft : Draft
        Only what has words in the text; what was refused is among its questions.
    refused : tuple[str, ...]
        Names that the model gave without words of the text.
    """

    draft: Draft
    refused: tuple[str, ...]


def checked(wire: DraftDesign, text: str, candidates: Draft) -> Checked:
    """Return the draft that a model wrote, without what it made up.

    A factor or response whose quote is not in the text is refused and becomes a question. One whose
    quote or levels say something else than its name stays, as unsure. The class is the rule
    parser's: it is only a guess, and computed from the design later.
    """
    factors, responses = [], []
    questions: list[Question] = []
    for proposed in wire.factors[:MOST_FACTORS]:
        evidence = locate(proposed.evidence, text)
        if evidence is None:
            questions.append(_made_up(proposed.name, "a factor"))
        elif proposed.name.strip():
            factors.append(_factor(proposed, evidence, text))
    for measured in wire.responses[:MOST_RESPONSES]:
        evidence = locate(measured.evidence, text)
        if evidence is None:
            questions.append(_made_up(measured.name, "measured"))
        elif measured.name.strip():
            responses.append(_response(measured, evidence))
    refused = tuple(q.about for q in questions)
    draft = Draft(
        factors=tuple(factors),
        responses=tuple(responses),
        design_class=candidates.design_class,
        randomisation_unit=_short(wire.randomisation_unit or "") or None,
        replication=_replication(wire),
        questions=(*questions, *_questions(wire)),
    )
    return Checked(draft, refused)


def _factor(wire: WireFactor, evidence: Evidence, text: str) -> DraftFactor:
    levels = tuple(dict.fromkeys(_short(x) for x in wire.levels if x.strip()))[:MOST_LEVELS]
    confidence = _CONFIDENCE[wire.confidence]
    if not speaks_of(evidence.quote, (wire.name, *levels)) or not _all_said(levels, text):
        confidence = min(confidence, _DOUBTED)
    size = wire.n_levels if wire.n_levels and 0 < wire.n_levels <= 1_000_000 else None
    return DraftFactor(
        name=_short(wire.name),
        kind=wire.kind,
        levels=levels,
        unit=_short(wire.unit or "") or None,
        n_levels=len(levels) or size,
        evidence=evidence,
        confidence=confidence,
        rule="model",
    )


def _all_said(levels: tuple[str, ...], text: str) -> bool:
    return all(speaks_of(text, (level,)) for level in levels)


def _response(wire: WireResponse, evidence: Evidence) -> DraftResponse:
    confidence = _CONFIDENCE[wire.confidence]
    if not speaks_of(evidence.quote, (wire.name,)):
        confidence = min(confidence, _DOUBTED)
    return DraftResponse(_short(wire.name), wire.family, evidence, confidence)


def _made_up(name: str, what: str) -> Question:
    shown = _short(name) or "nothing"
    text = f"The model named {shown}, but nothing in your text says so. Is it {what}?"
    return Question(shown, text, ("yes", "no"))


def _questions(wire: DraftDesign) -> Iterator[Question]:
    for asked in wire.questions[:MOST_QUESTIONS]:
        if asked.text.strip():
            answers = tuple(_short(a) for a in asked.answers[:4] if a.strip())
            yield Question(_short(asked.about), asked.text.strip()[:500], answers)


def _replication(wire: DraftDesign) -> Replication:
    return Replication(
        _count(wire.replicates_per_cell),
        _short(wire.replicate_unit or "") or None,
        _count(wire.technical_repeats),
        _count(wire.total_units),
    )


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 < number <= 1_000_000 else None


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
