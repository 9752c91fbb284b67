"""The scenarios of an evaluation in a file of their own: YAML, JSON or CSV."""

import csv
import io
from dataclasses import replace
from typing import Any

from pydantic import Field

from experimentos.errors import ContractError, UnreadableError
from experimentos.plan.documents import is_json, read_document, validate
from experimentos.policy import DEFAULT_POLICY, Policy
from experimentos.runs.evaluation import EvaluatedScenario
from experimentos.runs.strict import Strict

OWN = ("id", "prompt", "target", "cluster")


class ScenarioList(Strict):
    """The scenarios that a file holds, under the key `scenarios`."""

    scenarios: tuple[EvaluatedScenario, ...] = Field(min_length=1, max_length=10_000)


def read_scenarios(
    content: bytes, name: str, policy: Policy = DEFAULT_POLICY
) -> tuple[EvaluatedScenario, ...]:
    """Return the scenarios of a file.

    Parameters
    ----------
    name
        A CSV file (`.csv`) has one scenario a row: `id`, `prompt`, `target` and `cluster`, of which
        only `id` is needed; every other column is the value of the place of its name. Anything
        else is YAML or JSON with the key `scenarios`, as in an evaluation.

    Raises
    ------
    ContractError
        With the line or field that is wrong.
    """
    try:
        if name.lower().endswith(".csv"):
            document: dict[str, Any] = {"scenarios": _rows(content)}
        else:
            limit = replace(policy, document_bytes=policy.upload_bytes)
            document = read_document(content, name, limit)
    except UnreadableError as error:
        raise ContractError(f"{name}: {error.message}", hint=error.hint) from error
    found = validate(ScenarioList, document, typed=is_json(name))
    if isinstance(found, ScenarioList):
        return found.scenarios
    raise ContractError(f"{name}: {found[0].message}", hint=found[0].fix)


def _rows(content: bytes) -> list[dict[str, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise UnreadableError("It is not UTF-8 text.", hint="Save it as UTF-8.") from error
    except csv.Error as error:
        raise UnreadableError(f"It is no CSV: {error}.", hint="Put quotes in pairs.") from error
    if not rows or "id" not in (reader.fieldnames or ()):
        raise UnreadableError(
            "It has no scenario with an id.", hint="Begin with a header row that names id."
        )
    for line, row in rows:
        if None in row or None in row.values():
            raise UnreadableError(
                f"line {line}: it has another number of cells than the header.",
                hint="Put a text with commas or line breaks in quotes.",
            )
    return [_scenario(row) for _, row in rows]


def _scenario(row: dict[str, str]) -> dict[str, Any]:
    own = {name: row[name] for name in OWN if row.get(name)}
    return {**own, "values": {name: text for name, text in row.items() if name not in OWN}}
