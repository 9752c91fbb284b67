"""Charters and other documents that people write by hand: YAML and JSON, read without trust.

The YAML reader builds plain dictionaries, lists and strings straight from the parser's events: no
constructor runs, so a tag cannot name a type, an alias cannot multiply, and `no` stays the word
that was written. What a scalar means is decided by the schema that it is read into.
"""

import json
import re
from dataclasses import dataclass, field
from typing import NoReturn

import yaml
from pydantic import BaseModel, ValidationError

from experimentos.errors import UnreadableError
from experimentos.issue import Issue, Severity, Where
from experimentos.plan.charter import Charter
from experimentos.plan.field_issues import field_issues
from experimentos.policy import DEFAULT_POLICY, Policy

type Document = dict[str, object]


class Quoted(str):
    """A scalar that stood in quotes: its writer means text, whatever it looks like."""

    __slots__ = ()


EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)


def read_charter(
    content: bytes, name: str, policy: Policy = DEFAULT_POLICY
) -> Charter | tuple[Issue, ...]:
    """Return the charter in a YAML or JSON file, or what is wrong with it.

    Parameters
    ----------
    content
        UTF-8 text.
    name
        File name: `.json` is read as JSON, anything else as YAML, of which JSON is nearly a part.
    """
    try:
        document = read_document(content, name, policy)
    except UnreadableError as error:
        place = re.search(r"^line (\d+)", error.message)
        row = int(place[1]) if place else None
        return (
            Issue(
                "charter_unreadable", Severity.UNREADABLE, error.message, error.hint, Where(row=row)
            ),
        )
    typed = is_json(name)
    if not typed and document.get("schema_version") == "1":
        document["schema_version"] = 1
    return validate(Charter, document, typed=typed)


def is_json(name: str) -> bool:
    """Return whether a file of this name is read as JSON."""
    return name.lower().endswith(".json")


def validate[D: BaseModel](
    schema: type[D], document: Document, *, typed: bool
) -> D | tuple[Issue, ...]:
    """Return the document as the schema types it, or one issue for each field that does not fit.

    Parameters
    ----------
    typed
        Whether numbers and booleans already have their type (JSON), so that `true` is no number;
        otherwise (YAML) every scalar is a string and the schema reads it.
    """
    issues = tuple(_control_characters(document))
    if issues:
        return issues
    try:
        if typed:
            return schema.model_validate_json(json.dumps(document), strict=True)
        return schema.model_validate(document)
    except ValidationError as error:
        return field_issues(error, schema)


def read_document(content: bytes, name: str, policy: Policy = DEFAULT_POLICY) -> Document:
    """Return the mapping in a YAML or JSON file; UnreadableError says which line is wrong."""
    if len(content) > policy.document_bytes:
        raise UnreadableError(
            f"The document has {len(content):,} bytes; at most {policy.document_bytes:,} are read.",
            hint="Keep the plan in this file and the data in another.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableError(f"line {line}: not UTF-8 text.", hint="Save it as UTF-8.") from error
    if is_json(name):
        return read_json(text, policy)
    return read_yaml(text, policy)


def read_yaml(text: str, policy: Policy = DEFAULT_POLICY) -> Document:
    """Return the one mapping in a YAML text, every scalar as the string that was written.

    An empty value, `~` and `null` are None; a scalar in quotes is a `Quoted`. Aliases, anchors,
    tags, several documents, duplicate keys, keys that are not plain words and nesting deeper than
    the policy's are refused.

    Raises
    ------
    UnreadableError
        With the line in its message.
    """
    builder = _Builder(policy.document_depth)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = str(error.problem or error.context or "not YAML")
        if "\\t" in problem:
            raise UnreadableError(
                f"line {line}: a tab stands where YAML needs spaces.",
                hint="Indent with spaces.",
            ) from error
        raise UnreadableError(
            f"line {line}: {problem}.", hint="Correct the line; indent with spaces."
        ) from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        raise UnreadableError(
            f"line {line}: a character that YAML does not allow.", hint="Remove the character."
        ) from error
    return builder.document()


def read_json(text: str, policy: Policy = DEFAULT_POLICY) -> Document:
    """Return the one object in a JSON text; duplicate keys, NaN and huge integers are refused.

    Raises
    ------
    UnreadableError
        With the line in its message where the parser knows it.
    """
    try:
        found = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"line {error.lineno}: {error.msg}.", hint="Correct the JSON on that line."
        ) from error
    except RecursionError as error:
        raise _too_deep(1, policy.document_depth) from error
    if not isinstance(found, dict):
        raise UnreadableError(
            "line 1: a JSON object { ... } is needed.", hint="Write one object with named fields."
        )
    _check_depth(found, policy.document_depth)
    return found


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being filled; `key` is None where a key is awaited."""

    value: Document | list[object]
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Parser events to plain values."""

    depth: int
    stack: list[_Open] = field(default_factory=list)
    roots: list[object] = field(default_factory=list)
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.AliasEvent():
                _refuse(line, f"the alias *{event.anchor} is not allowed", "Write the value out.")
            case yaml.NodeEvent():
                self._node(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    _refuse(line, "a second document starts", "Keep one document in a file.")
            case _:
                pass

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            _refuse(
                line, f"the anchor &{event.anchor} is not allowed (no aliases)", "Write values out."
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            _refuse(line, f"the tag {tag} is not allowed", "Remove the tag.")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
            return
        child: Document | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._place(child, line)
        self.stack.append(_Open(child))
        if len(self.stack) > self.depth:
            raise _too_deep(line, self.depth)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.value, dict) and top.key is None:
            if event.value in top.value:
                _refuse(line, f"the key {event.value!r} is given twice", "Keep one of them.")
            top.key = event.value
            return
        plain = event.style is None
        if plain:
            self._place(None if event.value in EMPTY else event.value, line)
        else:
            self._place(Quoted(event.value), line)

    def _place(self, value: object, line: int) -> None:
        if not self.stack:
            self.roots.append(value)
            return
        top = self.stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            _refuse(line, "a key must be a plain word", "Write `name: value`.")
        else:
            top.value[top.key] = value
            top.key = None

    def document(self) -> Document:
        root = self.roots[0] if self.roots else None
        if not isinstance(root, dict):
            _refuse(1, "named fields are needed (`name: value`)", "Write one mapping.")
        return root


def _refuse(line: int, problem: str, hint: str) -> NoReturn:
    raise UnreadableError(f"line {line}: {problem}.", hint=hint)


def _too_deep(line: int, depth: int) -> UnreadableError:
    return UnreadableError(
        f"line {line}: nested deeper than {depth} levels.", hint="Flatten the document."
    )


def _unique(pairs: list[tuple[str, object]]) -> Document:
    document: Document = {}
    for key, value in pairs:
        if key in document:
            raise UnreadableError(f"The key {key!r} is given twice.", hint="Keep one of them.")
        document[key] = value
    return document


def _no_constant(text: str) -> NoReturn:
    raise UnreadableError(f"{text} is not JSON.", hint="Write a finite number, or null.")


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > 18:
        raise UnreadableError(
            f"An integer of {len(text)} digits.", hint="Use at most 18 digits, or a string."
        )
    return int(text)


def _check_depth(root: Document, depth: int) -> None:
    level: list[object] = [root]
    for _ in range(depth):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise _too_deep(1, depth)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return []
    return [child for child in value if isinstance(child, dict | list)]


def _control_characters(document: Document) -> list[Issue]:
    return [
        Issue(
            "control_character",
            Severity.BLOCKED,
            f"{path}: the invisible character U+{ord(found[0]):04X} stands in the text.",
            "Delete the character and type the text again.",
            Where(column=path),
        )
        for path, text in _texts(document, "")
        if (found := CONTROL.search(text))
    ]


def _texts(value: object, path: str) -> list[tuple[str, str]]:
    """Return every string with its dotted path, keys included."""
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, list):
        return [pair for i, item in enumerate(value) for pair in _texts(item, f"{path}.{i}")]
    if isinstance(value, dict):
        return [
            pair
            for key, item in value.items()
            for pair in ((path, key), *_texts(item, f"{path}.{key}".lstrip(".")))
        ]
    return []
