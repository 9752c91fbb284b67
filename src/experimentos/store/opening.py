"""Open a history whoever has it: the file, the process that owns it, or a server."""

import logging
import random
import time
from collections.abc import Callable
from pathlib import Path

from experimentos.errors import StoreError
from experimentos.store.ownership import Owned, owner_of
from experimentos.store.port import Store
from experimentos.store.turns import Turn

logger = logging.getLogger(__name__)


def open_store(
    path: Path,
    *,
    serve: bool = False,
    timeout: float = 30.0,
    pause: Callable[[float], None] = time.sleep,
) -> Store:
    """Return the history at `path`, opened here or answered by its owner.

    When that owner ends before we do, this process opens the history in its place.

    Parameters
    ----------
    path
        The DuckDB file; its folder must exist.
    serve
        Answer other processes for as long as the store is open: for a process that stays.
    timeout
        Seconds to wait for a process that has the file and answers nobody (another command).
    pause
        How to wait.

    Raises
    ------
    Owned
        If such a process still has the file after the timeout; it is named.
    MigrationError, StoreError
        If the file is newer than the program, or cannot be opened.
    """
    # Whoever answers is asked at once: no place in the queue, and DuckDB is not even loaded
    # (measured: 0.3 to 1.4 s on a busy machine, and others wait behind it).
    store = _answered(path, owner_of(path), timeout)
    if store is not None:
        return store
    # Jitter, so that commands that wait together do not come back together.
    jitter = random.SystemRandom()
    patience = time.monotonic() + timeout
    with Turn(path) as turn:
        while True:
            try:
                if turn.is_first():
                    return _opened(path, serve=serve)
                raise owner_of(path)
            except Owned as owned:
                store = _answered(path, owned, timeout)
                if store is not None:
                    return store
                if owned.is_own or time.monotonic() >= patience:
                    raise
            pause(jitter.uniform(0.01, 0.05))


def open_server(url: str) -> Store:
    """Return the history on a PostgreSQL server.

    Parameters
    ----------
    url
        `postgresql://user@host/database`; never repeated in a message, it may hold a password.

    Raises
    ------
    StoreError
        If the address is of another kind, the server cannot be reached, or psycopg is missing.
    MigrationError
        If the history is newer than this program.
    """
    scheme, found, _ = url.partition("://")
    if scheme not in ("postgresql", "postgres") or not found:
        raise StoreError(
            f"EXPERIMENTOS_STORE begins with {scheme[:20]!r}, which is no place for a history.",
            hint="Write postgresql://user@host/database, or leave it out for the file in the "
            "workspace.",
        )
    try:
        from experimentos.store.postgres import PostgresStore
    except ImportError as exc:
        raise StoreError(
            "A history on PostgreSQL needs psycopg, which is not installed.",
            hint='Run pip install "experimentos[postgres]".',
        ) from exc
    store = PostgresStore(url)
    say_interrupted(store)
    return store


def _opened(path: Path, *, serve: bool) -> Store:
    from experimentos.store.duckdb import DuckDbStore

    store = DuckDbStore(path)
    say_interrupted(store)
    if serve:
        from experimentos.store.owner import Broker

        try:
            store.closing.append(Broker(store, path, store.ownership).stop)
        except BaseException:
            store.close()
            raise
    return store


def say_interrupted(store: Store) -> None:
    """Mark the runs that a process left behind, as far as the history can be written."""
    try:
        interrupted = store.runs.interrupt_silent()
    except StoreError as exc:
        logger.warning("runs left behind could not be marked: %s", exc.message)
        return
    if interrupted:
        logger.warning("runs whose process is gone are interrupted: %d", len(interrupted))


def _answered(path: Path, owned: Owned, timeout: float) -> Store | None:
    from experimentos.store.owner import RemoteStore

    def heir() -> Store:
        logger.warning("the owner of the history has ended; this process takes over")
        return open_store(path, serve=True, timeout=timeout)

    if not owned.socket:
        return None
    try:
        return RemoteStore(path, heir=heir)
    except StoreError:
        return None
