"""A process beside this one: heard while it works, ended when it is not wanted, gone with us."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experimentos.engine import child
from experimentos.errors import EngineError


def talking(monkeypatch, program):
    """Have `python -m experimentos` be this program."""
    real = subprocess.Popen

    def start(_command, **more):
        return real([sys.executable, "-c", program], **more)

    monkeypatch.setattr(child.subprocess, "Popen", start)


TALKS = """
import json, sys, tempfile
task = json.loads(sys.stdin.readline())
print("a library prints this")
print("[1, 2]")
print(json.dumps({"asked": task, "temporary": tempfile.gettempdir()}))
"""
WORKS = """
import json, os, sys, time
sys.stdin.readline()
print(json.dumps({"pid": os.getpid()}), flush=True)
time.sleep(600)
"""


def test_messages_are_heard_and_noise_is_not(monkeypatch):
    talking(monkeypatch, TALKS)
    heard = []
    status = child.converse("rows", {"what": "look"}, lambda m: heard.append(m) or True)
    (message,) = [m for m in heard if m is not None]
    assert status == 0
    assert message["asked"]["what"] == "look"
    assert message["temporary"] == message["asked"]["folder"]
    assert not Path(message["asked"]["folder"]).exists()


def test_a_process_that_is_not_wanted_any_more_is_ended_at_once(monkeypatch):
    talking(monkeypatch, WORKS)
    heard = []
    status = child.converse("rows", {}, lambda m: heard.append(m) or m is None)
    assert status < 0
    pid = heard[-1]["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_nobody_who_waits_is_left_without_a_question(monkeypatch):
    talking(monkeypatch, WORKS)
    seen = []
    child.converse("rows", {}, lambda m: seen.append(m) or seen.count(None) < 2)
    assert seen.count(None) == 2


def test_a_machine_without_room_for_a_process_says_so(monkeypatch):
    def full(*_command, **_more):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(child.subprocess, "Popen", full)
    with pytest.raises(EngineError, match="Cannot allocate memory"):
        child.converse("rows", {}, lambda _message: True)
