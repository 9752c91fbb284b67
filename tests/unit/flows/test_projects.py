"""Projects, experiments and views in the store, and the Python names for them."""

import pytest

import experimentos as xos
from experimentos.errors import ContractError, NotFound, StoreError
from experimentos.flows import projects
from experimentos.flows.run_views import RunView, forget_view, list_views, save_view
from experimentos.ids import named_id
from experimentos.runs.documents import Experiment, Project, Variant
from experimentos.runs.variant_lines import EXAMPLE, read_variants
from experimentos.store.port import new_record


@pytest.fixture
def store(empty_store):
    return empty_store


def experiment(name="Temp", project="Shop", **changes):
    two = (Variant(name="a"), Variant(name="b"))
    return Experiment(name=name, project=project, variants=two, baseline="a", **changes)


def test_a_name_is_taken_once_however_it_is_written(store):
    projects.create_project(store, Project(name="Shop One"))
    with pytest.raises(ContractError, match="already"):
        projects.create_project(store, Project(name="shop-one"))
    projects.create_experiment(store, experiment(project="shop one"))
    with pytest.raises(ContractError, match="already"):
        projects.create_experiment(store, experiment(name="TEMP", project="shop one"))


def test_a_project_is_made_unless_its_name_is_nearly_anothers(store):
    projects.create_project(store, Project(name="Checkout research"))
    with pytest.raises(NotFound, match="Did you mean checkout-research"):
        projects.create_experiment(store, experiment(project="Checkout reserch"), make_project=True)
    with pytest.raises(NotFound, match="There are checkout-research"):
        projects.create_experiment(store, experiment(project="Something else"))
    projects.create_experiment(store, experiment(project="Something else"), make_project=True)
    assert len(projects.list_projects(store)) == 2


def test_one_name_in_two_projects_asks_for_the_project(store):
    for name in ("One", "Two"):
        projects.create_experiment(store, experiment(project=name), make_project=True)
    with pytest.raises(NotFound, match="one/temp"):
        projects.load_experiment(store, "temp")
    assert projects.load_experiment(store, "two/Temp").experiment.project == "Two"
    assert projects.load_experiment(store, "temp", "one").experiment.project == "One"


def test_an_archived_project_takes_no_experiment(store):
    projects.create_project(store, Project(name="Shop"))
    projects.change_project(store, "shop", status="archived")
    assert projects.list_projects(store, archived=False) == []
    with pytest.raises(ContractError, match="archived"):
        projects.create_experiment(store, experiment())
    with pytest.raises(ContractError, match="status"):
        projects.change_project(store, "shop", status="sleeping")


def test_the_project_in_use_is_remembered(store):
    assert projects.active_project(store) is None
    for name in ("One", "Two"):
        projects.create_project(store, Project(name=name))
        projects.use_project(store, name)
    assert projects.active_project(store) == "two"


def test_a_document_of_another_version_is_a_clear_error(store):
    record = new_record("project", "Odd", {"odd": 1}, id=named_id("project", "odd"))
    store.save(record)
    with pytest.raises(StoreError, match="another version"):
        projects.load_project(store, "odd")


def test_views_are_kept_by_name_and_a_deleted_name_is_free_again(store):
    view = RunView("best", "score > 1", columns=("status", "params.a"), is_grouped=True)
    save_view(store, view)
    save_view(store, RunView("Another"))
    assert list_views(store) == [RunView("Another"), view]
    save_view(store, RunView("best", "score > 2"))
    assert list_views(store)[1].text == "score > 2"
    forget_view(store, "best")
    save_view(store, view)
    assert list_views(store)[1] == view


def test_variants_are_read_from_lines():
    assert read_variants(EXAMPLE)[1] == {"name": "mid", "parameters": {"temperature": 0.7}}
    assert read_variants("a: opt.lr=1e-3, opt.warm=true, model=small\n\nb\n") == [
        {"name": "a", "parameters": {"opt": {"lr": 1e-3, "warm": True}, "model": "small"}},
        {"name": "b", "parameters": {}},
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: temperature", "Line 1: 'temperature' is not a parameter"),
        ("a\nb: x=1, x=2", "Line 2: x is given twice"),
        ("a: x=1, x.y=2", "Line 1: x is a value"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, says):
    with pytest.raises(ContractError, match=says):
        read_variants(text)


def test_from_python_a_project_leads_to_a_comparison(store, tmp_path):
    (tmp_path / "toy.py").write_text("def score(temperature, seed):\n    return temperature\n")
    project = xos.Project.create("Research", defaults={"temperature": 0.5}, store=store)
    made = project.create_experiment(
        "temperature",
        [xos.Variant("low"), xos.Variant("high", temperature=1.0)],
        entry_point="toy:score",
    )
    assert made.document.baseline == "low"
    assert len(made.plan(2).runs) == 4
    assert made.run(1, code=tmp_path).count("completed") == 2
    again = xos.Project.load("research", store=store).experiment("temperature")
    assert (project.name, len(again.runs())) == ("Research", 2)
    assert [v.parameters for v in again.variants] == [{}, {"temperature": 1.0}]
    assert again.compare().groups[0].described.mean == 1.0
    assert "high" in again.export(tmp_path / "all.csv").read_text()
    assert repr(xos.Variant("low", a=1)) == "Variant('low', {'a': 1})"


def test_from_python_the_workspace_is_opened_for_each_call(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path))
    xos.Project.create("Kept")
    assert xos.Project.load("kept").name == "Kept"
    with pytest.raises(ContractError, match=r"docs/runs\.md"):
        xos.Project.create("Bad", defualts={})
