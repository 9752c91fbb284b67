"""One suite, every adapter: a store is opened by name in a fresh folder."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.owner import Broker, RemoteStore
from experimentos.store.postgres import PostgresStore
from tests.postgres import HAS_POSTGRES, emptied

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def ticking():
    """A clock that moves one second forward at each look."""
    seconds = itertools.count()
    return lambda: START + timedelta(seconds=next(seconds))


STORES = ["memory", "duckdb", "owner", *(["postgres"] if HAS_POSTGRES else [])]


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    path = tmp_path / "history.duckdb"
    if request.param == "memory":
        yield MemoryStore(clock=ticking())
        return
    if request.param == "postgres":
        server = PostgresStore(request.getfixturevalue("postgres_url"), clock=ticking())
        yield server
        emptied(server)
        server.close()
        return
    owner = DuckDbStore(path, clock=ticking())
    if request.param == "duckdb":
        yield owner
    else:
        owner.closing.append(Broker(owner, path, owner.ownership).stop)
        remote = RemoteStore(path, clock=ticking())
        yield remote
        remote.close()
    owner.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.duckdb"
