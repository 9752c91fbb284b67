"""From the bytes of a file to its health: places and words as a reader of the file needs them."""

import json
from dataclasses import asdict

import pytest

from experimentos.health.examine import examine
from experimentos.health.report import Status
from experimentos.metrics.contract import read_summary
from experimentos.plan.charter import Charter

# What the sums of a file say only the health check can tell, so the manifest is met here.
BY_HEALTH = ("sumsq_exact.csv", "sumsq_negative.csv", "sumsq_one_variant.csv")
STATUS = {"blocked": Status.BLOCKED, "read_error": Status.UNREADABLE}


def pytest_generate_tests(metafunc):
    folder = metafunc.config.getoption("--uploads")
    if "upload" in metafunc.fixturenames:
        files = json.loads((folder / "manifest.json").read_text())["files"]
        chosen = [f for f in files if f["kind"] in ("csv", "parquet", "xlsx", "json")]
        cases = [(f, (folder / "files" / f["file"]).read_bytes()) for f in chosen]
        metafunc.parametrize("upload", cases, ids=[f["file"] for f, _ in cases])


def examined(text, charter=None):
    return examine(read_summary(text.encode(), "a.csv"), charter or Charter())


def test_a_file_of_the_manifest_is_as_healthy_as_it_says(upload):
    expected, content = upload
    report = examine(read_summary(content, expected["file"]))
    assert report.is_blocked or expected["expect"] not in STATUS
    assert report.status is STATUS.get(expected["expect"], report.status)
    if expected["expect"] in ("accept", "accept_note"):
        assert report.status is Status.HEALTHY
    if expected["file"] in BY_HEALTH:
        place = {"row": expected["row"], "column": expected["column"]}
        issues = [issue for issue in report.issues if asdict(issue.where) == place]
        assert len(issues) == 1
        assert all(word in issues[0].message for word in expected["says"])


def test_cookie_cats_is_healthy():
    # reference/datasets/cookie_cats_agg.csv and reference_results.json
    report = examined(
        "variant,users,conversions,retention_1,rounds_sum,rounds_sum_sq\n"
        "control,44700,8502,20034,2344795,3068811771\n"
        "treatment,45489,8279,20119,2333530,605052202\n"
    )
    assert report.status is Status.HEALTHY
    assert report.srm.p_value == pytest.approx(0.008607987810836262, rel=1e-12)


def test_the_clicks_of_the_udacity_screener_follow_their_split():
    # reference/datasets/udacity_screener_agg.csv; p 0.8591 published with the data
    report = examined("variant,users,conversions\ncontrol,17293,3785\ntreatment,17260,3423\n")
    assert report.status is Status.HEALTHY
    assert report.srm.p_value == pytest.approx(0.8591, abs=5e-5)


def test_average_order_values_are_warned_of_with_the_columns_that_the_reader_takes():
    report = examined(
        "variant,users,conversions,orders,aov_sum,aov_sum_sq\n"
        "control,10000,1200,1500,75000,4500000\n"
        "treatment,10000,1220,1520,76000,4600000\n"
    )
    assert [(i.code, i.where.column) for i in report.issues] == [("not_independent", "aov_sum_sq")]
    ratio = "aov_num_sum,aov_den_sum,aov_num_sum_sq,aov_den_sum_sq,aov_num_den_sum"
    assert ratio.replace(",", ", ") in report.issues[0].fix
    cured = examined(
        f"variant,users,conversions,orders,{ratio}\n"
        "control,10000,1200,1500,75000,1500,4500000,2500,90000\n"
        "treatment,10000,1220,1520,76000,1520,4600000,2600,91000\n"
    )
    assert cured.status is Status.HEALTHY


def test_a_ratio_called_aov_is_per_user_and_asks_for_no_orders():
    reading = read_summary(
        b"variant,users,conversions,aov_num_sum,aov_den_sum,aov_num_sum_sq,aov_den_sum_sq,"
        b"aov_num_den_sum\n"
        b"control,10000,1200,75000,1500,4500000,2500,90000\n"
        b"treatment,10000,1220,76000,1520,4600000,2600,91000\n",
        "a.csv",
    )
    assert reading.issues == ()
    assert reading.summary.metric("aov").unit == "user"
    assert reading.summary.arm("control").statistics["aov"].n == 10_000


def test_joint_sums_are_pointed_at_in_their_own_columns():
    report = examined(
        "variant,users,conversions,s_sum,s_sum_sq,s_cov_sum,s_cov_sum_sq,s_cov_cross\n"
        "control,1000,120,5000,90000,4000,90000,70000\n"
        "treatment,1000,122,5100,91000,4000,100,20000\n"
    )
    assert [(i.code, i.where.row, i.where.column) for i in report.issues] == [
        ("squares_contradict_sum", 3, "s_cov_sum_sq")
    ]


def test_columns_that_were_mapped_keep_the_names_of_the_file():
    reading = read_summary(
        b"variant,users,conversions,turnover,quad\ncontrol,100,10,50,20\nB,100,12,50,90\n",
        "a.csv",
        mapping={"revenue_sum": "turnover", "revenue_sum_sq": "quad"},
    )
    issues = [i for i in examine(reading).issues if i.code == "squares_contradict_sum"]
    assert [(i.where.row, i.where.column) for i in issues] == [(2, "quad")]


def test_segments_and_days_of_a_file_are_checked():
    report = examined(
        "variant,users,conversions,segment\n"
        "control,5000,500,ios\ntreatment,6000,600,ios\n"
        "control,6000,600,web\ntreatment,5000,500,web\n"
    )
    assert {issue.code for issue in report.issues} == {"segment_sample_ratio"}
    assert report.status is Status.WARNING
