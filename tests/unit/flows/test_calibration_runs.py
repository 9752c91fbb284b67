"""A calibration is a run with what was simulated and how often it was right."""

from datetime import UTC, datetime

import pytest

from experimentos.flows.calibrate import calibrate
from experimentos.flows.calibration_runs import keep_calibration
from experimentos.flows.simulate import World
from experimentos.store.run_port import RunQuery

BEGAN = datetime(2026, 11, 28, tzinfo=UTC)
WORLD = World(n_control=200, n_treatment=200, control=0.3, effect=0.1)


def test_a_calibration_is_found_with_its_shares_and_their_errors(empty_store):
    runs = empty_store.runs
    found = calibrate("score", WORLD, 1_000)
    keep_calibration(runs, found, BEGAN)
    (run,) = runs.page(RunQuery(kind="calibration")).rows
    assert (run.status, run.primary_value) == ("completed", found.size.value)
    assert run.metrics["power"] == pytest.approx(found.power.value)
    assert run.metrics["power_se"] == pytest.approx(found.power.se)
    assert run.params["method"] == "score"
    assert run.params["simulations"] == 1_000


def test_one_that_was_cancelled_early_says_so(empty_store):
    runs = empty_store.runs
    found = calibrate("score", WORLD, 10_000, progress=lambda _done, _all: False)
    assert keep_calibration(runs, found, BEGAN).status == "cancelled"


def test_the_command_keeps_one_only_when_asked(tmp_path, monkeypatch, capsys):
    from experimentos.cli.guard import run as command
    from experimentos.wiring import open_services, settings_from_environment

    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path))
    asked = ["calibrate", "--rate", "0.3", "--simulations", "500", "--json"]
    assert command(asked) == command([*asked, "--save"])
    first, second = capsys.readouterr().out.split("}\n{")[:2]
    assert first.strip("{}\n") == second.strip("{}\n")
    store = open_services(settings_from_environment()).store
    assert store.runs.count(RunQuery(kind="calibration")) == 1
    store.close()
