"""What a store asks of the machine; tests put their own in."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def random_bytes(size: int) -> bytes:
    """Return bytes that nobody can guess."""
    return os.urandom(size)


def free_bytes(folder: Path) -> int:
    """Return how many bytes the disk of this folder still takes."""
    return shutil.disk_usage(folder).free
