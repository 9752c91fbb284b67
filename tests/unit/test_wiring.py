import os
import subprocess
import sys
from pathlib import Path

import pytest

import experimentos
from experimentos.errors import StoreError
from experimentos.store.port import new_record
from experimentos.wiring import Settings, open_services

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(experimentos.__file__).parents[1])}


def test_a_workspace_is_made_for_its_owner_alone(tmp_path):
    workspace = tmp_path / "deep" / "workspace"
    services = open_services(Settings(workspace))
    services.store.save(new_record("draft", "One", {}))
    services.store.close()
    assert workspace.stat().st_mode & 0o777 == 0o700
    assert (workspace / "history.duckdb").stat().st_mode & 0o777 == 0o600


def test_what_was_saved_is_there_when_the_workspace_is_opened_again(tmp_path):
    services = open_services(Settings(tmp_path))
    saved = services.store.save(new_record("draft", "One", {"x": 1}), {"input": b"1"})
    services.store.close()
    again = open_services(Settings(tmp_path))
    assert again.store.load("draft", saved.id) == saved
    assert again.store.artefact(saved.artefacts["input"]) == b"1"
    again.store.close()


def test_a_workspace_that_cannot_be_made_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="EXPERIMENTOS_HOME"):
        open_services(Settings(tmp_path / "file" / "workspace"))


def test_importing_the_wiring_loads_no_database():
    code = "import sys, experimentos.wiring; print('duckdb' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    assert said.stdout.strip() == "False"
