"""Two runs side by side: where parameters, code, environment, inputs and metrics differ."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from experimentos.ids import content_hash
from experimentos.runs.documents import Run

SECTIONS = ("result", "params", "code", "environment", "inputs", "metrics", "outputs")
# Roles of what a run keeps beside its data: compared in sections of their own, or not at all.
BOOKKEEPING = frozenset({"code", "diff", "packages", "log"})
# What of the environment is compared in another section.
ELSEWHERE = frozenset({"entry_point", "data"})


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One place where two runs differ.

    Attributes
    ----------
    section : str
        One of `SECTIONS`.
    name : str
        Dotted where it is nested; the path of a file in "code".
    before, after : object
        JSON values; None where the run does not have it.
    """

    section: str
    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class RunDiff:
    """Where two runs differ.

    Attributes
    ----------
    first, second : str
        Ids.
    lines : tuple[DiffLine, ...]
        By section, then by name.
    code : str
        Unified diff of the source texts; "" when they are the same or were not kept.
    """

    first: str
    second: str
    lines: tuple[DiffLine, ...]
    code: str = ""

    def section(self, name: str) -> tuple[DiffLine, ...]:
        """Return the lines of a section."""
        return tuple(line for line in self.lines if line.section == name)


def diff_runs(
    first: Run,
    second: Run,
    sources: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
    packages: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
) -> RunDiff:
    """Compare two runs.

    Parameters
    ----------
    first, second
        The runs.
    sources
        Relative path to source text, of each.
    packages
        Name to version, of each.
    """
    pairs: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
        "result": (_result(first), _result(second)),
        "params": (flat(first.params), flat(second.params)),
        "code": (_code(first, sources[0]), _code(second, sources[1])),
        "environment": (
            {**_environment(first), **{f"package {k}": v for k, v in packages[0].items()}},
            {**_environment(second), **{f"package {k}": v for k, v in packages[1].items()}},
        ),
        "inputs": (_data(first), _data(second)),
        "metrics": (dict(first.metrics), dict(second.metrics)),
        "outputs": (_files(first.outputs), _files(second.outputs)),
    }
    lines = tuple(
        DiffLine(section, name, before.get(name), after.get(name))
        for section, (before, after) in pairs.items()
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )
    return RunDiff(first.run_id, second.run_id, lines, unified(*sources))


def side_by_side(runs: Sequence[Run]) -> tuple[tuple[str, tuple[object, ...]], ...]:
    """Return the parameters, metrics and facts in which several runs are not all alike.

    Each is a name, such as `params.lr`, and the value that each run has, None for none.
    """
    columns: list[dict[str, object]] = []
    for run in runs:
        facts: dict[str, object] = {
            "variant": run.variant,
            "status": run.status,
            "code": run.code_sha256[:12],
            "data": run.inputs_sha256[:12],
        }
        facts |= {f"params.{name}": found for name, found in flat(run.params).items()}
        columns.append(facts | {f"metrics.{name}": found for name, found in run.metrics.items()})
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [(name, tuple(column.get(name) for column in columns)) for name in names]
    return tuple((name, row) for name, row in rows if any(found != row[0] for found in row))


def flat(value: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested objects as dotted names."""
    found: dict[str, object] = {}
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            found |= flat(item, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = item
    return found


def unified(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff of two sets of texts; "" unless both are known."""
    if not before or not after:
        return ""
    return "\n".join(_unified(before, after))


def _unified(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        one, two = before.get(name, "").splitlines(), after.get(name, "").splitlines()
        yield from difflib.unified_diff(one, two, f"a/{name}", f"b/{name}", lineterm="")


def _result(run: Run) -> dict[str, object]:
    return {"status": run.status, "error": run.error_kind, "entry_point": _entry_point(run)}


def _entry_point(run: Run) -> object:
    return run.environment.get("entry_point")


def _code(run: Run, sources: Mapping[str, str]) -> dict[str, object]:
    files: dict[str, object] = {
        name: content_hash(text.encode())[:12] for name, text in sources.items()
    }
    if not files and run.code_sha256:
        files["all files"] = run.code_sha256[:12]
    return files


def _environment(run: Run) -> dict[str, object]:
    kept = {name: found for name, found in run.environment.items() if name not in ELSEWHERE}
    return flat(kept)


def _data(run: Run) -> dict[str, object]:
    """Return the hashes of the data, of large files that were not kept too."""
    data = run.environment.get("data")
    named = {role.removeprefix("data/"): sha256 for role, sha256 in _files(run.inputs).items()}
    return {**named, **(data if isinstance(data, dict) else {})}


def _files(files: Mapping[str, str]) -> dict[str, object]:
    return {role: sha256 for role, sha256 in files.items() if role not in BOOKKEEPING}
