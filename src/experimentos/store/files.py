"""Copies of a closed history file: before it is recovered, before it is migrated."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from experimentos.store.artefacts import sync_folder

KEEP_RECOVERIES = 3


def wal_of(path: Path) -> Path:
    """Return where DuckDB keeps the write-ahead log of a file."""
    return path.with_name(path.name + ".wal")


def size_of(path: Path) -> int:
    """Return the size of a file, 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def keep_for_recovery(path: Path, now: datetime, free_bytes: Callable[[Path], int]) -> Path | None:
    """Copy a file that was not closed, and its log, to `recovery/` before anybody opens it.

    Only the newest three copies stay. Returns None, and copies nothing, when there is no log or
    the disk has no room for twice the copy: opening matters more.
    """
    wal = wal_of(path)
    needed = size_of(path) + size_of(wal)
    if not wal.exists() or not path.exists() or free_bytes(path.parent) < 2 * needed:
        return None
    folder = path.parent / "recovery"
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = folder / f"{now:%Y%m%dT%H%M%S%f}-{path.name}"
    copy_durably(wal, wal_of(kept))
    copy_durably(path, kept)
    for old in sorted(folder.glob(f"*-{path.name}"))[:-KEEP_RECOVERIES]:
        old.unlink()
        wal_of(old).unlink(missing_ok=True)
    return kept


def copy_durably(source: Path, target: Path) -> None:
    """Copy a file so that it is either there whole or not at all, whatever happens meanwhile.

    The source must not be open in this process: closing our handle would release the lock that
    DuckDB holds on it.
    """
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.chmod(0o600)
    part.replace(target)
    sync_folder(target.parent)
