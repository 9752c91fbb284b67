"""Experiment and project files, with a word on everything that YAML could have misread."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pydantic import BaseModel

from experimentos.errors import UnreadableError
from experimentos.issue import Issue, Severity, Where, worst
from experimentos.plan.documents import Document, Quoted, is_json, read_document, validate
from experimentos.policy import DEFAULT_POLICY, Policy
from experimentos.runs.documents import Experiment, Project
from experimentos.runs.variant_evaluation import issues_of

SWITCH_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false"})
NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+")
MISREAD = (
    (re.compile(r"[-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?"), "a number in base 60"),
    (re.compile(r"[-+]?0[0-7]+|0o[0-7]+"), "an octal number"),
    (re.compile(r"0x[0-9a-fA-F]+|0b[01]+"), "a number in base 16 or 2"),
    (re.compile(r"[-+]?\d[\d,]*_[\d_,]*(?:\.\d*)?"), "a number without its underscores"),
    (re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt ].*)?"), "a date"),
)
NOT_FINITE = re.compile(r"[-+]?\.?(?:inf|infinity|nan)", re.IGNORECASE)
LINE = re.compile(r"^line (\d+)")
CREATED = "created"


# Where a plain scalar has the type that its spelling has.
TYPED = ("defaults", "constraints", "quality")
TYPED_WITHIN = frozenset({"parameters", "scorer", "scenarios", *TYPED})


@dataclass(frozen=True, slots=True)
class ExperimentFile:
    """What an experiment file says.

    Attributes
    ----------
    plan : Experiment | None
        None when an issue blocks it.
    issues : tuple[Issue, ...]
        `where.column` is the name of the field.
    """

    plan: Experiment | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What a project file says; `project` is None when an issue blocks it."""

    project: Project | None
    issues: tuple[Issue, ...]


def read_experiment(
    content: bytes,
    name: str,
    policy: Policy = DEFAULT_POLICY,
    given: Mapping[str, object] = MappingProxyType({}),
) -> ExperimentFile:
    """Read an experiment from YAML or JSON; never raises for what the bytes hold.

    Parameters
    ----------
    given
        Fields that count instead of the file's, as typed values.
    """
    plan, issues = _read(Experiment, content, name, policy, given)
    placed = [_with_line(issue, content) for issue in issues]
    if plan is not None and plan.asks:
        placed += [_with_line(issue, content) for issue in issues_of(plan)]
        plan = None if worst(placed) is Severity.BLOCKED else plan
    return ExperimentFile(plan, tuple(placed))


def read_project(
    content: bytes,
    name: str,
    policy: Policy = DEFAULT_POLICY,
    given: Mapping[str, object] = MappingProxyType({}),
) -> ProjectFile:
    """Read a project from YAML or JSON, as `read_experiment`."""
    return ProjectFile(*_read(Project, content, name, policy, given))


def first_variant(content: bytes, name: str) -> str:
    """Return the name of the first variant of a file; "" when there is none to be read."""
    try:
        variants = read_document(content, name).get("variants")
    except UnreadableError:
        return ""
    first = variants[0] if isinstance(variants, list) and variants else None
    return str(first.get("name", "")) if isinstance(first, dict) else ""


def _read[D: BaseModel](
    schema: type[D], content: bytes, name: str, policy: Policy, given: Mapping[str, object]
) -> tuple[D | None, tuple[Issue, ...]]:
    what = schema.__name__.lower()
    try:
        document = read_document(content, name, policy) | dict(given)
    except UnreadableError as error:
        place = LINE.search(error.message)
        where = Where(row=int(place[1]) if place else None)
        issue = Issue(f"{what}_unreadable", Severity.UNREADABLE, error.message, error.hint, where)
        return None, (issue,)
    typed = is_json(name)
    found = [] if typed else list(_ambiguous(document, ()))
    if any(issue.severity is Severity.BLOCKED for issue in found):
        return None, tuple(found)
    if not typed:
        if document.get("schema_version") == "1":
            document["schema_version"] = 1
        _type_parameters(document)
    plan = validate(schema, document, typed=typed)
    if isinstance(plan, tuple):
        return None, (*found, *(_by_field(issue) for issue in plan))
    return plan, tuple(found)


def _with_line(issue: Issue, content: bytes) -> Issue:
    """Return an issue on what runs with its line, and what is to be done about both at once."""
    if "entry point and an evaluation" in issue.message:
        return replace(
            issue,
            fix="Keep one of them: take entry_point away, or the models, scenarios and scorer of "
            "the evaluation.",
            where=Where(row=_line_of("entry_point", content), column="entry_point"),
        )
    if issue.code == "variant_evaluation" or "evaluation that asks" in issue.message:
        return replace(issue, where=Where(row=_line_of("evaluation", content), column="evaluation"))
    return issue


def _line_of(field: str, content: bytes) -> int | None:
    """Return the line that a field stands on, None when it cannot be told."""
    found = re.search(rb"^\s*\"?" + field.encode() + rb"\"?\s*:", content, re.MULTILINE)
    return content.count(b"\n", 0, found.end()) + 1 if found else None


def _by_field(issue: Issue) -> Issue:
    """Return the issue with the field's own name as its column; the message keeps the path."""
    path = (issue.where.column or "").split(".")
    named = [part for part in path if part and not part.isdigit()]
    column = named[-1] if named else None
    for rule in ("baseline", "variant"):
        if column is None and issue.message.startswith(f"the document: the {rule}"):
            column = "baseline" if rule == "baseline" else "name"
    return replace(issue, where=Where(row=issue.where.row, column=column))


def _ambiguous(value: object, path: tuple[str, ...]) -> Iterator[Issue]:
    """Yield an issue for every unquoted scalar that YAML 1.1 reads as something else."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _ambiguous(item, (*path, str(key)))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _ambiguous(item, (*path, str(position)))
    elif isinstance(value, str) and not isinstance(value, Quoted):
        yield from _scalar(value, path)


def _scalar(text: str, path: tuple[str, ...]) -> Iterator[Issue]:
    column = next((part for part in reversed(path) if not part.isdigit()), None)
    dotted, where = ".".join(path), Where(column=column)
    in_parameters = not TYPED_WITHIN.isdisjoint(path)
    if NOT_FINITE.fullmatch(text) and in_parameters:
        yield Issue(
            "not_finite",
            Severity.BLOCKED,
            f"{dotted}: {text} is not a finite number.",
            f'Write a finite number, or "{text}" in quotes for the word.',
            where,
        )
    elif text.lower() in SWITCH_WORDS and not (in_parameters and text in {"true", "false"}):
        yield Issue(
            "switch_word",
            Severity.NOTE if in_parameters else Severity.BLOCKED,
            f"{dotted}: {text} is a word here, but many YAML readers take it for true or false.",
            f'Write it in quotes: "{text}".',
            where,
        )
    elif meaning := _misread(text, path):
        yield Issue(
            "kept_as_text",
            Severity.NOTE,
            f"{dotted}: {text} is kept as the text that was written; some readers make it "
            f"{meaning}.",
            f'Write it in quotes to make that plain: "{text}".',
            where,
        )


def _misread(text: str, path: tuple[str, ...]) -> str | None:
    if path and path[-1] == CREATED:
        return None
    return next((meaning for shape, meaning in MISREAD if shape.fullmatch(text)), None)


def _type_parameters(document: Document) -> None:
    """Give plain scalars of parameters and defaults the type that their spelling has."""
    for name in TYPED:
        if isinstance(document.get(name), dict):
            document[name] = _typed(document[name])
    variants = document.get("variants")
    for variant in variants if isinstance(variants, list) else []:
        if isinstance(variant, dict) and isinstance(variant.get("parameters"), dict):
            variant["parameters"] = _typed(variant["parameters"])


def _typed(value: object) -> object:
    match value:
        case dict():
            return {key: _typed(item) for key, item in value.items()}
        case list():
            return [_typed(item) for item in value]
        case Quoted():
            return str(value)
        case str():
            return value_of(value)
        case _:
            return value


def value_of(text: str) -> str | int | float | bool:
    """Return a parameter that was typed as plain text: a number, true or false, or the text."""
    if text in {"true", "false"}:
        return text == "true"
    if not NUMBER.fullmatch(text):
        return text
    if text.lstrip("+-").isdigit():
        return int(text)
    return float(text) if math.isfinite(float(text)) else text
