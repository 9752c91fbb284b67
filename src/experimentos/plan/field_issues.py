"""What is wrong with a field of a document, in words for the person who wrote it."""

import difflib

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from experimentos.issue import Issue, Severity, Where

type Document = dict[str, object]

WORDS = {
    "missing": "it is needed and not there",
    "int_parsing": "a whole number is needed",
    "int_type": "a whole number is needed",
    "float_parsing": "a number is needed",
    "float_type": "a number is needed",
    "literal_error": "it is one of {expected}",
    "greater_than": "it must be more than {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "too_short": "at least {min_length} is needed",
    "string_too_short": "a text is needed",
}


def field_issues(error: ValidationError, schema: type[BaseModel]) -> tuple[Issue, ...]:
    """Return one issue for each field of a document that does not fit its schema."""
    details = error.errors(include_url=False)
    places = [detail["loc"] for detail in details]
    # A list whose entries are wrong counts as empty, too: that is said once, of the entries.
    own = (
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            len(p) > len(detail["loc"]) and p[: len(detail["loc"])] == detail["loc"] for p in places
        )
    )
    return tuple(_issue(detail, schema) for detail in own)


def _issue(detail: ErrorDetails, schema: type[BaseModel]) -> Issue:
    path = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return _unknown(path, str(detail["loc"][-1]), _fields(schema, detail["loc"]))
    whole = detail["type"] == "missing" or not path or isinstance(detail["input"], dict | list)
    found = "" if whole else f", found {_short(detail['input'])}"
    problem = _problem(detail)
    return Issue(
        "field_invalid",
        Severity.BLOCKED,
        f"{path or 'the document'}: {problem}{found}.",
        f"Correct {path or 'the document'}.",
        Where(column=path or None),
    )


def _unknown(path: str, name: str, known: list[str]) -> Issue:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    fix = f"Did you mean {near[0]}? " if near else ""
    return Issue(
        "field_unknown",
        Severity.BLOCKED,
        f"{path}: there is no such field.",
        f"{fix}The fields are {', '.join(known)}.",
        Where(column=path),
    )


def _fields(schema: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the field names that stand beside the one at this place."""
    definition = schema.model_json_schema()
    node = definition
    for part in loc[:-1]:
        node = _step(node, part, definition)
    return list(node.get("properties", {}))


def _step(node: Document, part: int | str, definition: Document) -> Document:
    properties = node.get("properties")
    child = properties.get(part) if isinstance(properties, dict) else None
    for candidate in _variants(child if isinstance(child, dict) else node, definition):
        if isinstance(part, int) and isinstance(candidate.get("items"), dict):
            return _variants(candidate["items"], definition)[0]
        if "properties" in candidate or "items" in candidate:
            return candidate
    return {}


def _variants(node: object, definition: Document) -> list[Document]:
    """Return the node with its reference followed and its alternatives spread out."""
    if not isinstance(node, dict):
        return []
    if isinstance(node.get("anyOf"), list):
        return [found for option in node["anyOf"] for found in _variants(option, definition)]
    reference = node.get("$ref")
    definitions = definition.get("$defs")
    if isinstance(reference, str) and isinstance(definitions, dict):
        return [definitions[reference.rsplit("/", 1)[-1]]]
    return [node]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _problem(detail: ErrorDetails) -> str:
    """Return what was needed, in words that are not those of a programming language."""
    known = WORDS.get(detail["type"])
    if known is not None:
        return known.format(**detail.get("ctx", {}))
    return detail["msg"].removeprefix("Value error, ").rstrip(".")
