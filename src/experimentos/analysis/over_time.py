"""The experiment day by day: what each look saw, and whether the plan lets it stop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import add

from experimentos.analysis.compare import Pair, compare
from experimentos.analysis.confidence_sequence import AlwaysValid, asymptotic_cs
from experimentos.analysis.group_sequential import Look, Monitored, monitor
from experimentos.analysis.method import Question
from experimentos.analysis.result import Compared, Interval, Unavailable
from experimentos.metrics.summary import Metric, Statistic, Summary
from experimentos.plan.charter import Charter, reached
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class DailyLook:
    """What had been seen by the end of one day.

    Attributes
    ----------
    day : date
    users : int
        In the control and the arm together, up to this day.
    estimate, se : float
        Difference so far and its standard error.
    fixed : Interval
        The interval of a single look: right only if this were the one planned look.
    valid : Interval | None
        The interval that allows for looking, by the plan's monitoring.
    method : str
        Key of `analysis.METHODS`: how the estimate and its error were computed.
    """

    day: date
    users: int
    estimate: float
    se: float
    fixed: Interval
    valid: Interval | None
    method: str


@dataclass(frozen=True, slots=True)
class Final:
    """The result of a group-sequential test that is over, adjusted for its looks.

    Attributes
    ----------
    estimate : float
        Median unbiased; unit of the metric.
    interval : Interval
        Stage-wise.
    p_value : float
        Stage-wise, two-sided.
    """

    estimate: float
    interval: Interval
    p_value: float


@dataclass(frozen=True, slots=True)
class OverTime:
    """One metric and arm over the days.

    Attributes
    ----------
    metric, arm : str
    kind : str
        "group_sequential", "always_valid", or "fixed" when no monitoring was planned.
    looks : tuple[DailyLook, ...]
    boundary : tuple[float, ...]
        Bound of |z| at each look; empty unless group-sequential.
    may_stop : bool
    has_effect : bool
        The interval that allows for the looks has left zero at some look.
    sentence : str
        The answer to "given the plan, can I stop today?".
    final : Final | None
        Of a group-sequential test that is over.
    """

    metric: str
    arm: str
    kind: str
    looks: tuple[DailyLook, ...]
    boundary: tuple[float, ...]
    may_stop: bool
    has_effect: bool
    sentence: str
    final: Final | None = None


def over_time(
    summary: Summary, metric: Metric, arm: str, charter: Charter, policy: Policy
) -> OverTime | Unavailable:
    """Return the looks at an arm, one per day of the data, under the plan's monitoring.

    Days on which the comparison does not exist yet (nobody converted) are left out.
    """
    looks = list(_looks(summary, metric, arm, charter, policy))
    if len(looks) < 2:
        return Unavailable(
            "over_time",
            "no_days",
            "Rows of at least two days are needed: add a `date` column, one row per arm and day "
            "with the users first seen on that day.",
        )
    plan = charter.monitoring
    # Arms share alpha: each is monitored at its part of it (Bonferroni).
    charter = charter.model_copy(update={"alpha": charter.alpha / len(summary.treatments)})
    if plan is None:
        return _fixed(metric, arm, looks, charter)
    if charter.planned_users is None:
        return Unavailable(
            plan.kind,
            "no_planned_users",
            "The charter plans to look early and names no planned number of users to tune it to.",
        )
    if plan.kind == "always_valid":
        return _always_valid(metric, arm, looks, charter)
    return _group_sequential(metric, arm, looks, charter)


def _looks(
    summary: Summary, metric: Metric, arm: str, charter: Charter, policy: Policy
) -> Iterator[DailyLook]:
    days = sorted({cell.day for cell in summary.cells if cell.day is not None})
    so_far: dict[str, list[Statistic]] = {summary.control: [], arm: []}
    users = dict.fromkeys(so_far, 0)
    question = Question(metric.name, arm, charter.two_sided_alpha, 1 - charter.two_sided_alpha)
    for day in days:
        for cell in summary.cells:
            if cell.day == day and cell.arm in users:
                so_far[cell.arm].append(cell.statistics[metric.name])
                users[cell.arm] += cell.users
        if not all(so_far.values()):
            continue
        control, treatment = (reduce(add, seen) for seen in so_far.values())
        pair = Pair(control, treatment, metric.kind)
        outcome = compare(pair, question, policy)
        if isinstance(outcome, Compared) and outcome.se > 0:
            yield DailyLook(
                day=day,
                users=sum(users.values()),
                estimate=outcome.difference,
                se=outcome.se,
                fixed=outcome.interval,
                valid=None,
                method=outcome.method,
            )


def _fixed(metric: Metric, arm: str, looks: list[DailyLook], charter: Charter) -> OverTime:
    ended = charter.planned_users is not None and looks[-1].users >= charter.planned_users
    sentence = (
        "One look was planned, at the end, and the planned users are here: decide now."
        if ended
        else "No early looks were planned, so only the end may decide: a p-value that is watched "
        "daily finds an effect that is not there far more often than its alpha says."
    )
    has_effect = ended and 0 not in looks[-1].fixed
    return OverTime(metric.name, arm, "fixed", tuple(looks), (), ended, has_effect, sentence)


def _always_valid(metric: Metric, arm: str, looks: list[DailyLook], charter: Charter) -> OverTime:
    planned = float(charter.planned_users or looks[-1].users)
    sequence = [
        asymptotic_cs(k.estimate, k.se, k.users, planned, charter.two_sided_alpha) for k in looks
    ]
    valid = [s.interval if isinstance(s, AlwaysValid) else None for s in sequence]
    clear = [v is not None and 0 not in v for v in valid]
    shown = tuple(_with(look, v) for look, v in zip(looks, valid, strict=True))
    if any(clear):
        day = looks[clear.index(True)].day
        sentence = f"Yes: the confidence sequence left zero on {day}, and looking costs nothing."
    else:
        sentence = "Not yet: the confidence sequence still holds zero. Looking again costs nothing."
    return OverTime(metric.name, arm, "always_valid", shown, (), any(clear), any(clear), sentence)


def _with(look: DailyLook, valid: Interval | None) -> DailyLook:
    return replace(look, valid=valid)


def _group_sequential(
    metric: Metric, arm: str, looks: list[DailyLook], charter: Charter
) -> OverTime:
    planned = charter.planned_users or looks[-1].users
    spending = charter.monitoring.spending if charter.monitoring else "obrien_fleming"
    seen = _until_the_end(looks, planned)
    monitored = monitor(
        [Look(k.users / planned, k.estimate, k.se) for k in seen], spending, charter.two_sided_alpha
    )
    bounds = monitored.boundary.z
    shown = tuple(
        _with(
            look,
            Interval(
                look.estimate - bound * look.se,
                look.estimate + bound * look.se,
                1 - charter.two_sided_alpha,
            ),
        )
        for look, bound in zip(seen, bounds, strict=True)
    )
    return OverTime(
        metric.name, arm, "group_sequential", shown, bounds, monitored.is_over,
        monitored.stopped_at is not None, _sequential_sentence(monitored, seen, planned),
        _final(monitored),
    )  # fmt: skip


def _final(monitored: Monitored) -> Final | None:
    if monitored.p_value is None:
        return None
    return Final(monitored.estimate, monitored.interval, monitored.p_value)


def _until_the_end(looks: list[DailyLook], planned: int) -> list[DailyLook]:
    """Return the looks up to the first that has all planned users: nothing is left after it."""
    for k, look in enumerate(looks):
        if look.users >= planned:
            return looks[: k + 1]
    return looks


def _sequential_sentence(monitored: Monitored, seen: list[DailyLook], planned: int) -> str:
    if monitored.stopped_at is not None:
        day = seen[monitored.stopped_at].day
        return f"Yes: the boundary was crossed on {day}, and the plan allows stopping there."
    if monitored.is_over:
        return "The planned users are here and no boundary was crossed: stop, without an effect."
    return (
        f"Not yet: {reached(seen[-1].users, planned)} of the planned users are here, |z| is "
        f"{abs(monitored.z[-1]):.2f} and the boundary {monitored.boundary.z[-1]:.2f}."
    )
