"""One suite, every adapter: a store is opened by name in a fresh folder."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def ticking():
    """A clock that moves one second forward at each look."""
    seconds = itertools.count()
    return lambda: START + timedelta(seconds=next(seconds))


@pytest.fixture(params=["memory", "duckdb"])
def store(request, tmp_path):
    opened = (
        MemoryStore(clock=ticking())
        if request.param == "memory"
        else DuckDbStore(tmp_path / "history.duckdb", clock=ticking())
    )
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.duckdb"
