"""`experimentos project`, `experiment`, `run`: from a project to a reproduced run."""

import json
from pathlib import Path

import pytest
import yaml

from experimentos.cli.status import Exit

ROOT = Path(__file__).resolve().parents[3]
VARIANTS = """
variants:
  - name: low
    parameters: {temperature: 0.3}
  - name: high
    parameters: {temperature: 1.0}
"""
CODE = """
import random

def score(temperature):
    print("temperature", temperature)
    return {"score": temperature + random.gauss(0, 0.001)}

def fails(temperature):
    raise ValueError("upside down")
"""


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A folder with code and a file of variants, which the command stands in."""
    (tmp_path / "toy.py").write_text(CODE)
    (tmp_path / "variants.yaml").write_text(VARIANTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def made(call, code):
    """A project in use, with one experiment."""
    assert (code / "variants.yaml").exists()
    assert call("project", "create", "Shop", "--default", "temperature=0.5")[0] == Exit.DONE
    assert call("project", "use", "shop")[0] == Exit.DONE
    words = ("--name", "Temp test", "--variants", "variants.yaml", "--entry-point", "toy:score")
    assert call("experiment", "create", *words)[0] == Exit.DONE


@pytest.mark.usefixtures("made")
def test_a_whole_walk_ends_with_a_reproduced_run(call, report, code):
    status, plan = report("experiment", "run", "temp-test", "-n", "2", "--dry-run")
    assert (status, plan["runs"]) == (Exit.DONE, 4)
    status, out, _ = call("experiment", "run", "temp-test", "--runs-per-variant", "2")
    assert status == Exit.DONE
    assert "4 completed." in out
    _, found = report("experiment", "compare", "temp-test", "--metrics", "score")
    assert found["best"] == ["high"]
    assert found["groups"][0]["described"]["n"] == 2
    status, out, _ = call("experiment", "compare", "temp-test", "-o", "report.md")
    assert "high has the highest mean score" in out
    assert "high has the highest mean score" in (code / "report.md").read_text()
    _, listed = report("run", "list", "score > 0.9", "--experiment", "temp-test")
    assert (listed["total"], listed["schema_version"]) == (2, 1)
    run_id = listed["runs"][0]["run_id"]
    status, again = report("run", "reproduce", run_id)
    assert (status, again["verdict"]) == (Exit.DONE, "identical")
    assert "Identical" in call("run", "reproduce", run_id[:20])[1]
    assert call("run", "show", run_id, "--log")[1] == "temperature 1.0\n"
    assert "gauss" not in call("run", "diff", run_id, again["run_id"])[1]


@pytest.mark.usefixtures("made")
def test_every_list_and_every_thing_is_shown(call, report):
    call("experiment", "run", "temp-test")
    out = call("project", "list")[1]
    assert "* " in out
    assert "shop" in out
    assert "Default: temperature = 0.5" in call("project", "show", "Shop")[1]
    assert "shop/temp-test" in call("experiment", "list")[1]
    assert "project" in call("experiment", "show", "temp-test")[1]
    assert "1/1" in call("experiment", "status", "shop/temp-test")[1]
    assert "high" in call("run", "list", "--group")[1]
    assert "2 of 2" not in call("run", "list")[1]
    _, groups = report("run", "list", "--group")
    assert [group["variant"] for group in groups["groups"]] == ["high", "low"]
    _, listed = report("run", "list", "--sort", "metrics.score", "--ascending", "--limit", "1")
    assert listed["runs"][0]["variant"] == "low"
    _, more = report(
        "run", "list", "--sort", "metrics.score", "--ascending", "--limit", "1",
        "--after", listed["next"],
    )  # fmt: skip
    assert more["runs"][0]["variant"] == "high"
    first, second = listed["runs"][0]["run_id"], more["runs"][0]["run_id"]
    assert "temperature" in call("run", "diff", first, second)[1]
    assert report("run", "diff", first, second)[1]["differences"]
    assert "metric" in call("run", "show", first)[1]
    assert json.loads(call("run", "show", first, "--format", "json")[1])["run"]["run_id"] == first
    _, shown = report("experiment", "show", "temp-test")
    assert shown["parameters"]["low"][0]["overrides"] == ["project"]
    assert report("experiment", "status", "temp-test")[1]["variants"][0]["done"] == 1
    assert report("project", "show", "shop")[1]["experiments"][0]["slug"] == "temp-test"


@pytest.mark.usefixtures("made")
def test_a_run_goes_to_the_bin_and_comes_back(call, report):
    call("experiment", "run", "temp-test", "--variant", "low")
    run_id = report("run", "list")[1]["runs"][0]["run_id"]
    assert "run restore" in call("run", "delete", run_id)[1]
    assert report("run", "list")[1]["total"] == 0
    assert report("run", "list", "--deleted")[1]["total"] == 1
    assert call("run", "restore", run_id)[0] == Exit.DONE
    assert report("run", "list", "--status", "completed", "--since", "2020-01-01")[1]["total"] == 1


@pytest.mark.usefixtures("made")
def test_a_failed_run_is_status_1_and_named(call, report):
    words = ("--name", "bad", "--variants", "variants.yaml", "--entry-point", "toy:fails")
    call("experiment", "create", *words, "--baseline", "high", "--hypothesis", "It cannot work.")
    status, out, err = call("experiment", "run", "bad", "--all-variants")
    assert status == Exit.NO
    assert "2 failed." in out
    assert "ValueError: upside down" in " ".join(err.split())
    assert call("experiment", "run", "bad", "--resume")[0] == Exit.USAGE
    assert report("experiment", "run", "bad", "--retry", "--dry-run")[1]["runs"] == 2
    status, _, err = call("experiment", "compare", "bad")
    assert (status, "No run is completed" in err) == (Exit.USAGE, True)
    run_id = report("run", "list", "--status", "failed")[1]["runs"][0]["run_id"]
    assert "upside down" in call("run", "show", run_id)[1]


@pytest.mark.usefixtures("made")
def test_an_experiment_is_exported_and_archived(call, code):
    call("experiment", "run", "temp-test")
    assert call("experiment", "export", "temp-test", "-o", "all.json")[0] == Exit.DONE
    assert len(json.loads((code / "all.json").read_text())["runs"]) == 2
    assert call("experiment", "export", "temp-test", "-o", "all.xlsx")[0] == Exit.USAGE
    assert "Archived" in call("experiment", "archive", "temp-test")[1]
    assert "archived" in call("experiment", "run", "temp-test")[2]
    assert "Archived" in call("project", "archive", "shop")[1]
    assert "shop" not in call("project", "list")[1]
    assert "shop" in call("project", "list", "--archived")[1]
    assert "Restored" in call("project", "restore", "shop")[1]


MISTAKES = (
    (("project", "create"), Exit.USAGE, "needs a name"),
    (("project", "create", "a/b"), Exit.USAGE, "cannot be a name"),
    (("project", "create", "Shop"), Exit.USAGE, "already"),
    (("project", "show", "shpo"), Exit.NO, "Did you mean shop?"),
    (("experiment", "create"), Exit.USAGE, "needs its variants"),
    (("experiment", "create", "nothing.yaml"), Exit.UNREADABLE, "could not be read"),
    (("experiment", "create", "toy.py"), Exit.UNREADABLE, ""),
    (("experiment", "show", "tmp-test"), Exit.NO, "Did you mean temp-test?"),
    (("experiment", "run", "temp-test", "--variant", "x"), Exit.USAGE, "It has low, high."),
    (("experiment", "show", "temp-test", "--project", "none"), Exit.NO, "no experiment"),
    (("run", "list", "statu = failed"), Exit.USAGE, "Did you mean status or started?"),
    (("run", "list", "--status", "done"), Exit.USAGE, "never 'done'"),
    (("run", "show", "01ARZ3"), Exit.NO, ""),
    (("run", "show", "01ARZ3", "--format", "xml"), Exit.USAGE, "json"),
)


@pytest.mark.usefixtures("made")
def test_a_mistake_is_a_sentence_and_a_status(call):
    # In one workspace, one after the other: nothing of it may change anything.
    for arguments, status, says in MISTAKES:
        found, out, err = call(*arguments)
        assert found == status, arguments
        assert says in " ".join((out + err).split())
        assert "Traceback" not in err


def test_nothing_yet_says_how_to_begin(call):
    assert "project create" in call("project", "list")[1]
    assert "experiment create" in call("experiment", "list")[1]
    assert "No run matches" in call("run", "list")[1]


def test_the_schemas_are_printed_as_json(call):
    for noun in ("project", "experiment"):
        schema = json.loads(call(noun, "schema")[1])
        assert schema["properties"]["schema_version"]


@pytest.mark.usefixtures("made")
def test_a_stated_cost_is_asked_about(call, code):
    document = yaml.safe_load(VARIANTS) | {
        "name": "dear", "project": "shop", "baseline": "low", "entry_point": "toy:score",
        "execution": {"cost_per_run_usd": 2.5},
    }  # fmt: skip
    (code / "dear.json").write_text(json.dumps(document))
    call("experiment", "create", "dear.json")
    status, out, _ = call("experiment", "run", "dear")
    assert status != Exit.DONE
    assert "$5.00" in out
    assert call("experiment", "run", "dear", "--yes")[0] == Exit.DONE


def test_a_project_comes_from_a_file(call, report, code):
    (code / "project.yaml").write_text("name: Filed\nquality: {min_score: 0.5}\n")
    _, document = report("project", "create", "--file", "project.yaml", "--tag", "team=x")
    assert document["project"]["quality"] == {"min_score": 0.5}
    assert document["project"]["tags"] == {"team": "x"}
    assert "Limit: min_score = 0.5" in call("project", "show", "filed")[1]


def test_the_example_and_the_file_in_the_docs_are_experiments(report):
    assert report("experiment", "validate", ROOT / "examples" / "temperature.yaml")[0] == Exit.DONE
