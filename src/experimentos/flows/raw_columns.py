"""Which columns of raw rows and of an exposure table say what, checked before anything is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from experimentos.engine.collect import Answer
from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Type
from experimentos.engine.need import Wanted
from experimentos.engine.port import Engine, Exposed
from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError


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
    exposure_unit, exposure_day : str | None
        Columns of an exposure table: its unit (as `unit` unless named) and when it was exposed.
        `variant` and `segment` are then columns of it, too; `unit` and `day` are of the rows.
    window_days : int | None
        Rows of so many days from first exposure count; None where the metrics file says.
    """

    variant: str
    control: str | None = None
    unit: str | None = None
    segment: str | None = None
    day: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    exposure_unit: str | None = None
    exposure_day: str | None = None
    window_days: int | None = None


def require_columns(columns: Columns, there: SourceColumns) -> None:
    """Raise ContractError when a column that has a role is not in the source."""
    roles = {
        "variant": columns.variant,
        "unit": columns.unit,
        "segment": columns.segment,
        "date": columns.day,
    }
    _require(roles, there, "source")


def exposed_by(engine: Engine, columns: Columns, metrics: MetricsFile) -> Exposed | None:
    """Return how the rows are joined to an exposure table; None when there is none.

    Raises
    ------
    ContractError
        If a column is missing or does not fit, or a window has no date to start from.
    """
    there = engine.exposure_columns()
    if there is None:
        if columns.window_days is not None or columns.exposure_day is not None:
            raise ContractError(
                "A window starts at the first exposure, and there is no exposure table.",
                hint="Name it: --exposures SOURCE --exposure-date COLUMN.",
            )
        return None
    rows = engine.columns()
    if columns.unit is None:
        raise ContractError(
            "Rows are joined to their exposures by unit, and no column is named as the unit.",
            hint="Name it: --unit COLUMN.",
        )
    unit = columns.exposure_unit or columns.unit
    _require({"unit": columns.unit, "date": columns.day}, rows, "source")
    roles = {
        "unit": unit,
        "variant": columns.variant,
        "segment": columns.segment,
        "date": columns.exposure_day,
    }
    _require(roles, there, "exposure table")
    _require_one_type(unit, there, columns.unit, rows)
    _require_dates(columns, there, rows)
    if columns.exposure_day is None or columns.day is None:
        return Exposed(unit)
    own = [metric.window_days or columns.window_days for metric in metrics.metrics]
    ends = [days for days in own if days is not None]
    is_day = (rows.declared[columns.day], there.declared[columns.exposure_day])
    return Exposed(
        unit=unit,
        when=columns.exposure_day,
        at=columns.day,
        by_day=any(word.upper() == "DATE" for word in is_day),
        late=max(ends) if len(ends) == len(own) else None,
    )


def without_cells(columns: Columns, wanted: tuple[Wanted, ...], exposed: Exposed | None) -> Columns:
    """Return the columns without those that split the arms, where a quantile cannot be added up.

    Raises
    ------
    ContractError
        If splitting was asked for.
    """
    ordered = [one.metric.name for one in wanted if one.is_ordered]
    if columns.day is not None and exposed is not None and (ordered or not exposed.is_dated):
        columns = replace(columns, day=None)
    if ordered and (columns.segment is not None or columns.day is not None):
        raise ContractError(
            f"{ordered[0]} is a quantile; those of segments and days do not add up to the arm's.",
            hint="Summarise it without --segment and --date, or leave it out here.",
        )
    return columns


def said_of_windows(answer: Answer) -> Iterator[str]:
    """Return which rows counted, in words, for people."""
    exposed = answer.question.exposed
    if exposed is None:
        return
    if not exposed.is_dated:
        yield "All rows of exposed units count: no dates say what came before the exposure."
        return
    ends = {
        wanted.metric.name: wanted.x.period.last
        for wanted in answer.wanted
        if wanted.x.period is not None
    }
    if len(set(ends.values())) == 1:
        yield f"Rows count from a unit's first exposure on{_until(next(iter(ends.values())))}."
        return
    for name, last in ends.items():
        yield f"{name}: rows count from a unit's first exposure on{_until(last)}."


def _until(last: int | None) -> str:
    return "" if last is None else f", for {last} day{'s' * (last != 1)}"


def _require(roles: Mapping[str, str | None], there: SourceColumns, place: str) -> None:
    for role, name in roles.items():
        if name is not None and name not in there.types:
            shown = ", ".join(list(there.types)[:20])
            raise ContractError(
                f"The {place} has no column {name!r} for the {role}; it has: {shown}.",
                hint="Names are case-sensitive.",
            )


def _require_one_type(unit: str, there: SourceColumns, own: str, rows: SourceColumns) -> None:
    if there.types[unit] is not rows.types[own]:
        raise ContractError(
            f"The unit is a {there.types[unit]} in the exposures and a {rows.types[own]} in the "
            "rows: they cannot be joined.",
            hint="Give both the same type.",
        )


def _require_dates(columns: Columns, there: SourceColumns, rows: SourceColumns) -> None:
    pairs = ((columns.exposure_day, there), (columns.day, rows))
    for name, known in pairs:
        if name is not None and known.types[name] is not Type.TIME:
            raise ContractError(
                f"{name} is a {known.types[name]}, not a date or time.",
                hint="Name a column of dates, or convert it first.",
            )
    named = [name for name, _ in pairs if name is not None]
    if len(named) == 1 or (not named and columns.window_days is not None):
        raise ContractError(
            "Rows are put beside an exposure in time by two columns, and one is named.",
            hint="Name both, --date COLUMN (of the rows) and --exposure-date COLUMN, or neither.",
        )
