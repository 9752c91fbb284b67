"""`experimentos experiment validate`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experimentos.cli.app import app

FILES = Path(__file__).resolve().parents[2] / "reference" / "uploads" / "files"


@pytest.mark.parametrize(
    ("file", "status", "exit_code"),
    [("good.yaml", "healthy", 0), ("norway.yaml", "blocked", 1), ("tabs.yaml", "unreadable", 3)],
)
def test_the_exit_status_tells_what_the_report_says(file, status, exit_code):
    result = CliRunner().invoke(app, ["experiment", "validate", str(FILES / file), "--json"])
    assert result.exit_code == exit_code
    assert json.loads(result.stdout)["status"] == status


def test_people_see_the_variants_and_the_baseline():
    result = CliRunner().invoke(app, ["experiment", "validate", str(FILES / "good.yaml")])
    assert "a (baseline)" in result.stdout
    assert "temperature" in result.stdout


def test_people_see_what_to_mend():
    result = CliRunner().invoke(app, ["experiment", "validate", str(FILES / "norway.yaml")])
    assert "in quotes" in result.stdout
