"""A model with the rules behind it: whatever fails, somebody answers and says who."""

from collections.abc import Iterator

from experimentos.design.parse.draft import Draft
from experimentos.errors import LlmError, LlmRefused
from experimentos.llm.completions import CallFailed
from experimentos.llm.port import Assistant, Event, Notice, Reading, Spent, Task, Usage

_REASONS = {
    "rate_limited": "The model's server is too busy",
    "server_fault": "The model's server failed",
    "timed_out": "The model did not answer in time",
    "unreachable": "The model cannot be reached",
    "malformed_reply": "The model's answer could not be read",
    "not_allowed": "The model's server did not accept the key, the model's name or the address",
    "bad_request": "The model's server did not accept the question",
    "refused": "The model declined to answer",
    "resting": "The model failed several times and is left alone for two minutes",
    "budget": "The token budget is used up",
}


class WithRules:
    """An assistant that asks a model first and lets the rules answer when it fails."""

    def __init__(self, model: Assistant, rules: Assistant) -> None:
        self._model, self._rules = model, rules

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self._model.name

    def chat(self, task: Task) -> Iterator[Event]:
        """Answer one request; see `llm.port.Assistant.chat`."""
        has_begun = False
        try:
            for event in self._model.chat(task):
                has_begun = has_begun or not isinstance(event, Spent)
                yield event
        except LlmError as exc:
            if has_begun:
                yield Notice(f"{reason(exc)}: the answer broke off here.")
                return
            yield Notice(f"{reason(exc)}. The rules answer instead.")
            yield from self._rules.chat(task)

    def read(self, text: str, candidates: Draft, allowance: int | None = None) -> Reading:
        """Read a description; see `llm.port.Assistant.read`."""
        try:
            return self._model.read(text, candidates, allowance)
        except LlmError as exc:
            notice = f"{reason(exc)}. What you see was read by the rules alone."
            read = self._rules.read(text, candidates)
            return Reading(read.draft, read.source, Usage(), (notice,))


def reason(failure: LlmError) -> str:
    """Return why a model did not answer, in our own words: a server's may hold what is secret."""
    if isinstance(failure, CallFailed):
        return _REASONS.get(failure.code, "The model failed")
    if isinstance(failure, LlmRefused):
        return failure.message.rstrip(".")
    return "The model failed"
