"""Columns as read to `Samples`: names, numbers, duplicates, and an issue for each defect."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.grid import Refusal, blocked, counted, note
from experimentos.metrics.reading.names import visible
from experimentos.policy import Policy
from experimentos.runs.sample_columns import Columns, find_columns, folded
from experimentos.runs.samples import (
    MEASURES,
    SCORE,
    Codes,
    Samples,
    Scores,
    first_repeat,
    numbered,
)

WORDS = {"true": 1.0, "false": 0.0}
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none"})
EXTRA_SCORE = re.compile(r"score_(.+)|(.+)_score")
MOST_NAMED = 20


def assemble(
    table: Columns, mapping: Mapping[str, str], policy: Policy
) -> tuple[Samples | None, list[Issue]]:
    """Return the samples, or None, with every issue found; never raises for the data."""
    issues = list(table.notes)
    try:
        places = find_columns(table, mapping, issues)
        samples = _samples(table, places, issues, policy)
    except Refusal as refusal:
        return None, [*issues, refusal.issue]
    if any(issue.severity is Severity.BLOCKED for issue in issues):
        return None, issues
    return samples, issues


def _samples(
    table: Columns, places: dict[str, str], issues: list[Issue], policy: Policy
) -> Samples:
    scenario, scenarios = _names(table, places["scenario"], issues)
    if "model" in places:
        model, models = _names(table, places["model"], issues)
    else:
        model, models = np.zeros(scenario.size, dtype=np.intp), ("model",)
        message = "There is no column model: every row was read as one model."
        issues.append(note("one_model", message, "Add a column model to compare several."))
    cell = model * max(len(scenarios), 1) + scenario
    index = _index(table, places, cell, issues)
    scores = _scores(table, places, issues)
    measures = {name: _numbers(table, places[name], issues) for name in MEASURES if name in places}
    cluster, clusters = _clusters(table, places, scenario, len(scenarios), issues)
    _count(scores, issues)
    _sizes(table, cell, index, issues, policy)
    transcripts = None
    if "transcript" in places:
        texts = table.columns[places["transcript"]].to_pylist()
        transcripts = tuple(text or "" for text in texts)
    _say_unused(table, places, scores, issues)
    return Samples(
        scenarios=scenarios,
        models=models,
        scenario=scenario,
        model=model,
        sample_index=index,
        scores=MappingProxyType(scores),
        cluster=cluster,
        clusters=clusters,
        measures=MappingProxyType(measures),
        transcripts=transcripts,
    )


def _names(table: Columns, column: str, issues: list[Issue]) -> tuple[Codes, tuple[str, ...]]:
    """Return codes and names of a text column; an empty cell is a defect."""
    import pyarrow.compute as pc

    # Trimmed after coding: there are far fewer names than rows.
    coded = table.columns[column].dictionary_encode()
    names = [None if name is None else str(name).strip() for name in coded.dictionary.to_pylist()]
    distinct = list(dict.fromkeys(name for name in names if name))
    of_name = {name: place for place, name in enumerate(distinct)}
    lookup = np.array([of_name.get(name or "", -1) for name in names] or [-1], dtype=np.intp)
    raw = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    codes = np.where(raw >= 0, lookup[raw], -1)
    message, fix = "The row has no name here.", "Fill it in, or remove the row."
    issues += _at_rows(table, column, codes < 0, "no_name", message, fix)
    return codes.astype(np.intp), tuple(distinct)


def _at_rows(
    table: Columns, column: str, bad: NDArray[np.bool_], code: str, message: str, fix: str
) -> list[Issue]:
    """Return a break of the contract for each bad row, the first `MOST_NAMED` of them named."""
    rows = np.flatnonzero(bad)
    name = visible(column)
    text = table.columns[column]
    issues = [
        blocked(
            code,
            message.format(visible(text[row].as_py() or "nothing")),
            fix,
            row=table.line(row),
            column=name,
        )
        for row in rows[:MOST_NAMED].tolist()
    ]
    if rows.size > MOST_NAMED:
        more = f"{counted(rows.size - MOST_NAMED, 'more row')} with the same defect in {name}."
        issues.append(blocked(code, more, fix, column=name))
    return issues


def _index(table: Columns, places: dict[str, str], cell: Codes, issues: list[Issue]) -> Codes:
    if "sample_index" not in places:
        index = numbered(cell)
        if index.max(initial=0) > 0:
            issues.append(
                Issue(
                    "no_sample_index",
                    Severity.WARNING,
                    "There is no column sample_index: rows of the same scenario and model were "
                    "numbered in the order of the file, and a row given twice cannot be told "
                    "from a repeat.",
                    "Add sample_index: 0, 1, 2, … within each scenario and model.",
                    Where(column="sample_index"),
                )
            )
        return index
    column = places["sample_index"]
    values = _numbers(table, column, issues, may_miss=False)
    whole = np.isfinite(values) & (values >= 0) & (values == np.floor(values)) & (values < 2**31)
    message = "The sample index is not a whole number from 0."
    fix = "Number the samples 0, 1, 2, … within each scenario and model."
    bad = ~whole & np.isfinite(values)
    issues += _at_rows(table, column, bad, "sample_index", message, fix)
    return np.where(whole, values, 0).astype(np.intp)


def _scores(table: Columns, places: dict[str, str], issues: list[Issue]) -> dict[str, Scores]:
    wanted: dict[str, str] = {}
    if SCORE in places:
        wanted[SCORE] = places[SCORE]
    wanted |= {name: name for name in table.metrics if name not in wanted.values()}
    for column in table.columns:
        match = EXTRA_SCORE.fullmatch(folded(column))
        if match and not table.metrics and column not in places.values():
            wanted[folded(column)] = column
    return {name: _numbers(table, column, issues) for name, column in wanted.items()}


def _numbers(table: Columns, column: str, issues: list[Issue], *, may_miss: bool = True) -> Scores:
    """Return a column as numbers, nan for missing; other text is a defect."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = table.columns[column]
    # A column of scores repeats itself: its distinct texts are read once each.
    coded = text.dictionary_encode()
    distinct = [_number(t) for t in coded.dictionary.to_pylist()]
    lookup = np.array([np.nan if v is None else v for v in distinct] or [np.nan])
    is_bad = np.array([v is None for v in distinct] or [False])
    raw = pc.fill_null(pc.cast(coded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False)
    values = np.where(raw >= 0, lookup[raw], np.nan)
    bad = (raw >= 0) & is_bad[raw]
    if not may_miss:
        bad |= np.isnan(values)
    fix = "Give a plain number such as 0.75" + ("; leave a missing one empty." * may_miss)
    issues += _at_rows(
        table, column, bad, "not_a_number", "The cell holds {} where a number is needed.", fix
    )
    _say_infinite(table, column, values, issues)
    return np.where(np.isfinite(values), values, np.nan)


def _say_infinite(table: Columns, column: str, values: Scores, issues: list[Issue]) -> None:
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        issues.append(
            Issue(
                "not_finite",
                Severity.WARNING,
                f"{counted(infinite.size, 'value')} of {visible(column)} "
                f"{'is' if infinite.size == 1 else 'are'} infinite; counted as missing.",
                "Find out why the scorer gave no finite number.",
                Where(table.line(int(infinite[0])), visible(column)),
            )
        )


def _number(text: str | None) -> float | None:
    """Return the number in a cell, nan for missing, None for anything else."""
    plain = (text or "").strip()
    if plain.lower() in MISSING:
        return float("nan")
    if plain.lower() in WORDS:
        return WORDS[plain.lower()]
    if "_" in plain or not plain.isascii():
        return None
    try:
        return float(plain)
    except ValueError:
        return None


def _clusters(
    table: Columns, places: dict[str, str], scenario: Codes, size: int, issues: list[Issue]
) -> tuple[Codes | None, tuple[str, ...]]:
    if "cluster" not in places:
        return None, ()
    of_row, clusters = _names(table, places["cluster"], issues)
    of_scenario = np.zeros(size, dtype=np.intp)
    if np.any(scenario < 0) or np.any(of_row < 0):
        return None, ()
    of_scenario[scenario] = of_row
    differs = of_scenario[scenario] != of_row
    fix = "Give every row of a scenario the same cluster."
    message = "The scenario lies in another cluster elsewhere."
    issues += _at_rows(table, places["cluster"], differs, "two_clusters", message, fix)
    return of_scenario, clusters


def _count(scores: Mapping[str, Scores], issues: list[Issue]) -> None:
    for name, values in scores.items():
        missing = int(np.isnan(values).sum())
        if missing == values.size:
            issues.append(
                blocked("no_scores", f"No row has a {visible(name)}.", "Score the samples first.")
            )
        elif missing:
            issues.append(
                Issue(
                    "missing_scores",
                    Severity.WARNING,
                    f"{counted(missing, 'sample')} of {values.size:,} without {visible(name)}; "
                    "counted, never filled in.",
                    "If samples fail more often when they would score badly, the means flatter.",
                    Where(column=visible(name)),
                )
            )


def _sizes(table: Columns, cell: Codes, index: Codes, issues: list[Issue], policy: Policy) -> None:
    repeat = first_repeat(cell, index)
    if repeat is not None and cell.min() >= 0:
        earlier, later = repeat
        issues.append(
            blocked(
                "duplicate_sample",
                f"Scenario, model and sample_index are those of row {table.line(earlier)} again.",
                "Keep one row of each sample, or number repeats apart.",
                row=table.line(later),
                column="sample_index",
            )
        )
    sizes = np.unique(cell, return_counts=True)[1]
    if sizes.max() > policy.samples_per_cell:
        message = (
            f"A scenario has {sizes.max():,} samples of one model; at most "
            f"{policy.samples_per_cell} are read."
        )
        issues.append(
            blocked("too_many_samples", message, "More scenarios tell more than more samples.")
        )
    elif sizes.max() > policy.samples_per_cell_soft:
        message = f"Up to {sizes.max()} samples of a scenario and model."
        fix = "Above 20, new scenarios usually tell more for the same cost: see samples plan."
        issues.append(note("many_samples", message, fix))
    if sizes.min() != sizes.max():
        message = f"Scenarios have between {sizes.min()} and {sizes.max()} samples of a model."
        fix = "Means are over samples, so a scenario with more of them weighs more."
        issues.append(note("uneven_samples", message, fix))


def _say_unused(
    table: Columns, places: dict[str, str], scores: Mapping[str, Scores], issues: list[Issue]
) -> None:
    used = {*places.values(), *table.metrics}
    left = [c for c in table.columns if c not in used and folded(c) not in scores]
    if left:
        issues.append(note("unused_columns", f"Not read: {visible(', '.join(left), 200)}."))
