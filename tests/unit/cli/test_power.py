"""`experimentos power` solves for the one of effect, size and power that was not given."""

import pytest
import typer

from experimentos.cli.power import fractions, numbers


def test_an_effect_asks_for_users(report):
    status, plan = report("power", "--baseline", "0.12", "--lift", "0.1")
    assert status == 0
    assert plan["solved"] == "sample_size"
    # R: power.prop.test(p1 = .12, p2 = .132, power = .8) gives n = 12003.68.
    assert (plan["control"], plan["treatment"], plan["total"]) == (12_004, 12_004, 24_008)
    assert "score" in plan["method"]


def test_a_size_asks_for_the_effect_and_both_for_the_power(report):
    _, found = report("power", "--baseline", "0.1", "--n", "10000")
    assert found["solved"] == "mde"
    assert found["effect"] == pytest.approx(0.0122010098, abs=1e-9)
    _, reached = report("power", "--baseline", "0.1", "--n", "10000", "--effect", found["effect"])
    assert reached["solved"] == "power"
    assert reached["power"] == pytest.approx(0.8, abs=1e-9)


def test_traffic_gives_days_and_whole_weeks(report):
    _, plan = report("power", "--baseline", "0.12", "--effect", "0.012", "--traffic", "3000")
    assert (plan["days"], plan["whole_weeks_days"]) == (9, 14)
    ramp = ("--traffic", "3000", "--ramp", "0.1,0.1,1")
    _, slow = report("power", "--baseline", "0.12", "--effect", "0.012", *ramp)
    assert slow["days"] == 10


def test_means_arms_looks_and_covariates_are_planned(call):
    status, out, _ = call(
        *("power", "--sd", "30", "--baseline", "20", "--effect", "1", "--explained", "0.3"),
        *("--arms", "2", "--looks", "4", "--spending", "pocock"),
    )
    assert status == 0
    assert "Welch" in out
    assert "CUPED" in out
    assert "of the baseline" in out


def test_a_rate_with_a_covariate_is_planned_as_a_mean(report):
    _, plan = report("power", "--baseline", "0.5", "--effect", "0.01", "--explained", "0.5")
    assert "Welch" in plan["method"]


def test_a_margin_plans_non_inferiority(report):
    _, plan = report("power", "--baseline", "0.12", "--margin", "0.01", "--alpha", "0.025")
    assert "Farrington-Manning" in plan["method"]
    assert plan["sides"] == 1
    assert plan["effect"] == 0.0


def test_no_effect_that_reaches_the_power_is_said_so(call):
    _, out, _ = call("power", "--baseline", "0.1", "--n", "20", "--lower-is-better")
    assert "none reaches the power" in out


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--baseline", "0.1"),
        ("--baseline", "12", "--effect", "1"),
        ("--baseline", "0.1", "--effect", "0.01", "--lift", "0.1"),
        ("--sd", "3", "--lift", "0.1"),
        ("--baseline", "0.1", "--effect", "0.01", "--looks", "0.5"),
        ("--baseline", "0.1", "--effect", "0.01", "--looks", "few"),
        ("--baseline", "0.1", "--effect", "0.01", "--spending", "daily", "--looks", "3"),
        ("--baseline", "0.1", "--effect", "0.01", "--traffic", "0"),
        ("--baseline", "2", "--explained", "0.5", "--effect", "0.1"),
    ],
)
def test_a_question_without_an_answer_is_wrong_usage(call, options):
    status, _, err = call("power", *options)
    assert status == 2
    assert err


def test_looks_are_a_number_or_fractions():
    assert fractions("4") == (0.25, 0.5, 0.75, 1.0)
    assert fractions("0.5,1") == (0.5, 1.0)
    with pytest.raises(typer.BadParameter):
        numbers("1,inf", "--ramp")


HISTORY = (
    "variant,users,conversions,revenue_sum,revenue_sum_sq,orders,aov_sum,aov_sum_sq\n"
    "control,1000,120,5000,150000,300,5000,120000\n"
    "treatment,1000,130,5200,160000,310,5200,130000\n"
)


@pytest.fixture
def history(tmp_path):
    file = tmp_path / "last.csv"
    file.write_text(HISTORY)
    return file


def test_an_earlier_experiment_gives_baseline_and_variance(report, history):
    _, plan = report("power", "--from", history, "--lift", "0.1")
    _, same = report("power", "--baseline", "0.12", "--lift", "0.1")
    assert plan["total"] == same["total"] == 24_008
    _, plan = report("power", "--from", history, "--metric", "revenue", "--lift", "0.1")
    # Variance by hand: (150,000 - 5,000^2 / 1,000) / 999, sd 11.186.
    sd = ((150_000 - 25_000) / 999) ** 0.5
    _, same = report("power", "--sd", sd, "--baseline", "5", "--lift", "0.1")
    assert plan["total"] == same["total"]


def test_a_rate_from_a_file_may_be_helped_by_a_covariate(report, history):
    _, plan = report("power", "--from", history, "--lift", "0.1", "--explained", "0.5")
    assert "CUPED" in plan["method"]


def test_a_file_that_cannot_be_read_or_lacks_the_metric_is_said_so(call, history, tmp_path):
    assert call("power", "--from", history, "--metric", "clicks", "--lift", "0.1")[0] == 2
    (tmp_path / "empty.csv").write_text("")
    assert call("power", "--from", tmp_path / "empty.csv", "--lift", "0.1")[0] == 3
