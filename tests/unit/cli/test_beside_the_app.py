"""While the app has the history open, the commands are answered by it."""

from pathlib import Path

import pytest

from experimentos.cli.status import Exit
from experimentos.ui import services

SAMPLE = Path(__file__).resolve().parents[3] / ".tmp" / "samples" / "launch.csv"


@pytest.fixture
def app():
    """Open the history as the app does."""
    services.shared.clear()
    yield services.services()
    services.close()


def test_an_analysis_saved_beside_the_app_is_in_its_history(app, call, report):
    status, document = report("memo", SAMPLE, "--title", "Beside the app", "--save")
    assert status == Exit.DONE
    assert app.store.load("analysis", document["id"]).title == "Beside the app"
    assert "Beside the app" in call("history", "list")[1]
