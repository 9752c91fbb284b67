"""Failures: expected ones say what to do, unexpected ones show an id that the log explains."""

import logging
import re

from experimentos.errors import StoreError
from experimentos.ui import experiment, history_list


def test_a_bug_shows_an_incident_that_the_log_explains(tab, monkeypatch, caplog):
    def broken() -> None:
        raise RuntimeError("the wheel came off")

    monkeypatch.setattr(experiment, "current", broken)
    monkeypatch.setattr(logging.getLogger("experimentos"), "propagate", True)
    screen = tab().open("results")
    found = re.search(r"incident \*\*(\w+)\*\*", screen.words)
    assert found is not None
    assert not screen.at.exception
    assert "wheel" not in screen.words
    assert found[1] in [getattr(record, "incident", "") for record in caplog.records]


def test_an_expected_failure_shows_its_message_and_its_hint(tab, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.", hint="Free some space and try again.")

    monkeypatch.setattr(history_list.history, "list_analyses", full)
    screen = tab().open()
    assert "The disk is full." in screen.words
    assert "Free some space" in screen.words
    assert "incident" not in screen.words
