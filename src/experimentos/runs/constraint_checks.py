"""What a project asks of its runs, held against what they left behind."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experimentos.runs.constraints import (
    ALL_SECONDS,
    BROKEN,
    BUDGET,
    DATA,
    EACH,
    FIELDS,
    METRICS,
    MOST,
    RUN_SECONDS,
    VALUES,
    Bounds,
    Spent,
    bounds_of,
    limit_in,
    malformed,
    named,
    names_in,
    number_of,
)
from experimentos.runs.documents import Metric, Parameter, Parameters, Run, finite
from experimentos.runs.run_diff import flat

MOST_BYTES = 8 * 2**20
MOST_RECORDS = 10_000
MOST_SAID = 5
BEFORE = frozenset({EACH, RUN_SECONDS, DATA, VALUES})

type Told = tuple[str, str]
type Rows = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class ConstraintState:
    """One constraint of a project, and how an experiment stands to it.

    Attributes
    ----------
    name : str
    value : Parameter
        As the project states it.
    state : str
        "kept", "broken", "open" (nothing to hold it against yet) or "unchecked".
    said : str
        A sentence.
    """

    name: str
    value: Parameter
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The completed runs of an experiment, as far as its constraints ask for them.

    Attributes
    ----------
    count : int
    broken : Sequence[Run]
        All that do not keep to a constraint.
    newest : Sequence[Run]
        Some, for the names that they have.
    """

    count: int
    broken: Sequence[Run] = ()
    newest: Sequence[Run] = ()


def records_in(outputs: Mapping[str, bytes]) -> dict[str, list[dict[str, object]]]:
    """Return the records of the JSON files that a run left, by file.

    A list of objects, the only such list inside an object, or the object itself.
    """
    found = {}
    for name, content in outputs.items():
        if name.endswith(".json") and len(content) <= MOST_BYTES:
            rows = _rows_of(content)
            if rows:
                found[name] = rows[:MOST_RECORDS]
    return found


def broken_by(
    constraints: Parameters,
    metrics: Mapping[str, Metric],
    records: Mapping[str, Rows],
) -> tuple[str, ...]:
    """Return what a run that ended well does not keep to, a sentence each."""
    said = [
        f"The project requires the metric {name}; the run did not report it."
        for name in names_in(constraints, METRICS)
        if finite(metrics.get(name)) is None
    ]
    for bounds in bounds_of(constraints):
        for place in named(metrics, bounds.name):
            value = finite(metrics[place])
            if value is not None and bounds.excludes(value):
                said.append(f"{bounds.constraint}: {place} is {value:g}, not {bounds.words}.")
    said += _in_records(constraints, records)
    return tuple(said[:MOST_SAID]) + (
        (f"And {len(said) - MOST_SAID} more.",) * (len(said) > MOST_SAID)
    )


def states_of(constraints: Parameters, spent: Spent, done: Finished) -> tuple[ConstraintState, ...]:
    """Return how the runs of an experiment stand to each constraint of their project.

    Parameters
    ----------
    constraints
    spent
        By the whole project.
    done
        Of the experiment.
    """
    wrong = {issue.code: issue.message for issue in malformed(constraints)}
    found = {
        name: ("broken", wrong[f"constraint_{name}"])
        if f"constraint_{name}" in wrong
        else _state(name, constraints, spent, done)
        for name in constraints
    }
    return tuple(ConstraintState(n, constraints[n], *told) for n, told in found.items())


def _state(name: str, constraints: Parameters, spent: Spent, done: Finished) -> Told:
    bounds = next((b for b in bounds_of(constraints) if b.constraint == name), None)
    if name in (BUDGET, MOST, ALL_SECONDS):
        return _used(name, limit_in(constraints, name) or 0.0, spent)
    if name in BEFORE:
        return ("kept", "Checked before a run starts: no other plan passes.")
    if name in (METRICS, FIELDS) or bounds is not None:
        return _afterwards(name, constraints, done)
    said = "Handed to the code as run.constraints; not checked here."
    return ("unchecked", said)


def _afterwards(name: str, constraints: Parameters, done: Finished) -> Told:
    bounds = next((b for b in bounds_of(constraints) if b.constraint == name), None)
    if not done.count:
        return ("open", "No run is completed yet.")
    if bounds is not None and not _is_somewhere(bounds, done.newest):
        said = f"No parameter or metric is called {bounds.name}, and no run left JSON records."
        return ("unchecked", said)
    seen = {run.run_id: run for run in (*done.broken, *done.newest)}.values()
    broken = sum(_breaks(run, name, bounds, constraints) for run in seen)
    if broken:
        return ("broken", f"{broken:,} of {done.count:,} completed runs break it.")
    older = sum(not _was_held(run, name, constraints) for run in done.newest)
    if older and name != METRICS:
        said = f"{older:,} runs left JSON files before it was set; those are not held against it."
        return ("open", said)
    return ("kept", f"None of the {done.count:,} completed runs breaks it.")


def _used(name: str, limit: float, spent: Spent) -> Told:
    used, unit = {
        BUDGET: (spent.usd, "USD spent"),
        MOST: (float(spent.runs), "runs"),
        ALL_SECONDS: (spent.seconds, "seconds used"),
    }[name]
    state = "broken" if used > limit else "kept"
    return (state, f"{used:.4g} of {limit:g} {unit} in the whole project.")


def _is_somewhere(bounds: Bounds, runs: Sequence[Run]) -> bool:
    return any(
        named(run.metrics, bounds.name)
        or named(flat(run.params), bounds.name)
        or any(role.endswith(".json") for role in run.outputs)
        for run in runs
    )


def _breaks(run: Run, name: str, bounds: Bounds | None, constraints: Parameters) -> bool:
    """Return whether a completed run breaks a constraint as it is today."""
    if bounds is None and name == METRICS:
        return any(finite(run.metrics.get(each)) is None for each in names_in(constraints, METRICS))
    if bounds is not None:
        values = {**flat(run.params), **run.metrics}
        numbers = [number_of(values[place]) for place in named(values, bounds.name)]
        if any(found is not None and bounds.excludes(found) for found in numbers):
            return True
    # Its records were read when it ended, and only what they break was written down.
    is_same = _was_held(run, name, constraints)
    return is_same and run.error_kind == BROKEN and f"{name}:" in run.error


def _was_held(run: Run, name: str, constraints: Parameters) -> bool:
    """Return whether the JSON files of a run, if there are any, were held against it."""
    then = run.environment.get("constraints")
    has_files = any(role.endswith(".json") for role in run.outputs)
    return not has_files or (isinstance(then, dict) and then.get(name) == constraints[name])


def _in_records(constraints: Parameters, records: Mapping[str, Rows]) -> Iterator[str]:
    needed, limits = names_in(constraints, FIELDS), bounds_of(constraints)
    for file, rows in records.items():
        flats = [flat(row) for row in rows]
        for name in needed:
            lacking = sum(not _has(row, name) for row in flats)
            if lacking:
                yield f"{FIELDS}: {lacking:,} of {len(rows):,} records of {file} have no {name}."
        for bounds in limits:
            outside = sum(_is_outside(row, bounds) for row in flats)
            if outside:
                yield (
                    f"{bounds.constraint}: {bounds.name} is not {bounds.words} in {outside:,} of "
                    f"{len(rows):,} records of {file}."
                )


def _has(row: Mapping[str, object], name: str) -> bool:
    if any(place.startswith(f"{name}.") for place in row):
        return True
    return any(row[place] not in (None, "", [], {}) for place in named(row, name))


def _is_outside(row: Mapping[str, object], bounds: Bounds) -> bool:
    """Return whether a value of this name lies outside; a list counts by its length."""
    for place in named(row, bounds.name):
        value = row[place]
        found = float(len(value)) if isinstance(value, list) else number_of(value)
        if found is not None and bounds.excludes(found):
            return True
    return False


def _rows_of(content: bytes) -> list[dict[str, object]]:
    try:
        read: Any = json.loads(content)
    except (ValueError, RecursionError):
        return []
    if isinstance(read, dict):
        lists = [value for value in read.values() if _is_table(value)]
        read = lists[0] if len(lists) == 1 else [read]
    return read if _is_table(read) else []


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
