import os
import subprocess
import sys
from pathlib import Path

import pytest

from experimentos.cli.status import Exit
from experimentos.store.port import Query, new_record
from experimentos.ui import services
from experimentos.wiring import open_store

HOME = "EXPERIMENTOS_HOME"


@pytest.fixture
def saved():
    store = open_store(os.environ[HOME])
    record = store.save(new_record("analysis", "One", {"x": 1}), {"input": b"bytes"})
    store.close()
    return record


def held():
    store = open_store(os.environ[HOME])
    titles = [record.title for record in store.find(Query("analysis"))]
    store.close()
    return titles


@pytest.mark.usefixtures("saved")
def test_a_backup_is_restored_over_what_came_later(report, call):
    status, document = report("backup")
    assert (status, document["records"], document["artefacts"]) == (Exit.DONE, 1, 1)
    store = open_store(os.environ[HOME])
    store.save(new_record("analysis", "later", {}))
    store.close()
    status, out, _ = call("restore", document["file"])
    assert status == Exit.DONE
    assert "before-restore" in out
    assert held() == ["One"]
    assert report("doctor")[0] == Exit.DONE


@pytest.mark.usefixtures("saved")
def test_the_newest_backups_are_kept_and_one_elsewhere_is_left_alone(report, tmp_path):
    for _ in range(3):
        assert report("backup", "--keep", "2")[0] == Exit.DONE
    assert len(list((Path(os.environ[HOME]) / "backups").iterdir())) == 2
    assert report("backup", "-o", tmp_path / "b")[1]["file"] == str(tmp_path / "b")


def test_a_workspace_moves_to_another_home(saved, report, call, tmp_path, monkeypatch):
    file = tmp_path / "w.zip"
    assert report("export", "-o", file)[1]["records"] == 1
    monkeypatch.setenv(HOME, str(tmp_path / "another"))
    status, document = report("import", file, "--dry-run")
    assert (status, document["counts"]["added"], document["dry_run"]) == (Exit.DONE, 2, True)
    assert held() == []
    assert f"analysis {saved.id} One: added" in " ".join(call("import", file)[1].split())
    assert held() == ["One"]
    assert report("import", file)[1]["counts"]["same"] == 2


def test_a_file_that_is_no_workspace_or_backup_cannot_be_read(report, tmp_path):
    (tmp_path / "w.zip").write_bytes(b"no")
    for command in ("import", "restore"):
        status, document = report(command, tmp_path / "w.zip")
        assert (status, document["status"]) == (Exit.UNREADABLE, "unreadable")


@pytest.mark.usefixtures("saved")
def test_beside_the_app_the_app_makes_the_files(tmp_path):
    services.shared.clear()
    services.services()
    code = (
        "import sys; from experimentos.cli.guard import run; a = sys.argv[1];"
        "sys.exit(run(['backup', '-o', a + '/b']) or run(['export', '-o', a + '/w'])"
        "or run(['import', a + '/w']) or run(['restore', a + '/b']))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3] / "src")},
    )
    services.close()
    assert said.returncode == Exit.FAILED
    assert "2 the same already" in said.stdout
    assert f"in use by process {os.getpid()}" in said.stderr
    assert (tmp_path / "b").is_file()
