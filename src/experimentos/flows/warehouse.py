"""Raw rows to the same `Summary` that an uploaded aggregate gives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
from experimentos.engine.findings import findings
from experimentos.engine.need import Wanted, merged, wanted_of
from experimentos.engine.opening import open_engine
from experimentos.engine.port import Engine, Question, SourceColumns, State
from experimentos.engine.spec import MetricsFile, MetricSpec, read_metrics
from experimentos.errors import ContractError, UnreadableError
from experimentos.flows.encode import encode
from experimentos.ids import canonical_json, content_hash
from experimentos.issue import Issue, Severity
from experimentos.metrics.contract import Reading
from experimentos.metrics.contract_csv import write_csv
from experimentos.metrics.reading.names import safe_name, visible
from experimentos.metrics.summary import Source, Summary
from experimentos.plan.charter import Charter, GuardrailPlan
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


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the raw rows say what.

    Attributes
    ----------
    variant : str
        Names the arm.
    control : str | None
        The arm that is the control, as it stands in the column, or as `names` renames it; None
        takes the arm that is called "control".
    unit : str | None
        The unit of randomisation; None says that each row is one unit.
    segment, day : str | None
        Split the arms into cells: a text, and a date (a unit's first day counts).
    names : Mapping[str, str]
        Variant as it stands in the column to the name that its arm shall have.
    """

    variant: str
    control: str | None = None
    unit: str | None = None
    segment: str | None = None
    day: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scan:
    """How a summary was made from rows.

    Attributes
    ----------
    engine : str
    sql : str
        Every statement, with the values bound to it as comments.
    at : datetime
        When, in UTC.
    rows, units : int
        Read from the source; in an arm.
    passes : tuple[str, ...]
        What each pass over the source was for.
    issues : tuple[Issue, ...]
        What the rows say against the experiment, worst first.
    """

    engine: str
    sql: str
    at: datetime
    rows: int
    units: int
    passes: tuple[str, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Summarized:
    """A summary made from raw rows.

    Attributes
    ----------
    summary : Summary
    scan : Scan
    charter : Charter
        What the metrics file plans: the first metric is the primary, other rates are guardrails,
        everything else is secondary, each in its direction.
    """

    summary: Summary
    scan: Scan
    charter: Charter

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Return what the rows say against the experiment."""
        return self.scan.issues

    @property
    def reading(self) -> Reading:
        """Return it as what `check` examines."""
        # Summing up needs none of the methods that analyse.
        from experimentos.flows.ab_test import reading_of

        return reading_of(self.summary, self.issues)


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
    inside: Path | None = None,
    policy: Policy = DEFAULT_POLICY,
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
    inside
        The only folder whose files may be read; None where the person's own rights are the limit.

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
    columns = Columns(variant, control, unit, segment, date, names or {})
    name = safe_name(str(source).partition("#")[0]) if isinstance(source, (str, Path)) else "rows"
    with _opened(source, inside) as engine:
        answers = _answers(engine, wanted, columns)
        return _summarized(engine, answers, columns, name, policy)


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


def contract_csv(made: Summarized) -> str:
    """Return the summary as the CSV contract, where the control is called "control".

    Raises
    ------
    ContractError
        If the rows are blocked, or a metric has fewer units than its arm, which the contract
        cannot say.
    """
    blocking = next((i for i in made.issues if i.severity is Severity.BLOCKED), None)
    if blocking is not None:
        raise ContractError(f"No summary is written. {blocking.message}", hint=blocking.fix)
    summary = made.summary
    for cell in summary.cells:
        for metric in summary.metrics:
            if cell.statistics[metric.name].n != cell.users:
                raise ContractError(
                    f"{metric.name} has values for {cell.statistics[metric.name].n:,} of the "
                    f"{cell.users:,} units of {cell.arm}; the CSV contract has one number of "
                    "units per arm.",
                    hint="Say nulls: zero, or measure the ratio of two sums.",
                )
    cells = tuple(
        replace(cell, arm="control") if cell.arm == summary.control else cell
        for cell in summary.cells
    )
    return write_csv(replace(summary, cells=cells, control="control"))


def charter_of(metrics: MetricsFile | tuple[MetricSpec, ...]) -> Charter:
    """Return the plan that a metrics file amounts to."""
    specs = metrics.metrics if isinstance(metrics, MetricsFile) else metrics
    primary, *others = specs
    plans = {spec.name: GuardrailPlan(name=spec.name, direction=spec.direction) for spec in others}
    rates = {spec.name for spec in others if spec.kind in ("conversion", "retention")}
    return Charter(
        primary=primary.name,
        direction=primary.direction,
        guardrails=tuple(plan for name, plan in plans.items() if name in rates),
        secondary=tuple(plan for name, plan in plans.items() if name not in rates),
    )


@contextmanager
def _opened(source: str | Path | Engine, inside: Path | None) -> Iterator[Engine]:
    if not isinstance(source, (str, Path)):
        yield source
        return
    engine = open_engine(str(source), inside=inside)
    try:
        yield engine
    finally:
        engine.close()


def _answers(engine: Engine, metrics: MetricsFile, columns: Columns) -> tuple[Answer, ...]:
    there = engine.columns()
    _require_columns(columns, there)
    wanted = tuple(wanted_of(metric, there) for metric in metrics.metrics)
    if columns.unit is None:
        _refuse_repeated_units(engine, there, columns)
    first = _ask(engine, wanted, columns)
    apart = disjoint(first)
    if not apart:
        return (first,)
    return first, _ask(engine, tuple(need_beside(one) for one in apart), columns)


def _ask(engine: Engine, wanted: tuple[Wanted, ...], columns: Columns) -> Answer:
    question = Question(
        variant=columns.variant,
        need=closed(merged(wanted)),
        unit=columns.unit,
        segment=columns.segment,
        day=columns.day,
    )
    scanned = engine.scan(question)
    if len(scanned.rows) > MOST_CELLS:
        raise ContractError(
            f"The cells are {len(scanned.rows):,}; at most {MOST_CELLS:,} are kept.",
            hint="Name a segment with fewer values.",
        )
    return answered(question, wanted, scanned)


def _require_columns(columns: Columns, there: SourceColumns) -> None:
    roles = {
        "variant": columns.variant,
        "unit": columns.unit,
        "segment": columns.segment,
        "date": columns.day,
    }
    for role, name in roles.items():
        if name is not None and name not in there.types:
            shown = ", ".join(list(there.types)[:20])
            raise ContractError(
                f"The source has no column {name!r} for the {role}; it has: {shown}.",
                hint="Names are case-sensitive.",
            )


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
    source = Source(
        name=name,
        sha256=engine.fingerprint() or content_hash(canonical_json(encode(cells))),
        form=engine.name,
        notes=_notes(engine, answers, columns),
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
    for wanted in first.wanted:
        place = first.question.need.values.index(wanted.x)
        cap = first.scanned.caps[place]
        if cap is not None:
            quantile = wanted.x.quantile
            why = "fixed cap" if quantile is None else f"pooled quantile {quantile:g}"
            notes.append(f"{wanted.metric.name}: values above {cap:,.6g} count as that ({why}).")
    return tuple(notes)
