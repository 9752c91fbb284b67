"""The page Runs: projects, experiments, runs, their comparison; and what Home tells of them."""

import os
import re
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from experimentos.access import Gate
from experimentos.flows import projects
from experimentos.flows.run_matrix import Asked, execute, plan_runs
from experimentos.ids import ordered_id
from experimentos.runner.port import Outcome
from experimentos.runs.documents import Evaluation, Experiment, Live, Project, Run, Variant
from experimentos.store.run_port import RunQuery
from experimentos.ui import access, services

CODE = """
import random

def score(temperature):
    print("temperature", temperature)
    return {"score": temperature + random.gauss(0, 0.001)}
"""


class Scripted:
    """Answers at once, in no process."""

    def run(self, job, _on_event, _goes_on):
        temperature = job.params["temperature"]
        if temperature > 2:
            return Outcome("ValueError", "too hot", log=b"oh no")
        found = {"score": temperature + job.repeat / 100, "loss": "NaN"}
        return Outcome(metrics=found, log=b"hello", outputs={"x.csv": b"a"})


def fill_store(repeats=3, variants=(("low", 0.3), ("high", 1.0), ("hot", 3.0))):
    """Have a project with an experiment whose runs are over."""
    store = services.shared().store
    projects.create_project(store, Project(name="Shop", defaults={"size": 5}))
    experiment = Experiment(
        name="Temperature",
        project="Shop",
        hypothesis="Warmer is better.",
        variants=tuple(Variant(name=n, parameters={"temperature": t}) for n, t in variants),
        baseline="low",
        entry_point="toy:score",
        evaluation=Evaluation(metrics=("score",), success_criteria={"min_score": 0.5}),
    )
    projects.create_experiment(store, experiment)
    plan = plan_runs(store, "temperature", Asked(repeats))
    return store, execute(store, Scripted(), plan, Path(os.environ["EXPERIMENTOS_CODE"]))


@pytest.fixture(autouse=True)
def _code(tmp_path, monkeypatch):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "toy.py").write_text(CODE)
    monkeypatch.setenv("EXPERIMENTOS_CODE", str(tmp_path / "code"))


def put(screen, **values):
    """Fill the fields of a form, by their keys' last part, without drawing the page anew."""
    for kind in (screen.at.text_input, screen.at.text_area, screen.at.number_input):
        for field in kind:
            name = str(field.key).rpartition(".")[2]
            if name in values:
                field.set_value(values[name])
    return screen


def press_in_run(screen, run_id, label):
    """Press a button of a run that is open; in a test the whole page is drawn each time."""
    screen.at.session_state["runs.opened"] = run_id
    screen.run()
    screen.at.session_state["runs.opened"] = run_id
    return screen.press(label)


def tables(screen):
    return "\n".join(str(table.value.to_string()) for table in screen.at.table).replace("\\", "")


def test_an_empty_page_says_how_to_begin(tab):
    screen = tab().open("runs")
    assert "No run yet" in screen.words
    assert "No experiment yet" in screen.runs("Leaderboard").words
    assert "No project yet" in screen.runs("Projects").words
    assert not screen.at.exception


def test_a_project_and_an_experiment_are_made_run_and_compared(tab):
    screen = tab().open("runs").runs("Projects")
    form = {"name": "Shop", "about": "All of it", "defaults": "size=5"}
    put(screen, **form).press("Create project")
    assert "size = 5" in screen.words
    wrong = {"name": "Temperature", "entry": "toy:score", "variants": "low: temperature"}
    assert (
        "'temperature' is not a parameter" in put(screen, **wrong).press("Create experiment").words
    )
    lines = "low: temperature=0.3\nhigh: temperature=1"
    put(screen, **wrong | {"variants": lines, "metric": "score"}).press("Create experiment")
    assert "temperature = 0.3" in tables(screen)
    screen.fill("Runs of each", 2)
    assert "4 runs of 2 variants" in screen.words
    screen.press("Start").finished()
    # `size` comes from the project; the function has no argument for it and says so.
    assert "4 failed" in screen.words


def test_runs_of_the_page_are_real(tab):
    store = services.shared().store
    projects.create_project(store, Project(name="Shop"))
    two = (
        Variant(name="low", parameters={"temperature": 0.3}),
        Variant(name="high", parameters={"temperature": 1.0}),
    )
    projects.create_experiment(
        store,
        Experiment(
            name="Real", project="Shop", variants=two, baseline="low", entry_point="toy:score"
        ),
    )
    screen = tab().open("runs").runs("Projects").fill("Runs of each", 1).press("Start").finished()
    assert "2 completed" in screen.words
    screen.press("Put away")
    assert "2 completed" not in screen.words
    run = store.runs.page(RunQuery()).rows[0]
    press_in_run(screen, run.run_id, "Reproduce").finished()
    assert "Every metric has the same bits" in screen.words


def test_the_list_is_filtered_grouped_and_kept_as_a_view(tab):
    fill_store()
    screen = tab().open("runs")
    assert "1 to 9 of 9" in screen.words
    assert list(screen.at.dataframe[0].value["Variant"])[:3] == ["hot", "high", "low"]
    screen.fill("Filter", "score > 0.5 AND params.temperature IN 0.5..2")
    assert "1 to 3 of 3" in screen.words
    screen.fill("Name", "[warm](x)").press("Save this view")
    assert "Did you mean metrics.score" in screen.fill("Filter", "metrics.scor > 1").words
    assert "No run matches" in screen.fill("Filter", "status = cancelled").words
    screen.press("\\[warm\\]\\(x\\)")
    assert "1 to 3 of 3" in screen.words
    screen.fill("Filter", "")
    next(t for t in screen.at.toggle if t.label == "Group by variant").set_value(True)
    screen.run()
    assert "0.32" in tables(screen)
    assert not screen.at.exception


def test_pages_are_turned_by_where_the_last_one_ended(tab, monkeypatch):
    from experimentos.ui import runs_list

    monkeypatch.setattr(runs_list, "PAGE", 4)
    fill_store()
    screen = tab().open("runs")
    assert "1 to 4 of 9" in screen.words
    assert "9 to 9 of 9" in screen.press("Next").press("Next").words
    assert "5 to 8 of 9" in screen.press("Previous").words


def test_runs_that_are_ticked_are_put_side_by_side(tab):
    fill_store(1)
    screen = tab().open("runs")
    for ticked, expected in (([0, 1], "params"), ([0, 1, 2], "params.temperature")):
        state = {"selection": {"rows": ticked, "columns": [], "cells": []}}
        screen.at.session_state["runs.table.1"] = state
        screen.run()
        label = next(label for label in screen.labels if label.startswith("Compare the"))
        screen.at.session_state["runs.table.1"] = state
        screen.press(label)
        assert expected in tables(screen)


def test_a_run_shows_its_values_lineage_files_and_log(tab):
    store, batch = fill_store(1)
    screen = tab().open("runs")
    good = next(run for run in batch.runs if run.variant == "low")
    for name, expected in (
        ("Values", "NaN"),
        ("Lineage", "shop/temperature/low, repeat 1"),
        ("Files", "out/x.csv"),
        ("Environment", "configuration"),
    ):
        screen.at.session_state["runs.opened"] = good.run_id
        screen.at.session_state["run.tabs"] = name
        screen.run()
        assert expected in screen.words + tables(screen)
    screen.at.session_state["runs.opened"] = good.run_id
    screen.at.session_state["run.tabs"] = "Log"
    assert screen.run().at.code[0].value == "hello"
    bad = next(run for run in batch.runs if run.variant == "hot")
    screen.at.session_state["runs.opened"] = bad.run_id
    assert "too hot" in screen.run().words
    press_in_run(screen, bad.run_id, "Delete")
    assert store.runs.load_run(bad.run_id).deleted_at is not None


def test_leaderboard_and_comparison_show_the_tied_set_and_the_criteria(tab):
    fill_store()
    screen = tab().open("runs").runs("Leaderboard")
    assert "high has the highest mean score, apart from all others." in screen.words
    assert "hot: 3 runs failed" in screen.words
    screen.runs("Compare")
    assert "score at least 0.5" in tables(screen)
    assert "better" in tables(screen)


def test_home_tells_of_the_latest_runs_and_opens_them(tab):
    assert "Recent runs" not in tab().open().words
    fill_store(1)
    screen = tab().open()
    assert "Recent runs" in screen.words
    assert "temperature" in screen.words


@pytest.mark.parametrize(
    "gate", [Gate(user_header="x-user"), Gate(has_auth=True), Gate(is_public=True)]
)
def test_no_code_is_run_for_anybody_but_this_machine(tab, monkeypatch, gate):
    store, batch = fill_store(1)
    monkeypatch.setattr(access, "gate", lambda: gate)
    monkeypatch.setattr(access, "admit", lambda: None)
    monkeypatch.setattr(services, "services", lambda: SimpleNamespace(store=store))
    for module in ("experiment_panel", "runs_projects", "runs_list", "run_dialog"):
        monkeypatch.setattr(
            f"experimentos.ui.{module}.services", lambda: SimpleNamespace(store=store)
        )
    screen = tab().open("runs").runs("Projects")
    assert "Nothing is run on a shared server" in screen.words
    assert "Start" not in screen.labels
    screen.at.session_state["runs.opened"] = batch.runs[0].run_id
    screen.run()
    again = next(button for button in screen.at.button if button.label == "Reproduce")
    assert again.disabled


def test_an_experiment_is_defined_as_yaml_and_a_mistake_names_its_place(tab):
    services.shared()
    projects.create_project(services.shared().store, Project(name="Shop"))
    screen = tab().open("runs").runs("Projects")
    next(c for c in screen.at.button_group if c.label == "As").set_value("YAML")
    screen.run()
    text = next(a for a in screen.at.text_area if a.label == "Experiment (YAML)").value
    screen.fill("Experiment (YAML)", text.replace("baseline: mid", "baseline: warm"))
    assert "names no variant" in screen.press("Create experiment").words
    screen.fill("Experiment (YAML)", text).press("Create experiment")
    assert "low" in tables(screen)
    screen.press("Archive")
    assert "archived" in screen.words
    screen.press("Archive this project")
    assert "No project yet" in screen.words


def a_live_run(store, **fields):
    """Have a run on record that another process executes at this moment."""
    now = datetime.now(UTC)
    begun = now - timedelta(seconds=30)
    run = Run(
        run_id=ordered_id(begun, os.urandom(10)), kind="script", project="shop",
        experiment="temperature", variant="low", repeat=9, title="Temperature: low, repeat 9",
        status="running", created_at=begun, started_at=begun, heartbeat_at=now, pid=os.getpid(),
        host=socket.gethostname(), environment={"time_limit_seconds": 600},
    )  # fmt: skip
    store.runs.save_run(run)
    said = {"done": 3, "total": 12, "metrics": {"loss": 0.25}, "tail": "epoch 3\n", "said_at": now}
    store.runs.beat(run.run_id, Live(**said | fields))
    return run


def test_what_another_process_runs_is_shown_on_the_page_and_at_home(tab):
    store, _ = fill_store(1)
    run = a_live_run(store)
    screen = tab().open("runs")
    for words in ("shop/temperature", "0 of 1 finished, 1 running", "25% (3 of 12)", "loss 0.25",
                  "epoch 3"):  # fmt: skip
        assert words in all_words(screen)
    # A quarter took 30 s, and a little more on a busy machine.
    left = re.search(r"about (\d+) s left", all_words(screen))
    assert 90 <= int(left[1]) <= 110
    assert "0 of 1 finished, 1 running" in all_words(tab().open("home"))
    screen.at.session_state["runs.opened"] = run.run_id
    assert "None before it is over" in screen.run().words
    screen.press("Cancel")
    assert store.runs.load_run(run.run_id).status == "cancelled"
    assert "0 of 1 finished" not in all_words(screen)


def test_a_run_that_stalls_says_so(tab):
    store, _ = fill_store(1)
    long_ago = datetime.now(UTC) - timedelta(seconds=2)
    run = a_live_run(store, said_at=long_ago)
    store.runs.save_run(
        store.runs.load_run(run.run_id).model_copy(
            update={"started_at": run.started_at - timedelta(hours=1),
                    "live": Live(done=90, total=100, said_at=long_ago - timedelta(minutes=40))}
        )
    )  # fmt: skip
    # About 40, or a little more on a busy machine.
    assert re.search(
        r"Stalled: it has reported nothing for about 4\d min", tab().open("runs").words
    )


def test_a_plan_that_the_project_forbids_cannot_be_started(tab):
    store, _ = fill_store(1)
    projects.change_project(store, "shop", constraints={"max_runs": 4, "tone": "kind"})
    screen = tab().open("runs").runs("Projects")
    screen.fill("Runs of each", 2)
    assert "max_runs: The plan has 6 runs; the project allows 4 in all and has 3." in screen.words
    assert "Plan at most 1 runs" in screen.words
    assert next(b for b in screen.at.button if b.label == "Start").disabled
    assert "Handed to the code" in tables(screen)


def test_an_empty_cell_of_a_metric_says_why_on_its_title(tab):
    _, batch = fill_store(2)
    frame = tab().open("runs").at.dataframe[0]
    assert frame.proto.placeholder == "\N{EN DASH}"
    assert "2 failed" in frame.proto.columns
    assert frame.value["metrics.loss"].dropna().unique().tolist() == ["NaN"]
    assert batch.count("failed") == 2


def test_a_run_stays_open_by_its_address_until_it_is_closed(tab):
    _, batch = fill_store(1)
    screen = tab().open("runs")
    screen.at.query_params["run"] = batch.runs[0].run_id
    assert batch.runs[0].run_id in screen.run().words
    assert batch.runs[0].run_id in screen.run().words
    screen.at.query_params["run"] = "01ABC"
    assert "No run has the id" in screen.run().words
    assert "run" not in screen.at.query_params


def all_words(screen):
    """The texts of a page, those of its bars included."""
    bars = [element.proto.text for element in screen.at.get("progress")]
    return "\n".join([screen.words, *bars]).replace("\\", "")


def test_a_project_is_changed_on_the_page_and_a_wrong_constraint_is_named(tab):
    store, _ = fill_store(1)
    screen = tab().open("runs").runs("Projects")
    (text,) = [area for area in screen.at.text_area if area.label == "Project (YAML)"]
    assert "size: 5" in text.value
    text.set_value("defaults: {size: 6}\nconstraints: {max_runs: many}\n")
    assert "Write max_runs: 10" in screen.press("Save project").words
    (text,) = [area for area in screen.at.text_area if area.label == "Project (YAML)"]
    text.set_value("defaults: {size: 6}\nconstraints: {max_runs: 4}\n")
    screen.press("Save project")
    assert "max_runs = 4" in screen.words
    assert projects.load_project(store, "shop").project.defaults == {"size": 6}


def test_a_run_names_what_went_in_and_what_came_from_it(tab):
    store, batch = fill_store(1)
    parent = batch.runs[0]
    child = parent.model_copy(
        update={"run_id": ordered_id(datetime.now(UTC), os.urandom(10)),
                "parent_run_id": parent.run_id, "reproduces_run_id": parent.run_id}
    )  # fmt: skip
    store.runs.save_run(child)
    screen = tab().open("runs")
    screen.at.query_params["run"] = parent.run_id
    screen.at.session_state["run.tabs"] = "Lineage"
    screen.run()
    assert "Reproduced by" in screen.words
    assert "shop/temperature/low, repeat 1" in tables(screen)
    screen.at.button(key=f"run.relative.{child.run_id}").click()
    screen.run()
    assert "Reproduces" in screen.words


def test_a_project_begins_with_a_template_and_an_experiment_leaves_the_archive(tab):
    store, _ = fill_store(1)
    projects.change_project(store, "shop", constraints={"max_runs": 9})
    screen = tab().open("runs").runs("Projects")
    put(screen, name="Second").at.selectbox(key="project.template").set_value("shop")
    screen.press("Create project")
    made = projects.load_project(store, "second").project
    assert (made.defaults, made.constraints) == ({"size": 5}, {"max_runs": 9})
    screen.fill("Project", "shop").press("Archive")
    assert projects.load_experiment(store, "temperature").experiment.status == "archived"
    screen.press("Restore")
    assert projects.load_experiment(store, "temperature").experiment.status == "planned"


def test_an_experiment_whose_server_ended_is_not_running_and_says_how_to_go_on(tab):
    store, _ = fill_store(1)
    gone = subprocess.Popen(["true"])
    gone.wait()
    run = a_live_run(store)
    cut = store.runs.load_run(run.run_id).model_copy(update={"pid": gone.pid})
    store.runs.save_run(cut)
    saved = projects.load_experiment(store, "temperature")
    projects.change_experiment(store, saved, status="running")
    screen = tab().open("runs").runs("Projects")
    assert ":gray-badge[running]" not in screen.words
    assert "1 run left undone" in screen.words
    kept = store.runs.load_run(run.run_id)
    assert (kept.status, kept.live.done, kept.live.tail) == ("interrupted", 3, "epoch 3\n")
    screen.at.query_params["run"] = run.run_id
    screen.at.session_state["run.tabs"] = "Log"
    assert screen.run().at.code[0].value == "epoch 3"
