"""The effect of one arm segment by segment, and whether it really differs between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from experimentos.analysis.compare import Pair, compare
from experimentos.analysis.family import adjust_family
from experimentos.analysis.method import Question
from experimentos.analysis.poststratification import (
    Interaction,
    Strata,
    interaction,
    poststratify,
)
from experimentos.analysis.result import Outcome, Unavailable
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Cell, Metric, Statistic, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class SegmentOutcome:
    """One segment of one arm.

    Attributes
    ----------
    segment : str
    is_planned : bool
        Named in the charter before the data.
    outcome : Outcome
        Its p-value and interval answer for all segments of the arm together (Holm).
    """

    segment: str
    is_planned: bool
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Segmented:
    """One metric and arm over all segments.

    Attributes
    ----------
    metric, arm : str
    segments : tuple[SegmentOutcome, ...]
        In the order of the source.
    interaction : Interaction | Unavailable
        Whether the effect differs between segments.
    poststratified : Outcome
        One effect from all segments, each weighted by its share of the users.
    """

    metric: str
    arm: str
    segments: tuple[SegmentOutcome, ...]
    interaction: Interaction | Unavailable
    poststratified: Outcome


def by_segment(
    summary: Summary, metric: Metric, charter: Charter, policy: Policy
) -> tuple[Segmented, ...]:
    """Return every treatment arm segment by segment; empty when the data has no segments."""
    names = tuple(dict.fromkeys(c.segment for c in summary.cells if c.segment is not None))
    if len(names) < 2:
        return ()
    return tuple(
        _one_arm(_Arms(_pooled(summary, metric.name), summary.control, arm.name), metric, names,
                 (charter, policy))
        for arm in summary.treatments
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Arms:
    """Statistics by (arm, segment), and the two arms that are compared."""

    cells: Mapping[tuple[str, str], Statistic]
    control: str
    arm: str

    def pair(self, segment: str, kind: str) -> Pair | None:
        control = self.cells.get((self.control, segment))
        treatment = self.cells.get((self.arm, segment))
        if control is None or treatment is None:
            return None
        return Pair(control, treatment, kind)


def _pooled(summary: Summary, metric: str) -> dict[tuple[str, str], Statistic]:
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in summary.cells:
        if cell.segment is not None:
            groups.setdefault((cell.arm, cell.segment), []).append(cell)
    return {
        key: reduce(add, (cell.statistics[metric] for cell in cells))
        for key, cells in groups.items()
    }


def _one_arm(
    arms: _Arms, metric: Metric, names: Sequence[str], rules: tuple[Charter, Policy]
) -> Segmented:
    charter, policy = rules
    level = 1 - charter.two_sided_alpha

    def asked(segment: str, alpha: float) -> Outcome:
        pair = arms.pair(segment, metric.kind)
        if pair is None:
            why = f"Segment {segment} has no users in {arms.arm} or in {arms.control}."
            return Unavailable("segment", "empty_segment", why)
        return compare(pair, Question(metric.name, arms.arm, alpha, level), policy)

    family = [[lambda alpha, name=name: asked(name, alpha)] for name in names]
    outcomes = [group[0] for group in adjust_family(family, charter.two_sided_alpha)]
    strata = _strata(arms, metric.kind, names)
    differ: Interaction | Unavailable
    joined: Outcome
    if isinstance(strata, Unavailable):
        differ = joined = strata
    else:
        differ = interaction(*strata)
        joined = poststratify(
            *strata, Question(metric.name, arms.arm, charter.two_sided_alpha, level)
        )
    return Segmented(
        metric=metric.name,
        arm=arms.arm,
        segments=tuple(
            SegmentOutcome(name, name in charter.segments, outcome)
            for name, outcome in zip(names, outcomes, strict=True)
        ),
        interaction=differ,
        poststratified=joined,
    )


def _strata(arms: _Arms, kind: str, names: Sequence[str]) -> tuple[Strata, Strata] | Unavailable:
    pairs = [pair for pair in (arms.pair(name, kind) for name in names) if pair is not None]
    if len(pairs) < 2:
        return Unavailable("interaction", "too_few_segments", "Two shared segments are needed.")
    if kind == "ratio":
        return Unavailable(
            "interaction", "ratio", "A ratio metric is compared within segments only."
        )
    return (
        Strata.of(list(_plain(pair.control for pair in pairs))),
        Strata.of(list(_plain(pair.treatment for pair in pairs))),
    )


def _plain(statistics: Iterator[Statistic]) -> Iterator[Counts | Moments]:
    """Yield rates and means; an outcome with a covariate enters without it."""
    for statistic in statistics:
        yield statistic.x if isinstance(statistic, CrossMoments) else statistic
