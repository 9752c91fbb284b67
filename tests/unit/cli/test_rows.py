"""The process that reads raw rows for a screen."""

import io
import json
import threading

import pytest

from experimentos.cli import rows
from experimentos.cli.guard import run


@pytest.fixture
def said(monkeypatch):
    found = []
    monkeypatch.setattr(rows, "say", found.append)
    return found


@pytest.fixture
def parent(monkeypatch):
    """A parent that stays, and a way for it to go."""
    left = threading.Event()
    monkeypatch.setattr(rows.os, "_exit", lambda _status: left.set())

    def start(task):
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(task) + "\n"))
        return left

    return start


def test_a_task_is_done_and_answered_and_the_parent_s_end_is_seen(said, parent, tmp_path):
    (tmp_path / "rows.csv").write_text("id,arm\n1,a\n2,b\n")
    spilled = tmp_path / "spilled"
    spilled.mkdir()
    task = {"what": "look", "address": "rows.csv", "inside": str(tmp_path), "folder": str(spilled)}
    left = parent(task)
    assert run(["rows"]) == 0
    assert [name for name, _ in said[0]["look"]["columns"]] == ["id", "arm"]
    assert left.wait(30)
    assert not spilled.exists()


def test_what_cannot_be_read_is_answered(said, parent, tmp_path):
    parent({"what": "look", "address": "rows.csv", "inside": str(tmp_path)})
    run(["rows"])
    assert said[0]["failure"]["kind"] == "UnreadableError"


def test_a_bug_is_answered_with_an_incident(said, parent, monkeypatch):
    def breaks(*_task):
        raise RuntimeError("a secret of the file")

    monkeypatch.setattr("experimentos.flows.raw_rows.perform", breaks)
    parent({"what": "look"})
    run(["rows"])
    assert "incident" in said[0]["failure"]["message"]
    assert "secret" not in json.dumps(said)


def test_the_share_is_told_and_a_new_statement_is_a_new_step(said, monkeypatch):
    monkeypatch.setattr(rows, "TOLD_EVERY", 0)
    telling = rows.Telling()
    shares = iter([None, 0.2, 0.9, 0.1])

    class Engine:
        def progress(self):
            found = next(shares, "over")
            if found == "over":
                telling.over.set()
                return None
            return found

    telling.step("Reading the rows")
    telling._follow(Engine().progress)
    assert said == [
        {"doing": "Reading the rows", "share": None},
        {"doing": "Reading the rows", "share": 0.2},
        {"doing": "Reading the rows", "share": 0.9},
        {"doing": "Reading the rows, step 2", "share": 0.1},
    ]


def test_an_engine_that_tells_nothing_is_followed_by_nobody(said):
    rows.Telling().opened(object())
    assert not said


def test_a_message_is_one_line(capsys):
    rows.say({"a": 1})
    assert capsys.readouterr().out == '{"a": 1}\n'
