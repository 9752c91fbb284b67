"""The real router under AppTest, with a history of its own for each test."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from experimentos.access import Visit
from experimentos.ui import access
from experimentos.ui.background import board
from experimentos.ui.navigation import SCREENS

ROOT = Path(__file__).resolve().parents[2]
ROUTER = str(ROOT / "src" / "experimentos" / "ui" / "main.py")
SAMPLES = ROOT / ".tmp" / "samples"


class Screen:
    """One browser tab, driven without a browser."""

    def __init__(self, address: dict[str, str] | None = None) -> None:
        self.at = AppTest.from_file(ROUTER, default_timeout=30)
        for name, value in (address or {}).items():
            self.at.query_params[name] = value

    def open(self, name: str = "home") -> "Screen":
        """Come to the address, then go to a page as the menu does."""
        self.run()
        if name != "home":
            self.at.switch_page(SCREENS[name].script)
            self.run()
        return self

    def runs(self, tab: str) -> "Screen":
        """Open a tab of the page Runs."""
        icons = {"Samples": "ssid_chart", "Projects": "folder", "Compare": "compare_arrows"}
        icon = {**icons, "All runs": "list", "Leaderboard": "leaderboard"}[tab]
        if self.at.title and self.at.title[0].value != "Runs":
            self.go("runs")
        self.at.session_state["runs.tab"] = f":material/{icon}: {tab}"
        return self.run()

    def go(self, name: str) -> "Screen":
        self.at.switch_page(SCREENS[name].script)
        return self.run()

    def run(self) -> "Screen":
        self.at.run()
        return self

    def press(self, label: str) -> "Screen":
        button = next(b for b in self.at.button if b.label == label)
        button.click()
        return self.run()

    def upload(self, name: str, content: bytes) -> "Screen":
        self.at.file_uploader[0].upload(name, content)
        return self.run()

    def fill(self, label: str, value: object) -> "Screen":
        kinds = (self.at.text_input, self.at.text_area, self.at.number_input, self.at.selectbox)
        widget = next(w for kind in kinds for w in kind if w.label == label)
        widget.set_value(value)
        return self.run()

    def finished(self) -> "Screen":
        """Draw the page anew once every job of the process is over."""
        for job in list(board().jobs.values()):
            job.thread.join()
        return self.run()

    @property
    def words(self) -> str:
        """Everything that stands on the page as text."""
        at = self.at
        kinds = (at.title, at.subheader, at.markdown, at.caption, at.info, at.warning, at.error)
        values = [element.value for kind in (*kinds, at.success) for element in kind]
        titles = [
            getattr(e.proto, "title", "") for kind in (at.info, at.warning, at.error) for e in kind
        ]
        return "\n".join(str(text).replace("\\", "") for text in (*values, *titles))

    @property
    def figures(self) -> dict[str, str]:
        """The figures in cards; of two with one label, the upper one."""
        return {metric.label: metric.value for metric in reversed(list(self.at.metric))}

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.at.button]

    @property
    def address(self) -> str:
        found = self.at.query_params.get("s", [""])
        return found if isinstance(found, str) else found[0]


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    """A history in a folder of its own, closed at the end."""
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "workspace"))
    st.cache_resource.clear()
    yield tmp_path / "workspace"
    from experimentos.ui.services import close

    close()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def arrival(monkeypatch):
    """How the browser came: from this machine, unless a test calls this with another way."""

    def comes(peer: str | None = None, claims: dict[str, object] | None = None, **headers: str):
        named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
        visit = Visit(peer, {"host": ("localhost:8501",), **named}, claims or {})
        monkeypatch.setattr(access, "visit", lambda: visit)

    comes()
    return comes


@pytest.fixture
def tab():
    """A function that opens a browser tab, at an address if one is given."""
    return lambda **address: Screen(address)


@pytest.fixture
def sample():
    """A function from the name of a sample to its bytes."""
    return lambda name: (SAMPLES / name).read_bytes()
