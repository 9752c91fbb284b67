"""`experimentos samples`."""

import json
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "reference" / "variance"
TAU = DATA / "tau_airline_gpt4o.csv"
ATARI = DATA / "dreamer_atari100k.csv"


def test_tau_bench_has_the_pass_hat_k_that_its_authors_print(report, call):
    # README of sierra-research/tau-bench, airline, TC (gpt-4o): 0.420, 0.273, 0.220, 0.200.
    status, found = report("samples", "analyze", TAU)
    [model] = found["variance"]["models"]
    assert status == 0
    assert [round(p, 3) for p in model["pass_hat_k"]] == [0.420, 0.273, 0.220, 0.200]
    assert [round(p, 3) for p in model["pass_at_k"]] == [0.420, 0.567, 0.660, 0.720]
    _, out, _ = call("samples", "analyze", TAU)
    assert "0.273" in out


def test_the_atari_models_have_the_published_interquartile_means(report):
    # Agarwal et al. (2021) by rliable on the same scores; notes beside the table.
    _, found = report("samples", "analyze", ATARI, "--baseline", "ppo_fixhp")
    iqm = {m["model"]: m["iqm"]["estimate"] for m in found["variance"]["models"]}
    assert iqm == pytest.approx({"dreamerv3": 0.507, "ppo_fixhp": 0.0215}, rel=2e-3)
    assert {c["metric"] for c in found["comparisons"]} == {"score", "raw_score"}
    assert all(c["adjusted_p"] >= c["p_value"] for c in found["comparisons"])


def test_the_models_that_cannot_be_told_apart_are_marked(tmp_path, call):
    rows = ["scenario,model,sample_index,score"]
    for i in range(12):
        rows += [f"s{i},a,0,{i % 3}", f"s{i},b,0,{(i + 1) % 3}", f"s{i},worse,0,{i % 3 - 9}"]
    file = tmp_path / "three.csv"
    file.write_text("\n".join(rows))
    status, out, _ = call("samples", "analyze", file)
    assert status == 0
    assert "a, b are tied (=)" in out
    assert "1 =" in out


def test_a_sample_given_twice_blocks_the_file(tmp_path, report, call):
    file = tmp_path / "twice.csv"
    file.write_text("scenario,model,sample_index,score\na,m,0,1\na,m,0,0\n")
    status, found = report("samples", "analyze", file)
    assert status == 1
    assert found["status"] == "blocked"
    assert [(i["code"], i["row"]) for i in found["issues"]] == [("duplicate_sample", 3)]
    assert call("samples", "plan", file, "-d", "0.1")[0] == 1


def test_one_sample_has_no_interval_and_the_reason_is_said(tmp_path, report, call):
    file = tmp_path / "one.csv"
    file.write_text("scenario,model,sample_index,score\na,m,0,0.5\n")
    _, found = report("samples", "analyze", file)
    [model] = found["variance"]["models"]
    assert model["ci"] is None
    assert model["unavailable"]["code"] == "one_sample"
    assert found["variance"]["cells"][0]["ci"] is None
    assert "One sample says nothing" in call("samples", "analyze", file)[1]


def test_the_plan_falls_from_past_samples(report, call):
    status, found = report("samples", "plan", ATARI, "--difference", "0.3")
    plan = found["plan"]
    assert status == 0
    assert plan["fewest_calls"]["samples_per_scenario"] == 1
    assert [o["scenarios"] for o in plan["options"]] == sorted(
        (o["scenarios"] for o in plan["options"]), reverse=True
    )
    assert "Scenarios" in call("samples", "plan", ATARI, "-d", "0.3")[1]


def test_an_unknown_model_is_wrong_usage_and_the_known_ones_are_named(call):
    status, _, err = call("samples", "analyze", ATARI, "--baseline", "ppo")
    assert status == 2
    assert "ppo_fixhp" in err


def test_the_exported_csv_reads_back_as_the_same_samples(tmp_path, call, report):
    out = tmp_path / "out.csv"
    assert call("samples", "export", ATARI, "-o", out)[0] == 0
    assert "sample_index" in out.read_text()
    before, after = (report("samples", "analyze", f)[1]["variance"] for f in (ATARI, out))
    assert before == after


def test_an_unknown_format_is_wrong_usage(tmp_path, call):
    assert call("samples", "export", TAU, "-o", tmp_path / "x.docx")[0] == 2


@pytest.mark.parametrize("extension", ["md", "html"])
def test_the_report_says_who_is_ahead_how_surely_and_by_which_method(tmp_path, call, extension):
    out = tmp_path / f"report.{extension}"
    assert call("samples", "export", ATARI, "-o", out, "--baseline", "ppo_fixhp")[0] == 0
    text = out.read_text().replace("\\", "")
    for said in ("is apart from every other model", "+1.12", "paired t", "stratified bootstrap"):
        assert said in text


def test_the_exported_json_holds_the_variance_section(tmp_path, call):
    out = tmp_path / "analysis.json"
    assert call("samples", "export", TAU, "-o", out)[0] == 0
    assert len(json.loads(out.read_text())["variance"]["cells"]) == 50
