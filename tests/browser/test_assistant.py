"""A person asks a model about a design, stops it, and takes over what fits."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, Server, Visitor
from tests.llm import server as protocol

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) [go](http://evil.example)"
CAGE = {
    "quote": "", "why": "Mice of a cage are alike.", "name": "cage", "kind": "nuisance",
    "levels": [], "unit": None, "control": None,
}  # fmt: skip


class Endless(list):
    """Words without end, until the reader leaves or the test is over."""

    def __init__(self, over: threading.Event) -> None:
        super().__init__([1])
        self.over = over

    def __iter__(self) -> Iterator[object]:
        for number in range(100_000):
            yield protocol.delta(content=f"word{number} ")
            if self.over.wait(0.02):
                return


@pytest.fixture
def model():
    """A model's server that proposes, talks without end when asked to, and writes markup."""
    over = threading.Event()

    def script(body, _number):
        last = body["messages"][-1]
        if last["role"] == "tool":
            return protocol.words("Look at it above.")
        if "slowly" in last["content"]:
            return protocol.Answer(chunks=Endless(over))
        return protocol.calls(("add_factor", CAGE), text=HOSTILE)

    started = protocol.ModelServer(script)
    yield started
    over.set()
    started.close()


@pytest.fixture
def asked_by(chromium, model, tmp_path, monkeypatch):
    """A visitor of an app whose settings name the model."""
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", model.url)
    monkeypatch.setenv("EXPERIMENTOS_LLM_MODEL", "small-model")
    server = Server(tmp_path / "workspace")
    server.start()
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    yield Visitor(context.new_page(), server)
    context.close()
    server.kill()


def ask(visitor: Visitor, words: str) -> None:
    field = visitor.page.get_by_placeholder("Ask about this design")
    field.fill(words)
    field.press("Enter")


def test_a_model_is_asked_after_a_notice_stopped_and_its_change_accepted(asked_by, model):
    visitor, page = asked_by, asked_by.page
    visitor.visit("/design")
    visitor.press("Diets of mice")
    visitor.press("Use this design")
    page.get_by_role("tab", name="Assistant").click()
    visitor.sees("Before anything leaves this machine")
    assert model.requests == []
    visitor.press("Agree")

    ask(visitor, "Talk slowly.")
    panel = page.get_by_test_id("stChatMessage").last
    expect(panel).to_contain_text("word3", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Stop", exact=True).click()
    visitor.sees("Stopped by you")
    assert model.left.wait(20), "the model's server is let go"

    ask(visitor, "What is missing?")
    expect(page.get_by_text("Look at it above.").last).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("img[src*='evil'], a[href*='evil'], img[src='x']").count() == 0
    page.get_by_role("button", name="Accept", exact=True).click()
    visitor.settled()
    expect(page.get_by_text("Add cage (accepted)").last).to_be_visible(timeout=PATIENCE_MS)
    page.reload()
    visitor.settled()
    page.get_by_role("tab", name="Assistant").click()
    expect(page.get_by_text("Add cage (accepted)").last).to_be_visible(timeout=PATIENCE_MS)
    assert visitor.outside == []
    assert visitor.dialogs == []
