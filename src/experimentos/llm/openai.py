"""The assistant that is a language model: what it says is shown, what it wants is proposed."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from experimentos.charts.visible import one_line
from experimentos.design.document import ExperimentDescription, explain
from experimentos.design.parse.draft import Draft
from experimentos.design.patch import apply
from experimentos.errors import DesignError, LlmRefused
from experimentos.llm.breaker import Breaker
from experimentos.llm.briefing import Message, chat_messages, prompt, read_messages
from experimentos.llm.completions import CallFailed
from experimentos.llm.endpoint import Endpoint, Reply, ToolCall
from experimentos.llm.evidence import stands_in
from experimentos.llm.port import (
    Asked,
    Event,
    Notice,
    Piece,
    Proposed,
    Reading,
    Spent,
    Task,
    Usage,
)
from experimentos.llm.tools import TOOLS, AskQuestion, declared
from experimentos.llm.wire import DraftDesign, checked

MOST_ANSWER = 20_000
_CUT = "The answer reached its length limit and is cut off."


class OpenAIAssistant:
    """A model behind an endpoint; every failure is an exception that somebody else answers.

    Parameters
    ----------
    endpoint
    breaker
        Shared by all conversations of this process.
    """

    def __init__(self, endpoint: Endpoint, breaker: Breaker | None = None) -> None:
        self._endpoint = endpoint
        self._breaker = breaker or Breaker()

    @property
    def name(self) -> str:
        """Return the model's name, on one line."""
        return one_line(self._endpoint.settings.model)[:80]

    @property
    def is_resting(self) -> bool:
        """Return whether the endpoint is left alone after several failures."""
        return self._breaker.is_open

    def chat(self, task: Task) -> Iterator[Event]:
        """Answer one request; see `llm.port.Assistant.chat`.

        Raises
        ------
        CallFailed
            If there is no answer, or it breaks off.
        LlmRefused
            If the model declines.
        """
        self._check_rest()
        talk = _Talk(self._endpoint, task)
        try:
            for event in talk.events():
                yield Spent(event, self.name) if isinstance(event, Usage) else event
        except CallFailed as exc:
            self._count(exc)
            raise
        self._breaker.succeeded()

    def read(self, text: str, candidates: Draft, allowance: int | None = None) -> Reading:
        """Read a description; see `llm.port.Assistant.read`.

        Raises
        ------
        CallFailed
            If there is no answer, or none that can be read after one repair.
        LlmRefused
            If the model declines.
        """
        self._check_rest()
        try:
            reading = self._read(text, candidates, allowance)
        except CallFailed as exc:
            self._count(exc)
            raise
        self._breaker.succeeded()
        return reading

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def _read(self, text: str, candidates: Draft, allowance: int | None) -> Reading:
        _check_allowance(allowance)
        deadline = self._endpoint.deadline()
        messages = read_messages(text, candidates)
        schema = DraftDesign.model_json_schema()
        spent = Usage()
        fault = ""
        for _ in range(2):
            reply = self._endpoint.ask(messages, schema, deadline)
            spent += reply.usage
            _check_refusal(reply)
            wire, fault = _parsed(reply)
            if wire is not None:
                found = checked(wire, text, candidates)
                return Reading(found.draft, self.name, spent, _refusals(found.refused))
            again = prompt("repair").replace("{fault}", fault)
            messages = [
                *messages,
                {"role": "assistant", "content": reply.text},
                {"role": "user", "content": again},
            ]
        raise CallFailed(
            "malformed_reply", f"The model's answer cannot be read: {fault}.", hint="Ask again."
        )

    def _check_rest(self) -> None:
        if self._breaker.is_open:
            raise CallFailed(
                "resting",
                "The model failed several times in a row and is left alone for two minutes.",
            )

    def _count(self, failure: CallFailed) -> None:
        if failure.may_pass:
            self._breaker.failed()


class _Talk:
    """One answer with all its rounds: words, tool calls, what came of them."""

    def __init__(self, endpoint: Endpoint, task: Task) -> None:
        self._endpoint = endpoint
        self._task = task
        # Proposals of one answer build on one another; nothing of this is kept.
        self._trial: ExperimentDescription = task.document
        self._spent = Usage()

    def events(self) -> Iterator[Event | Usage]:
        messages = chat_messages(self._task)
        deadline = self._endpoint.deadline()
        for _ in range(self._endpoint.limits.rounds):
            self._check_budget()
            reply: Reply | None = None
            for piece in self._endpoint.stream(messages, declared(), deadline):
                if isinstance(piece, Reply):
                    reply = piece
                else:
                    yield Piece(piece)
            assert reply is not None  # noqa: S101 - a stream ends with the whole answer
            self._spent += reply.usage
            yield reply.usage
            yield from _limits_met(reply)
            if not reply.calls:
                return
            messages.append(_said(reply))
            for call in reply.calls:
                event, outcome = self._used(call)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": outcome})
                if event is not None:
                    yield event
        yield Notice("The model was stopped: it went on proposing without an answer.")

    def _check_budget(self) -> None:
        left = self._task.allowance
        _check_allowance(None if left is None else left - self._spent.tokens)

    def _used(self, call: ToolCall) -> tuple[Event | None, str]:
        """Return what a tool call shows to the person, and what the model is told."""
        try:
            arguments = json.loads(call.arguments or "{}")
            if call.name == AskQuestion.tool:
                asked = AskQuestion.model_validate(arguments)
                answers = tuple(_line(a) for a in asked.answers[:4] if a.strip())
                return Asked(_line(asked.text, 1_000), answers), _outcome("asked")
            return self._proposed(call.name, arguments)
        except ValidationError as exc:
            return None, _outcome("refused", explain(exc))
        except ValueError:
            return None, _outcome("refused", "the arguments are no JSON object")
        except DesignError as exc:
            return None, _outcome("refused", str(exc))

    def _proposed(self, name: str, arguments: Any) -> tuple[Event | None, str]:
        kind = TOOLS.get(name)
        if kind is None:
            return None, _outcome("refused", "there is no such tool")
        tool = kind.model_validate(arguments)
        patch = tool.patch(self._trial, self._task.findings)
        after = apply(self._trial, patch)
        if after == self._trial:
            return None, _outcome("refused", "the design is so already")
        quote = _line(tool.quote, 400)
        is_quoted = stands_in(quote, self._task.own_words)
        if quote and not is_quoted:
            return None, _outcome(
                "refused",
                "the scientist never said the words in quote; copy their words, or leave quote "
                "empty if this is your own suggestion",
            )
        self._trial = after
        return Proposed(patch, _line(tool.why, 600), quote, is_quoted), _outcome("shown")


def _said(reply: Reply) -> Message:
    calls = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
        for c in reply.calls
    ]
    return {"role": "assistant", "content": reply.text or None, "tool_calls": calls}


def _outcome(status: str, reason: str = "") -> str:
    return json.dumps({"status": status, **({"reason": reason} if reason else {})})


def _limits_met(reply: Reply) -> Iterator[Event]:
    if reply.refusal:
        raise LlmRefused(f"The model declined: {_line(reply.refusal, 300)}")
    if reply.reason == "length":
        yield Notice(_CUT)
    if reply.reason == "content_filter":
        yield Notice("The endpoint's content filter held the rest of the answer back.")


def _check_refusal(reply: Reply) -> None:
    if reply.refusal:
        raise LlmRefused(f"The model declined: {_line(reply.refusal, 300)}")
    if reply.reason == "content_filter":
        raise LlmRefused("The endpoint's content filter held the answer back.")


def _check_allowance(left: int | None) -> None:
    if left is not None and left <= 0:
        raise CallFailed("budget", "The token budget is used up.")


def _parsed(reply: Reply) -> tuple[DraftDesign | None, str]:
    """Return what an answer holds, or why it cannot be read."""
    if reply.reason == "length":
        return None, "it reached its length limit and is cut off"
    text = reply.text.strip()
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None, "there is no JSON object in it"
    try:
        return DraftDesign.model_validate_json(text[start : end + 1]), ""
    except ValidationError as exc:
        return None, explain(exc)


def _refusals(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"The model also named {name}; it was left out, because nothing in your text says so."
        for name in names
    )


def _line(text: str, most: int = 200) -> str:
    return one_line(text)[:most]
