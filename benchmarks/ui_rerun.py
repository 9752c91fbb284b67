"""What a rerun of Results costs the server: CPU per rerun and resident memory, from /proc.

Usage: PYTHONPATH=src python benchmarks/ui_rerun.py [RERUNS]

A real server and a real Chromium (its own processes, not counted). Opening a tab of the page is
one rerun of the whole script. The first reruns warm the caches and are not counted.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WARMING = 6
TABS = (("Bayesian view", "For orientation only"), ("Continuous", "Reported only"))


def cpu_seconds(pid: int) -> float:
    """Return user plus system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def settled(page: Page) -> None:
    page.wait_for_selector("[data-testid='stApp'][data-test-connection-state='CONNECTED']")
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")


def rerun(page: Page, turn: int) -> None:
    name, text = TABS[turn % 2]
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)
    settled(page)


def measure(page: Page, url: str, pid: int, reruns: int) -> None:
    page.goto(url)
    settled(page)
    page.get_by_role("button", name="A clear win").click()
    expect(page.get_by_text("Launch treatment").first).to_be_visible(timeout=60_000)
    settled(page)
    print(f"after the first view: {resident_mb(pid):.0f} MB resident")
    for turn in range(WARMING):
        rerun(page, turn)
    before = cpu_seconds(pid)
    for turn in range(reruns):
        rerun(page, turn)
    spent = (cpu_seconds(pid) - before) / reruns
    print(f"rerun of Results: {spent * 1000:.1f} ms CPU, mean of {reruns}")
    print(f"after them: {resident_mb(pid):.0f} MB resident")


def main() -> None:
    reruns = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", port]
    with tempfile.TemporaryDirectory() as workspace:
        server = subprocess.Popen(
            [*command, "--server.address", "127.0.0.1"],
            cwd=ROOT,
            env={**os.environ, "EXPERIMENTOS_HOME": workspace},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            next(line for line in server.stdout or () if "URL:" in line)
            with sync_playwright() as playwright:
                path = shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
                measure(browser.new_page(), f"http://127.0.0.1:{port}/", server.pid, reruns)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
