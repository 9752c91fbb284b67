import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from experimentos.cli.status import Exit
from experimentos.store.port import new_record
from experimentos.ui import services
from experimentos.wiring import Settings, open_services


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture
def saved(workspace):
    store = open_services(Settings(workspace)).store
    record = store.save(new_record("analysis", "One", {"x": 1}), {"input": b"bytes"})
    store.close()
    return record


@pytest.mark.usefixtures("saved")
def test_a_whole_history_is_sound(call, report):
    status, document = report("doctor")
    assert status == Exit.DONE
    assert document["sound"]
    assert document["issues"] == []
    assert document["facts"]["records"] == 1
    assert document["facts"]["owner"] == os.getpid()
    status, out, _ = call("doctor")
    assert status == Exit.DONE
    assert "Nothing is wrong." in out


def test_a_lost_artefact_is_found_and_named(saved, workspace, report, call):
    sha256 = saved.artefacts["input"]
    (workspace / "artefacts" / sha256[:2] / sha256[2:4] / sha256).unlink()
    status, document = report("doctor")
    assert status == Exit.NO
    [issue] = document["issues"]
    assert issue["code"] == "artefact_missing"
    assert saved.id in issue["message"]
    assert "Nothing is wrong" not in call("doctor")[1]
    assert report("audit", "verify")[0] == Exit.DONE


def altered(workspace, statement):
    with duckdb.connect(str(workspace / "history.duckdb")) as connection:
        connection.execute(statement)


@pytest.mark.usefixtures("saved")
def test_a_record_changed_behind_the_program_is_found(workspace, report, call):
    altered(workspace, "update document set title = 'Better'")
    assert report("doctor")[1]["issues"][0]["code"] == "record_altered"
    status, document = report("audit", "verify")
    assert (status, document["sound"]) == (Exit.NO, False)
    assert "is not what was last saved" in call("audit", "verify")[1]


def test_a_line_cut_off_at_the_end_shows_against_a_hash_noted_before(saved, workspace, report):
    noted = report("audit", "verify")[1]["head"]
    assert report("audit", "verify", "--head", noted.upper())[0] == Exit.DONE
    altered(workspace, "delete from audit")
    altered(workspace, f"delete from document where id = '{saved.id}'")
    altered(workspace, f"delete from run where run_id = '{saved.id}'")
    assert report("audit", "verify")[0] == Exit.DONE
    status, document = report("audit", "verify", "--head", noted)
    assert status == Exit.NO
    assert document["issues"][0]["code"] == "audit_head_differs"


def test_a_file_that_cannot_be_opened_is_an_issue(workspace, report):
    workspace.mkdir()
    (workspace / "history.duckdb").write_bytes(b"not a database" * 1_000)
    status, document = report("doctor")
    assert status == Exit.NO
    assert document["issues"][0]["code"] == "history_unopened"
    assert report("audit", "verify")[0] == Exit.NO


def test_beside_the_app_the_app_examines(saved, workspace):
    services.shared.clear()
    app = services.services()
    code = "import sys; from experimentos.cli.guard import run; sys.exit(run(['doctor', '--json']))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "EXPERIMENTOS_HOME": str(workspace),
            "PYTHONPATH": str(Path(__file__).resolve().parents[3] / "src"),
        },
    )
    services.close()
    assert said.returncode == Exit.DONE, said.stderr
    assert f'"owner": {os.getpid()}' in said.stdout
    assert app.store is not None
    assert saved.id
