"""Saved analyses: keep, list, open, run again, copy, put away."""

import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from typing import Any

from pydantic import ValidationError

import experimentos
from experimentos.errors import NotFound, StoreError
from experimentos.flows import ab_test
from experimentos.flows.ab_test import AbTest
from experimentos.flows.analysis_runs import ANALYSIS as ANALYSIS
from experimentos.flows.analysis_runs import INPUT, RESULTS, analysis_run
from experimentos.flows.encode import encode
from experimentos.flows.raw_rows import recipe_of
from experimentos.flows.raw_source import Reach, source_at, source_now
from experimentos.ids import canonical_json, content_hash
from experimentos.plan.charter import Charter
from experimentos.policy import Policy
from experimentos.store.port import Query, Record, Store, new_record
from experimentos.store.surroundings import random_bytes, utc_now
from experimentos.store.writing import with_id

MEMO_MARKDOWN = "memo.md"
MEMO_HTML = "memo.html"
MOST_DIFFERENCES = 50


@dataclass(frozen=True, slots=True)
class SavedAnalysis:
    """An analysis as it was saved.

    Attributes
    ----------
    record : Record
    name : str
        Of the file, for people.
    content : bytes
        The input, byte by byte.
    charter : Charter
    policy : Policy
    mapping : Mapping[str, str]
        How columns were mapped when the file was read; empty when they were not.
    results : Mapping[str, object]
        `health`, `analysis` and `decision` as `encode` spells them.
    versions : Mapping[str, str]
        Of this package, Python, numpy and scipy when it was saved.
    """

    record: Record
    name: str
    content: bytes
    charter: Charter
    policy: Policy
    mapping: Mapping[str, str]
    results: Mapping[str, object]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rerun:
    """A saved analysis computed again from its stored input.

    Attributes
    ----------
    outcome : AbTest
    identical : bool
        Whether every bit of health, analysis and decision is the same.
    differences : tuple[str, ...]
        Fields that differ, as `analysis.frequentist.alpha: 0.05 then, 0.1 now`; at most 50.
    versions : tuple[str, ...]
        Software that changed since, as `numpy: 2.5.4 then, 2.5.5 now`.
    source : str
        Of a summary of raw rows: whether the rows changed since, in a sentence; else "".
    """

    outcome: AbTest
    identical: bool
    differences: tuple[str, ...]
    versions: tuple[str, ...]
    source: str = ""


def save_analysis(  # noqa: PLR0913 - one argument per thing that is kept
    store: Store,
    outcome: AbTest,
    content: bytes,
    *,
    title: str,
    memo_markdown: str,
    memo_html: str,
    mapping: Mapping[str, str] | None = None,
    id: str = "",  # noqa: A002 - the field's name
    revision: int = 0,
) -> Record:
    """Save an analysis with everything that is needed to repeat it; durable when this returns.

    Parameters
    ----------
    content
        The bytes that `outcome` was computed from.
    id, revision
        Of the record to replace, as it was read; left out for a new one. An id with revision 0
        is a new record under an id that was announced before (in its own memo).

    Raises
    ------
    Conflict, StoreError
        See `store.port.Store.save`.
    """
    body = {
        "schema_version": 1,
        "name": outcome.reading.name,
        "form": outcome.reading.form,
        "charter": encode(outcome.charter),
        "policy": encode(outcome.policy),
        "mapping": dict(mapping or {}),
        "decision": encode(outcome.decision),
        "versions": versions(),
    }
    facets = {
        "verdict": outcome.decision.verdict.value,
        "health": outcome.health.status.value,
        "owner": outcome.charter.owner,
        "file": outcome.reading.name,
    }
    results = _results(outcome)
    artefacts = {
        INPUT: content,
        RESULTS: canonical_json(results),
        MEMO_MARKDOWN: memo_markdown.encode(),
        MEMO_HTML: memo_html.encode(),
    }
    record = new_record(ANALYSIS, title, body, facets=facets, id=id)
    return _save(store, replace(record, revision=revision), results, artefacts)


def list_analyses(
    store: Store,
    text: str = "",
    verdict: str | None = None,
    *,
    deleted: bool = False,
    limit: int = 50,
    before: str | None = None,
) -> list[Record]:
    """Return saved analyses, newest first; `before` is the last id of the page above.

    Words of `text` are looked up in title, verdict, health, owner and file name.
    """
    facets = {"verdict": verdict} if verdict else {}
    return store.find(Query(ANALYSIS, text, facets, deleted, before, limit))


def open_analysis(store: Store, id: str) -> SavedAnalysis:  # noqa: A002 - the field's name
    """Return an analysis as it was saved; any unique beginning of its id will do.

    Raises
    ------
    NotFound
        If there is no such analysis.
    StoreError
        If its bytes are damaged, or it was saved by a version whose charter this one cannot read.
    """
    record = store.load(ANALYSIS, id)
    body: Mapping[str, Any] = record.body
    try:
        charter = Charter.model_validate(body["charter"])
    except ValidationError as exc:
        raise StoreError(
            f"The charter of “{record.title}” cannot be read by this version "
            f"({exc.error_count()} fields are not as expected).",
            hint="Open it with the version of ExperimentOS that saved it.",
        ) from exc
    return SavedAnalysis(
        record=record,
        name=body["name"],
        content=store.artefact(record.artefacts[INPUT]),
        charter=charter,
        policy=_policy(body["policy"]),
        mapping=body["mapping"],
        results=json.loads(store.artefact(record.artefacts[RESULTS])),
        versions=body["versions"],
    )


def memo(store: Store, id: str, form: str) -> str:  # noqa: A002 - the field's name
    """Return the memo as it was saved; `form` is "md" or "html"."""
    record = store.load(ANALYSIS, id)
    return store.artefact(record.artefacts[f"memo.{form}"]).decode()


def rerun(
    store: Store,
    id: str,  # noqa: A002 - the field's name
    reach: Reach | None = None,
    source: tuple[str, str | None] | None = None,
) -> Rerun:
    """Compute a saved analysis again from its stored input and compare every bit.

    Parameters
    ----------
    store, id
    reach
        Where raw rows may lie, to look whether those behind a summary have changed.
    source
        Where the person says that they lie: an address of the rows, and one of their exposures.
    """
    saved = open_analysis(store, id)
    outcome = ab_test.run(
        saved.content, saved.name, saved.charter, saved.policy, mapping=saved.mapping or None
    )
    now = canonical_json(_results(outcome))
    differences = tuple(_differences("", saved.results, json.loads(now)))
    return Rerun(
        outcome=outcome,
        identical=now == canonical_json(saved.results),
        differences=differences[:MOST_DIFFERENCES],
        versions=tuple(_differences("", dict(saved.versions), versions())),
        source=source_of(saved.content, reach, source),
    )


def source_of(
    content: bytes, reach: Reach | None, named: tuple[str, str | None] | None = None
) -> str:
    """Return what became of the rows behind a stored summary; "" for any other input.

    Parameters
    ----------
    named
        As `source` of `rerun`.
    """
    found = recipe_of(content)
    if found is not None and named is not None:
        return source_at(*named, found[1])
    if found is None or reach is None:
        return ""
    recipe, source = found
    return source_now(recipe.place, source.sha256, reach, recipe.exposures)


def duplicate(store: Store, id: str) -> Record:  # noqa: A002 - the field's name
    """Save a copy of an analysis under a new id."""
    record = store.load(ANALYSIS, id)
    copy = new_record(
        ANALYSIS,
        f"Copy of {record.title}",
        record.body,
        facets=record.facets,
        artefacts=record.artefacts,
    )
    return _save(store, copy, json.loads(store.artefact(record.artefacts[RESULTS])), {})


def remove(store: Store, id: str) -> Record:  # noqa: A002 - the field's name
    """Put an analysis into the bin, and its run."""
    record = store.remove(ANALYSIS, id)
    with suppress(NotFound):
        store.runs.remove_run(record.id)
    return record


def restore(store: Store, id: str) -> Record:  # noqa: A002 - the field's name
    """Take an analysis out of the bin, and its run."""
    record = store.restore(ANALYSIS, id)
    with suppress(NotFound):
        store.runs.restore_run(record.id)
    return record


def versions() -> dict[str, str]:
    """Return the versions of what computes the numbers."""
    return {
        "experimentos": experimentos.__version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
    }


def _save(
    store: Store, record: Record, results: Mapping[str, Any], artefacts: Mapping[str, bytes]
) -> Record:
    """Save an analysis and the run that it is in one transaction."""
    now = utc_now()
    given = {role: content_hash(content) for role, content in artefacts.items()}
    named = replace(record, artefacts={**record.artefacts, **given})
    named = with_id(named, now, random_bytes)
    return store.save(named, artefacts, run=analysis_run(named, results, now))


def _results(outcome: AbTest) -> dict[str, object]:
    return {
        "health": encode(outcome.health),
        "analysis": encode(outcome.analysis),
        "decision": encode(outcome.decision),
    }


def _policy(document: Mapping[str, Any]) -> Policy:
    # A threshold that the saved policy does not know keeps today's value, one that this version
    # dropped has nothing left to govern; both show as differences of the results if they matter.
    known = {field.name for field in fields(Policy)}
    return Policy(**{name: value for name, value in document.items() if name in known})


def _differences(path: str, then: object, now: object) -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in dict.fromkeys((*then, *now)):
            inner = f"{path}.{name}" if path else str(name)
            yield from _differences(inner, then.get(name), now.get(name))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (old, new) in enumerate(zip(then, now, strict=True)):
            yield from _differences(f"{path}[{place}]", old, new)
    elif canonical_json(then) != canonical_json(now):
        yield f"{path}: {_short(then)} then, {_short(now)} now"


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
