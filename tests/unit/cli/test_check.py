"""`experimentos check` says what was read and whether it may be analysed."""

import io
import sys

import pytest

from experimentos.cli.status import Exit

GOOD = "variant,users,conversions,revenue_sum,revenue_sum_sq\n" + (
    "control,10000,1200,50000,300000000\ntreatment,10000,1320,55000,360000000\n"
)
FIELDS = {"code", "severity", "message", "fix", "row", "column"}


@pytest.fixture
def results(tmp_path):
    def write(text, name="results.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write


def test_a_healthy_file_is_status_0_with_everything_as_read(report, results):
    status, document = report("check", results(GOOD))
    assert status == Exit.DONE
    assert (document["schema_version"], document["status"]) == (1, "healthy")
    control, treatment = document["arms"]
    assert (control["variant"], control["users"], control["conversions"]) == (
        "control",
        10000,
        1200,
    )
    assert treatment["metrics"]["revenue"]["mean"] == 5.5
    assert document["srm"]["p_value"] == 1
    assert document["source"]["name"] == "results.csv"


def test_a_blocked_file_is_status_1_and_names_row_column_and_fix(report, results):
    status, document = report("check", results(GOOD.replace("1320", "13200")))
    assert (status, document["status"]) == (Exit.NO, "blocked")
    [issue] = [i for i in document["issues"] if i["severity"] == "blocked"]
    assert set(issue) == FIELDS
    assert (issue["row"], issue["column"]) == (3, "conversions")
    assert issue["fix"]


def test_bytes_that_are_no_table_are_status_3(report, results):
    status, document = report("check", results("\x00\x01\x02\x03", "results.parquet"))
    assert (status, document["status"], document["arms"]) == (Exit.UNREADABLE, "unreadable", [])


def test_a_mismatched_split_is_a_warning_and_not_a_failure(report, results):
    lopsided = GOOD.replace("treatment,10000", "treatment,9000")
    status, document = report("check", results(lopsided))
    assert document["status"] == "blocked"
    status, document = report("check", results(lopsided), "--split", "10,9")
    assert (status, document["status"]) == (Exit.DONE, "healthy")


def test_a_charter_sets_the_split_and_the_option_replaces_it(report, results):
    lopsided = results(GOOD.replace("treatment,10000", "treatment,9000"))
    charter = results("split: [10, 9]\n", "charter.yaml")
    assert report("check", lopsided, "--charter", charter)[1]["status"] == "healthy"
    again = report("check", lopsided, "--charter", charter, "--split", "1,1")
    assert again[1]["status"] == "blocked"


def test_columns_and_arms_of_other_names_are_mapped(report, results):
    renamed = GOOD.replace("users", "visitors").replace("control", "A").replace("treatment", "B")
    _, document = report(
        *("check", results(renamed), "--map", "users=visitors"),
        *("--map", "variant=control=A", "--map", "variant=treatment=B"),
    )
    assert document["status"] == "healthy"
    assert [arm["users"] for arm in document["arms"]] == [10_000, 10_000]


def test_one_experiment_of_several_is_chosen(report, results):
    rows = GOOD.splitlines()
    several = [f"experiment_id,{rows[0]}", *(f"{e},{row}" for e in "ab" for row in rows[1:])]
    path = results("\n".join(several))
    status, document = report("check", path)
    assert (status, document["issues"][0]["code"]) == (Exit.NO, "several_experiments")
    assert report("check", path, "--where", "experiment_id=b")[0] == Exit.DONE


def test_a_dash_reads_standard_input(report, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    status, document = report("check", "-")
    assert (status, document["status"]) == (Exit.DONE, "healthy")
    assert document["source"]["name"] == "standard input"


def test_an_endless_input_is_read_to_the_cap_and_refused(report):
    status, document = report("check", "/dev/zero")
    assert (status, document["status"]) == (Exit.UNREADABLE, "unreadable")


def test_people_get_the_same_in_80_plain_columns(call, results):
    status, out, err = call("check", results(GOOD))
    assert (status, err) == (Exit.DONE, "")
    assert out.startswith("Healthy  results.csv")
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_long_list_of_issues_is_cut_for_people_and_whole_in_json(call, report, results):
    arms = "".join(f"arm{i},10,99\n" for i in range(20))
    path = results(f"variant,users,conversions\ncontrol,10,99\n{arms}")
    assert "more; --json lists all of them" in call("check", path)[1]
    assert len(report("check", path)[1]["issues"]) > 20


def test_names_from_the_file_cannot_speak_to_the_terminal(call, results):
    _, out, _ = call("check", results(GOOD.replace("treatment", "\x1b[31m[red]treat")))
    assert "\x1b" not in out
