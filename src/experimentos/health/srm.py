"""Sample ratio mismatch: users arrive in the planned shares."""

from collections.abc import Iterator, Sequence

from experimentos.health.check import Check, PooledArm, is_usable, planned_shares, pooled_arms
from experimentos.health.goodness_of_fit import chi_square, exact_multinomial, table_count
from experimentos.health.report import SRM as CODE
from experimentos.health.report import SampleRatio
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy

FIX = (
    "Find why users are missing from an arm or counted twice: assignment, redirects, bots, "
    "logging, filters after assignment. If another split was planned, write it in the charter."
)


def sample_ratio(summary: Summary, charter: Charter, policy: Policy) -> SampleRatio | None:
    """Return the sample ratio test of the arms, or None when the arms or the plan forbid it."""
    arms = pooled_arms(summary)
    shares = planned_shares(charter, len(arms)) if arms else None
    if shares is None:
        return None
    return ratio_of(arms, shares, policy.srm_exact_users, policy.srm_exact_tables)


def ratio_of(
    arms: Sequence[PooledArm], shares: Sequence[float], exact_users: int, exact_tables: int
) -> SampleRatio | None:
    """Return the sample ratio test of these arms; arms with a planned share of zero stay out.

    Parameters
    ----------
    shares
        Planned share per arm, shape (arms,), summing to 1.
    exact_users, exact_tables
        The test is exact up to this many users in all and tables to list.
    """
    planned = [(arm, share) for arm, share in zip(arms, shares, strict=True) if share > 0]
    users = [arm.users for arm, _ in planned]
    weights = [share for _, share in planned]
    if len(planned) < 2 or min(users) < 0 or sum(users) == 0:
        return None
    total = sum(users)
    test = chi_square(users, weights)
    is_exact = total <= exact_users and table_count(users) <= exact_tables
    gaps = [count / total - share for count, share in zip(users, weights, strict=True)]
    widest = max(range(len(gaps)), key=lambda index: abs(gaps[index]))
    return SampleRatio(
        p_value=exact_multinomial(users, weights) if is_exact else test.p_value,
        method="exact_multinomial" if is_exact else "chi_square",
        statistic=None if is_exact else test.statistic,
        observed=tuple(arm.users for arm in arms),
        expected=tuple(share * total for share in shares),
        deviation=abs(gaps[widest]),
        arm=planned[widest][0].name,
    )


def _run(summary: Summary, charter: Charter, policy: Policy) -> Iterator[Issue]:
    arms = pooled_arms(summary)
    yield from _plan_issues(arms, charter)
    shares = planned_shares(charter, len(arms)) if arms else None
    for arm, share in zip(arms, shares or (), strict=False):
        if share == 0 and arm.users > 0:
            yield _leak(arm)
    ratio = sample_ratio(summary, charter, policy)
    if ratio is not None:
        yield from _mismatch(ratio, arms, policy)


def _plan_issues(arms: Sequence[PooledArm], charter: Charter) -> Iterator[Issue]:
    if charter.split is None or not arms:
        return
    names = ", ".join(arm.name for arm in arms)
    if not is_usable(charter.split):
        yield Issue(
            "split_unusable",
            Severity.BLOCKED,
            f"The planned split {_split_text(charter)} is not a set of shares.",
            "Give one share per arm, control first, none negative: 50, 50 or 0.9, 0.1.",
        )
    elif len(charter.split) != len(arms):
        yield Issue(
            "split_length",
            Severity.BLOCKED,
            f"The planned split {_split_text(charter)} has {len(charter.split)} shares "
            f"and the data {len(arms)} arms: {names}.",
            "Give one share per arm, control first, in the order of the file.",
        )


def _split_text(charter: Charter) -> str:
    return ":".join(f"{share:g}" for share in charter.split or ())


def _leak(arm: PooledArm) -> Issue:
    return Issue(
        "arm_leak",
        Severity.BLOCKED,
        f"Arm {arm.name} was to receive nobody and has {arm.users:,} users.",
        "Find how users reached the arm, or give it its share in the planned split.",
        Where(arm.row, "users"),
    )


def _mismatch(ratio: SampleRatio, arms: Sequence[PooledArm], policy: Policy) -> Iterator[Issue]:
    severity = severity_of(ratio.p_value, policy)
    if severity is None:
        return
    arm = next(arm for arm in arms if arm.name == ratio.arm)
    yield Issue(CODE, severity, mismatch_text(ratio, arms), FIX, Where(arm.row, "users"))


def severity_of(p_value: float, policy: Policy) -> Severity | None:
    """Return how much a sample ratio p-value matters, None when it does not."""
    if p_value < policy.srm_blocked_p:
        return Severity.BLOCKED
    if p_value < policy.srm_warning_p:
        return Severity.WARNING
    return Severity.NOTE if p_value < policy.srm_note_p else None


def mismatch_text(ratio: SampleRatio, arms: Sequence[PooledArm]) -> str:
    """Return what was expected and seen in the arm that is furthest off, size beside p."""
    place = next(index for index, arm in enumerate(arms) if arm.name == ratio.arm)
    seen, planned = ratio.observed[place], ratio.expected[place]
    side = "above" if seen > planned else "below"
    method = "exact test" if ratio.statistic is None else "chi-square test"
    p_text = "p < 0.000001" if ratio.p_value < 1e-6 else f"p = {ratio.p_value:.2g}"
    return (
        f"Arm {ratio.arm} has {seen:,} users where the planned split gives {planned:,.1f}: "
        f"{ratio.deviation * 100:.2g} points {side} its share ({p_text}, {method})."
    )


SRM = Check(
    name="srm",
    title="Users arrive in the planned shares",
    reads=("users", "charter.split", "policy.srm_note_p, srm_warning_p, srm_blocked_p"),
    run=_run,
)
