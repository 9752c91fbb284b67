"""`experimentos analyze` agrees with the published numbers on real data."""

import json
from pathlib import Path

import pytest

from experimentos.cli.status import Exit

DATASETS = Path(__file__).resolve().parents[2] / "reference" / "datasets"
# Made by statsmodels, scipy and reference formulas from the user-level data (see its folder).
REFERENCE = json.loads((DATASETS / "reference_results.json").read_text())
# The reference divides proportions in doubles; both sides carry a few units in the last place.
RELATIVE = 1e-9

PROPORTIONS = [
    ("cookie_cats_agg.csv", "conversion", REFERENCE["cookie_cats"]["retention_7"]),
    ("cookie_cats_agg.csv", "retention_1", REFERENCE["cookie_cats"]["retention_1"]),
    ("udacity_screener_agg.csv", "conversion", REFERENCE["udacity"]["gross_conversion"]),
    ("udacity_screener_agg.csv", "payments", REFERENCE["udacity"]["net_conversion"]),
]


def close(value):
    return pytest.approx(value, rel=RELATIVE)


@pytest.fixture
def compared(report):
    """Return one comparison of a data set as the JSON reports it."""

    def find(file, metric):
        status, document = report("analyze", DATASETS / file)
        assert status == Exit.DONE
        [found] = [item for item in document["analysis"] if item["metric"] == metric]
        return found

    return find


@pytest.mark.parametrize(("file", "metric", "expected"), PROPORTIONS)
def test_a_difference_of_rates_agrees_with_the_reference(compared, file, metric, expected):
    found = compared(file, metric)
    beside = {item["method"]: item for item in found["alongside"]}
    assert found["method"] == "score"
    assert found["estimate"] == close(expected["diff"])
    assert found["ci"] == close(expected["mn_ci"])
    assert beside["pooled_z"]["statistic"] == close(expected["z_pooled"])
    assert beside["pooled_z"]["p_value"] == close(expected["p"])
    assert beside["newcombe"]["ci"] == close(expected["newcombe_ci"])
    assert beside["wald"]["ci"] == close(expected["wald_ci"])
    assert found["lift"]["estimate"] == close(expected["rel_lift"])
    assert found["lift"]["ci"] == close(expected["rel_ci_log"])


def test_a_difference_of_means_agrees_with_the_reference(compared):
    expected = REFERENCE["cookie_cats"]["rounds_welch"]
    found = compared("cookie_cats_agg.csv", "rounds")
    assert found["method"] == "welch"
    assert found["estimate"] == close(expected["diff"])
    assert found["statistic"] == close(expected["t"])
    assert found["df"] == close(expected["df"])
    assert found["p_value"] == close(expected["p"])
    assert found["ci"] == close(expected["ci"])


def test_the_sample_ratio_agrees_with_the_reference(report):
    _, document = report("analyze", DATASETS / "cookie_cats_agg.csv")
    assert document["health"]["srm"]["p_value"] == close(REFERENCE["cookie_cats"]["srm_p"])


def test_cookie_cats_keeps_the_gate_where_it_was(report):
    decision = report("analyze", DATASETS / "cookie_cats_agg.csv")[1]["decision"]
    assert decision["verdict"] == "Rollback"
    assert decision["sentence"]


def test_each_of_the_asos_experiments_is_analysed_on_its_own(report):
    path = DATASETS / "asos_final_metric1_agg.csv"
    status, blocked = report("analyze", path)
    assert (status, blocked["analysis"]) == (Exit.NO, None)
    assert blocked["decision"]["verdict"] == "Hold"
    status, document = report("analyze", path, "--where", "experiment_id=a1e2bf")
    assert status == Exit.DONE
    assert [arm["users"] for arm in document["arms"]] == [2_881_102, 2_878_781]


def test_the_report_has_every_part(report):
    _, document = report("analyze", DATASETS / "cookie_cats_agg.csv")
    assert document["schema_version"] == 1
    assert {
        "health",
        "analysis",
        "posteriors",
        "decision",
        "assumptions",
        "arms",
        "charter",
    } <= set(document)
    assert {item["method"] for item in document["posteriors"]} == {
        "beta_binomial",
        "normal_posterior",
    }


def test_what_cannot_be_computed_says_why(report, tmp_path):
    path = tmp_path / "nobody.csv"
    path.write_text("variant,users,conversions,clicks\ncontrol,500,50,0\ntreatment,500,60,0\n")
    _, document = report("analyze", path)
    [clicks] = [item for item in document["analysis"] if item["metric"] == "clicks"]
    assert clicks.get("unavailable", clicks.get("lift", {}).get("unavailable"))["why"]


def test_every_number_survives_as_written(call):
    _, out, _ = call("analyze", DATASETS / "cookie_cats_agg.csv", "--json")
    assert json.dumps(json.loads(out), indent=2) + "\n" == out


def test_people_get_the_decision_first_in_80_plain_columns(call):
    status, out, err = call("analyze", DATASETS / "cookie_cats_agg.csv")
    assert (status, err) == (Exit.DONE, "")
    assert out.index("Rollback") < out.index("Metric ")
    assert "Bayesian view (informational" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
