"""What is sent to a model: fixed instructions first, people's texts only as JSON data."""

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from experimentos.charts.visible import visible
from experimentos.design.document import ExperimentDescription
from experimentos.design.parse.draft import Draft
from experimentos.design.rules.finding import Finding
from experimentos.llm.port import Said, Task

FIELD_CHARACTERS = 4_000
TEXT_CHARACTERS = 12_000
MOST_FINDINGS = 20
MOST_SAID = 20
MOST_LEVELS = 24

type Message = dict[str, Any]

# What the model need not know: places in the text, our own notes, what the layout was drawn with.
_LEFT_OUT = frozenset({"source_span", "assumptions", "open_questions", "acknowledged", "layout"})


@cache
def prompt(name: str) -> str:
    """Return the fixed instructions of a kind: "chat", "read" or "repair"."""
    file = resources.files("experimentos.llm") / "prompts" / f"{name}.txt"
    return file.read_text(encoding="utf-8").strip()


def chat_messages(task: Task) -> list[Message]:
    """Return the messages of a conversation: instructions, the design as data, what was said."""
    given = {
        "design": _design(task.document),
        "findings": _findings(task.findings),
        "focus": task.focus,
        "description": cleaned(task.description, TEXT_CHARACTERS),
    }
    said = [_message(s) for s in task.history[-MOST_SAID:]]
    asked: Message = {"role": "user", "content": cleaned(task.request)}
    return [_system("chat"), _user(given), *said, asked]


def size_of(task: Task) -> int:
    """Return how many characters a task sends, for the tokens of an answer that was stopped."""
    return len(json.dumps(chat_messages(task), ensure_ascii=False))


def read_messages(text: str, candidates: Draft) -> list[Message]:
    """Return the messages that ask for a draft."""
    given = {"text": cleaned(text, TEXT_CHARACTERS), "candidates": _candidates(candidates)}
    return [_system("read"), _user(given)]


def cleaned(text: str, most: int = FIELD_CHARACTERS) -> str:
    """Return a person's text with hidden characters as marks, cut to a length."""
    return visible(text)[:most]


def _system(name: str) -> Message:
    return {"role": "system", "content": prompt(name)}


def _user(given: object) -> Message:
    return {"role": "user", "content": json.dumps(given, ensure_ascii=False)}


def _message(said: Said) -> Message:
    return {"role": "user" if said.is_person else "assistant", "content": cleaned(said.text)}


def _findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "rule": f.rule,
            "severity": f.severity.value,
            "subjects": f.subjects,
            "message": cleaned(f.message, 600),
            "why": f.why,
            "fixes": [cleaned(patch.title, 200) for patch in f.fixes],
        }
        for f in findings[:MOST_FINDINGS]
    ]


def _design(document: ExperimentDescription) -> Any:
    return _slim(document.model_dump(mode="json", exclude_defaults=True))


def _slim(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _slim(v) for k, v in value.items() if k not in _LEFT_OUT}
    if isinstance(value, list):
        kept = [_slim(item) for item in value[:MOST_LEVELS]]
        left = len(value) - len(kept)
        return [*kept, f"and {left} more"] if left else kept
    return cleaned(value) if isinstance(value, str) else value


def _candidates(draft: Draft) -> dict[str, Any]:
    return {
        "factors": [
            {"name": f.name, "kind": f.kind, "levels": list(f.levels[:MOST_LEVELS]), "unit": f.unit,
             "evidence": cleaned(f.evidence.quote, 400)}
            for f in draft.factors
        ],
        "responses": [
            {"name": r.name, "family": r.family, "evidence": cleaned(r.evidence.quote, 400)}
            for r in draft.responses
        ],
        "randomisation_unit": draft.randomisation_unit,
    }  # fmt: skip
