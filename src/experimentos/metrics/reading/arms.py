"""The rows of the table: which arm, segment and day each one is."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from experimentos.issue import Issue
from experimentos.metrics.reading.grid import Line, blocked, note
from experimentos.metrics.reading.header import Column
from experimentos.metrics.reading.names import (
    NAME,
    NAME_RULE,
    has_hidden,
    skeleton,
    strange_character,
    visible,
)
from experimentos.metrics.reading.suggest import suggested_control

TOTALS = frozenset(
    {"total", "totals", "all", "sum", "overall", "grand total", "subtotal", "summe", "gesamt"}
)
MAP_ARMS = "Name the arms in the step “Map your columns” (mapping variant=control), or rename them"
MOST_SEGMENT_CHARACTERS = 64
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FORMULA_STARTS = "=+-@|%'"


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a row its own: no two rows may share it."""

    arm: str
    segment: str | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Arms:
    """The key of each row (None where it could not be read) and the name of the control."""

    keys: tuple[Key | None, ...]
    control: str
    issues: tuple[Issue, ...]


def read_arms(
    lines: tuple[Line, ...],
    columns: Mapping[str, Column],
    mapping: Mapping[str, str],
    control: str,
) -> Arms:
    """Return who each row is, with every break of the contract about it."""
    renamed = {_plain(theirs): ours for ours, theirs in mapping.items()}
    issues: list[Issue] = []
    keys = tuple(_key(line, columns, renamed, issues) for line in lines)
    issues += _spelling(lines, columns["variant"], keys)
    issues += _duplicates(lines, columns["variant"], keys)
    if None not in keys:
        issues += _control(lines, columns["variant"], keys, control)
    return Arms(keys, control, tuple(issues))


def cell(line: Line, column: Column) -> str:
    """Return the text of a cell; empty where the row is too short."""
    return line.cells[column.index] if column.index < len(line.cells) else ""


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe before it if need be."""
    return f"'{text}" if text[:1] in FORMULA_STARTS and text else text


def _unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS and text[1:] else text


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _key(
    line: Line, columns: Mapping[str, Column], renamed: Mapping[str, str], issues: list[Issue]
) -> Key | None:
    found = len(issues)
    arm = _arm(line, columns["variant"], renamed, issues)
    segment = _segment(line, columns["segment"], issues) if "segment" in columns else None
    day = _day(line, columns["date"], issues) if "date" in columns else None
    return Key(arm, segment, day) if len(issues) == found else None


def _arm(line: Line, column: Column, renamed: Mapping[str, str], issues: list[Issue]) -> str:
    text = unicodedata.normalize("NFC", cell(line, column)).strip()
    name = renamed.get(text.casefold(), text)
    if name.casefold() in ("control", "treatment"):
        name = name.casefold()
    problem = _arm_problem(name)
    if problem is not None:
        message, fix = problem
        issues.append(
            blocked(
                "bad_arm_name", f"Row {line.row}: {message}", fix, row=line.row, column=column.shown
            )
        )
    return name


def _arm_problem(name: str) -> tuple[str, str] | None:
    if not name:
        return "the cell variant is blank.", "Name the arm of this row, or remove the row."
    if name.casefold() in TOTALS:
        return (
            f"{visible(name)} looks like a row of totals, not an arm.",
            "Remove the row of totals; the arms are added up here.",
        )
    if name.casefold() == "variant":
        return (
            "the header is repeated: a second table seems to begin here.",
            "Give one table per file; move the second one to its own file or sheet.",
        )
    if NAME.fullmatch(name):
        return None
    strange = strange_character(name)
    looks = f" and looks like {skeleton(name)}" if skeleton(name) != name.lower() else ""
    why = f" holds {strange}{looks}" if strange else " does not begin with a letter or is too long"
    return f"the arm name {visible(name)}{why}.", f"{NAME_RULE} {MAP_ARMS}."


def _segment(line: Line, column: Column, issues: list[Issue]) -> str:
    text = _unguarded(unicodedata.normalize("NFC", cell(line, column)).strip())
    problem = None
    if not text:
        problem = "The segment is blank."
    elif has_hidden(text):
        problem = f"The segment {visible(text)} holds {strange_character(text)}."
    elif len(text) > MOST_SEGMENT_CHARACTERS:
        problem = (
            f"The segment {visible(text)} is longer than {MOST_SEGMENT_CHARACTERS} characters."
        )
    elif text.casefold() in TOTALS:
        problem = f"The segment {visible(text)} looks like a total, which would count users twice."
    if problem is not None:
        fix = "Give each row one segment, and no row for all of them together."
        issues.append(blocked("bad_segment", problem, fix, row=line.row, column=column.shown))
    return text


def _day(line: Line, column: Column, issues: list[Issue]) -> date | None:
    text = cell(line, column).strip()
    midnight = text[10:] in ("", "T00:00:00", " 00:00:00", "T00:00:00Z", " 00:00:00+00:00")
    try:
        if DAY.fullmatch(text[:10]) and midnight:
            return date.fromisoformat(text[:10])
    except ValueError:
        pass
    issues.append(
        blocked(
            "bad_date",
            f"Found the date {visible(text) or '(blank)'}; only year-month-day is unambiguous.",
            "Write dates as 2026-01-31.",
            row=line.row,
            column=column.shown,
        )
    )
    return None


def _spelling(lines: tuple[Line, ...], column: Column, keys: tuple[Key | None, ...]) -> list[Issue]:
    changed = {
        f"“{visible(cell(line, column), 30)}” as {key.arm}": None
        for line, key in zip(lines, keys, strict=True)
        if key is not None and cell(line, column) != key.arm
    }
    if not changed:
        return []
    return [
        note("arm_spelling", f"Arm names were read as follows: {', '.join(list(changed)[:5])}.")
    ]


def _duplicates(
    lines: tuple[Line, ...], column: Column, keys: tuple[Key | None, ...]
) -> list[Issue]:
    first: dict[tuple[str, str | None, date | None], int] = {}
    issues = []
    for line, key in zip(lines, keys, strict=True):
        if key is None:
            continue
        # Two spellings that differ in case alone are one arm to a reader.
        place = (key.arm.casefold(), key.segment, key.day)
        if place in first:
            issues.append(
                blocked(
                    "duplicate_row",
                    f"Row {line.row} repeats {_described(key)} of row {first[place]}; it is not "
                    "clear whether they add up or one replaces the other.",
                    "Keep one row per arm, or tell them apart in a column segment or date.",
                    row=line.row,
                    column=column.shown,
                )
            )
        first.setdefault(place, line.row)
    return issues


def _described(key: Key) -> str:
    parts = [f"arm {key.arm}"]
    if key.segment is not None:
        parts.append(f"segment {visible(key.segment)}")
    if key.day is not None:
        parts.append(f"date {key.day.isoformat()}")
    return ", ".join(parts)


def _control(
    lines: tuple[Line, ...], column: Column, keys: tuple[Key | None, ...], control: str
) -> list[Issue]:
    arms = dict.fromkeys(key.arm for key in keys if key is not None)
    if len(arms) == 1:
        (only,) = arms
        return [
            blocked(
                "one_arm",
                f"There is only the arm {only}: a control and at least one treatment are needed.",
                "Add the row of the other arm.",
                column=column.shown,
            )
        ]
    if control in arms:
        return []
    guess = suggested_control(arms)
    hint = f" ({guess} looks like it)" if guess is not None else ""
    return [
        blocked(
            "no_control",
            f"No arm is called {visible(control)}; found {visible(', '.join(arms), 120)}.",
            f"{MAP_ARMS}: say which arm is the control{hint}.",
            row=lines[0].row,
            column=column.shown,
        )
    ]


def is_unit_level(users: list[str], keys: tuple[Key | None, ...]) -> bool:
    """Return whether the rows look like one user each: arms repeat, and nobody counts above 1."""
    distinct = set(keys)
    return len(keys) > 2 * len(distinct) and all(text.strip() in ("0", "1") for text in users)
