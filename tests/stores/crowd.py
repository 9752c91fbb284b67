"""A process that opens the history for every turn, as a command does; prints its longest wait.

Each turn saves a record with an artefact, and a run.

Usage: crowd.py HISTORY NAME SAVES
"""

import sys
import time
from pathlib import Path

from experimentos.ids import ordered_id
from experimentos.runs.documents import Run
from experimentos.store.opening import open_store
from experimentos.store.port import new_record
from experimentos.store.surroundings import random_bytes, utc_now


def run(title: str) -> Run:
    now = utc_now()
    run_id = ordered_id(now, random_bytes(10))
    return Run(run_id=run_id, kind="script", status="completed", created_at=now, title=title)


def main(path: Path, name: str, saves: int) -> float:
    longest = 0.0
    for number in range(saves):
        begun = time.perf_counter()
        store = open_store(path)
        store.save(new_record("analysis", f"{name}/{number}", {}), {"input": name.encode()})
        store.runs.save_run(run(f"{name}/{number}"))
        store.close()
        longest = max(longest, time.perf_counter() - begun)
    return longest


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])):.3f}\n")
