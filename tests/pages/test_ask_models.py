"""Asking models from the page Runs, against a real endpoint."""

import pytest

from tests.evaluation.endpoint import Endpoint, answer, error

HOSTILE = "Lima **bold** <script>alert(1)</script> :material/home:"


@pytest.fixture
def endpoint(monkeypatch):
    def script(asked):
        if "Peru" in asked.prompt:
            return answer(HOSTILE)
        return error(400, "no <b>France</b>") if asked.body.get("top_p") else answer("Rome")

    server = Endpoint(script)
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", server.url)
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    for name in ("EXPERIMENTOS_LLM_BASE_URL", "EXPERIMENTOS_LLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def opened(tab):
    screen = tab().open("runs").runs("Samples")
    screen.at.session_state["ask"] = True
    return screen.run()


def test_without_an_endpoint_the_plan_is_sized_and_no_button_is_dead(tab):
    screen = opened(tab)
    assert [m.value for m in screen.at.metric][:2] == ["6", "2"]
    assert "No language model is set up here" in screen.words
    assert not any(label.startswith("Ask:") for label in screen.labels)


@pytest.mark.usefixtures("endpoint")
def test_a_plan_with_a_defect_names_it_and_cannot_be_started(tab):
    screen = opened(tab)
    screen.fill("Plan (YAML)", "name: x\nprompt: '{a}'\nmodels: [{name: m}]\nscenarios: [{id: s}]")
    assert "Not yet a plan" in screen.words
    assert not any(label.startswith("Ask:") for label in screen.labels)


@pytest.mark.usefixtures("endpoint")
def test_a_typed_plan_is_there_in_the_next_tab(tab):
    first = opened(tab)
    text = first.at.text_area[0].value.replace("capitals", "my capitals")
    first.fill("Plan (YAML)", text)
    assert opened(tab).at.text_area[0].value == text


@pytest.mark.usefixtures("endpoint")
def test_asked_answers_are_kept_opened_and_shown_as_they_were_written(tab):
    screen = opened(tab)
    label = next(label for label in screen.labels if label.startswith("Ask:"))
    screen.press(label).finished()
    assert "6 of 6 samples are scored" in screen.words
    again = opened(tab).press("Analyse")
    assert "capitals.jsonl" in again.words
    tabs = "samples.tabs"
    again.at.session_state[tabs] = ":material/chat: Transcripts"
    again.run()
    again.fill("Scenario", "peru")
    assert not again.at.exception
    assert [code.value for code in again.at.code] == [HOSTILE] * 3


def test_failures_are_listed_by_name_and_only_they_are_asked_again(tab, endpoint):
    screen = opened(tab)
    text = screen.at.text_area[0].value.replace("max_tokens: 50", "max_tokens: 50, top_p: 0.9")
    screen.fill("Plan (YAML)", text)
    screen.press(next(label for label in screen.labels if label.startswith("Ask:"))).finished()
    shown = screen.words
    assert "3 of 6 samples are scored" in shown
    assert "no <b>France</b>" in shown
    assert "Go on" in screen.labels
    screen.press("Go on").finished()
    assert "France" in endpoint.calls[-1].prompt
    assert len(endpoint.calls) == 6 + 3


def test_a_file_without_transcripts_says_what_to_provide(tab):
    screen = tab().open("runs").runs("Samples").press("tau-bench airline")
    screen.at.session_state["samples.tabs"] = ":material/chat: Transcripts"
    assert "holds no transcripts" in screen.run().words
