"""`experimentos verify` says whether numbers agree, in words, JSON and a saved report."""

import json


def table(tmp_path, expected):
    case = {"id": "a", "kind": "srm", "inputs": {"observed": [5, 15], "expected_weights": [1, 1]}}
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"cases": [case | {"expected": expected}]}))
    return file


def test_the_packaged_table_agrees(report):
    status, document = report("verify")
    assert status == 0
    assert document["failed"] == 0
    assert len(document["cases"]) == document["passed"] > 100
    assert set(document) >= {"schema_version", "cases", "passed", "failed", "versions"}
    assert len(document["table_sha256"]) == 64


def test_a_table_of_ones_own_that_disagrees_has_status_one(call, tmp_path):
    status, out, _ = call("verify", "--table", table(tmp_path, {"chi2": 6}))
    assert status == 1
    assert "FAILED a" in out
    assert "0 of 1" in out


def test_the_report_can_be_saved_for_the_laboratory(call, tmp_path):
    for name in ("report.md", "report.html"):
        out = tmp_path / name
        assert call("verify", "--table", table(tmp_path, {"chi2": 5}), "-o", out)[0] == 0
        assert "All 1 reference cases agree." in out.read_text()


def test_what_is_no_table_has_status_three(call, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text("chi2: 5")
    status, _, err = call("verify", "--table", file)
    assert status == 3
    assert "mine.json is no table" in err
