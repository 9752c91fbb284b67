"""Records as samples: tidy JSON, Inspect logs, lm-evaluation-harness samples, MLflow runs."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.grid import note, refusal
from experimentos.metrics.reading.text import decode
from experimentos.policy import Policy
from experimentos.runs.sample_columns import Columns

type Record = dict[str, Any]

# Inspect's own reading of its letters: correct, incorrect, partial, no answer.
LETTERS = {"C": 1, "I": 0, "P": 0.5, "N": 0}
FINISHED = "FINISHED"
_PLAIN = json.JSONDecoder()


def read_records(content: bytes, policy: Policy) -> tuple[str, Columns]:
    """Return the form of a JSON or JSONL file and its columns.

    Raises
    ------
    Refusal
        If it is not JSON, too deep, too long, or holds no samples.
    """
    text, notes = decode(content)
    if text.lstrip().startswith("["):
        document = _loads(text, None)
    else:
        document = _whole_or_lines(text, policy)
    if isinstance(document, dict):
        if isinstance(document.get("eval"), dict):
            return "Inspect log", _inspect(document, tuple(notes), policy)
        document = document.get("samples", [document])
    records = _checked(document, policy)
    if all("doc_id" in record for record in records[:10]) and "arguments" in records[0]:
        return "lm-evaluation-harness samples", _harness(records, tuple(notes))
    return "tidy JSON", _tidy(records, tuple(notes))


def _whole_or_lines(text: str, policy: Policy) -> Any:
    """Return one document, or the records of a file with one on each line."""
    first, _, rest = text.strip().partition("\n")
    try:
        _PLAIN.decode(first)
    except (ValueError, RecursionError):
        return _loads(text, None)
    lines = [first, *rest.splitlines()] if rest else [first]
    if len(lines) > policy.samples_rows:
        return lines
    found = [_loads(line, at) for at, line in enumerate(lines, start=1) if line.strip()]
    is_log = len(found) == 1 and isinstance(found[0], dict) and "eval" in found[0]
    return found[0] if is_log else found


def _loads(text: str, row: int | None) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as exc:
        reason = str(exc) if isinstance(exc, _TwiceError) else "it is not valid JSON"
        raise refusal(
            "not_json",
            f"The {'file' if row is None else 'line'} cannot be read: {reason}.",
            "Export it again; every line of a JSONL file is one complete object.",
            row=row,
        ) from exc


class _TwiceError(ValueError):
    """A name occurs twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse_twice(twice)
    return found


def _refuse_twice(name: str) -> NoReturn:
    raise _TwiceError(f"the name {name[:60]!r} occurs twice in one object")


def _checked(document: Any, policy: Policy) -> list[Record]:
    if not isinstance(document, list) or not document:
        raise refusal(
            "no_records", "The file holds no list of samples.", "Give one object per sample."
        )
    if len(document) > policy.samples_rows:
        raise refusal(
            "too_many_rows",
            f"The file has {len(document):,} samples; at most {policy.samples_rows:,} are read.",
            "Split the file by metric or by model family.",
        )
    for at, record in enumerate(document, start=1):
        if not isinstance(record, dict):
            raise refusal("not_a_record", "A sample is not an object.", "Give objects.", row=at)
    return document


def _text(value: Any) -> str | None:
    """Return a value as the cell of a table."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _table(rows: list[Record], notes: tuple[Issue, ...], metrics: tuple[str, ...] = ()) -> Columns:
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: pa.array([_text(row.get(name)) for row in rows], type=pa.string()) for name in names
    }
    return Columns(columns, None, 1, notes, metrics)


def _tidy(records: list[Record], notes: tuple[Issue, ...]) -> Columns:
    return _table(records, notes)


def _inspect(log: Record, notes: tuple[Issue, ...], policy: Policy) -> Columns:
    header = log["eval"]
    records = _checked(log.get("samples"), policy)
    rows = [_inspect_row(record, str(header.get("model", "model"))) for record in records]
    metrics = tuple(dict.fromkeys(name for row in rows for name in row if name[:7] == "score: "))
    if not metrics:
        raise refusal(
            "no_scores", "The log has no scores.", "Score it first: inspect score LOG.json."
        )
    found = [*notes]
    status = log.get("status", "success")
    if status != "success":
        found.append(
            Issue(
                "unfinished_log",
                Severity.WARNING,
                f"The log's status is {str(status)[:40]}: samples may be lacking.",
                "Run the evaluation to its end, or keep in mind which samples are not there.",
                Where(column="status"),
            )
        )
    plain = [{name.removeprefix("score: "): v for name, v in row.items()} for row in rows]
    return _table(plain, tuple(found), tuple(name.removeprefix("score: ") for name in metrics))


def _inspect_row(record: Record, model: str) -> Record:
    row: Record = {
        "scenario": record.get("id"),
        "model": model,
        "sample_index": _index_of(record.get("epoch", 1)),
        "transcript": _completion(record.get("output")),
        "latency": record.get("total_time"),
        "tokens": _tokens(record.get("model_usage")),
    }
    scores = record.get("scores")
    for scorer, score in scores.items() if isinstance(scores, dict) else ():
        value = score.get("value") if isinstance(score, dict) else score
        if isinstance(value, dict):
            row |= {f"score: {scorer}/{part}": _graded(v) for part, v in value.items()}
        else:
            row[f"score: {scorer}"] = _graded(value)
    return {name: value for name, value in row.items() if value is not None}


def _index_of(epoch: Any) -> Any:
    """Return the epoch counted from 0; anything but a number is left for the table to refuse."""
    return epoch - 1 if isinstance(epoch, int) else epoch


def _graded(value: Any) -> Any:
    return LETTERS.get(value, value) if isinstance(value, str) else value


def _completion(output: Any) -> str | None:
    if not isinstance(output, dict):
        return None
    if isinstance(output.get("completion"), str):
        return str(output["completion"])
    return None


def _tokens(usage: Any) -> float | None:
    if not isinstance(usage, dict) or not usage:
        return None
    counts = [part.get("total_tokens", 0) for part in usage.values() if isinstance(part, dict)]
    return sum(counts) if all(isinstance(c, int | float) for c in counts) else None


def _harness(records: list[Record], notes: tuple[Issue, ...]) -> Columns:
    """Return samples of lm-evaluation-harness: one row per document, one metric per filter."""
    merged: dict[tuple[Any, int], Record] = {}
    seen: dict[tuple[Any, Any], int] = {}
    filters = {_text(record.get("filter", "none")) for record in records}
    names: dict[str, None] = {}
    for record in records:
        doc = _text(record.get("doc_id"))
        key = (doc, _text(record.get("filter", "none")))
        repeat = seen[key] = seen.get(key, -1) + 1
        row = merged.setdefault(
            (doc, repeat),
            {"scenario": doc, "sample_index": repeat, "transcript": _reply(record)},
        )
        if isinstance(record.get("model"), str):
            row["model"] = record["model"]
        for name, value in _harness_scores(record):
            label = f"{name},{key[1]}" if len(filters) > 1 else name
            names[label] = None
            row[label] = value
    if not names:
        raise refusal(
            "no_scores", "The samples have no metric.", "Run the harness with --log_samples."
        )
    found = (*notes, *_repeat_note(merged))
    return _table(list(merged.values()), found, tuple(names))


def _repeat_note(merged: Mapping[tuple[Any, int], Record]) -> Iterator[Issue]:
    if any(repeat for _, repeat in merged):
        yield note("repeats", "Documents that occur again were numbered as repeats.")


def _harness_scores(record: Record) -> Iterator[tuple[str, Any]]:
    named = record.get("metrics")
    for name in named if isinstance(named, list) else ("acc", "exact_match"):
        value = record.get(str(name))
        if value is None or isinstance(value, bool | int | float):
            yield str(name), value


def _reply(record: Record) -> str | None:
    replies = record.get("filtered_resps") or record.get("resps")
    while isinstance(replies, list) and replies:
        replies = replies[0]
    return None if isinstance(replies, list) else _text(replies)


def mlflow_columns(table: Columns) -> Columns | None:
    """Return the runs of `mlflow.search_runs` (metrics.*, params.*, tags.*) as samples, or None.

    A run is a sample of its model; the scenario is a parameter of that name, or one for all.
    """
    import pyarrow as pa

    metrics = {c: c.removeprefix("metrics.") for c in table.columns if c.startswith("metrics.")}
    if "run_id" not in table.columns or not metrics:
        return None
    rows = len(table.columns["run_id"])
    renamed = {short: table.columns[column] for column, short in metrics.items()}
    _first_of(table, renamed, "model", ("params.model", "params.model_name", "tags.mlflow.runName"))
    _first_of(table, renamed, "scenario", ("params.scenario", "params.task", "params.dataset"))
    _first_of(table, renamed, "sample_index", ("params.sample_index", "params.seed"))
    notes = list(table.notes)
    if "scenario" not in renamed:
        renamed["scenario"] = pa.array(["all"] * rows)
        message = "No parameter names the scenario: every run was read as a sample of one."
        notes.append(note("one_scenario", message, "Log params.scenario with each run."))
    status = table.columns.get("status")
    if status is not None:
        done = [s == FINISHED for s in status.to_pylist()]
        if not all(done):
            _blank_unfinished(renamed, list(metrics.values()), done)
            message = f"{done.count(False):,} runs did not finish; their scores count as missing."
            fix = "Run them again, or remove their rows."
            notes.append(Issue("unfinished_runs", Severity.WARNING, message, fix))
    return Columns(renamed, table.lines, table.first, tuple(notes), tuple(metrics.values()))


def _first_of(
    table: Columns, renamed: dict[str, Any], name: str, candidates: tuple[str, ...]
) -> None:
    found = next((c for c in candidates if c in table.columns), None)
    if found is not None:
        renamed[name] = table.columns[found]


def _blank_unfinished(renamed: dict[str, Any], metrics: list[str], done: list[bool]) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    finished = pa.array(done)
    for name in metrics:
        blank: Callable[..., Any] = pc.if_else
        renamed[name] = blank(finished, renamed[name], pa.scalar(None, pa.string()))
