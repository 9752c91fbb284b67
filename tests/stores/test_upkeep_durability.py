"""Killed in the middle of a backup, an export or an import: whole before or whole after."""

import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import experimentos
from experimentos.store.archive import reading
from experimentos.store.backup import restore_backup
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.port import Query, new_record

KEEPER = """
import sys
from pathlib import Path
from experimentos.store.duckdb import DuckDbStore
workspace = Path(sys.argv[1])
store = DuckDbStore(workspace / "history.duckdb")
print("begun", flush=True)
store.take_in(workspace / "incoming.zip")
while True:
    store.backup(workspace / "kept.experimentos-backup")
    store.pack(workspace / "kept.zip")
    print("kept", flush=True)
"""


def incoming(path, number):
    other = MemoryStore()
    for record in range(60):
        content = random.Random(record).randbytes(20_000)
        other.save(new_record("analysis", f"{number}/{record}", {}), {"input": content})
    other.pack(path)


def killed(workspace, wait=None):
    """Kill a keeper after some seconds, or as soon as it has kept everything once."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(workspace)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(experimentos.__file__).parents[1])},
    )
    assert process.stdout.readline() == "begun\n"
    if wait is None:
        assert process.stdout.readline() == "kept\n"
    else:
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait)
    process.kill()
    process.communicate()
    assert process.returncode == -9


def test_a_kill_in_the_middle_leaves_everything_whole(tmp_path):
    path = tmp_path / "history.duckdb"
    for number in range(6):
        incoming(tmp_path / "incoming.zip", number)
        killed(tmp_path, None if number == 5 else number * 0.15)
        store = DuckDbStore(path)
        titles = [record.title for record in store.find(Query("analysis", limit=500))]
        arrived = sum(title.startswith(f"{number}/") for title in titles)
        assert arrived in ((60,) if number == 5 else (0, 60))
        assert store.diagnose().is_sound
        store.close()
    with reading(tmp_path / "kept.zip", "workspace") as archive:
        assert archive.manifest["records"] % 60 == 0
    restore_backup(tmp_path / "kept.experimentos-backup", path)
    store = DuckDbStore(path)
    assert store.diagnose().is_sound
    store.close()
