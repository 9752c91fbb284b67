"""The whole health check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.health import CHECKS
from experimentos.health.examine import examine
from experimentos.health.report import Status
from experimentos.health.srm import sample_ratio
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Metric
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY
from tests.unit.health import build

TOO_MANY = Issue(
    "too_many", Severity.BLOCKED, "More than there are.", "Count users.", Where(3, "conversions")
)


def examined(summary, *issues, charter=EMPTY_CHARTER):
    return examine(build.reading(summary, *issues), charter)


def test_cookie_cats_is_healthy_with_a_note():
    report = examined(build.users(44_700, 45_489))
    assert report.status is Status.HEALTHY
    assert not report.is_blocked
    assert [issue.severity for issue in report.issues] == [Severity.NOTE]
    assert report.srm.p_value == pytest.approx(0.008607987810836262, rel=1e-12)
    assert report.srm.arm == "control"
    assert report.srm.deviation == pytest.approx(0.5 - 44_700 / 90_189)
    assert report.srm.expected == (45_094.5, 45_094.5)
    assert dict(report.checks)["srm"] is False
    assert dict(report.checks)["arms"] is True


def test_every_check_is_run_and_named():
    assert [name for name, _ in examined(build.users(500, 500)).checks] == list(CHECKS)
    assert all(check.title and check.reads for check in CHECKS.values())


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ((5_000, 5_000), Status.HEALTHY),
        ((50, 50), Status.WARNING),
        ((49_450, 50_550), Status.WARNING),
        ((4_000, 5_000), Status.BLOCKED),
    ],
)
def test_the_status_is_that_of_the_worst_issue(counts, status):
    assert examined(build.users(*counts)).status is status


def test_issues_come_worst_first_and_the_readers_before_ours():
    note = Issue("comma", Severity.NOTE, "Commas were read.", "Nothing to do.")
    report = examined(build.users(4_000, 5_000, 50), note)
    ranks = [issue.severity.rank for issue in report.issues]
    assert ranks == sorted(ranks, reverse=True)
    assert report.issues[-1] == note


def test_what_the_reader_said_is_not_said_again_and_the_check_still_fails():
    broken = build.summary(
        build.cell("control", 100, 2), build.cell("B", 100, 3, {"conversion": Counts(100, 150)})
    )
    report = examined(broken, TOO_MANY)
    assert [issue.code for issue in report.issues if issue.where == TOO_MANY.where] == ["too_many"]
    assert dict(report.checks)["bounds"] is False
    assert report.is_blocked


def test_a_milder_word_of_the_reader_does_not_silence_a_check():
    broken = build.summary(
        build.cell("control", 100, 2), build.cell("B", 100, 3, {"conversion": Counts(100, 150)})
    )
    note = Issue("comma", Severity.NOTE, "A comma.", "Nothing.", TOO_MANY.where)
    assert [issue.code for issue in examined(broken, note).issues] == [
        "count_exceeds_users",
        "comma",
    ]


def test_a_mismatch_is_said_even_where_the_reader_complained_of_the_same_cell():
    large = Issue("large", Severity.BLOCKED, "A large number.", "Check it.", Where(2, "users"))
    codes = [issue.code for issue in examined(build.users(4_000, 5_000), large).issues]
    assert codes == ["large", "sample_ratio_mismatch"]


@pytest.mark.parametrize(
    ("severity", "status"),
    [(Severity.UNREADABLE, Status.UNREADABLE), (Severity.BLOCKED, Status.BLOCKED)],
)
def test_a_file_that_was_not_understood_keeps_the_readers_word(severity, status):
    issue = Issue("why", severity, "It is not a table.", "Upload a table.")
    report = examined(None, issue)
    assert (report.status, report.issues, report.srm) == (status, (issue,), None)


@pytest.mark.parametrize("issues", [(), (Issue("n", Severity.NOTE, "A note.", "Nothing."),)])
def test_nothing_read_is_never_healthy(issues):
    report = examined(None, *issues)
    assert report.status is Status.UNREADABLE
    assert report.issues[0].code == "nothing_read"


@pytest.mark.parametrize(
    ("counts", "method"),
    [
        ((500, 500), "exact_multinomial"),
        ((500, 501), "chi_square"),
        ((300, 300, 300), "exact_multinomial"),
        ((200, 200, 200, 200), "chi_square"),
    ],
)
def test_the_sample_ratio_test_is_exact_when_small_enough_to_list(counts, method):
    ratio = sample_ratio(build.users(*counts), EMPTY_CHARTER, DEFAULT_POLICY)
    assert ratio.method == method
    assert (ratio.statistic is None) == (method == "exact_multinomial")


def test_a_sample_ratio_leaves_out_arms_that_were_to_receive_nobody():
    ratio = sample_ratio(build.users(5_000, 7, 5_000), Charter(split=(1, 0, 1)), DEFAULT_POLICY)
    assert ratio.p_value == pytest.approx(1.0)
    assert ratio.observed == (5_000, 7, 5_000)
    assert ratio.expected == (5_000.0, 0.0, 5_000.0)


@pytest.mark.parametrize(
    ("summary", "charter"),
    [
        (build.summary(), EMPTY_CHARTER),
        (build.users(100), EMPTY_CHARTER),
        (build.users(0, 0), EMPTY_CHARTER),
        (build.users(-5, 100), EMPTY_CHARTER),
        (build.users(5, 5), Charter(split=(1, 0))),
        (build.users(5, 5), Charter(split=(1, 1, 1))),
    ],
)
def test_without_two_arms_and_a_plan_there_is_no_sample_ratio(summary, charter):
    assert examine(build.reading(summary), charter).srm is None


METRICS = (
    build.CONVERSION,
    build.REVENUE,
    Metric("ctr", "ratio", ("a", "b", "c", "d", "e")),
    Metric("spend", "adjusted", ("a", "b", "c", "d", "e")),
)
whole = st.integers(-3, 2_000)
real = st.floats(-1e6, 1e6)
statistics = st.one_of(
    st.builds(Counts, whole, whole),
    st.builds(Moments, whole, real, real),
    st.builds(CrossMoments, whole, real, real, real, real, real),
)
cells = st.builds(
    build.cell,
    st.sampled_from(["control", "B", "C"]),
    whole,
    st.integers(2, 9),
    st.dictionaries(st.sampled_from([metric.name for metric in METRICS]), statistics),
    st.sampled_from([None, "x", "y"]),
)
charters = st.builds(Charter, split=st.none() | st.lists(st.floats(-1, 3), max_size=3).map(tuple))


@given(st.lists(cells, max_size=6), charters)
def test_no_summary_however_broken_makes_the_check_raise(rows, charter):
    report = examine(build.reading(build.summary(*rows, metrics=METRICS)), charter)
    assert report.status in Status
    assert all(issue.fix and issue.message for issue in report.issues)
