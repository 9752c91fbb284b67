"""Summary and charter to analysis."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from experimentos.analysis.compare import (
    Pair,
    View,
    compare,
    informed_posterior,
    posterior,
    smallest_expected,
)
from experimentos.analysis.cuped import cuped
from experimentos.analysis.family import adjust_family, own_alpha
from experimentos.analysis.informational import region_of
from experimentos.analysis.mde import mde_mean, mde_rates
from experimentos.analysis.method import Question
from experimentos.analysis.result import (
    Analysis,
    Compared,
    Direction,
    Frequentist,
    Informed,
    MetricResult,
    Outcome,
    Posterior,
    Role,
    Unavailable,
)
from experimentos.analysis.roles import Cast, Part, assign
from experimentos.analysis.waiting import waiting
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments
from experimentos.metrics.summary import Arm, Metric, Summary
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY, Policy

SHARING = {
    "guardrails": frozenset({Role.GUARDRAIL}),
    "all_metrics": frozenset(Role),
    "none": frozenset[Role](),
}
"""Which metrics share alpha, by the charter's correction."""


@dataclass(frozen=True, slots=True)
class _Test:
    """One metric of one arm, ready to be asked."""

    metric: Metric
    arm: Arm
    control: Arm
    level: float
    policy: Policy

    @property
    def pair(self) -> Pair:
        name = self.metric.name
        return Pair(self.control.statistics[name], self.arm.statistics[name], self.metric.kind)

    def question(self, alpha: float) -> Question:
        return Question(self.metric.name, self.arm.name, alpha, self.level)

    def ask(self, alpha: float) -> Outcome:
        return compare(self.pair, self.question(alpha), self.policy)

    def view(self, part: Part, charter: Charter) -> View:
        region = None
        if part.role is Role.PRIMARY:
            region = region_of(charter, self.policy, self.pair.control_level)
        return View(self.question(1 - self.level), part.direction, region)

    def posterior(self, part: Part, charter: Charter) -> Posterior | Unavailable:
        return posterior(self.pair, self.view(part, charter), self.policy)


def analyze(
    summary: Summary, charter: Charter = EMPTY_CHARTER, policy: Policy = DEFAULT_POLICY
) -> Analysis:
    """Return every comparison that the charter asks for, on a summary that is not blocked.

    Notes
    -----
    Arms are adjusted by Dunnett within a metric, and by Holm across the metrics that share alpha:
    the guardrails, unless the charter's correction says otherwise. Directions and roles that the
    charter does not give are guessed from names and listed in `Analysis.assumptions`.
    """
    cast = assign(summary, charter, policy)
    level = 1 - charter.two_sided_alpha
    tests = {
        part.name: [
            _Test(part.metric, arm, summary.arms[0], level, policy) for arm in summary.treatments
        ]
        for part in cast.parts
        if part.metric is not None
    }
    outcomes = _outcomes(cast, tests, charter)
    results = [
        _result(part, tests[part.name], outcomes[part.name], (summary, charter))
        if part.name in tests
        else _absent(part, summary, charter)
        for part in cast.parts
    ]
    return Analysis(
        frequentist=Frequentist(
            alpha=charter.two_sided_alpha,
            primary=results[0],
            guardrails=tuple(each for each in results if each.role is Role.GUARDRAIL),
            secondary=tuple(each for each in results if each.role is Role.SECONDARY),
        ),
        posteriors=tuple(
            test.posterior(part, charter)
            for part in cast.parts
            for test in tests.get(part.name, ())
        ),
        assumptions=(*cast.assumptions, *_remarks(tests, policy)),
        informed=tuple(_informed(cast.parts[0], tests, charter)),
    )


def _informed(
    primary: Part, tests: Mapping[str, Sequence[_Test]], charter: Charter
) -> Iterator[Informed | Unavailable]:
    if charter.belief is None:
        return
    for test in tests.get(primary.name, ()):
        view = test.view(primary, charter)
        yield informed_posterior(test.pair, view, charter.belief, test.policy)


def _outcomes(
    cast: Cast, tests: Mapping[str, Sequence[_Test]], charter: Charter
) -> dict[str, list[Outcome]]:
    """Return the outcomes of every metric; those that share alpha are one family."""
    roles = SHARING[charter.correction]
    together = [part.name for part in cast.parts if part.role in roles and part.name in tests]
    families = [together, *([name] for name in tests if name not in together)]
    outcomes: dict[str, list[Outcome]] = {}
    for names in families:
        family = [[test.ask for test in tests[name]] for name in names]
        outcomes.update(zip(names, adjust_family(family, charter.two_sided_alpha), strict=True))
    return outcomes


def _result(
    part: Part,
    tests: Sequence[_Test],
    outcomes: Sequence[Outcome],
    asked: tuple[Summary, Charter],
) -> MetricResult:
    summary, charter = asked
    alpha = own_alpha(outcomes, charter.two_sided_alpha)
    sizes = [_mde(test, each, part, alpha) for test, each in zip(tests, outcomes, strict=True)]
    known = [size for size in sizes if size is not None]
    return MetricResult(
        metric=part.name,
        kind=part.metric.kind if part.metric else "missing",
        role=part.role,
        direction=part.direction,
        harm=part.harm,
        severe_harm=part.severe_harm,
        outcomes=tuple((test.arm.name, each) for test, each in zip(tests, outcomes, strict=True)),
        mde=max(known) if known and len(known) == len(sizes) else None,
        planned_mde=charter.mde if part.role is Role.PRIMARY else None,
        margin=part.margin,
        waiting=_waiting(tests, summary, charter) if part.role is Role.PRIMARY else (),
    )


def _waiting(
    tests: Sequence[_Test], summary: Summary, charter: Charter
) -> tuple[tuple[str, str], ...]:
    reasons = (
        (test.arm.name, waiting(summary, test.metric, test.arm, (charter, test.policy)))
        for test in tests
    )
    return tuple((arm, why) for arm, why in reasons if why)


def _absent(part: Part, summary: Summary, charter: Charter) -> MetricResult:
    why = f"The charter names {part.name} as a {part.role} metric; it is not in the data."
    missing = Unavailable("", "not_in_data", why)
    outcomes = tuple((arm.name, missing) for arm in summary.treatments)
    return MetricResult(
        metric=part.name,
        kind="missing",
        role=part.role,
        direction=part.direction,
        harm=part.harm,
        severe_harm=part.severe_harm,
        outcomes=outcomes,
        mde=None,
        planned_mde=charter.mde if part.role is Role.PRIMARY else None,
        margin=part.margin,
    )


def _mde(test: _Test, outcome: Outcome, part: Part, alpha: float) -> float | None:
    control, treatment = test.pair.control, test.pair.treatment
    power = test.policy.power
    if isinstance(control, Counts) and isinstance(treatment, Counts):
        if min(control.n, treatment.n) == 0:
            return None
        n = (control.n, treatment.n)
        sign = 1 if part.direction is Direction.HIGHER else -1
        better = mde_rates(control.rate, n, alpha, power, sign)
        return mde_rates(control.rate, n, alpha, power, -sign) if better is None else better
    if isinstance(outcome, Compared):
        return mde_mean(outcome.se, outcome.df, alpha, power)
    return None


def _remarks(tests: Mapping[str, Sequence[_Test]], policy: Policy) -> Iterator[str]:
    for test in (test for group in tests.values() for test in group):
        control, treatment = test.pair.control, test.pair.treatment
        match control, treatment:
            case Counts(), Counts() if control.n and treatment.n:
                expected = smallest_expected(control, treatment)
                if 0 < expected < policy.expected_count_exact:
                    yield (
                        f"{test.metric.name}, {test.arm.name}: an expected count is "
                        f"{expected:.1f}, below {policy.expected_count_exact:g}, so the exact "
                        "test is shown beside the score test."
                    )
            case CrossMoments(), CrossMoments() if test.metric.kind == "adjusted":
                refused = cuped(control, treatment, test.question(1 - test.level), policy.balance_t)
                if isinstance(refused, Unavailable):
                    yield (
                        f"{test.metric.name}, {test.arm.name}: analysed without its covariate. "
                        f"{refused.why}"
                    )
            case _:
                pass
