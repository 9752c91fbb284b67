"""What a method of analysis is."""

from collections.abc import Callable
from dataclasses import dataclass

from experimentos.analysis.result import Outcome
from experimentos.metrics.summary import Statistic


@dataclass(frozen=True, slots=True)
class Question:
    """What a comparison is asked.

    Attributes
    ----------
    metric, arm : str
        Names that the answer carries.
    alpha : float in (0, 1)
        Two-sided level at which the interval of this one comparison is computed.
    level : float in (0, 1)
        Coverage that the interval is reported with. It differs from 1 - alpha inside a family:
        each interval is wider so that all of them together cover at this level.
    """

    metric: str
    arm: str
    alpha: float
    level: float


@dataclass(frozen=True, slots=True)
class Method[S: Statistic]:
    """One way to compare an arm with the control.

    Attributes
    ----------
    name : str
        Stable key, as results carry it.
    title : str
        As people call it.
    accepts : type[S]
        Counts, Moments or CrossMoments.
    words : str
        The formula in words, one to three sentences.
    source : str
        Where it was published.
    assumptions : tuple[str, ...]
        What must hold for its error rates to be as stated.
    compare : Callable | None
        (control, treatment, question) to outcome; None for a method that is only shown
        alongside another one.
    """

    name: str
    title: str
    accepts: type[S]
    words: str
    source: str
    assumptions: tuple[str, ...]
    compare: Callable[[S, S, Question], Outcome] | None = None
