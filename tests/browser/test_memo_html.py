"""The HTML memo in a real browser: no request, no dialog, no script, whatever its fields hold."""

import json
import shutil
from pathlib import Path

import pytest

from experimentos.memo.decision_memo import decision_memo
from experimentos.memo.html import render_html
from tests.unit.memo.cases import FACTS, SUBJECT, named, written

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[1]
PAYLOADS = json.loads((ROOT / "reference" / "markup" / "payloads.json").read_text())["payloads"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser
        browser.close()


def opened(browser, folder, document, **context):
    """Open the memo as a reader would, from a file, and record what it tries to do."""
    file = folder / "memo.html"
    file.write_text(render_html(document), encoding="utf-8")
    page = browser.new_context(**context).new_page()
    seen = {"requests": [], "dialogs": [], "errors": []}
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    seen["requests"].remove(file.as_uri())
    return page, seen


@pytest.mark.parametrize("entry", PAYLOADS, ids=lambda entry: entry["id"])
def test_a_hostile_memo_asks_for_nothing_and_opens_no_dialog(browser, tmp_path, entry):
    text = entry["payload"]
    document = decision_memo(named(text), facts=FACTS, fields=written(text))
    page, seen = opened(browser, tmp_path, document)
    for link in page.query_selector_all("a"):
        assert link.get_attribute("href").startswith(("http:", "https:", "mailto:", "#"))
    page.mouse.move(200, 200)
    assert seen == {"requests": [], "dialogs": [], "errors": []}
    assert page.evaluate("document.scripts.length") == 0
    page.context.close()


def test_even_a_script_in_the_file_would_be_stopped_by_its_policy(browser, tmp_path):
    page = render_html(decision_memo(SUBJECT, facts=FACTS))
    broken = page.replace(
        "</main>", "<script>alert(1)</script><img src='http://localhost:9/'></main>"
    )
    file = tmp_path / "broken.html"
    file.write_text(broken, encoding="utf-8")
    tab = browser.new_page()
    dialogs, reached = [], []
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    tab.on("response", lambda response: reached.append(response.url))
    tab.goto(file.as_uri())
    assert dialogs == []
    assert [url for url in reached if not url.startswith("file:")] == []
    tab.close()


@pytest.mark.parametrize("width", [420, 1000])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_memo_fits_its_screen_in_both_themes(browser, tmp_path, scheme, width):
    document = decision_memo(SUBJECT, facts=FACTS, fields=written("A plain title"))
    page, _ = opened(
        browser,
        tmp_path,
        document,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    page.context.close()
