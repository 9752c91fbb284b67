"""A history for the flows: in memory, and on a PostgreSQL server where there is one."""

import pytest

from experimentos.store.memory import MemoryStore
from experimentos.store.postgres import PostgresStore
from tests.postgres import HAS_POSTGRES, emptied


@pytest.fixture(params=["memory", *(["postgres"] if HAS_POSTGRES else [])])
def empty_store(request):
    """A history with nothing in it."""
    if request.param == "memory":
        yield MemoryStore()
        return
    server = PostgresStore(request.getfixturevalue("postgres_url"))
    yield server
    emptied(server)
    server.close()
