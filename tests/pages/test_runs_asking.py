"""An experiment that asks models, on the page Runs: defined, previewed, run, retried, opened."""

import pytest

from experimentos.access import Gate
from experimentos.flows import projects
from experimentos.runs.documents import Project
from experimentos.ui import access, services
from tests.evaluation.endpoint import Endpoint, answer, error
from tests.evaluation.experiments import experiment

CAPITALS = {"France": "Paris", "Peru": "Lima", "Chad": "N'Djamena", "Fiji": "Suva"}


@pytest.fixture(autouse=True)
def _code(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_CODE", str(tmp_path))
    for name in ("EXPERIMENTOS_LLM_BASE_URL", "EXPERIMENTOS_LLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def endpoint(monkeypatch):
    server = Endpoint(
        lambda asked: answer(next(CAPITALS[name] for name in CAPITALS if name in asked.prompt))
    )
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", server.url)
    yield server
    server.close()


def kept(**changes):
    store = services.shared().store
    projects.create_experiment(store, experiment(**changes), make_project=True)
    return store


def tables(screen):
    return "\n".join(str(table.value.to_string()) for table in screen.at.table).replace("\\", "")


def asking(tab):
    services.shared()
    projects.create_project(services.shared().store, Project(name="Trials"))
    screen = tab().open("runs").runs("Projects")
    screen.at.session_state["define.what"] = "Asks models"
    return screen.run()


def typed(screen, **fields):
    for kind in (screen.at.text_input, screen.at.text_area):
        for field in kind:
            name = str(field.key).rpartition(".")[2]
            if name in fields:
                field.set_value(fields[name])
    return screen.press("Create experiment")


FORM = {
    "name": "Capitals",
    "variants": "plain: manner=Answer\nterse: manner=One word, temperature=0.9",
    "prompt": "{manner}: the capital of {country}?",
    "scenarios": "id,country,target\nfrance,France,Paris\nperu,Peru,Lima",
    "models": "small, 1, 2",
}


@pytest.mark.usefixtures("endpoint")
def test_a_form_makes_an_experiment_that_asks_and_shows_what_it_will_cost(tab):
    screen = typed(asking(tab), **FORM)
    assert "2 runs of 2 variants, 12 calls, at most $" in screen.words
    assert "The prompts are sent to 127.0.0.1" in screen.words
    screen.fill("Runs of each", 3)
    assert "6 runs of 2 variants, 36 calls" in screen.words
    assert not screen.at.exception


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("models", "small, cheap", "Models, line 1"),
        ("scenarios", "country\nPeru", "names id"),
        ("variants", "plain: mood=good\nterse: mood=bad", "no such parameter"),
    ],
)
def test_what_is_wrong_in_the_form_is_told_and_nothing_is_made(tab, field, text, said):
    screen = typed(asking(tab), **FORM | {field: text})
    assert said in screen.words
    assert projects.list_experiments(services.shared().store) == []


def test_the_yaml_of_the_page_is_an_experiment(tab):
    screen = asking(tab)
    screen.at.session_state["define.way"] = "YAML"
    screen.run().press("Create experiment")
    (saved,) = projects.list_experiments(services.shared().store)
    assert saved.experiment.asks
    assert not screen.at.exception


def test_without_an_endpoint_it_says_what_to_set_and_cannot_start(tab):
    kept()
    screen = tab().open("runs").runs("Projects")
    assert "No language model is set up here" in screen.words
    assert next(b for b in screen.at.button if b.label == "Start").disabled


def test_it_is_run_compared_and_its_answers_are_opened(tab, endpoint):
    kept()
    screen = tab().open("runs").runs("Projects").press("Start").finished()
    assert "2 completed" in screen.words
    assert len(endpoint.calls) == 16
    board = screen.runs("Leaderboard")
    assert "Variant" in tables(board)
    compared = screen.runs("Compare")
    assert "Against plain, paired by scenario" in compared.words
    screen.runs("Projects").press("Samples and transcripts")
    assert "capitals.jsonl" in screen.words
    assert "terse 1" in screen.go("home").words
    assert not screen.at.exception


def test_samples_that_failed_are_asked_again_alone(tab, endpoint):
    failing = {"on": True}
    right = endpoint.script

    def script(asked):
        return error(500) if "Chad" in asked.prompt and failing["on"] else right(asked)

    endpoint.script = script
    kept()
    screen = tab().open("runs").runs("Projects").press("Start").finished()
    failing["on"] = False
    before = len(endpoint.calls)
    screen.fill("Run", "And what failed")
    assert "2 runs go on from answers that are there" in screen.words
    screen.press("Start").finished()
    assert len(endpoint.calls) - before == 4
    assert "4 samples" not in screen.words


@pytest.mark.usefixtures("endpoint")
def test_where_people_share_a_server_questions_are_asked_and_code_is_not_run(tab, monkeypatch):
    kept()
    judged = experiment().evaluation.model_dump() | {
        "scorer": {"kind": "function", "function": "judge:score"}
    }
    kept(name="Judged", evaluation=judged)
    monkeypatch.setattr(access, "gate", lambda: Gate(user_header="X-User"))
    monkeypatch.setattr(access, "admit", lambda: None)
    screen = tab().open("runs").runs("Projects")
    screen.fill("Experiment", "Capitals")
    assert "Start" in screen.labels
    screen.fill("Experiment", "Judged")
    assert "Nothing is run on a shared server" in screen.words
    assert "Start" not in screen.labels
