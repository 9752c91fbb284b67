"""Runs, samples, filters and lists as JSON, for the way between a history's owner and us."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from experimentos.errors import ContractError
from experimentos.runs.counted import VariantScores
from experimentos.runs.documents import Live, Run
from experimentos.runs.search import (
    Among,
    And,
    Between,
    Compare,
    Empty,
    Field,
    FieldType,
    Filter,
    Not,
    Operator,
    Or,
    Value,
)
from experimentos.runs.tally import Tally
from experimentos.store.run_port import RunPage, RunQuery

type Json = Any


def run_to_json(run: Run) -> Json:
    """Return a run as JSON values."""
    return run.model_dump(mode="json")


def run_from_json(document: Json) -> Run:
    """Return the run that `run_to_json` wrote; ContractError if it is not one."""
    try:
        return Run.model_validate(document)
    except ValidationError as exc:
        raise ContractError(f"This is not a run: {exc.errors()[0]['msg']}.") from exc


def live_to_json(live: Live | None) -> Json:
    """Return what a run says meanwhile as JSON values."""
    return None if live is None else live.model_dump(mode="json")


def live_from_json(document: Json) -> Live | None:
    """Return what `live_to_json` wrote; ContractError if it is not one."""
    try:
        return None if document is None else Live.model_validate(document)
    except ValidationError as exc:
        raise ContractError(f"This is not a run's word: {exc.errors()[0]['msg']}.") from exc


def page_to_json(page: RunPage) -> Json:
    """Return a page as JSON values."""
    return {"rows": [run_to_json(run) for run in page.rows], "next": page.next}


def page_from_json(document: Json) -> RunPage:
    """Return the page that `page_to_json` wrote."""
    return RunPage(tuple(run_from_json(run) for run in document["rows"]), document["next"])


def tally_to_json(tally: Tally) -> Json:
    """Return a tally as JSON values."""
    return {**asdict(tally), "latest": tally.latest.isoformat()}


def tally_from_json(document: Json) -> Tally:
    """Return the tally that `tally_to_json` wrote."""
    return Tally(**{**document, "latest": datetime.fromisoformat(document["latest"])})


def scores_from_json(document: Json) -> VariantScores:
    """Return the scores that `asdict` made of `VariantScores`."""
    keys = tuple(key and (int(key[0]), str(key[1]), str(key[2])) for key in document["keys"])
    values = {name: tuple(said) for name, said in document["values"].items()}
    return VariantScores(document["variant"], keys, values)


def query_to_json(query: RunQuery) -> Json:
    """Return a query as JSON values."""
    plain = {name: getattr(query, name) for name in RunQuery.__slots__ if name != "where"}
    return {**plain, "where": None if query.where is None else filter_to_json(query.where)}


def query_from_json(document: Mapping[str, Json]) -> RunQuery:
    """Return the query that `query_to_json` wrote."""
    where = document["where"]
    return RunQuery(**{**document, "where": None if where is None else filter_from_json(where)})


def filter_to_json(where: Filter) -> Json:
    """Return a filter as JSON values, each part with its name."""
    name = type(where).__name__
    match where:
        case And(parts=parts) | Or(parts=parts):
            return {"node": name, "parts": [filter_to_json(part) for part in parts]}
        case Not(part=part):
            return {"node": name, "part": filter_to_json(part)}
        case _:
            return {**_plain(asdict(where)), "node": name}


def filter_from_json(document: Mapping[str, Json]) -> Filter:
    """Return the filter that `filter_to_json` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is no filter.
    """
    node = document["node"]
    if node in ("And", "Or"):
        parts = tuple(filter_from_json(part) for part in document["parts"])
        return And(parts) if node == "And" else Or(parts)
    if node == "Not":
        return Not(filter_from_json(document["part"]))
    return _relation(node, document)


def _relation(node: str, document: Mapping[str, Json]) -> Filter:
    said = document["field"]
    field = Field(tuple(map(str, said["path"])), FieldType(said["type"]))
    match node:
        case "Compare":
            return Compare(field, Operator(document["operator"]), _value(document["value"]))
        case "Among":
            return Among(field, tuple(_value(value) for value in document["values"]))
        case "Between":
            return Between(field, _value(document["low"]), _value(document["high"]))
        case "Empty":
            return Empty(field)
        case _:
            raise ValueError(f"filter {node!r}")


def _plain(value: object) -> Json:
    """Return values as JSON; a number as its text, which may be infinite."""
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case float():
            return {"number": repr(value)}
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _value(said: Json) -> Value:
    match said:
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"number": str(text)}:
            return float(text)
        case str() | bool():
            return said
        case _:
            raise ValueError(f"value {said!r}")
