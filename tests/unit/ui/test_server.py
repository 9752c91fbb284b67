import asyncio
import gc
import threading

import pytest

from experimentos.ui import server


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_warming_takes_what_it_imported_out_of_the_collectors_sight():
    before = gc.get_freeze_count()
    server.warm()
    assert gc.get_freeze_count() > before


@pytest.mark.usefixtures("thawed")
def test_a_library_that_is_missing_does_not_stop_the_warming(monkeypatch):
    monkeypatch.setattr(server, "WARM", ("no_such_library", "json"))
    server.warm()


def test_the_rehearsal_reaches_the_memo():
    assert "Launch treatment" in server.rehearse(server.SAMPLES[0])


def test_the_server_warms_in_the_background_and_closes_the_history(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path))
    warmed, closed = threading.Event(), []
    monkeypatch.setattr(server, "warm", warmed.set)
    monkeypatch.setattr(server.services, "close", lambda: closed.append(True))

    async def live() -> None:
        async with server.lifespan(None):
            assert not closed

    asyncio.run(live())
    assert warmed.wait(10)
    assert closed
