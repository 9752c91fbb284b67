"""`experimentos summarize` turns rows into a summary that the other commands read."""

import json

import pytest

from experimentos.cli.status import Exit

METRICS = """\
metrics:
  - {name: conversion, kind: conversion, expression: spend > 0}
  - {name: spend, kind: mean, column: spend}
"""


@pytest.fixture
def rows(tmp_path):
    lines = ["id,group,spend"]
    lines += [f"{i},{'A' if i % 2 else 'B'},{(i * 37) % 11 * (i % 3 == 0)}" for i in range(2_000)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    (tmp_path / "m.yaml").write_text(METRICS)
    return tmp_path


def arguments(rows, *more):
    return (
        "summarize",
        rows / "rows.csv",
        "--variant",
        "group",
        "--metrics",
        rows / "m.yaml",
        *more,
    )


def test_the_csv_that_it_writes_is_read_by_check(call, report, rows):
    out = rows / "summary.csv"
    status, shown, _ = call(*arguments(rows, "--control", "A", "--unit", "id", "-o", out))
    assert status == Exit.DONE
    assert "2,000 rows" in shown
    status, document = report("check", out)
    assert (status, document["status"]) == (Exit.DONE, "healthy")
    assert [arm["variant"] for arm in document["arms"]] == ["control", "B"]


def test_json_holds_the_arms_and_how_they_were_made(report, rows):
    status, document = report(*arguments(rows, "--control", "A"))
    assert status == Exit.DONE
    assert document["report"] == "summarize"
    assert document["control"] == "A"
    assert document["scan"]["rows"] == 2_000
    assert "GROUP BY arm" in document["scan"]["sql"]
    assert str(rows) not in json.dumps(document)


def test_without_a_control_nothing_is_guessed_and_the_arms_are_named(call, rows):
    status, _, said = call(*arguments(rows))
    assert status == Exit.USAGE
    assert "found: A, B" in said
    assert "--control" in said


def test_arms_are_renamed_and_a_split_is_planned(report, rows):
    status, document = report(*arguments(rows, "--map", "variant=control=A", "--split", "90,10"))
    assert document["arms"][0]["variant"] == "control"
    assert status == Exit.NO


def test_wrong_usage_and_wrong_files_have_their_own_status(call, report, rows):
    assert call(*arguments(rows, "--map", "users=x"))[0] == Exit.USAGE
    assert call(*arguments(rows, "--unit", "nobody"))[0] == Exit.USAGE
    assert call(*arguments(rows, "--control", "A", "-o", rows / "no" / "x.csv"))[0] == Exit.USAGE
    (rows / "m.yaml").write_text("metrics: [{name: x, kind: mean}]\n")
    status, document = report(*arguments(rows))
    assert status == Exit.UNREADABLE
    assert document["issues"][0]["fix"]
    (rows / "m.yaml").unlink()
    assert call(*arguments(rows))[0] == Exit.UNREADABLE


def test_exposures_and_rows_may_lie_in_two_tables(report, call, tmp_path):
    (tmp_path / "exposures.csv").write_text(
        "who,arm,seen\n" + "".join(f"{i},{'ab'[i % 2]},2026-01-02\n" for i in range(400))
    )
    (tmp_path / "rows.csv").write_text(
        "user,at,amount\n"
        + "".join(f"{i},2026-01-{1 + i % 20:02},{i % 7}\n" for i in range(0, 400, 2))
        + "".join(f"{i},2026-01-0{2 + i % 3},{i % 5}\n" for i in range(1, 400, 2) if i % 9)
    )
    (tmp_path / "m.yaml").write_text(
        "metrics: [{name: amount, kind: mean, column: amount}, {name: rows, kind: count}]\n"
    )
    given = (
        "summarize", tmp_path / "rows.csv", "--exposures", tmp_path / "exposures.csv",
        "--variant", "arm", "--control", "a", "--unit", "user", "--metrics", tmp_path / "m.yaml",
    )  # fmt: skip
    placed = ("--date", "at", "--exposure-date", "seen", "--exposure-unit", "who")
    status, document = report(*given, *placed, "--window-days", "7")
    assert status == Exit.DONE
    assert {issue["code"] for issue in document["issues"]} == {
        "before_exposure", "after_window", "exposed_without_rows"
    }  # fmt: skip
    assert [arm["users"] for arm in document["arms"]] == [200, 200]
    for wrong, words in (
        (placed[:4], "no column 'user' for the unit"),
        ((*placed[:2], *placed[4:]), "--exposure-date"),
        ((*placed[4:], "--window-days", "7"), "name both"),
        (("--exposure-unit", "seen", *placed[:4]), "cannot be joined"),
        (("--date", "amount", *placed[2:]), "not a date"),
    ):
        status, _, said = call(*given, *wrong)
        assert status == Exit.USAGE
        assert words.lower() in " ".join(said.lower().split())


def test_a_window_needs_exposures(call, rows):
    status, _, said = call(*arguments(rows, "--control", "A", "--window-days", "7"))
    assert status == Exit.USAGE
    assert "--exposures" in said


def test_the_json_that_it_writes_keeps_how_it_was_made(call, report, rows):
    out = rows / "summary.json"
    call(*arguments(rows, "--control", "A", "--unit", "id", "-o", out))
    assert str(rows) not in out.read_text()
    status, document = report("analyze", out)
    assert (status, document["control"]) == (Exit.DONE, "A")
    status, shown, _ = call("memo", out)
    assert "2,000 rows, 2,000 units in an arm" in shown
    assert "GROUP BY" in shown


def test_a_bootstrap_stands_beside_the_summary(call, report, rows):
    given = arguments(rows, "--control", "A", "--unit", "id", "--bootstrap", "200")
    status, document = report(*given)
    assert status == Exit.DONE
    spend = document["bootstrap"][1]
    assert (spend["metric"], spend["arm"], spend["why"]) == ("spend", "B", "")
    assert spend["result"]["bca"]["low"] < spend["result"]["difference"]
    _, shown, _ = call(*given, "--seed", "1")
    assert "Bootstrap of units" in shown
    status, _, said = call(*arguments(rows, "--control", "A", "--bootstrap", "200"))
    assert status == Exit.USAGE
    assert "--unit" in said


def test_too_few_units_have_no_bootstrap(report, tmp_path):
    (tmp_path / "rows.csv").write_text(
        "id,group,spend\n" + "".join(f"{i},{'AB'[i % 2]},{i % 7}\n" for i in range(60))
    )
    (tmp_path / "m.yaml").write_text(METRICS)
    given = arguments(tmp_path, "--control", "A", "--unit", "id", "--bootstrap", "200")
    _, document = report(*given)
    assert all(
        one["result"] is None and "100 buckets" in one["why"] for one in document["bootstrap"]
    )


def test_a_saved_analysis_of_rows_runs_again_and_tells_a_changed_source(call, report, rows):
    given = arguments(rows, "--control", "A", "--unit", "id", "-o", rows / "s.json")
    assert call(*given)[0] == Exit.DONE
    assert call("memo", rows / "s.json", "-o", rows / "memo.md", "--save")[0] == Exit.DONE
    _, listed = report("history", "list")
    saved = listed["analyses"][0]["id"]
    status, again = report("history", "rerun", saved)
    assert (status, again["identical"]) == (Exit.DONE, True)
    assert "--source" in again["source"]
    _, again = report("history", "rerun", saved, "--source", rows / "rows.csv")
    assert again["source"] == "The source rows.csv is unchanged."
    with (rows / "rows.csv").open("a") as file:
        file.write("9999,A,3\n")
    status, again = report("history", "rerun", saved, "--source", rows / "rows.csv")
    assert (status, again["identical"]) == (Exit.DONE, True)
    assert "is not what was summed up then" in again["source"]
    assert "SUM" in (rows / "memo.md").read_text().upper()
    status, _, said = call("history", "rerun", saved, "--source", rows / "gone.csv")
    assert status == Exit.UNREADABLE
    assert "no such file" in said


def test_each_kind_of_metric_is_shown_as_what_it_is(call, rows):
    (rows / "m.yaml").write_text(
        METRICS
        + "  - {name: p90, kind: quantile, column: spend, quantile: 0.9}\n"
        + "  - {name: each, kind: ratio, numerator: spend, denominator: spend > 0}\n"
        + "  - {name: never, kind: ratio, numerator: spend, denominator: spend > 99}\n"
    )
    status, shown, _ = call(*arguments(rows, "--control", "A", "--unit", "id"))
    (line,) = [line for line in shown.splitlines() if line.startswith("A ")]
    assert "mean" in line
    assert "ratio" in line
    assert "no ratio" in line
    assert status == Exit.DONE
