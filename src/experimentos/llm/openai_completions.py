"""The `Completer` port over any endpoint that speaks the chat protocol of OpenAI."""

from typing import Any

import openai

from experimentos.llm.completions import CallFailed, Completion, Prompt
from experimentos.llm.faults import MOST_SHOWN, malformed, translated


class OpenAiCompleter:
    """Answers from an OpenAI-compatible endpoint.

    Retries are the caller's: an evaluation counts and paces every call itself.

    Parameters
    ----------
    base_url
        From the server's settings, never from a page; None for OpenAI's own.
    key
        The secret; endpoints of one's own often ask for none.
    """

    def __init__(self, base_url: str | None, key: str) -> None:
        self._client = openai.OpenAI(base_url=base_url, api_key=key or "none", max_retries=0)

    def complete(self, prompt: Prompt) -> Completion:
        """Return the answer; see `completions.Completer.complete`."""
        messages: list[Any] = [{"role": "user", "content": prompt.user}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        asked = prompt.generation.model_dump(exclude_none=True)
        hint = "Raise limits.timeout_seconds, or ask for fewer tokens."
        with translated(prompt.timeout_seconds, hint):
            reply = self._client.chat.completions.create(
                model=prompt.model, messages=messages, timeout=prompt.timeout_seconds, **asked
            )
        return _completion(reply)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _completion(reply: Any) -> Completion:
    """Return what a reply holds; endpoints differ, so nothing of it is taken for granted."""
    try:
        choice = reply.choices[0]
        message, reason = choice.message, str(choice.finish_reason or "stop")
        text = message.content
        refusal = getattr(message, "refusal", None)
    except (AttributeError, IndexError, TypeError) as exc:
        raise malformed("no choice in it") from exc
    if refusal:
        raise CallFailed("refused", f"The model declined: {str(refusal)[:MOST_SHOWN]}")
    if not isinstance(text, str):
        if reason == "content_filter":
            raise CallFailed("refused", "The endpoint's content filter held the answer back.")
        raise malformed("no text in it")
    usage = getattr(reply, "usage", None)
    counts = [getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")]
    tokens_in, tokens_out = (n if isinstance(n, int) and n >= 0 else None for n in counts)
    return Completion(text, tokens_in, tokens_out, reason[:40])
