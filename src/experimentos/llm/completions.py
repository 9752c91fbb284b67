"""One prompt in, one answer out: what an evaluation asks of a language model."""

from dataclasses import dataclass
from typing import Protocol

from experimentos.errors import LlmUnavailable
from experimentos.runs.evaluation import Generation


@dataclass(frozen=True, slots=True)
class Prompt:
    """A single question to a model.

    Attributes
    ----------
    model : str
        As the endpoint calls it.
    system : str
        "" for none.
    user : str
    generation : Generation
    timeout_seconds : float
    """

    model: str
    system: str
    user: str
    generation: Generation
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered.

    Attributes
    ----------
    text : str
    tokens_in, tokens_out : int | None
        As the endpoint counted them; None when it does not say.
    finish_reason : str
        "stop", "length" (cut off at max_tokens), "content_filter", or what the endpoint calls it.
    """

    text: str
    tokens_in: int | None
    tokens_out: int | None
    finish_reason: str


class CallFailed(LlmUnavailable):
    """A call that gave no answer.

    Attributes
    ----------
    code : str
        "rate_limited", "server_fault", "timed_out", "unreachable", "malformed_reply", "refused",
        "not_allowed" (key, model or address: no call of this model can succeed), "bad_request".
    retry_after : float | None
        Seconds that the endpoint asks to wait.
    """

    def __init__(
        self, code: str, message: str, *, hint: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.retry_after = retry_after

    @property
    def may_pass(self) -> bool:
        """Return whether the same call may succeed a little later."""
        return self.code in {
            "rate_limited",
            "server_fault",
            "timed_out",
            "unreachable",
            "malformed_reply",
        }

    @property
    def is_final_for_model(self) -> bool:
        """Return whether every other call of the same model would fail alike."""
        return self.code == "not_allowed"


class Completer(Protocol):
    """Something that answers prompts; safe to call from several threads at once."""

    def complete(self, prompt: Prompt) -> Completion:
        """Return the answer.

        Raises
        ------
        CallFailed
            If there is none.
        """
        ...

    def close(self) -> None:
        """Close the connections; nothing is asked afterwards."""
        ...
