"""JSON: a list of records, with the digits as the file has them."""

import json
import re
from typing import Any, NoReturn

from experimentos.issue import Issue
from experimentos.metrics.reading.grid import Grid, Line, note, refusal, too_many_columns
from experimentos.metrics.reading.grid import too_many_rows as too_many
from experimentos.metrics.reading.names import visible
from experimentos.metrics.reading.numbers import MOST_CHARACTERS, PLAIN
from experimentos.metrics.reading.sniff import empty
from experimentos.metrics.reading.text import decode
from experimentos.policy import Policy

MOST_DEPTH = 64
MOST_DIGITS = 18
BRACES_PER_ROW = 100
STRUCTURE = re.compile(r"\\.|[\"\[\]{}]", re.DOTALL)
DEPTHS = {"[": 1, "{": 1, "]": -1, "}": -1}
SHAPE = 'Write a list of records: [{"variant": "control", "users": 10000, "conversions": 1200}, …].'


class Numeral(str):
    """A JSON number in the digits of the file, told from a JSON string."""

    __slots__ = ()


def read_json(content: bytes, policy: Policy) -> Grid:
    """Return the records of a JSON file, numbered from 1.

    Raises
    ------
    Refusal
        If it is no JSON, or JSON that two programs would read differently: repeated keys, NaN,
        integers that a double cannot hold, nesting deeper than 64.
    """
    text, notes = decode(content)
    if not text.strip():
        raise empty()
    if any(issue.code == "encoding" and "Windows" in issue.message for issue in notes):
        raise refusal("encoding", "JSON must be in the encoding UTF-8.", "Save it as UTF-8.")
    _refuse_depth(text, policy)
    records = _records(_parsed(text, notes), notes)
    if len(records) > policy.upload_rows:
        raise too_many(policy.upload_rows, f"{len(records):,}")
    header = tuple(dict.fromkeys(key for record in records for key in record))
    if len(header) > policy.upload_columns:
        raise too_many_columns(policy.upload_columns, len(header))
    notes += _text_notes(records)
    lines = tuple(
        Line(i, tuple(_text(record.get(key)) for key in header))
        for i, record in enumerate(records, start=1)
    )
    return Grid(tuple(map(_clean, header)), None, lines, tuple(notes))


def _refuse_depth(text: str, policy: Policy) -> None:
    """Refuse what would cost much to parse, before it is parsed."""
    values = policy.upload_rows * policy.upload_columns
    if text.count("{") > BRACES_PER_ROW * policy.upload_rows or text.count(",") > 2 * values:
        raise too_many(policy.upload_rows, "far more")
    depth = 0
    in_string = False
    for match in STRUCTURE.finditer(text):
        mark = match[0]
        if mark == '"':
            in_string = not in_string
        elif not in_string:
            depth += DEPTHS.get(mark, 0)
        if depth > MOST_DEPTH:
            raise refusal(
                "too_deep", f"The JSON is nested more than {MOST_DEPTH} levels deep.", SHAPE
            )


def _parsed(text: str, notes: list[Issue]) -> Any:
    try:
        return _loads(text)
    except json.JSONDecodeError as exc:
        lines = [line for line in text.splitlines() if line.strip()]
        if exc.msg == "Extra data" and len(lines) > 1 and all(map(_is_record, lines)):
            notes.append(note("json_lines", "The file holds one JSON record per line."))
            return [_loads(line) for line in lines]
        raise refusal(
            "bad_json",
            f"The JSON does not parse at line {exc.lineno}, character {exc.colno}: {exc.msg}.",
            "Export the file again; it may have been cut short.",
        ) from exc


def _is_record(line: str) -> bool:
    try:
        return isinstance(_loads(line), dict)
    except json.JSONDecodeError:
        return False


def _loads(text: str) -> Any:
    return json.loads(
        text,
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=Numeral,
        parse_constant=_constant,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise refusal(
                "repeated_key",
                f"A record holds the key {visible(key)} twice.",
                "Write each key once; programs differ on which of the two counts.",
            )
        found[key] = value
    return found


def _integer(text: str) -> Numeral:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise refusal(
            "too_large",
            f"The JSON holds an integer of more than {MOST_DIGITS} digits.",
            "Check the export, or write sums of squares as a decimal such as 1.5e20.",
        )
    return Numeral(text)


def _constant(text: str) -> NoReturn:
    raise refusal(
        "not_finite",
        f"The file holds {text}, which is no JSON.",
        "Give a finite number; leave out a metric that could not be computed.",
    )


def _records(document: Any, notes: list[Issue]) -> list[dict[str, Any]]:
    if isinstance(document, dict) and isinstance(document.get("rows"), list):
        notes.append(note("rows_key", "The records were read from the key rows."))
        document = document["rows"]
    if not isinstance(document, list):
        raise refusal("bad_shape", "The JSON is not a list of records.", SHAPE)
    for i, record in enumerate(document, start=1):
        if not isinstance(record, dict):
            raise refusal("bad_shape", f"Record {i} is not an object.", SHAPE, row=i)
    return document


def _text_notes(records: list[dict[str, Any]]) -> list[Issue]:
    quoted = any(
        isinstance(value, str) and not isinstance(value, Numeral) and PLAIN.fullmatch(value)
        for record in records
        for value in record.values()
    )
    message = "Some numbers are written as text in quotes; they were read as numbers."
    return [note("numbers_as_text", message)] if quoted else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _clean(value)
    return json.dumps(value, ensure_ascii=True)[:MOST_CHARACTERS]


def _clean(text: str) -> str:
    """Return text without lone surrogates, which no encoding can write."""
    return text.encode(errors="replace").decode() if text.isascii() is False else str(text)
