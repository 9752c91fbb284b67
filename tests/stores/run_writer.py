"""A process that saves runs without end and acknowledges each write: something to kill.

Usage: run_writer.py WORKSPACE ROLE SEED

ROLE is "app" (has the history open and answers the others), "command" (opens it for every run) or
"child" (one long run that only says that it is alive).
"""

import json
import os
import random
import socket
import sys
import time
from pathlib import Path

from experimentos.errors import StoreError
from experimentos.ids import ordered_id
from experimentos.runs.documents import Run
from experimentos.store.port import Store
from experimentos.store.run_port import RunSample
from experimentos.store.surroundings import utc_now
from experimentos.wiring import Settings, open_services


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def begun(store: Store, rng: random.Random) -> Run:
    now = utc_now()
    run = store.runs.save_run(
        Run(
            run_id=ordered_id(now, os.urandom(10)),
            kind="script",
            status="running",
            created_at=now,
            host=socket.gethostname(),
            pid=os.getpid(),
            params={"noise": rng.randbytes(rng.choice((10, 20_000))).hex()},
        )
    )
    say(id=run.run_id, status="running", samples=0)
    return run


def finished(store: Store, run: Run, rng: random.Random) -> None:
    samples = [RunSample("s", "m", index, score=rng.random()) for index in range(5)]
    store.runs.log_samples(run.run_id, samples)
    say(id=run.run_id, status="running", samples=5)
    log = store.runs.keep(rng.randbytes(rng.choice((100, 50_000))))
    over = {"status": "completed", "primary_value": rng.random(), "outputs": {"log": log}}
    store.runs.save_run(run.model_copy(update=over))
    say(id=run.run_id, status="completed", samples=5, log=log)


def main(workspace: Path, role: str, seed: int) -> None:
    rng = random.Random(seed)
    store = open_services(Settings(workspace), serve=role == "app").store
    if role == "child":
        run = begun(store, rng)
        while store.runs.beat(run.run_id):
            time.sleep(0.05)
    for _ in range(100_000):
        finished(store, begun(store, rng), rng)
        if role == "command":
            store.close()
            store = open_services(Settings(workspace)).store


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    except StoreError as exc:
        say(error=str(exc))
