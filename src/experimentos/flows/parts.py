"""The primary metric in parts: segment by segment, and day by day."""

from dataclasses import dataclass

from experimentos.analysis.over_time import OverTime, over_time
from experimentos.analysis.result import Unavailable
from experimentos.analysis.segments import Segmented, by_segment
from experimentos.flows.ab_test import AbTest
from experimentos.metrics.summary import Metric

NO_DAYS = "no_days"


@dataclass(frozen=True, slots=True)
class Parts:
    """The primary metric of every arm in parts.

    Attributes
    ----------
    segments : tuple[Segmented, ...]
        Empty without a segment column.
    courses : tuple[OverTime | Unavailable, ...]
        Empty without dated rows.
    """

    segments: tuple[Segmented, ...] = ()
    courses: tuple[OverTime | Unavailable, ...] = ()


def parts_of(test: AbTest) -> Parts:
    """Return the primary metric by segment and by day, as far as the data have either."""
    summary, metric = test.reading.summary, primary_of(test)
    if summary is None or metric is None:
        return Parts()
    courses = tuple(
        over_time(summary, metric, arm.name, test.charter, test.policy)
        for arm in summary.treatments
    )
    dated = [each for each in courses if not _is_undated(each)]
    return Parts(by_segment(summary, metric, test.charter, test.policy), tuple(dated))


def primary_of(test: AbTest) -> Metric | None:
    """Return the metric that the analysis took as primary, None where the data lacks it."""
    summary, analysis = test.reading.summary, test.analysis
    if summary is None or analysis is None:
        return None
    name = analysis.frequentist.primary.metric
    return next((metric for metric in summary.metrics if metric.name == name), None)


def _is_undated(course: OverTime | Unavailable) -> bool:
    return isinstance(course, Unavailable) and course.code == NO_DAYS
