"""Families, by the figures of their papers and by simulated data."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from experimentos.analysis.family import adjust_family
from experimentos.analysis.multiplicity import adjust
from experimentos.analysis.result import Compared, Interval, Unavailable

NO_LIFT = Unavailable("lift", "not_asked", "")


def asked(z, arm="b"):
    """Return a comparison with this z, a standard error of 1 and 1,000 units per arm."""
    p = 2 * float(ndtr(-abs(z)))

    def ask(alpha):
        half = -float(ndtri(alpha / 2))
        return Compared(
            metric="m",
            arm=arm,
            method="z",
            control_value=0.0,
            treatment_value=z,
            difference=z,
            interval=Interval(z - half, z + half, 0.95),
            statistic=z,
            p_value=p,
            se=1.0,
            df=None,
            lift=NO_LIFT,
            n_control=1_000,
            n_treatment=1_000,
            unadjusted_p=p,
        )

    return ask


def p_values(family):
    return [[each.p_value for each in metric] for metric in family]


def test_one_arm_per_metric_is_holm():
    z = [3.2, -2.1, 0.4, 2.5]
    family = adjust_family([[asked(each)] for each in z], 0.05)
    raw = [2 * float(ndtr(-abs(each))) for each in z]
    assert [p for (p,) in p_values(family)] == pytest.approx(adjust(raw, "holm"))


def test_one_metric_is_dunnett():
    # tests/reference/statistics, dunnett_z-01: R, mvtnorm.
    ((b, c, d),) = p_values(adjust_family([[asked(2.1), asked(1.4), asked(2.6)]], 0.05))
    assert [b, c, d] == pytest.approx(
        [0.09166997662346144, 0.3607633623590284, 0.02548006388161772], rel=1e-6
    )


def test_one_comparison_is_left_as_it_is():
    (((result,),)) = adjust_family([[asked(2.1)]], 0.05)
    assert result == asked(2.1)(0.05)


def test_a_family_of_nothing_is_nothing():
    missing = Unavailable("z", "no_users", "")
    assert adjust_family([], 0.05) == []
    assert adjust_family([[lambda _: missing]], 0.05) == [[missing]]


def test_an_end_that_rounding_left_on_the_wrong_side_of_zero_is_moved_to_it():
    def just_not_significant(_alpha):
        result = asked(-1.9)(0.05)
        return Compared(
            **{
                field: getattr(result, field)
                for field in result.__slots__
                if field not in ("interval",)
            },
            interval=Interval(-4.0, -1e-17, 0.95),
        )

    ((result,),) = adjust_family([[just_not_significant]], 0.05)
    assert result.interval.high == 0


def test_a_metric_whose_second_question_fails_keeps_its_first_answer():
    missing = Unavailable("z", "no_users", "")
    answers = iter([asked(2.1)(0.05), missing])
    family = adjust_family([[lambda _: next(answers)], [asked(1.0)]], 0.05)
    assert family[0][0].difference == 2.1


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_the_family_wise_error_is_at_most_alpha_for_arms_and_metrics(share):
    # 4 arms share a control, 3 metrics correlate; the first metric's first arm is truly better.
    rng = np.random.default_rng(20)
    trials, wrong = 400, 0
    for _ in range(trials):
        common = rng.normal(size=(5, 1)) * share**0.5
        noise = common + rng.normal(size=(5, 3)) * (1 - share) ** 0.5
        z = (noise[1:] - noise[0]) / 2**0.5
        z[0, 0] += 4
        family = adjust_family([[asked(z[arm, m]) for arm in range(4)] for m in range(3)], 0.05)
        p = np.array(p_values(family))
        p[0, 0] = 1
        wrong += bool((p < 0.05).any())
    assert wrong / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5
