"""Raw columns to what is probably meant: roles and metrics, offered to a person, never applied."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Type
from experimentos.engine.spec import MetricsFile, MetricSpec
from experimentos.errors import UnreadableError
from experimentos.flows.warehouse import UNIT_NAMES
from experimentos.metrics.reading.names import NAME
from experimentos.metrics.reading.suggest import COLUMN_SYNONYMS, suggested_control
from experimentos.plan.documents import Quoted, read_document

MOST_ARMS = 12
MOST_SEGMENTS = 30
MOST_SUGGESTED = 12
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
IDENTIFIER = re.compile(r"(^|_)(id|uuid|guid|key|index|row|zip|postcode|phone)$|id$", re.IGNORECASE)
LOWER_IS_BETTER = re.compile(
    r"cancel|refund|churn|error|crash|bounce|complain|unsubscri|latency|load_time|fraud|return(s|ed)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the columns of a source look like.

    Attributes
    ----------
    variant : str | None
    control : str | None
    units : tuple[str, ...]
        Columns that may be the unit of randomisation, the likeliest first.
    date : str | None
    segments : tuple[str, ...]
    metrics : tuple[MetricSpec, ...]
    """

    variant: str | None
    control: str | None
    units: tuple[str, ...]
    date: str | None
    segments: tuple[str, ...]
    metrics: tuple[MetricSpec, ...]


def suggested(there: SourceColumns, rows: Sequence[Sequence[str]]) -> Suggested:
    """Return what the columns look like, by their names, their types and some rows as text."""
    seen = {
        name: tuple(dict.fromkeys(row[place] for row in rows if row[place] != ""))
        for place, name in enumerate(there.types)
    }
    variant = _variant(there.types, seen)
    units = [name for name in there.types if name.casefold() in UNIT_NAMES]
    units += [n for n in there.types if n not in units and IDENTIFIER.search(n) and n != variant]
    taken = {variant, *units}
    dates = [name for name, kind in there.types.items() if kind is Type.TIME]
    segments = tuple(
        name
        for name, kind in there.types.items()
        if name not in taken and kind is Type.TEXT and 1 < len(seen[name]) <= MOST_SEGMENTS
    )
    metrics = (
        _metric(name, kind, seen[name]) for name, kind in there.types.items() if name not in taken
    )
    found = [metric for metric in metrics if metric is not None]
    # Rates first: a metric that looks like the conversion is the likeliest primary.
    found.sort(key=lambda m: (m.kind != "conversion", m.direction == "lower"))
    return Suggested(
        variant,
        suggested_control(seen[variant]) if variant else None,
        tuple(units),
        dates[0] if dates else None,
        segments,
        tuple(_named_apart(found)[:MOST_SUGGESTED]),
    )


def write_metrics(metrics: MetricsFile) -> str:
    """Return the YAML that `engine.spec.read_metrics` reads back to the same metrics."""
    return write_entries(metrics.model_dump(mode="json", exclude_defaults=True)["metrics"])


def entries_of(text: str) -> list[dict[str, object]] | None:
    """Return the metrics of a file as they are written, right or wrong; None if they are no list.

    A form edits these, so that it can hold what is not right yet.
    """
    try:
        found = read_document(text.encode(), "metrics.yaml").get("metrics")
    except UnreadableError:
        return None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        return None
    return found


def write_entries(entries: Sequence[Mapping[str, object]], text: str = "") -> str:
    """Return the metrics file with these entries.

    Parameters
    ----------
    entries
    text
        The file as it was: what stands beside the metrics stays.
    """
    beside = read_document(text.encode(), "metrics.yaml") if text else {}
    document = {**beside, "metrics": list(entries)}
    return str(
        yaml.safe_dump(
            _plain(document),
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=100,
        )
    )


def _plain(value: object) -> object:
    """Return the value as YAML writes it: no empty parts, numbers without quotes."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item not in (None, "")}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Quoted):
        return str(value)
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def _variant(types: Mapping[str, Type], seen: Mapping[str, tuple[str, ...]]) -> str | None:
    few = [name for name in types if 1 <= len(seen[name]) <= MOST_ARMS]
    named = [
        name
        for name in few
        if name.casefold() == "variant" or COLUMN_SYNONYMS.get(name.casefold()) == "variant"
    ]
    if named:
        return named[0]
    texts = [name for name in few if types[name] is Type.TEXT and suggested_control(seen[name])]
    return texts[0] if texts else None


def arm_names(arms: Sequence[str], control: str) -> dict[str, str]:
    """Return a name to offer for each arm whose own a report cannot carry, such as 0 and 1."""
    odd = [arm for arm in arms if not NAME.fullmatch(arm)]
    others = [arm for arm in arms if arm != control]
    names = {}
    for arm in odd:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "_", arm).strip("_")[:40]
        names[arm] = "control" if arm == control else f"arm_{plain or others.index(arm) + 1}"
    if len(others) == 1 and others[0] in names:
        names[others[0]] = "treatment"
    return names


def _metric(name: str, kind: Type, values: tuple[str, ...]) -> MetricSpec | None:
    if kind not in (Type.BOOLEAN, Type.NUMBER) or IDENTIFIER.search(name):
        return None
    is_flag = kind is Type.BOOLEAN or (bool(values) and set(values) <= {"0", "1"})
    title = re.sub(r"[^A-Za-z0-9_ -]+", "_", name).strip("_ ") or "metric"
    title = title if NAME.fullmatch(title) else f"m_{title}"[:64]
    if not NAME.fullmatch(title):
        return None
    return MetricSpec(
        name=title,
        kind="conversion" if is_flag else "mean",
        column=name,
        direction="lower" if LOWER_IS_BETTER.search(name) else "higher",
    )


def _named_apart(metrics: list[MetricSpec]) -> list[MetricSpec]:
    names: dict[str, MetricSpec] = {}
    for metric in metrics:
        names.setdefault(metric.name.casefold(), metric)
    return list(names.values())
