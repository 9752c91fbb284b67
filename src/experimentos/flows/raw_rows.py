"""Raw rows for a screen: looked at, and summed up into a document that keeps every bit.

The work is done in a process of its own (`engine.child`); `look` and `sum_up` are what the screen
calls, `perform` is what that process runs. It ends in `flows.warehouse.summarize`, as the command
line and Python do.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from experimentos.engine.child import Message, converse
from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Type, columns_of
from experimentos.engine.extent import Extent, extent
from experimentos.engine.need import Period, wanted_of
from experimentos.engine.opening import open_engine
from experimentos.engine.port import Engine
from experimentos.engine.spec import MetricsFile, read_metrics
from experimentos.errors import ContractError, EngineError, ExperimentOSError, UnreadableError
from experimentos.flows.encode import encode
from experimentos.flows.raw_source import Place, Reach, address_of, beside
from experimentos.flows.warehouse import Summarized, charter_of, summarize
from experimentos.flows.watch import NOBODY, Watch
from experimentos.metrics.reading.summed import SUMMARY, is_summed, read_summed
from experimentos.metrics.summary import Source
from experimentos.plan.charter import Charter

COMMAND = "rows"
PREVIEWED = 50
# Rows that say which values a column has; the page shows the first of them.
LOOKED_AT = 1_000
# Of a wide source fewer rows are looked at.
MOST_CELLS = 50_000
LOOK_SECONDS = 60
RESULT = "summary.json"
OPTION = re.compile(r"--[a-z-]+ ")

type Report = Callable[[int, int, str], bool]


class Roles(BaseModel):
    """Which column of the rows says what; see `flows.warehouse.Columns`.

    Attributes
    ----------
    variant, control : str
    unit, segment, date, exposure_unit, exposure_date : str | None
    window_days : int | None
    names : dict[str, str]
        Variant as it stands in the rows to the name of its arm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str = Field(min_length=1)
    control: str = Field(min_length=1)
    unit: str | None = None
    segment: str | None = None
    date: str | None = None
    exposure_unit: str | None = None
    exposure_date: str | None = None
    window_days: int | None = Field(default=None, ge=1)
    names: dict[str, str] = {}


class Recipe(BaseModel):
    """Everything that a summary was asked for, so that it can be asked again.

    Attributes
    ----------
    place : Place
    roles : Roles
    metrics : str
        The metrics file.
    exposures : Place | None
        The table that says which unit was in which arm, where the rows do not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Place
    roles: Roles
    metrics: str
    exposures: Place | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a source looks like before it is summed up.

    Attributes
    ----------
    there : SourceColumns
        Empty while a table has to be chosen.
    rows : tuple[tuple[str, ...], ...]
        The first ones, as text; at most 1,000.
    extent : Extent | None
        None for a database.
    tables : tuple[str, ...]
        To choose from.
    """

    there: SourceColumns
    rows: tuple[tuple[str, ...], ...]
    extent: Extent | None
    tables: tuple[str, ...]


def look(place: Place, reach: Reach) -> Look:
    """Return what a source looks like.

    Raises
    ------
    ExperimentOSError
        As `engine.opening.open_engine`.
    """
    address, inside = address_of(place, reach)
    until = monotonic() + LOOK_SECONDS

    def in_time(done: int, total: int, doing: str) -> bool:  # noqa: ARG001 - hears and waits
        return monotonic() < until

    task = {"what": "look", "address": address, "inside": _text(inside)}
    answer = _asked(task, place, in_time)
    if answer is None:
        raise EngineError(
            f"{place.shown} did not answer within {LOOK_SECONDS} seconds.",
            hint="Check that it can be reached, and try again.",
        )
    found = answer["look"]
    declared = {name: str(kind) for name, (_, kind) in found["columns"]}
    types = {name: Type(kind) for name, (kind, _) in found["columns"]}
    size = found["extent"]
    return Look(
        SourceColumns(types, declared),
        tuple(tuple(row) for row in found["rows"]),
        None if size is None else Extent(**{**size, "tables": tuple(size["tables"])}),
        tuple(found["tables"]),
    )


def sum_up(recipe: Recipe, reach: Reach, report: Report) -> bytes | None:
    """Return the stored summary of raw rows; None when `report` asked to stop.

    Parameters
    ----------
    report
        Hears (done, total, what is being done) a few times a second, total 0 where it is not
        known how far it is; False ends the work at once.

    Raises
    ------
    ExperimentOSError
        As `flows.warehouse.summarize`.
    """
    address, inside = address_of(recipe.place, reach)
    task = {
        "what": "sum_up",
        "address": address,
        "inside": _text(inside),
        "exposures": beside(recipe.place, recipe.exposures, reach),
        "recipe": recipe.model_dump(mode="json"),
    }
    answer = _asked(task, recipe.place, report)
    return None if answer is None else bytes(answer["content"])


def document_of(made: Summarized, recipe: Recipe | None = None) -> bytes:
    """Return a summary as the JSON document that `metrics.contract.read_summary` reads."""
    summary = made.summary
    body = {
        "document": SUMMARY,
        "schema_version": 1,
        "control": summary.control,
        "metrics": encode(summary.metrics),
        "source": encode(summary.source),
        "arms": encode(summary.arms),
        "cells": encode(summary.cells),
        "recipe": {} if recipe is None else recipe.model_dump(mode="json"),
    }
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


def recipe_of(content: bytes) -> tuple[Recipe, Source] | None:
    """Return what a stored summary was asked for and where it came from, None where that is lost.

    Bytes that are no stored summary have none.
    """
    if not is_summed(content):
        return None
    try:
        document, _ = read_summed(content)
        return Recipe.model_validate(document.recipe), document.source
    except (ValidationError, ExperimentOSError):
        return None


def passes(metrics: MetricsFile, roles: Roles | None) -> tuple[str, ...]:
    """Return what the source will be read for, a sentence part each, before it is read."""
    found = []
    if roles is not None and roles.exposure_unit is not None:
        found.append("one look at the exposures")
    if roles is not None and roles.unit is None:
        found.append("one look for units with several rows")
    if any(m.winsorise is not None and m.winsorise.quantile for m in metrics.metrics):
        found.append("one pass for the pooled quantile")
    found.append("one pass for all metrics")
    if any(metric.kind == "quantile" for metric in metrics.metrics):
        found.append("one pass to order the units of a quantile")
    return tuple(found)


def window_of(roles: Roles | None) -> Period | None:
    """Return when rows count, counted from the exposure; None where nothing is dated so."""
    if roles is None or roles.exposure_date is None or roles.date is None:
        return None
    return Period(0, roles.window_days)


def columns_read(metrics: MetricsFile, roles: Roles, there: SourceColumns) -> frozenset[str]:
    """Return the columns that a pass reads.

    Raises
    ------
    ContractError
        If a metric does not fit the columns.
    """
    window = window_of(roles)
    values = [v for metric in metrics.metrics for v in wanted_of(metric, there, window).values]
    parts = [part for v in values for part in (v.expression, v.filter) if part is not None]
    named: tuple[str | None, ...] = (roles.unit, roles.date)
    if roles.exposure_unit is None:
        named += (roles.variant, roles.segment)
    return frozenset().union(*(columns_of(part) for part in parts), filter(None, named))


def plan_of(recipe: Recipe, charter: Charter) -> Charter:
    """Return the charter with the roles that a metrics file gives; a frozen one stays as it is."""
    metrics = read_metrics(recipe.metrics.encode(), "metrics.yaml")
    if charter.frozen is not None or not isinstance(metrics, MetricsFile):
        return charter
    planned = charter_of(metrics)
    named = {metric.name for metric in metrics.metrics}
    kept = {one.name for one in (*(charter.guardrails or ()), *charter.secondary)}
    if charter.primary in named and kept and kept <= named:
        return charter
    roles = ("primary", "direction", "guardrails", "secondary")
    return charter.model_copy(update={name: getattr(planned, name) for name in roles})


def perform(task: Mapping[str, Any], say: Callable[[Message], None], watch: Watch = NOBODY) -> None:
    """Do a task in the process that was started for it, and say what came of it."""
    address, inside = str(task["address"]), task["inside"]
    folder = Path(inside) if inside is not None else None
    try:
        if task["what"] == "look":
            say({"look": _look(address, folder)})
            return
        recipe = Recipe.model_validate(task["recipe"])
        document = _summed((address, task["exposures"]), folder, recipe, watch)
        (Path(task["folder"]) / RESULT).write_bytes(document)
        say({"result": str(Path(task["folder"]) / RESULT)})
    except ExperimentOSError as failure:
        said = {"kind": type(failure).__name__, "message": failure.message, "hint": failure.hint}
        say({"failure": said})


def _summed(
    sources: tuple[str, str | None], inside: Path | None, recipe: Recipe, watch: Watch
) -> bytes:
    metrics = read_metrics(recipe.metrics.encode(), "metrics.yaml")
    if not isinstance(metrics, MetricsFile):
        raise ContractError(metrics[0].message, hint=metrics[0].fix)
    roles = recipe.roles
    address, exposures = sources
    made = summarize(
        address,
        metrics,
        variant=roles.variant,
        control=roles.control,
        unit=roles.unit,
        segment=roles.segment,
        date=roles.date,
        exposures=exposures,
        exposure_unit=roles.exposure_unit,
        exposure_date=roles.exposure_date,
        window_days=roles.window_days,
        names=roles.names,
        inside=inside,
        watch=watch,
    )
    joined = f" with {recipe.exposures.shown}" if recipe.exposures is not None else ""
    source = replace(made.summary.source, name=f"{recipe.place.shown}{joined}")
    summary = replace(made.summary, source=source)
    return document_of(replace(made, summary=summary), recipe)


def _look(address: str, inside: Path | None) -> dict[str, JsonValue]:
    is_file = inside is not None
    size = extent(address, inside=inside) if is_file else None
    tables = size.tables if size else _tables(address)
    if "#" not in address and len(tables) > is_file:
        return {"columns": [], "rows": [], "extent": encode(size), "tables": list(tables)}
    engine: Engine = open_engine(address, inside=inside)
    try:
        there = engine.columns()
        most = min(LOOKED_AT, MOST_CELLS // max(1, len(there.types)))
        rows = engine.preview(max(PREVIEWED, most))
    finally:
        engine.close()
    return {
        "columns": [[n, [k.value, there.declared[n]]] for n, k in there.types.items()],
        "rows": [list(row) for row in rows],
        "extent": encode(size),
        "tables": list(tables),
    }


def _tables(address: str) -> tuple[str, ...]:
    """Return the tables of a configured database; none where its URL names the one to read."""
    url = os.environ.get(address.removeprefix("env:").partition("#")[0], "")
    if "#" in url:
        return ()
    from experimentos.engine.ibis import tables

    return tables(url)


def _asked(task: Message, place: Place, report: Report) -> Message | None:
    """Return the last word of the process; None when it was stopped."""
    answer: Message = {}
    stopped = False

    def heard(message: Message | None) -> bool:
        nonlocal stopped
        if message is not None and "result" in message:
            answer["content"] = Path(message["result"]).read_bytes()
        elif message is not None:
            answer.update(message)
        share, doing = answer.get("share"), str(answer.get("doing", "Opening the source"))
        done, total = (0, 0) if share is None else (round(100 * share), 100)
        stopped = not report(done, total, doing)
        return not stopped

    status = converse(COMMAND, task, heard)
    if "failure" in answer:
        raise _failure(answer["failure"], place)
    if "look" in answer or "content" in answer:
        return answer
    if stopped:
        return None
    raise EngineError(
        f"Reading {place.shown} ended without an answer (status {status}).",
        hint="The file may be damaged, or too large for the memory of this machine; a Parquet copy "
        "needs the least.",
    )


def _failure(said: Mapping[str, str], place: Place) -> ExperimentOSError:
    kinds = {"UnreadableError": UnreadableError, "ContractError": ContractError}
    kind = kinds.get(said["kind"], EngineError)
    # A page has fields where the command line has options.
    hint = OPTION.sub("", said["hint"] or "")
    return kind(_hidden(said["message"], place), hint=_hidden(hint, place))


def _hidden(text: str, place: Place) -> str:
    """Return a message without the URL of a database and without what it is opened with."""
    if place.kind != "database":
        return text
    url = os.environ.get(place.at, "")
    password = urlsplit(url).password or ""
    for secret in (url, url.partition("#")[0], password, unquote(password)):
        if secret:
            text = text.replace(secret, "[hidden]")
    return text


def _text(folder: Path | None) -> str | None:
    return None if folder is None else str(folder)
