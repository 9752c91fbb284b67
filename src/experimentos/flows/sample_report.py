"""Repeated samples as JSON values and as CSV: what the command, the page and downloads share."""

import math
from collections.abc import Iterable

from experimentos.analysis.result import Interval, Unavailable
from experimentos.flows.encode import Json, encode
from experimentos.flows.report import issue_report
from experimentos.flows.samples import SampleAnalysis, status_of
from experimentos.memo.exports import csv_bytes
from experimentos.runs.compare import ModelDifference, NotCompared
from experimentos.runs.leaderboard import Place
from experimentos.runs.sample_files import SampleFile
from experimentos.runs.sample_plan import SamplePlan
from experimentos.runs.samples import Samples, Scores
from experimentos.runs.variance import ModelRow, VarianceTable

SCHEMA_VERSION = 1


def file_report(file: SampleFile) -> dict[str, Json]:
    """Return what was read: `schema_version, report, status, issues, source`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "samples",
        "status": status_of(file).value,
        "issues": [issue_report(issue) for issue in file.issues],
        "source": {"name": file.name, "sha256": file.sha256, "form": file.form},
    }


def samples_report(analysis: SampleAnalysis) -> dict[str, Json]:
    """Return the whole analysis.

    Keys beside those of `file_report`: `samples, scenarios, models, metrics, metric, is_binary,
    level, interval, baseline, variance, leaderboard, most_variable, comparisons`; `variance` holds
    `models` and `cells`.
    """
    table, samples = analysis.table, analysis.samples
    return file_report(analysis.file) | {
        "samples": samples.rows,
        "scenarios": len(samples.scenarios),
        "models": list(samples.models),
        "metrics": list(samples.metrics),
        "metric": table.metric,
        "is_binary": table.is_binary,
        "level": table.level,
        "interval": table.interval,
        "baseline": analysis.baseline or None,
        "variance": {
            "models": [model_report(row) for row in table.models],
            "cells": cell_reports(samples, table),
        },
        "leaderboard": [place_report(place) for place in analysis.leaderboard],
        "most_variable": [encode(row) for row in analysis.most_variable],
        "comparisons": [difference_report(found) for found in analysis.comparisons],
    }


def ends(found: Interval | Unavailable) -> dict[str, Json]:
    """Return `ci`, and why there is none under `unavailable`."""
    if isinstance(found, Interval):
        return {"ci": [encode(found.low), encode(found.high)], "unavailable": None}
    return {"ci": None, "unavailable": {"code": found.code, "why": found.why}}


def model_report(row: ModelRow) -> dict[str, Json]:
    """Return one model: its fields by name, the interval as `ci`, pass@k and pass^k as lists."""
    report = encode(row)
    assert isinstance(report, dict)  # noqa: S101 - a row is a dataclass
    for name in ("interval", "low", "high", "passes"):
        del report[name]
    report |= {"min": encode(row.low), "max": encode(row.high)} | ends(row.interval)
    report["pass_at_k"] = [encode(p.at_least_one) for p in row.passes]
    report["pass_hat_k"] = [encode(p.all_pass) for p in row.passes]
    return report


def cell_reports(samples: Samples, table: VarianceTable) -> list[Json]:
    """Return every scenario and model: `n, missing, mean, sd, min, max, ci`, null where unknown."""
    cells = table.cells
    numbers = zip(
        cells.model.tolist(),
        cells.scenario.tolist(),
        cells.n.tolist(),
        cells.missing.tolist(),
        *(_nulls(c) for c in (cells.mean, cells.sd, cells.low, cells.high)),
        _nulls(cells.interval_low),
        _nulls(cells.interval_high),
        strict=True,
    )
    return [
        {
            "scenario": samples.scenarios[scenario],
            "model": samples.models[model],
            "n": n,
            "missing": missing,
            "mean": mean,
            "sd": sd,
            "min": low,
            "max": high,
            "ci": None if left is None else [left, right],
        }
        for model, scenario, n, missing, mean, sd, low, high, left, right in numbers
    ]


def cell_columns(samples: Samples, table: VarianceTable, most: int) -> dict[str, list[object]]:
    """Return the first cells by column, null where unknown."""
    cells = table.cells
    numbers = {
        "mean": cells.mean,
        "sd": cells.sd,
        "min": cells.low,
        "max": cells.high,
        "low": cells.interval_low,
        "high": cells.interval_high,
    }
    return {
        "scenario": [samples.scenarios[code] for code in cells.scenario[:most].tolist()],
        "model": [samples.models[code] for code in cells.model[:most].tolist()],
        "n": cells.n[:most].tolist(),
        "missing": cells.missing[:most].tolist(),
    } | {name: list(_nulls(values[:most])) for name, values in numbers.items()}


def _nulls(values: Scores) -> Iterable[float | None]:
    return (None if math.isnan(value) else value for value in values.tolist())


def place_report(place: Place) -> dict[str, Json]:
    """Return one place of the leaderboard."""
    behind = place.behind
    return {
        "rank": place.rank,
        "model": place.model,
        "mean": encode(place.mean),
        "n": place.n,
        "missing": place.missing,
        "scenarios": place.scenarios,
        "is_tied": place.is_tied,
        "why": place.why,
        "behind": None if behind is None else difference_report(behind),
    } | ends(place.interval)


def difference_report(found: ModelDifference | NotCompared) -> dict[str, Json]:
    """Return one comparison; `unavailable` says why there is none."""
    if isinstance(found, NotCompared):
        return {"metric": found.metric, "model": found.model} | ends(found.why)
    report = encode(found)
    assert isinstance(report, dict)  # noqa: S101 - a comparison is a dataclass
    del report["interval"]
    return report | ends(found.interval)


def plan_report(file: SampleFile, plan: SamplePlan) -> dict[str, Json]:
    """Return the plan of the next evaluation, with what it was learned from."""
    return file_report(file) | {"report": "samples_plan", "plan": encode(plan)}


def samples_csv(samples: Samples) -> bytes:
    """Return the samples as a tidy table, one row each, with `sample_index`."""
    header = ["scenario", "model", "sample_index", *samples.scores]
    columns: list[Iterable[str]] = [
        (samples.scenarios[code] for code in samples.scenario.tolist()),
        (samples.models[code] for code in samples.model.tolist()),
        map(str, samples.sample_index.tolist()),
        *map(_texts, samples.scores.values()),
    ]
    if samples.cluster is not None:
        header.append("cluster")
        of_row = samples.cluster[samples.scenario].tolist()
        columns.append(samples.clusters[code] for code in of_row)
    for name, values in samples.measures.items():
        header.append(name)
        columns.append(_texts(values))
    if samples.transcripts is not None:
        header.append("transcript")
        columns.append(samples.transcripts)
    return csv_bytes(tuple(header), tuple(zip(*columns, strict=True)))


def _texts(values: Scores) -> Iterable[str]:
    return ("" if math.isnan(value) else repr(value) for value in values.tolist())
