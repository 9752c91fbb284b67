"""A PostgreSQL server for the tests, started when its programs are there.

`EXPERIMENTOS_TEST_POSTGRES` names another server by URL, its database empty and ours to fill.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
SERVER = shutil.which("postgres") or next((str(f / "postgres") for f in FOLDERS), None)
URL = os.environ.get("EXPERIMENTOS_TEST_POSTGRES")
HAS_POSTGRES = bool(URL or SERVER)


@contextmanager
def server():
    """Start a server of our own in a new folder, or name the one that the environment has."""
    if URL:
        yield URL
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="experimentos-pg-"))
    # The server refuses to run as root.
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if other:
        shutil.chown(folder, "postgres")
    programs = Path(SERVER).parent
    database = folder / "db"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    control = [*other, str(programs / "pg_ctl"), "-D", str(database), "-w"]
    try:
        make = [str(programs / "initdb"), "-D", str(database), "-A", "trust", "-U", "postgres"]
        subprocess.run([*other, *make, "--no-sync"], **quiet)
        log = str(folder / "log")
        subprocess.run([*control, "-l", log, "-o", options, "start"], **quiet)
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL
        )
        shutil.rmtree(folder, ignore_errors=True)


def emptied(store):
    """Take everything out of a history on a server."""
    tables = "document, artefact, audit, run, run_sample"
    store.write(lambda cursor: cursor.execute(f"truncate {tables}"))
