"""Every page and every tab of Runs on a history that is on a PostgreSQL server."""

import pytest

from experimentos.flows import projects
from experimentos.flows.run_matrix import Asked, execute, plan_runs
from experimentos.runner.port import Outcome
from experimentos.runs.documents import Evaluation, Experiment, Project, Variant
from experimentos.store.postgres import PostgresStore
from experimentos.store.run_port import RunQuery
from experimentos.ui import services
from experimentos.ui.navigation import SCREENS
from tests.postgres import HAS_POSTGRES, emptied

pytestmark = [] if HAS_POSTGRES else [pytest.mark.slow]


class Scripted:
    """Answers at once, in no process."""

    workspace = None

    def run(self, job, _on_event, _goes_on):
        return Outcome(metrics={"score": job.params["size"] + job.repeat / 100})


@pytest.fixture
def store(postgres_url, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_STORE", postgres_url)
    yield services.shared().store
    server = PostgresStore(postgres_url)
    emptied(server)
    server.close()


@pytest.fixture
def filled(store, tmp_path):
    """A project with an experiment whose runs are over."""
    (tmp_path / "toy.py").write_text("def score(size):\n    return size\n")
    projects.create_project(store, Project(name="Shop", constraints={"max_runs": 20}))
    experiment = Experiment(
        name="Sizes",
        project="Shop",
        variants=tuple(Variant(name=f"s{n}", parameters={"size": n}) for n in (1, 2)),
        baseline="s1",
        entry_point="toy:score",
        evaluation=Evaluation(metrics=("score",)),
    )
    projects.create_experiment(store, experiment)
    execute(store, Scripted(), plan_runs(store, "sizes", Asked(3)), tmp_path)
    return store


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", SCREENS)
def test_every_page_is_drawn(tab, name):
    screen = tab().open(name)
    assert not screen.at.exception
    assert not screen.at.error


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("All runs", "1 to 6 of 6"),
        ("Leaderboard", "s2"),
        ("Compare", "Against s1"),
        ("Projects", "Constraint of the project"),
        ("Samples", "samples"),
    ],
)
def test_every_tab_of_runs_is_drawn(tab, name, says):
    screen = tab().open("runs").runs(name)
    assert not screen.at.exception
    assert not screen.at.error
    text = screen.words + "".join(str(table.value) for table in screen.at.table)
    assert says in text


@pytest.mark.usefixtures("store")
def test_a_sample_is_analysed_and_found_again_in_the_history(tab):
    screen = tab().open().press("A clear win").go("decision_memo")
    saved = [label for label in screen.labels if "ave" in label]
    screen.press(saved[0])
    assert not screen.at.error
    assert services.shared().store.runs.count(RunQuery()) == 1
