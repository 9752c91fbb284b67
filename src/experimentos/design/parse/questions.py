"""Anything below a confidence becomes a question with quick answers, never a silent guess."""

from collections.abc import Iterator
from dataclasses import replace

from experimentos.design.parse.draft import Draft, DraftFactor, Question

SURE = 0.6
"""Below this confidence a field is asked about. A wrong card costs more trust than a question."""

MOST_QUESTIONS = 8


def questions(draft: Draft) -> Draft:
    """Return the draft with its open questions, most useful first."""
    asked = [*_missing(draft), *(q for factor in draft.factors for q in _unsure(factor))]
    return replace(draft, questions=tuple(asked[:MOST_QUESTIONS]))


def _missing(draft: Draft) -> Iterator[Question]:
    if not draft.responses:
        yield Question(
            "response",
            "What will be measured on each unit?",
            ("a number", "yes or no", "a count", "a score"),
        )
    if not any(f.kind == "treatment" for f in draft.factors) and draft.design_class != "nested":
        yield Question(
            "treatment",
            "What is set on purpose and compared?",
            ("I will add it", "nothing: I want variance components"),
        )
    if draft.randomisation_unit is None and draft.design_class != "nested":
        yield Question(
            "randomisation_unit",
            "To what are the treatments assigned at random?",
            ("each unit", "a group of units", "not at random"),
        )
    if draft.replication.per_cell is None and draft.factors:
        yield Question(
            "replication",
            "How many independent units does each treatment get?",
            ("2", "3", "6", "12"),
        )


def _unsure(factor: DraftFactor) -> Iterator[Question]:
    if factor.confidence < SURE:
        yield Question(
            factor.name,
            f"Is {factor.name} a factor of this experiment?",
            ("yes, we set it", "yes, a block", "we only record it", "no"),
        )
    elif factor.kind == "treatment" and not factor.levels:
        yield Question(
            factor.name, f"Which levels of {factor.name} are compared?", ("I will list them",)
        )
