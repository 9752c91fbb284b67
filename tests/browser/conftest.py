"""A real server and a real Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / ".tmp" / "samples"
PATIENCE_MS = 60_000
PHONE_WIDTH = 600
PHONE = {
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0 Mobile Safari/537.36",
}


class Server:
    """The app as `streamlit run app.py` starts it."""

    def __init__(self, workspace: Path, script: str = "app.py") -> None:
        self.workspace = workspace
        self.script = script
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", self.script]
        self.process = subprocess.Popen(
            [*command, "--server.port", str(self.port), "--server.address", "127.0.0.1"],
            cwd=ROOT,
            env={
                **os.environ,
                "EXPERIMENTOS_HOME": str(self.workspace),
                "PYTHONPATH": str(ROOT / "src"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "URL:" in line:
                return
        raise AssertionError("The server stopped before it listened.")

    def kill(self) -> None:
        """Stop it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Visitor:
    """A person at the page, who waits for what must appear and never for a time."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.outside: list[str] = []
        self.dialogs: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", self._note_request)
        page.on("dialog", self._note_dialog)

    def _note_request(self, request) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.outside.append(request.url)

    def _note_dialog(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def visit(self, path: str = "/") -> None:
        self.page.goto(self.server.url + path)
        self.settled()

    def settled(self) -> None:
        app = "[data-testid='stApp']"
        self.page.wait_for_selector(f"{app}[data-test-connection-state='CONNECTED']")
        self.page.wait_for_selector(f"{app}[data-test-script-state='notRunning']")

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()
        self.settled()

    def go(self, name: str) -> None:
        """Follow the menu, which is folded away on a phone."""
        unfold = self.page.get_by_test_id("stExpandSidebarButton")
        if unfold.is_visible():
            unfold.click()
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        heading = self.page.get_by_test_id("stMain").get_by_role("heading", level=1)
        expect(heading.first).to_be_visible(timeout=PATIENCE_MS)
        self.settled()

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.page.get_by_label(label, exact=True).press("Tab")
        self.settled()


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "These tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path, request):
    server = Server(tmp_path / "workspace", getattr(request, "param", "app.py"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def visitor(chromium, server):
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    yield Visitor(context.new_page(), server)
    context.close()


@pytest.fixture
def visitor_with(chromium, server):
    """A function from width and colour scheme to a visitor."""
    contexts = []

    def make(width: int, scheme: str) -> Visitor:
        size = {"width": width, "height": 900}
        device = PHONE if width < PHONE_WIDTH else {}
        context = chromium.new_context(viewport=size, color_scheme=scheme, **device)
        contexts.append(context)
        return Visitor(context.new_page(), server)

    yield make
    for context in contexts:
        context.close()
