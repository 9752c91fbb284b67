"""The `Completer` port over any endpoint that speaks the chat protocol of OpenAI."""

import math
from typing import Any, NoReturn

import openai

from experimentos.llm.completions import CallFailed, Completion, Prompt

NOT_ALLOWED = frozenset({401, 403, 404})
SERVER_FAULT = 500
TOO_MANY = 429
REQUEST_TIMEOUT = 408
MOST_SHOWN = 200


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
        try:
            reply = self._client.chat.completions.create(
                model=prompt.model, messages=messages, timeout=prompt.timeout_seconds, **asked
            )
        except openai.APITimeoutError as exc:
            raise CallFailed(
                "timed_out",
                f"No answer within {prompt.timeout_seconds:g} seconds.",
                hint="Raise limits.timeout_seconds, or ask for fewer tokens.",
            ) from exc
        except openai.APIStatusError as exc:
            _refused_status(exc)
        except openai.APIConnectionError as exc:
            raise CallFailed(
                "unreachable", "The endpoint cannot be reached.", hint="Check that it runs."
            ) from exc
        except (openai.APIError, ValueError) as exc:
            raise _malformed(type(exc).__name__) from exc
        return _completion(reply)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _refused_status(exc: openai.APIStatusError) -> NoReturn:
    status = exc.status_code
    said = f"The endpoint answered {status}: {_said(exc)}"
    if status == TOO_MANY:
        raise CallFailed("rate_limited", said, retry_after=_retry_after(exc)) from exc
    if status in NOT_ALLOWED:
        hint = "Check the key, the model's name and the address of the endpoint."
        raise CallFailed("not_allowed", said, hint=hint) from exc
    if status >= SERVER_FAULT or status == REQUEST_TIMEOUT:
        raise CallFailed("server_fault", said, retry_after=_retry_after(exc)) from exc
    hint = "Check the parameters that this model takes."
    raise CallFailed("bad_request", said, hint=hint) from exc


def _said(exc: openai.APIStatusError) -> str:
    body = exc.body
    text = body.get("message") if isinstance(body, dict) else None
    return str(text or exc.response.reason_phrase or "no reason given")[:MOST_SHOWN]


def _retry_after(exc: openai.APIStatusError) -> float | None:
    try:
        seconds = float(exc.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _malformed(what: str) -> CallFailed:
    return CallFailed(
        "malformed_reply",
        f"The endpoint's reply is not one of the chat protocol ({what}).",
        hint="Check that the address is that of an OpenAI-compatible endpoint.",
    )


def _completion(reply: Any) -> Completion:
    """Return what a reply holds; endpoints differ, so nothing of it is taken for granted."""
    try:
        choice = reply.choices[0]
        message, reason = choice.message, str(choice.finish_reason or "stop")
        text = message.content
        refusal = getattr(message, "refusal", None)
    except (AttributeError, IndexError, TypeError) as exc:
        raise _malformed("no choice in it") from exc
    if refusal:
        raise CallFailed("refused", f"The model declined: {str(refusal)[:MOST_SHOWN]}")
    if not isinstance(text, str):
        if reason == "content_filter":
            raise CallFailed("refused", "The endpoint's content filter held the answer back.")
        raise _malformed("no text in it")
    usage = getattr(reply, "usage", None)
    counts = [getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")]
    tokens_in, tokens_out = (n if isinstance(n, int) and n >= 0 else None for n in counts)
    return Completion(text, tokens_in, tokens_out, reason[:40])
