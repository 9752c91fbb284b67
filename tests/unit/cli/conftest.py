import json
import logging

import pytest

from experimentos import logs
from experimentos.cli.guard import run


@pytest.fixture(autouse=True)
def _workspace(tmp_path, monkeypatch):
    """Give every test its own workspace and put the logs back afterwards."""
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "workspace"))
    logger = logging.getLogger(logs.NAME)
    before = list(logger.handlers), logger.level, logger.propagate
    yield
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture
def call(capsys):
    """Run a command; return its status, standard output and standard error."""

    def run_command(*arguments):
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_command


@pytest.fixture
def report(call):
    """Run a command with --json; return its status and the document."""

    def run_command(*arguments):
        status, out, _ = call(*arguments, "--json")
        return status, json.loads(out)

    return run_command
