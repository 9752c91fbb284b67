"""The summary's own small questions."""

import pytest

from experimentos.metrics.contract import read_summary
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments

CONTENT = b"variant,users,conversions\nb,10,2\ncontrol,10,1\n"


def test_arms_and_metrics_are_found_by_name_and_the_control_comes_first():
    summary = read_summary(CONTENT, "a.csv").summary
    assert summary.arm("b") is summary.treatments[0]
    assert [arm.row for arm in summary.arms] == [3, 2]
    assert summary.metric("conversion").unit == "user"
    with pytest.raises(KeyError):
        summary.arm("c")
    with pytest.raises(KeyError):
        summary.metric("revenue")


def test_a_rate_is_a_share_and_a_variance_divides_by_n_minus_one():
    assert Counts(8, 2).rate == 0.25
    assert Moments.from_variance(5, 1.0, 3.0).variance == 3.0
