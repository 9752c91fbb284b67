"""Which columns make up which metric."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.issue import Issue
from experimentos.metrics import KINDS
from experimentos.metrics.kind import Form, MetricKind
from experimentos.metrics.mean import MEAN
from experimentos.metrics.reading.grid import blocked, note
from experimentos.metrics.reading.header import OPTIONAL, REQUIRED, Column
from experimentos.metrics.reading.names import NAME, NAME_RULE, strange_character, visible

PER_ORDER = "aov"


@dataclass(frozen=True, slots=True)
class Claim:
    """A metric and the columns it is read from.

    Attributes
    ----------
    name : str
    kind : MetricKind
    form : Form | None
        None for a count.
    columns : tuple[Column, ...]
        In the order of the form's parts.
    units : Column
        Where n stands.
    """

    name: str
    kind: MetricKind
    form: Form | None
    columns: tuple[Column, ...]
    units: Column


@dataclass(frozen=True, slots=True)
class Claims:
    """All metrics written in several columns, and the columns that nobody claimed."""

    metrics: tuple[Claim, ...]
    unclaimed: tuple[Column, ...]
    issues: tuple[Issue, ...]


def claim_columns(columns: Mapping[str, Column], header_row: int | None) -> Claims:
    """Return the metrics that the columns spell, most particular kind first."""
    free = {key: column for key, column in columns.items() if key not in (*REQUIRED, *OPTIONAL)}
    metrics: list[Claim] = []
    issues: list[Issue] = []
    for kind, form in _forms():
        for stem in _stems(form, free):
            found = {i: _part(form, i, stem, free) for i in range(len(form.parts))}
            present = {i: column for i, column in found.items() if column is not None}
            if not present:
                continue
            name = _name(stem, present[min(present)])
            lacks_orders = _is_per_order(stem, kind) and "orders" not in columns
            problem = _problem(name, form, present, header_row, lacks_orders=lacks_orders)
            for column in present.values():
                del free[column.key]
            if any(claim.name == name for claim in metrics):
                issues.append(_already(name, tuple(present.values())))
            elif problem is not None:
                issues.append(problem)
            else:
                units = columns["orders" if _is_per_order(stem, kind) else "users"]
                parts = tuple(present[i] for i in range(len(form.parts)))
                metrics.append(Claim(name, kind, form, parts, units))
    return Claims(tuple(metrics), tuple(free.values()), tuple(issues))


def is_a_name(name: str) -> bool:
    """Return whether a metric may carry this name."""
    return NAME.fullmatch(name) is not None


def bad_name(name: str, column: str, header_row: int | None) -> Issue:
    """Return the issue of a metric whose name is not allowed."""
    strange = strange_character(name)
    holds = f" holds {strange} and" if strange else ""
    return blocked(
        "bad_metric_name",
        f"The metric name {visible(name)}{holds} cannot be used.",
        NAME_RULE,
        row=header_row,
        column=column,
    )


def _forms() -> list[tuple[MetricKind, Form]]:
    """Return every form, those with more columns first: they claim the more particular names."""
    pairs = [(kind, form) for kind in KINDS.values() for form in kind.forms]
    return sorted(pairs, key=lambda pair: -len(pair[1].parts))


def _stems(form: Form, free: Mapping[str, Column]) -> list[str]:
    """Return the names whose columns this form claims, in the order of the file."""
    endings = sorted(
        ((ending, i) for i, part in enumerate(form.parts) for ending in part),
        key=lambda pair: -len(pair[0]),
    )
    stems: dict[str, None] = {}
    for key in free:
        # The longest ending decides: x_den_sum is the denominator of x, not the sum of x_den.
        match = next(((e, i) for e, i in endings if key.endswith(e) and key != e), None)
        if match is not None and match[1] in form.own:
            stems[key.removesuffix(match[0])] = None
    return list(stems)


def _part(form: Form, i: int, stem: str, free: Mapping[str, Column]) -> Column | None:
    return next((free[stem + e] for e in form.parts[i] if stem + e in free), None)


def _is_per_order(stem: str, kind: MetricKind) -> bool:
    """Return whether n is the orders: only for plain means, the other kinds are per user."""
    if kind is not MEAN:
        return False
    return stem == PER_ORDER or stem.startswith(f"{PER_ORDER}_")


def _name(stem: str, column: Column) -> str:
    """Return the metric's name as the file spells it, or as it was mapped."""
    as_spelled = column.shown[: len(stem)]
    return visible(as_spelled if as_spelled.lower() == stem else stem, 64)


def _problem(
    name: str,
    form: Form,
    present: Mapping[int, Column],
    header_row: int | None,
    *,
    lacks_orders: bool,
) -> Issue | None:
    if not is_a_name(name):
        return bad_name(name, present[min(present)].shown, header_row)
    missing = [name + part[0] for i, part in enumerate(form.parts) if i not in present]
    if missing:
        return blocked(
            "incomplete_metric",
            f"The metric {name} lacks {', '.join(missing)}: without it there is no variance.",
            f"Add {', '.join(missing)} for every arm, or remove the other columns of {name}.",
            row=header_row,
            column=missing[0],
        )
    if lacks_orders:
        return blocked(
            "missing_orders",
            f"The metric {name} is per order, but there is no column orders.",
            "Add a column orders with the number of orders of each arm.",
            row=header_row,
            column="orders",
        )
    return None


def _already(name: str, columns: tuple[Column, ...]) -> Issue:
    names = ", ".join(column.shown for column in columns)
    return note(
        "ignored_column", f"Columns ignored: {names}; {name} was read from its other columns."
    )
