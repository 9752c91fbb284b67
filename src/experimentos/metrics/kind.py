"""What a kind of metric is: the columns it takes and the statistic they become."""

from collections.abc import Callable
from dataclasses import dataclass

from experimentos.metrics.moments import Number
from experimentos.metrics.summary import Statistic


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a metric in columns.

    Attributes
    ----------
    parts : tuple[tuple[str, ...], ...]
        One entry per column: the endings it may carry after the metric's name, the documented
        one first.
    own : frozenset[int]
        Positions in `parts` that belong to this form alone; one such column claims the metric.
    read : callable
        Units and one number per part to the statistic; 0 units give the empty statistic.
    """

    parts: tuple[tuple[str, ...], ...]
    own: frozenset[int]
    read: Callable[[int, tuple[Number, ...]], Statistic]


@dataclass(frozen=True, slots=True)
class MetricKind:
    """A kind of metric.

    Attributes
    ----------
    name : str
        Key of `metrics.KINDS` and value of `summary.Metric.kind`.
    method : str
        Key of the analysis method used unless another is asked for.
    forms : tuple[Form, ...]
        Tried in order; empty for counts, which are one column of whole numbers.
    """

    name: str
    method: str
    forms: tuple[Form, ...] = ()
