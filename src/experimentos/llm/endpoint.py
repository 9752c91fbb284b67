"""Calls of an OpenAI-compatible endpoint: time limits, retries, streams, and what it can do."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import openai

from experimentos.llm.completions import CallFailed
from experimentos.llm.faults import malformed, translated
from experimentos.llm.limits import Limits
from experimentos.llm.port import Usage
from experimentos.llm.settings import LlmSettings

type Message = dict[str, Any]
type Form = Literal["strict", "json", "text"]

HINT = "The server may be busy; ask again, or with a shorter text."
CHARACTERS_PER_TOKEN = 4
_WEAKER: dict[Form, Form] = {"strict": "json", "json": "text"}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an endpoint was found to understand; each is given up when it is refused.

    Attributes
    ----------
    form : str
        "strict" (a JSON Schema is enforced), "json" (some JSON object), "text".
    tools : bool
        Calls of tools.
    counts : bool
        Token counts at the end of a stream.
    """

    form: Form = "strict"
    tools: bool = True
    counts: bool = True


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to use, its arguments as it wrote them."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a model, complete.

    Attributes
    ----------
    text : str
    calls : tuple[ToolCall, ...]
    reason : str
        "stop", "tool_calls", "length" (cut off), "content_filter".
    refusal : str
        The model's words when it declines.
    usage : Usage
    """

    text: str
    calls: tuple[ToolCall, ...]
    reason: str
    refusal: str
    usage: Usage


class Endpoint:
    """One model behind one address; safe to use from several threads.

    Parameters
    ----------
    settings
        Address, model and key, from the server's configuration alone.
    limits
    clock, sleep
        Monotonic seconds, and how to wait.
    """

    def __init__(
        self,
        settings: LlmSettings,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.limits = limits
        self.abilities = Abilities()
        self._clock, self._sleep = clock, sleep
        self._client = openai.OpenAI(
            base_url=settings.base_url,
            api_key=settings.key or "none",
            max_retries=0,
            timeout=openai.Timeout(limits.read_seconds, connect=limits.connect_seconds),
        )

    def deadline(self) -> float:
        """Return until when an answer that begins now may take."""
        return self._clock() + self.limits.total_seconds

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, messages: Sequence[Message], schema: Mapping[str, Any], deadline: float) -> Reply:
        """Return an answer that should be JSON of a schema, as strictly as the endpoint can.

        Raises
        ------
        CallFailed
            If there is none.
        """
        while True:
            form = self.abilities.form
            try:
                return self._ask_in_form(messages, schema, form, deadline)
            except CallFailed as exc:
                weaker = _WEAKER.get(form)
                if exc.code != "bad_request" or weaker is None:
                    raise
                self.abilities = replace(self.abilities, form=weaker)

    def stream(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], deadline: float
    ) -> Iterator[str | Reply]:
        """Yield the words of an answer as they come, and at last the whole answer.

        Closing the iterator ends the call.

        Raises
        ------
        CallFailed
            If there is none, or it breaks off.
        """
        opened = self._attempted(lambda: self._opened(messages, tools), deadline)
        gathered = _Gathered()
        try:
            with translated(self.limits.read_seconds, HINT):
                for chunk in opened:
                    piece = gathered.take(chunk)
                    if piece:
                        yield piece
                    self._check_time(deadline)
        finally:
            opened.close()
        yield gathered.reply(_length(messages))

    def _ask_in_form(
        self, messages: Sequence[Message], schema: Mapping[str, Any], form: Form, deadline: float
    ) -> Reply:
        extra: dict[str, Any] = {}
        if form == "strict":
            named = {"name": "answer", "strict": True, "schema": schema}
            extra["response_format"] = {"type": "json_schema", "json_schema": named}
        elif form == "json":
            extra["response_format"] = {"type": "json_object"}
        reply = self._attempted(lambda: self._created(messages, extra), deadline)
        return _whole(reply, _length(messages))

    def _opened(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]
    ) -> "openai.Stream[Any]":
        """Open a stream, giving up what the endpoint refuses: first counts, then tools."""
        while True:
            extra: dict[str, Any] = {"stream": True}
            if self.abilities.counts:
                extra["stream_options"] = {"include_usage": True}
            if tools and self.abilities.tools:
                extra |= {"tools": tools, "parallel_tool_calls": False}
            try:
                opened: openai.Stream[Any] = self._created(messages, extra)
            except CallFailed as exc:
                if exc.code != "bad_request" or not self._gave_up():
                    raise
            else:
                return opened

    def _gave_up(self) -> bool:
        known = self.abilities
        if not known.counts and not known.tools:
            return False
        self.abilities = replace(known, counts=False, tools=known.counts and known.tools)
        return True

    def _created(self, messages: Sequence[Message], extra: Mapping[str, Any]) -> Any:
        most = "max_tokens" if self.settings.base_url else "max_completion_tokens"
        if self.settings.base_url is None:
            extra = {**extra, "store": False}
        create: Any = self._client.chat.completions.create
        with translated(self.limits.read_seconds, HINT):
            return create(
                model=self.settings.model,
                messages=list(messages),
                **{most: self.limits.answer_tokens},
                **extra,
            )

    def _attempted[T](self, call: Callable[[], T], deadline: float) -> T:
        """Return what a call gives, tried again after faults that may pass."""
        wait = self.limits.wait_seconds
        for left in range(self.limits.retries, -1, -1):
            self._check_time(deadline)
            try:
                return call()
            except CallFailed as exc:
                pause = max(wait, exc.retry_after or 0.0)
                too_long = pause > self.limits.longest_wait_seconds
                if not exc.may_pass or not left or too_long or self._clock() + pause > deadline:
                    raise
                self._sleep(pause)
                wait *= 2
        raise AssertionError  # the loop returns or raises

    def _check_time(self, deadline: float) -> None:
        if self._clock() > deadline:
            limit = self.limits.total_seconds
            raise CallFailed("timed_out", f"No whole answer within {limit:g} seconds.", hint=HINT)


class _Gathered:
    """The chunks of a stream, put together."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.refusal: list[str] = []
        self.calls: dict[int, list[str]] = {}
        self.reason = ""
        self.usage: Usage | None = None

    def take(self, chunk: Any) -> str:
        """Take one chunk and return the words in it; nothing of its form is taken for granted."""
        self.usage = _usage(getattr(chunk, "usage", None)) or self.usage
        choices = getattr(chunk, "choices", None) or ()
        if not choices:
            return ""
        self.reason = str(getattr(choices[0], "finish_reason", None) or self.reason)
        delta = getattr(choices[0], "delta", None)
        refusal = getattr(delta, "refusal", None)
        if isinstance(refusal, str):
            self.refusal.append(refusal)
        for call in getattr(delta, "tool_calls", None) or ():
            self._take_call(call)
        words = getattr(delta, "content", None)
        if not isinstance(words, str):
            return ""
        self.text.append(words)
        return words

    def _take_call(self, call: Any) -> None:
        place = getattr(call, "index", None)
        known = self.calls.setdefault(place if isinstance(place, int) else 0, ["", "", ""])
        function = getattr(call, "function", None)
        known[0] = known[0] or str(getattr(call, "id", None) or "")
        known[1] = known[1] or str(getattr(function, "name", None) or "")
        known[2] += str(getattr(function, "arguments", None) or "")

    def reply(self, sent: int) -> Reply:
        calls = tuple(ToolCall(*parts) for _, parts in sorted(self.calls.items()))
        text = "".join(self.text)
        received = len(text) + sum(len(c.arguments) for c in calls)
        usage = self.usage or _estimate(sent, received)
        return Reply(text, calls, self.reason, "".join(self.refusal), usage)


def _whole(reply: Any, sent: int) -> Reply:
    try:
        choice = reply.choices[0]
        message, reason = choice.message, str(choice.finish_reason or "stop")
        text = message.content
    except (AttributeError, IndexError, TypeError) as exc:
        raise malformed("no choice in it") from exc
    words = text if isinstance(text, str) else ""
    refusal = str(getattr(message, "refusal", None) or "")
    usage = _usage(getattr(reply, "usage", None)) or _estimate(sent, len(words))
    return Reply(words, (), reason, refusal, usage)


def _usage(counted: Any) -> Usage | None:
    prompt = getattr(counted, "prompt_tokens", None)
    completion = getattr(counted, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    cached = getattr(getattr(counted, "prompt_tokens_details", None), "cached_tokens", None)
    return Usage(1, prompt, cached if isinstance(cached, int) else 0, completion)


def _estimate(sent: int, received: int) -> Usage:
    # Endpoints that do not count are counted by length, so that a budget holds for them too.
    parts = (sent // CHARACTERS_PER_TOKEN, 0, received // CHARACTERS_PER_TOKEN)
    return Usage(1, *parts, is_estimate=True)


def _length(messages: Sequence[Message]) -> int:
    return len(json.dumps(list(messages), ensure_ascii=False))
