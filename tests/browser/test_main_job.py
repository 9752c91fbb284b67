"""From an upload to a decision that is found again after the server was killed."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[2] / ".tmp" / "samples"
HOSTILE = "Save <script>alert(1)</script> **bold** [x](javascript:alert(2)) :material/home:"


def test_upload_to_memo_to_history_and_back_after_a_killed_server(visitor, server):
    visitor.visit("/")
    visitor.press("Bring in results")
    results = visitor.page.get_by_test_id("stTabs").locator("input[type=file]")
    results.set_input_files(SAMPLES / "launch.csv")
    visitor.sees("Every check passed")
    visitor.press("See the results")
    visitor.sees("Launch treatment")
    visitor.press("Write the decision memo")
    visitor.type("Title", "Checkout in one step")
    visitor.sees("Checkout in one step")

    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("button", name="HTML").click()
    downloaded = Path(waiting.value.path()).read_bytes()
    frame = visitor.page.locator("iframe[title='Preview of the decision memo']")
    shown = frame.get_attribute("src").split("base64,", 1)[1]
    assert base64.b64decode(shown) == downloaded
    assert b"Checkout in one step" in downloaded

    visitor.press("Save to history")
    expect(visitor.page.get_by_role("button", name="Save the changes")).to_be_visible()
    address = visitor.page.url
    server.kill()
    server.start()
    visitor.visit("/")
    visitor.sees("Checkout in one step")
    visitor.press("Open")
    visitor.sees("Launch treatment")
    visitor.page.goto(address)
    visitor.sees("Save the changes")
    assert not visitor.outside


def test_text_typed_before_a_restart_is_kept(visitor, server):
    visitor.visit("/")
    visitor.press("A clear win")
    visitor.go("Health check")
    visitor.type("Hypothesis", "Typed before the restart.")
    visitor.type("Title", "Named before the restart")
    name = visitor.page.get_by_test_id("stSidebar").get_by_text("Named before the restart")
    expect(name).to_be_visible(timeout=60_000)
    server.kill()
    server.start()
    visitor.page.reload()
    visitor.settled()
    expect(visitor.page.get_by_label("Hypothesis")).to_have_value("Typed before the restart.")


def test_the_first_request_after_a_start_may_be_a_deep_link(visitor):
    visitor.visit("/results")
    visitor.sees("No results yet")
    menu = visitor.page.get_by_test_id("stSidebarNav")
    for name in ("Home", "Design session", "Health check", "Results", "Decision memo", "Runs"):
        expect(menu.get_by_role("link", name=name)).to_be_visible()
    expect(visitor.page.get_by_text("Page not found")).to_have_count(0)


def test_an_address_can_be_opened_in_another_tab_and_shared_between_pages(visitor, visitor_with):
    visitor.visit("/")
    visitor.press("Three arms")
    visitor.sees("Launch shorter_form")
    address = visitor.page.url
    assert "?s=" in address
    visitor.go("Decision memo")
    assert "?s=" in visitor.page.url
    visitor.page.go_back()
    visitor.sees("Launch shorter_form")
    other = visitor_with(1400, "light")
    other.page.goto(address)
    other.sees("Launch shorter_form")


def test_hostile_text_is_text_on_every_page(visitor):
    visitor.visit("/")
    visitor.press("A clear win")
    visitor.go("Decision memo")
    visitor.type("Title", HOSTILE)
    visitor.type("Notes", HOSTILE)
    visitor.sees("Save <script>alert(1)</script>")
    memo = visitor.page.frame_locator("iframe[title='Preview of the decision memo']")
    expect(memo.locator("h1")).to_contain_text("<script>alert(1)</script>")
    visitor.press("Save to history")
    visitor.go("Results")
    title = visitor.page.get_by_test_id("stMain").get_by_role("heading", level=1)
    expect(title).to_contain_text("[x](javascript")
    visitor.go("Home")
    visitor.sees("Save <script>alert(1)</script>")
    assert visitor.page.locator("a[href^=javascript]").count() == 0
    assert not visitor.dialogs
    assert not visitor.outside
