"""What an experiment measures, and what it asks models where it asks some."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from experimentos.runs.evaluation import Questions
from experimentos.runs.strict import Name, inside_workspace

MEAN_SCORE = "mean_score"
SAMPLES_SCORED, SAMPLES_FAILED = "samples_scored", "samples_failed"


class Evaluation(Questions):
    """What is measured, what counts as success, how many runs are the least; or what is asked.

    With models, scenarios and a scorer it is the whole of the experiment: language models are
    asked, and no entry point is called (docs/evaluations.md has those fields).

    Attributes
    ----------
    metrics : tuple[str, ...]
        The first ranks, or the one that `primary` names.
    direction : str
    success_criteria : dict[str, float]
    min_runs_per_variant : int
    scenarios_file : str | None
        YAML, JSON or CSV in the folder of the code, instead of `scenarios`.
    """

    metrics: tuple[Name, ...] = ()
    primary: Name | None = None
    direction: Literal["higher", "lower"] = "higher"
    success_criteria: dict[str, float] = Field(default_factory=dict)
    min_runs_per_variant: int = Field(default=1, ge=1, le=10_000)
    scenarios_file: (
        Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(inside_workspace)]
        | None
    ) = None

    @property
    def primary_metric(self) -> str | None:
        """Return the metric that runs are ranked by: the one named, or the first."""
        named = self.primary or next(iter(self.metrics), None)
        return named or (MEAN_SCORE if self.asks else None)

    @property
    def asks(self) -> bool:
        """Return whether models are asked."""
        parts = self.scorer, self.models, self.scenarios, self.scenarios_file, self.prompt
        return any(parts)

    @model_serializer(mode="wrap")
    def _as_said(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what asks models where none is asked."""
        document: dict[str, Any] = written(self)
        if self.asks:
            return document
        return {name: value for name, value in document.items() if name not in ASKING}

    @model_validator(mode="after")
    def _asks_fully(self) -> Self:
        if not self.asks:
            return self
        there = {
            "models": self.models,
            "scorer": self.scorer,
            "scenarios or scenarios_file": self.scenarios or self.scenarios_file,
        }
        lacking = [name for name, value in there.items() if not value]
        if lacking:
            raise PydanticCustomError(
                "evaluation_incomplete",
                "an evaluation that asks models needs {lacking} too",
                {"lacking": " and ".join(lacking)},
            )
        return self


ASKING = frozenset({*Questions.model_fields, "scenarios_file"})
