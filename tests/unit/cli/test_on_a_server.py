"""The commands on a history that is on a PostgreSQL server, from a definition to its upkeep."""

from pathlib import Path

import pytest

from experimentos.cli.status import Exit
from experimentos.store.postgres import PostgresStore
from tests.postgres import HAS_POSTGRES, emptied

ROOT = Path(__file__).resolve().parents[3]

pytestmark = [] if HAS_POSTGRES else [pytest.mark.slow]


@pytest.fixture(autouse=True)
def _server(postgres_url, monkeypatch):
    """Let the settings name the server; what a test leaves goes."""
    monkeypatch.setenv("EXPERIMENTOS_STORE", postgres_url)
    yield
    store = PostgresStore(postgres_url)
    emptied(store)
    store.close()


@pytest.fixture
def done(report):
    """Run a command that is to succeed; return its document."""

    def run_command(*arguments):
        status, document = report(*arguments)
        assert status == Exit.DONE, document
        return document

    return run_command


def test_an_experiment_is_defined_run_compared_reproduced_and_looked_after(done, call, tmp_path):
    done("experiment", "create", ROOT / "examples" / "temperature.yaml")
    name, code = "temperature-comparison", ("--code", ROOT)
    assert done("experiment", "run", name, "--runs-per-variant", "2", "--dry-run", *code)["runs"]
    batch = done("experiment", "run", name, "--runs-per-variant", "2", *code)["runs"]
    assert {run["status"] for run in batch} == {"completed"}
    assert done("experiment", "run", name, *code)["runs"][0]["repeat"] == 3
    compared = done("experiment", "compare", name)
    assert {group["runs"] for group in compared["groups"]} == {3}
    status = done("experiment", "status", name)
    assert {variant["done"] for variant in status["variants"]} == {3}
    listed = done("run", "list", "diversity > 0 AND repeat = 1")
    assert listed["total"] == len(batch) // 2
    grouped = done("run", "list", "--group")["groups"]
    assert sum(group["runs"] for group in grouped) == len(batch) // 2 * 3
    first, second = batch[0]["run_id"], batch[1]["run_id"]
    assert done("run", "show", first[:24])["run"]["run_id"] == first
    assert done("run", "reproduce", first, *code)["verdict"] == "identical"
    assert done("run", "diff", first, second)["differences"]
    done("project", "list")
    assert done("doctor")["sound"]
    done("audit", "verify")
    done("gc", "--days", "0")
    whole = tmp_path / "whole.zip"
    done("export", "-o", whole)
    taken = done("import", whole, "--dry-run")
    assert taken["changes"] == []
    assert call("backup")[0] == Exit.FAILED


def test_what_a_file_held_goes_to_the_server_and_back(done, monkeypatch, tmp_path, postgres_url):
    done("project", "create", "Here")
    done("export", "-o", tmp_path / "server.zip")
    monkeypatch.delenv("EXPERIMENTOS_STORE")
    done("project", "create", "There")
    done("import", tmp_path / "server.zip")
    done("export", "-o", tmp_path / "file.zip")
    monkeypatch.setenv("EXPERIMENTOS_STORE", postgres_url)
    done("import", tmp_path / "file.zip")
    names = {project["name"] for project in done("project", "list")["projects"]}
    assert names == {"Here", "There"}
    assert done("doctor")["sound"]
