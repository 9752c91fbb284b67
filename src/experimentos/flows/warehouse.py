"""Raw rows to the same `Summary` that an uploaded aggregate gives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from experimentos.engine.collect import (
    Answer,
    answered,
    arms_of,
    cells_of,
    closed,
    disjoint,
    metric_of,
    need_beside,
)
from experimentos.engine.columns import SourceColumns
from experimentos.engine.findings import findings
from experimentos.engine.need import Period, Wanted, merged, wanted_of
from experimentos.engine.opening import open_engine
from experimentos.engine.port import Engine, Exposed, Question, State
from experimentos.engine.quantiles import ask_quantiles
from experimentos.engine.spec import MetricsFile, read_metrics
from experimentos.errors import ContractError, UnreadableError
from experimentos.flows.encode import encode
from experimentos.flows.raw_bootstrap import Resampling as Resampling
from experimentos.flows.raw_bootstrap import bootstrap_rows
from experimentos.flows.raw_columns import Columns as Columns
from experimentos.flows.raw_columns import (
    exposed_by,
    require_columns,
    said_of_windows,
    without_cells,
)
from experimentos.flows.summarized import Summarized as Summarized
from experimentos.flows.summarized import charter_of as charter_of
from experimentos.flows.summarized import contract_csv as contract_csv
from experimentos.flows.watch import NOBODY, Watch
from experimentos.ids import canonical_json, content_hash
from experimentos.issue import Issue
from experimentos.metrics.reading.names import safe_name, visible
from experimentos.metrics.summary import Scan as Scan
from experimentos.metrics.summary import Source, Summary
from experimentos.policy import DEFAULT_POLICY, Policy

MOST_CELLS = 200_000
# Names of columns that usually hold the unit of randomisation, when nobody has said which does.
UNIT_NAMES = frozenset(
    f"{who}{ending}"
    for who in ("user", "visitor", "customer", "account", "device", "player", "unit", "subject")
    for ending in ("", "id", "_id")
)
# Sketches count different values within about 5 %; fewer than this share certainly repeat.
CERTAINLY_REPEATED = 0.9


def summarize(  # noqa: PLR0913 - the columns of the rows, by name
    source: str | Path | Engine,
    metrics: MetricsFile | str | Path,
    *,
    variant: str,
    control: str | None = None,
    unit: str | None = None,
    segment: str | None = None,
    date: str | None = None,
    names: Mapping[str, str] | None = None,
    exposures: str | Path | None = None,
    exposure_unit: str | None = None,
    exposure_date: str | None = None,
    window_days: int | None = None,
    resampling: Resampling | None = None,
    inside: Path | None = None,
    policy: Policy = DEFAULT_POLICY,
    watch: Watch = NOBODY,
) -> Summarized:
    """Return the sufficient statistics of raw rows, in one grouped pass; no row leaves the engine.

    Parameters
    ----------
    source
        An address (see `engine.opening.open_engine`), or an engine that is open already.
    metrics
        What to measure, or the path of a metrics file.
    variant, control, unit, segment, date, names
        Which column says what, see `Columns` (where `date` is the day).
    exposures
        Address of the table that says which unit was exposed to which variant, and when; the rows
        of a unit are joined to it. An engine that is open already has been opened with it.
    exposure_unit, exposure_date, window_days
        Columns of that table and days from first exposure, see `Columns`.
    resampling
        Makes a bootstrap of every mean, rate and ratio beside the summary, in one more pass.
    inside
        The only folder whose files may be read; None where the person's own rights are the limit.
    watch
        Is told the engine once it is open, and what each pass is for before it begins.

    Raises
    ------
    ContractError
        If a column is missing or does not fit, or rows repeat a unit that was not named.
    UnreadableError
        If the source or the metrics file cannot be read.
    EngineError
        If the engine failed.
    """
    wanted = metrics if isinstance(metrics, MetricsFile) else metrics_file(metrics)
    columns = Columns(
        variant=variant,
        control=control,
        unit=unit,
        segment=segment,
        day=date,
        names=names or {},
        exposure_unit=exposure_unit or unit,
        exposure_day=exposure_date,
        window_days=window_days or wanted.window_days,
    )
    name = safe_name(str(source).partition("#")[0]) if isinstance(source, (str, Path)) else "rows"
    with _opened(source, exposures, inside) as engine:
        watch.opened(engine)
        answers = _answers(engine, wanted, columns, watch)
        made = _summarized(engine, answers, columns, name, policy)
        if resampling is None:
            return made
        watch.step("Reading them again for the bootstrap")
        named = (made.summary, columns.names)
        return replace(made, bootstraps=bootstrap_rows(engine, answers[0], named, resampling))


def metrics_file(path: str | Path) -> MetricsFile:
    """Return the metrics in a file; UnreadableError names what is wrong with it."""
    place = Path(path)
    try:
        content = place.read_bytes()
    except OSError as exc:
        raise UnreadableError(
            f"{place.name} could not be read: {exc.strerror}.", hint="Check the name."
        ) from exc
    found = read_metrics(content, place.name)
    if isinstance(found, MetricsFile):
        return found
    raise MetricsRefused(place.name, found)


class MetricsRefused(UnreadableError):  # noqa: N818 - reads as the condition
    """The metrics file has defects; `issues` names each."""

    def __init__(self, name: str, issues: tuple[Issue, ...]) -> None:
        super().__init__(
            f"The metrics file {name} cannot be used: {issues[0].message}", hint=issues[0].fix
        )
        self.issues = issues


@contextmanager
def _opened(
    source: str | Path | Engine, exposures: str | Path | None, inside: Path | None
) -> Iterator[Engine]:
    if not isinstance(source, (str, Path)):
        yield source
        return
    other = None if exposures is None else str(exposures)
    engine = open_engine(str(source), other, inside=inside)
    try:
        yield engine
    finally:
        engine.close()


def _answers(
    engine: Engine, metrics: MetricsFile, columns: Columns, watch: Watch
) -> tuple[Answer, ...]:
    there = engine.columns()
    exposed = exposed_by(engine, columns, metrics)
    if exposed is None:
        require_columns(columns, there)
        if columns.unit is None:
            watch.step("Looking for units with several rows")
            _refuse_repeated_units(engine, there, columns)
    window = Period(0, columns.window_days) if exposed is not None and exposed.is_dated else None
    wanted = tuple(wanted_of(metric, there, window) for metric in metrics.metrics)
    columns = without_cells(columns, wanted, exposed)
    watch.step("Reading the rows")
    first = _ask(engine, wanted, columns, exposed)
    ordered, sql = ask_quantiles(engine, first)
    if sql is not None:
        scanned = replace(
            first.scanned,
            sql=f"{first.scanned.sql};\n\n{sql}",
            passes=(*first.scanned.passes, "one pass to order the units of a quantile"),
        )
        first = answered(first.question, wanted, scanned, ordered)
    apart = disjoint(first)
    if not apart:
        return (first,)
    watch.step("Reading them again for metrics that some units lack")
    return first, _ask(engine, tuple(need_beside(one) for one in apart), columns, exposed)


def _ask(
    engine: Engine, wanted: tuple[Wanted, ...], columns: Columns, exposed: Exposed | None
) -> Answer:
    question = Question(
        variant=columns.variant,
        need=closed(merged(wanted)),
        unit=columns.unit,
        segment=columns.segment,
        day=columns.day,
        exposed=exposed,
    )
    scanned = engine.scan(question)
    if len(scanned.rows) > MOST_CELLS:
        raise ContractError(
            f"The cells are {len(scanned.rows):,}; at most {MOST_CELLS:,} are kept.",
            hint="Name a segment with fewer values.",
        )
    return answered(question, wanted, scanned)


def _refuse_repeated_units(engine: Engine, there: SourceColumns, columns: Columns) -> None:
    """Refuse to count rows as units where a column says that they are not."""
    for name in there.types:
        if name.casefold() not in UNIT_NAMES or name == columns.variant:
            continue
        rows, different = engine.distinct(name)
        if different < CERTAINLY_REPEATED * rows:
            raise ContractError(
                f"{rows:,} rows hold about {different:,} different {name}: a row is not a unit.",
                hint=f"Name the unit of randomisation, such as --unit {name}.",
            )


def _summarized(
    engine: Engine, answers: tuple[Answer, ...], columns: Columns, name: str, policy: Policy
) -> Summarized:
    first = answers[0]
    found = sorted({row.arm for row in first.counted if row.arm is not None})
    arms = [columns.names.get(arm, arm) for arm in found]
    control = columns.control or "control"
    control = columns.names.get(control, control)
    if len(set(arms)) < len(arms):
        raise ContractError(
            "Two variants are renamed to one arm.", hint="Give every arm a name of its own."
        )
    cells = cells_of(answers, columns.names, control)
    if not cells:
        raise UnreadableError(
            f"No row of {name} belongs to an arm.", hint=f"Look at the column {columns.variant}."
        )
    if control not in arms:
        shown = ", ".join(visible(arm) for arm in arms[:20])
        raise ContractError(
            f"No arm is called {control!r}; found: {shown}.",
            hint="Say which arm is the control: --control NAME.",
        )
    metrics = tuple(metric_of(wanted) for wanted in first.wanted)
    scan = Scan(
        engine=engine.name,
        sql=";\n\n".join(answer.scanned.sql for answer in answers),
        at=datetime.now(UTC),
        rows=sum(row.rows for row in first.scanned.rows),
        units=sum(row.units for row in first.counted),
        passes=tuple(what for answer in answers for what in answer.scanned.passes),
        issues=findings(answers, arms, policy),
    )
    source = Source(
        name=name,
        sha256=engine.fingerprint() or content_hash(canonical_json(encode(cells))),
        form=engine.name,
        notes=_notes(engine, answers, columns),
        scan=scan,
    )
    arms_whole = [arms_of(answers, cells, columns.names)]
    summary = Summary(cells, metrics, control, source, arms_whole)
    charter = charter_of(tuple(wanted.metric for wanted in first.wanted))
    return Summarized(summary, scan, charter)


def _notes(engine: Engine, answers: tuple[Answer, ...], columns: Columns) -> tuple[str, ...]:
    first = answers[0]
    rows = sum(row.rows for row in first.scanned.rows if row.state is not State.NO_UNIT)
    notes = [f"Summed up from {rows:,} rows by {engine.name}."]
    if columns.unit is None:
        notes.append("Each row is one unit: no column was named as the unit of randomisation.")
    notes += said_of_windows(first)
    for wanted in first.wanted:
        place = first.question.need.values.index(wanted.x)
        cap = first.scanned.caps[place]
        if cap is not None:
            quantile = wanted.x.quantile
            why = "fixed cap" if quantile is None else f"pooled quantile {quantile:g}"
            notes.append(f"{wanted.metric.name}: values above {cap:,.6g} count as that ({why}).")
    return tuple(notes)
