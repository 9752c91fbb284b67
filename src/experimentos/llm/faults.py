"""What went wrong in a call of the openai client, as a `CallFailed`."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import openai

from experimentos.llm.completions import CallFailed

NOT_ALLOWED = frozenset({401, 403, 404})
SERVER_FAULT = 500
TOO_MANY = 429
REQUEST_TIMEOUT = 408
MOST_SHOWN = 200


@contextmanager
def translated(timeout_seconds: float, hint: str) -> Iterator[None]:
    """Turn what the client raises into `CallFailed`.

    Parameters
    ----------
    timeout_seconds
        How long the call may take, for the message.
    hint
        What the reader can do when it takes longer.
    """
    try:
        yield
    except openai.APITimeoutError as exc:
        raise CallFailed(
            "timed_out", f"No answer within {timeout_seconds:g} seconds.", hint=hint
        ) from exc
    except openai.APIStatusError as exc:
        _refused_status(exc)
    except openai.APIConnectionError as exc:
        raise CallFailed(
            "unreachable", "The endpoint cannot be reached.", hint="Check that it runs."
        ) from exc
    except (openai.APIError, ValueError) as exc:
        raise malformed(type(exc).__name__) from exc


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


def malformed(what: str) -> CallFailed:
    return CallFailed(
        "malformed_reply",
        f"The endpoint's reply is not one of the chat protocol ({what}).",
        hint="Check that the address is that of an OpenAI-compatible endpoint.",
    )
