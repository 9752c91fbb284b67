"""The assistant beside a design: rules without a key, a model after somebody agreed."""

import json
import threading

import pytest

from experimentos.flows.assistant_usage import spent_on
from experimentos.flows.design_session import list_sessions, load_session
from experimentos.ui import services
from experimentos.ui.design_state import SIDES
from experimentos.ui.design_talk import talks
from tests.llm import server
from tests.llm.server import ModelServer

HOSTILE = "<img src=x onerror=alert(1)> [link](http://evil.example) **bold** :material/home:"
CAGE = {
    "quote": "", "why": "Mice of a cage are alike.", "name": "cage", "kind": "nuisance",
    "levels": [], "unit": None, "control": None,
}  # fmt: skip


def only():
    store = services.services().store
    return load_session(store, list_sessions(store)[0].id)


def names() -> list[str]:
    return [f.name for f in only().document.factors]


def press_first(screen, key: str):
    next(b for b in screen.at.button if b.key and b.key.startswith(key)).click()
    return screen.run()


def say(screen, text: str):
    screen.at.chat_input[0].set_value(text)
    return screen.run()


def settled(screen):
    """Draw the page anew once every answer is complete."""
    for job in list(talks().board.jobs.values()):
        job.thread.join(10)
    return screen.run()


def spoken(screen) -> str:
    return "\n".join(element.value for element in screen.at.markdown)


@pytest.fixture
def open_assistant(tab):
    """A function that opens the assistant of the design on the diets of mice."""

    def open_():
        screen = tab().open("design_session").press("Diets of mice").press("Use this design")
        screen.at.session_state["design.side"] = SIDES[1]
        return screen.run()

    return open_


@pytest.fixture
def model(monkeypatch):
    """A function from answers in order to a server that the settings name."""
    started: list[ModelServer] = []

    def start(*answers, **settings: str) -> ModelServer:
        def play(_body, number):
            return answers[min(number, len(answers) - 1)]

        started.append(ModelServer(play))
        monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", started[-1].url)
        monkeypatch.setenv("EXPERIMENTOS_LLM_MODEL", "small-model")
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_without_a_key_the_rules_answer_and_what_they_propose_is_accepted_or_not(open_assistant):
    screen = open_assistant().press("What could be missing?")
    assert "nothing leaves this machine" in screen.words
    assert "Designs like this often forget" in screen.words
    assert "Added the factor cage" in screen.words
    press_first(screen, "assistant.accept")
    assert "cage" in names()
    assert only().history.last.author == "assistant"
    press_first(screen, "assistant.reject")
    assert "sex" not in names()
    states = [p.state for p in only().conversation[-1].proposals]
    assert states[:3] == ["accepted", "rejected", "open"]


def test_the_conversation_is_kept_with_the_session(open_assistant, tab):
    open_assistant().press("Describe this design")
    again = tab().open("design_session")
    again.at.query_params["d"] = only().id
    again.at.session_state["design.side"] = SIDES[1]
    assert "By its structure this is" in again.run().words


def test_a_quick_answer_is_sent_as_typed(open_assistant):
    screen = open_assistant().press("What should I settle next?")
    assert "When is baseline weight measured" in screen.words
    screen.press("before the draw")
    press_first(screen, "assistant.accept")
    assert only().document.factor("baseline_weight").measured == "before"


def test_a_proposal_that_no_longer_fits_says_so_and_can_only_be_rejected(open_assistant):
    screen = open_assistant().press("What could be missing?").press("What could be missing?")
    press_first(screen, "assistant.accept")
    assert "It no longer fits" in screen.words
    assert names().count("cage") == 1
    assert "1 earlier proposal" not in screen.words
    places = [b.key for b in screen.at.button if b.key and b.key.startswith("assistant.accept")]
    assert len(places) == len(set(places)) == 4


def test_nothing_is_sent_before_somebody_agreed(open_assistant, model):
    asked = model(server.words("Hello."))
    screen = open_assistant()
    assert "Before anything leaves this machine" in screen.words
    assert "small-model at 127.0.0.1" in screen.words
    screen.press("Describe this design")
    assert asked.requests == []
    screen.press("Stay with the rules").press("Explain the checks")
    assert asked.requests == []
    assert only().sent_to == "rules"
    screen.press("Use the model")
    assert "Before anything leaves this machine" in screen.words


def test_after_agreeing_the_model_answers_and_its_tokens_and_cost_are_kept(open_assistant, model):
    asked = model(server.words("Ten mice ", "each."), EXPERIMENTOS_LLM_PRICES="2/0.5/10 USD")
    screen = open_assistant().press("Agree")
    settled(say(screen, "How many?"))
    assert "Ten mice each." in screen.words
    assert "120 tokens, 0.00031 USD so far" in screen.words
    turn = only().conversation[-1]
    assert (turn.source, turn.tokens.prompt, turn.tokens.completion) == ("small-model", 100, 20)
    assert spent_on(services.services().store, turn.at).tokens == 120
    assert len(asked.requests) == 1


def test_what_a_model_writes_is_shown_as_typed(open_assistant, model):
    model(server.words(HOSTILE))
    screen = settled(say(open_assistant().press("Agree"), "How many?"))
    shown = next(e.value for e in screen.at.markdown if "onerror" in e.value)
    assert "\\<img" in shown
    assert "\\[link\\]" in shown
    assert "\\*\\*bold" in shown
    assert only().conversation[-1].text == HOSTILE


def test_a_models_change_is_only_proposed(open_assistant, model):
    model(server.calls(("add_factor", CAGE)), server.words("See above."))
    screen = settled(say(open_assistant().press("Agree"), "What is missing?"))
    assert "cage" not in names()
    assert "nothing you wrote says so" in screen.words
    press_first(screen, "assistant.accept")
    assert names()[-1] == "cage"


def test_an_answer_is_seen_while_it_is_written_and_can_be_stopped(open_assistant, model):
    go_on, begun = threading.Event(), threading.Event()

    class Held(list):
        def __iter__(self):
            yield server.delta(content="Ten mice")
            begun.set()
            yield go_on
            yield server.delta(content=" and more")

    model(server.Answer(chunks=Held([1])))
    screen = say(open_assistant().press("Agree"), "How many?")
    assert begun.wait(10)
    (job,) = talks().board.jobs.values()
    screen.run()
    assert "Ten mice" in spoken(screen)
    screen.press("Stop")
    go_on.set()
    job.thread.join(10)
    turn = only().conversation[-1]
    assert turn.is_stopped
    assert turn.text.startswith("Ten mice")
    assert turn.tokens.is_estimate
    assert turn.tokens.prompt > 500, "what was sent counts against the budget"
    assert spent_on(services.services().store, turn.at).prompt == turn.tokens.prompt
    assert "Stopped by you" in screen.words
    assert screen.at.chat_input


def test_a_server_that_fails_leaves_the_rules_who_say_so(open_assistant, model):
    model(server.error(401, "Incorrect key sk-planted"))
    screen = settled(say(open_assistant().press("Agree"), "What could be missing?"))
    assert "did not accept the key" in screen.words
    assert "Designs like this often forget" in screen.words
    assert only().conversation[-1].source == "rules"
    assert "planted" not in screen.words


def test_a_day_that_is_used_up_asks_nothing(open_assistant, model):
    asked = model(server.words("Yes."), EXPERIMENTOS_LLM_DAY_TOKENS="150")
    screen = open_assistant().press("Agree")
    settled(say(screen, "One?"))
    settled(say(screen, "Two?"))
    settled(say(screen, "Explain the checks"))
    assert len(asked.requests) == 2
    assert "budget is used up" in screen.words


def test_settings_that_cannot_be_used_are_told(open_assistant, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", "http://models.example.org/v1")
    monkeypatch.setenv("EXPERIMENTOS_LLM_MODEL", "small")
    screen = open_assistant()
    assert "No model is asked" in screen.words
    assert "https" in screen.words


def test_a_public_visitor_is_answered_by_the_rules(tab, model, monkeypatch):
    asked = model(server.words("Yes."))
    monkeypatch.setenv("EXPERIMENTOS_PUBLIC", "1")
    screen = tab().open("design_session").press("Diets of mice").press("Use this design")
    screen.at.session_state["design.side"] = SIDES[1]
    screen.run().press("Describe this design")
    assert "nothing leaves this machine" in screen.words
    assert asked.requests == []


def test_the_selected_card_is_told_to_the_model(open_assistant, model):
    asked = model(server.words("It is set."))
    screen = open_assistant().press("Agree")
    screen.at.session_state["design_tab"].select("factors.diet")
    settled(say(screen.run(), "What of it?"))
    assert json.loads(asked.requests[0]["messages"][1]["content"])["focus"] == "factors.diet"


WHOLE = {
    "factors": [
        {"name": "diet", "kind": "treatment", "levels": ["control", "high fat"], "unit": None,
         "n_levels": None, "evidence": "three diets: control, high fat or high sugar",
         "confidence": "sure"},
        {"name": "light", "kind": "treatment", "levels": [], "unit": None, "n_levels": None,
         "evidence": "in bright or dim light", "confidence": "sure"},
    ],
    "responses": [], "randomisation_unit": "mouse", "replicates_per_cell": 10,
    "replicate_unit": "mouse", "technical_repeats": None, "total_units": 30, "questions": [],
}  # fmt: skip


def test_a_description_is_read_by_the_model_beside_the_rules_after_agreeing(tab, model):
    asked = model(server.message(json.dumps(WHOLE)))
    screen = tab().open("design_session").press("Diets of mice")
    assert "Before anything leaves this machine" in screen.words
    screen.press("Agree")
    assert asked.requests == []
    settled(press_first(screen, "design.read.model"))
    assert len(asked.requests) == 1
    assert "nothing in your text says so" in screen.words
    (levels,) = screen.at.radio
    assert "The rules and the model differ" in levels.label
    levels.set_value("control\nhigh fat")
    screen.run().press("Use this design")
    assert [x.label for x in only().document.factor("diet").levels] == ["control", "high fat"]
    assert only().reading_tokens.prompt == 100
    assert any("light" in q.text for q in only().document.open_questions)


def test_the_reader_can_be_chosen_and_another_text_forgets_the_reading(tab, model):
    model(server.message(json.dumps(WHOLE)))
    screen = tab().open("design_session").press("Diets of mice").press("Agree")
    settled(press_first(screen, "design.read.model"))
    screen.at.segmented_control[0].set_value("rules")
    screen.run()
    assert not screen.at.radio
    assert only().reader == "rules"
    screen.fill("Describe your experiment", "We compare two diets.").press("Read it")
    assert "Read by" not in [c.label for c in screen.at.segmented_control]


def test_a_reading_that_fails_leaves_that_of_the_rules(tab, model):
    model(server.error(401))
    screen = tab().open("design_session").press("Diets of mice").press("Agree")
    settled(press_first(screen, "design.read.model"))
    assert "read by the rules alone" in screen.words
    assert "Use this design" in screen.labels


def test_a_reading_can_be_left(tab, model):
    go_on = threading.Event()
    model(server.Answer(hold=go_on, body=b"{}"))
    screen = tab().open("design_session").press("Diets of mice").press("Agree")
    press_first(screen, "design.read.model")
    (job,) = talks().board.jobs.values()
    screen.press("Cancel")
    go_on.set()
    job.thread.join(10)
    assert "design.read.model" in [b.key for b in screen.run().at.button]
