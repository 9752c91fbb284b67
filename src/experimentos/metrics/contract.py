"""File to `Summary`; breaks of the contract come back as issues."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from experimentos.ids import content_hash
from experimentos.issue import Issue, Severity
from experimentos.metrics.reading.assemble import Assembled, assemble
from experimentos.metrics.reading.grid import Grid, Refusal, too_many_rows
from experimentos.metrics.reading.header import locate, normal, recogniser
from experimentos.metrics.reading.names import safe_name as safe_name
from experimentos.metrics.reading.sniff import form_of
from experimentos.metrics.reading.suggest import suggested_columns, suggested_control
from experimentos.metrics.reading.summed import is_summed, read_summed
from experimentos.metrics.reading.text import read_text
from experimentos.metrics.reading.where import refuse_several, select, split_mapping
from experimentos.metrics.summary import Source, Summary
from experimentos.policy import DEFAULT_POLICY, Policy

UNKNOWN = "unknown"


type ParquetReader = Callable[[bytes, Policy], Grid]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file said.

    Attributes
    ----------
    summary : Summary | None
        None when the file could not be understood; the issues then say why.
    issues : tuple[Issue, ...]
        Everything found while reading: notes on harmless variety, breaks of the contract.
    columns : tuple[str, ...]
        The header as found, for the "map your columns" step.
    rows : tuple[tuple[str, ...], ...]
        The cells as found (text), at most the policy's number of rows: "data as read".
    name, sha256, form : str
        See `summary.Source`; there also when the summary is None.
    """

    summary: Summary | None
    issues: tuple[Issue, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    name: str
    sha256: str
    form: str


def read_summary(
    content: bytes,
    name: str,
    *,
    mapping: Mapping[str, str] | None = None,
    control: str | None = None,
    policy: Policy = DEFAULT_POLICY,
    parquet: ParquetReader | None = None,
) -> Reading:
    """Read an aggregated experiment; never raises for what the bytes hold.

    Parameters
    ----------
    content
        The bytes of a CSV, TSV, XLSX, Parquet or JSON file, of pasted text, or of a summary that
        was stored after raw rows were summed up (no mapping applies to it).
    name
        File name, for its extension and for people; no extension means pasted text.
    mapping
        Contract name to the file's own column name ({"users": "visitors"}), and
        "variant=NAME" keys to rename arms ({"variant=control": "A"}), and "where=COLUMN" keys
        to keep one experiment of a file with several ({"where=experiment_id": "a1e2bf"}).
    control
        Name of the control arm when it is not called "control".
    parquet
        What decodes Parquet, such as `flows.parquet_apart.grid_apart`; None decodes it in this
        process, which a damaged file may take along.
    """
    mapping, wanted = split_mapping(mapping or {})
    empty = Reading(None, (), (), (), safe_name(name), content_hash(content), UNKNOWN)
    reading = empty
    if is_summed(content):
        return _stored(content, empty)
    try:
        form = form_of(content, name, policy)
        reading = replace(empty, form=form)
        columns = {k: v for k, v in mapping.items() if not k.startswith("variant=")}
        if form == "parquet" and parquet is not None:
            grid = parquet(content, policy)
        else:
            grid = _read_grid(content, form, columns, policy)
        rows = tuple(line.cells for line in grid.lines[: policy.upload_rows])
        reading = replace(reading, columns=grid.header, rows=rows)
        if len(grid.lines) > policy.upload_rows:
            raise too_many_rows(policy.upload_rows, f"{len(grid.lines):,}")
        grid = select(grid, wanted)
        refuse_several(grid, mapping.get("variant", "variant"))
        assembled = assemble(grid, mapping, control or "control", policy)
    except Refusal as refusal:
        return replace(reading, issues=(refusal.issue,))
    return _finished(reading, grid, assembled, control or "control")


def _stored(content: bytes, empty: Reading) -> Reading:
    try:
        document, issues = read_summed(content)
    except Refusal as refusal:
        return replace(empty, issues=(refusal.issue,))
    source = document.source
    return Reading(document.summary(), issues, (), (), source.name, source.sha256, source.form)


def suggest_mapping(reading: Reading) -> dict[str, str]:
    """Return a mapping to offer a person when names differ; it is never applied silently.

    Returns
    -------
    dict[str, str]
        Contract name to the file's column for each column that a known synonym names, and
        "variant=control" to the arm that looks like the control, with "variant=treatment" to the
        other when there are two arms. Empty when nothing needs a mapping.
    """
    suggestion = suggested_columns(reading.columns)
    variant = suggestion.get("variant", "variant")
    places = [i for i, name in enumerate(reading.columns) if normal(name) == normal(variant)]
    if not places:
        return suggestion
    found = (row[places[0]].strip() for row in reading.rows if places[0] < len(row))
    arms = list(dict.fromkeys(name for name in found if name))
    guess = suggested_control(arms)
    if guess is None or guess.casefold() == "control":
        return suggestion
    suggestion["variant=control"] = guess
    others = [arm for arm in arms if arm != guess]
    if len(others) == 1 and others[0].casefold() != "treatment":
        suggestion["variant=treatment"] = others[0]
    return suggestion


def _read_grid(content: bytes, form: str, columns: Mapping[str, str], policy: Policy) -> Grid:
    match form:
        case "xlsx":
            # Loaded only for workbooks: a CSV must not pay for it.
            from experimentos.metrics.reading.workbook import read_workbook

            lines, notes = read_workbook(content, policy)
            return locate(lines, notes, columns, semicolon=False)
        case "parquet":
            from experimentos.metrics.reading.columnar import read_parquet

            return read_parquet(content, policy)
        case "json":
            from experimentos.metrics.reading.records import read_json

            return read_json(content, policy)
        case _:
            lines, notes, delimiter = read_text(content, form, recogniser(columns), policy)
            return locate(lines, notes, columns, semicolon=delimiter == ";")


def _finished(reading: Reading, grid: Grid, assembled: Assembled, control: str) -> Reading:
    issues = (*grid.notes, *assembled.issues)
    ordered = tuple(sorted(issues, key=lambda issue: -issue.severity.rank))
    if not assembled.cells:
        return replace(reading, issues=ordered)
    notes = tuple(issue.message for issue in ordered if issue.severity is Severity.NOTE)
    source = Source(reading.name, reading.sha256, reading.form, notes)
    summary = Summary(assembled.cells, assembled.metrics, control, source)
    return replace(reading, summary=summary, issues=ordered)
