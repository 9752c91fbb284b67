"""A command that fails says so in a sentence, with a status, and never with a traceback."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from experimentos import errors
from experimentos.cli import check
from experimentos.cli.status import OF_STATUS, Exit, of_error
from experimentos.health.report import Status

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "arguments",
    [
        ("chekc",),
        ("check",),
        ("check", "x.csv", "--nope"),
        ("check", "x.csv", "--split", "5"),
        ("check", "x.csv", "--split", "50,fifty"),
        ("check", "x.csv", "--split", "0,0"),
        ("check", "x.csv", "--split", "-1,2"),
        ("check", "x.csv", "--map", "users"),
        ("check", "x.csv", "--map", "users="),
        ("check", "x.csv", "--map", "users=a", "--map", "users=b"),
        ("history", "show", "01", "--memo", "pdf"),
        ("history", "list", "--limit", "0"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_is_wrong(call, arguments):
    status, out, err = call(*arguments)
    assert (status, out) == (Exit.USAGE, "")
    assert "Error" in err
    assert "Traceback" not in err


def test_a_mistyped_command_gets_the_nearest_one(call):
    assert "Did you mean 'check'?" in call("chekc")[2]


@pytest.mark.parametrize("command", ["check", "analyze"])
def test_a_file_that_is_not_there_is_unreadable(call, tmp_path, command):
    status, out, err = call(command, tmp_path / "nope.csv")
    assert (status, out) == (Exit.UNREADABLE, "")
    assert "No such file" in err
    assert "Check the name" in err


@pytest.mark.parametrize("path", [".", "nul\0byte"])
def test_what_is_not_a_file_is_unreadable(call, path):
    assert call("check", path)[0] == Exit.UNREADABLE


def test_with_json_a_missing_file_has_a_status_and_an_issue(report, tmp_path):
    status, document = report("check", tmp_path / "nope.csv")
    assert status == Exit.UNREADABLE
    assert document["schema_version"] == 1
    assert document["status"] == "unreadable"
    [issue] = document["issues"]
    assert issue["code"] == "file_unreadable"
    assert issue["fix"]


def test_every_defect_of_a_charter_is_printed(call, tmp_path):
    charter = tmp_path / "charter.yaml"
    charter.write_text("alhpa: 0.1\nmde: -1\n")
    status, _, err = call("check", "x.csv", "--charter", charter)
    assert status == Exit.UNREADABLE
    assert "alhpa" in err
    assert "Did you mean alpha?" in err
    assert "mde" in err


def test_with_json_every_defect_of_a_charter_is_an_issue(report, tmp_path):
    charter = tmp_path / "charter.yaml"
    charter.write_text("alhpa: 0.1\nmde: -1\n")
    _, document = report("check", "x.csv", "--charter", charter)
    assert {issue["column"] for issue in document["issues"]} == {"alhpa", "mde"}


def test_an_unexpected_failure_shows_an_id_that_the_log_explains(call, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret cell 4711")

    monkeypatch.setattr("experimentos.cli.inputs.read", broken)
    status, out, err = call("check", "x.csv")
    assert (status, out) == (Exit.FAILED, "")
    number = err.partition("(incident ")[2][:8]
    assert f"incident={number}" in err
    assert "4711" not in err
    assert "Traceback" not in err


def test_a_wrong_log_setting_is_wrong_usage(call, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_LOG_LEVEL", "LOUD")
    assert call("--version")[0] == Exit.USAGE


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ContractError, Exit.USAGE),
        (errors.UnreadableError, Exit.UNREADABLE),
        (errors.NotFound, Exit.NO),
        (errors.Conflict, Exit.FAILED),
        (errors.MigrationError, Exit.FAILED),
        (errors.EngineError, Exit.FAILED),
        (errors.LlmUnavailable, Exit.FAILED),
        (errors.RunTimedOut, Exit.FAILED),
    ],
)
def test_each_kind_of_failure_has_its_status(error, status):
    assert of_error(error("What happened.")) is status


def test_every_status_of_the_health_check_has_its_exit_status():
    assert set(OF_STATUS) == set(Status)


def test_a_terminal_escape_in_a_file_name_is_shown_and_not_obeyed(call, tmp_path):
    _, _, err = call("check", tmp_path / "\x1b[31mred.csv")
    assert "\x1b" not in err


def test_a_reader_that_closes_the_pipe_early_is_no_failure():
    command = f"{sys.executable} -m experimentos --help | true"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": "src", "PATH": ""},
        check=False,
    )
    assert done.stderr == ""


def test_help_loads_nothing_heavy():
    script = (
        "import sys\nfrom experimentos.cli.guard import run\nrun(['--help'])\n"
        "heavy = {'numpy','scipy','pandas','pydantic','duckdb','statsmodels','streamlit'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": "src"},
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_the_one_of_the_project(call):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert call("--version")[1].strip() == project["version"]


def test_the_installed_command_is_this_entry():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"experimentos": "experimentos.cli:main"}
    assert check.check.__doc__
