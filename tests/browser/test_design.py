"""A design from its description to its run sheet, as a person sees it."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

OVERHANG = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  return main.scrollWidth - main.clientWidth;
}"""
WHOLE = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  return Math.min(main.scrollHeight + 80, 6000);
}"""


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1400, "light"), (1024, "dark"), (420, "light"), (420, "dark")],
    ids=str,
)
def test_a_design_fits_its_width_from_description_to_run_sheet(
    visitor_with, tmp_path, width, scheme
):
    folder = Path(os.environ.get("EXPERIMENTOS_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    visitor = visitor_with(width, scheme)

    def picture(name: str) -> None:
        visitor.settled()
        assert visitor.page.evaluate(OVERHANG) <= 0, name
        visitor.page.set_viewport_size({"width": width, "height": visitor.page.evaluate(WHOLE)})
        visitor.page.screenshot(path=folder / f"{name}_{scheme}_{width}.png")
        visitor.page.set_viewport_size({"width": width, "height": 900})

    visitor.visit("/design")
    visitor.press("A field trial")
    visitor.sees("What was read")
    picture("design_read")
    visitor.press("Use this design")
    visitor.sees("Anatomy of the analysis")
    picture("design_workspace")
    visitor.press("Apply: Axis is the reference")
    visitor.sees("Reference: Axis")
    visitor.page.get_by_role("button", name="Edit: wheat variety").click()
    visitor.sees("Levels, one per line")
    picture("design_edit")
    visitor.page.get_by_role("radio", name="Relations").click()
    visitor.sees("wheat variety is applied to each plot")
    picture("design_relations")
    assert not visitor.outside


MICE = (
    "Twelve mice are randomly assigned to a diet (control or high fat) and a dose (0, 1 or 10 uM). "
    "We measure 4 sections of each mouse. The response is lesion area in mm2."
)


def treatments(visitor) -> list[str]:
    group = visitor.page.locator(".group", has_text="Treatments")
    return group.locator(".card .name").all_text_contents()


def download(visitor, name: str) -> bytes:
    with visitor.page.expect_download() as caught:
        visitor.page.get_by_role("button", name=name).first.click()
    return Path(caught.value.path()).read_bytes()


def open_tab(visitor, name: str) -> None:
    visitor.page.get_by_role("tab", name=name).click()
    visitor.settled()


def last_hash(exported: bytes) -> str:
    return json.loads(exported)["history"]["versions"][-1]["hash"]


def test_a_design_is_mended_ordered_restored_laid_out_and_comes_back_by_its_hash(visitor, tmp_path):
    visitor.visit("/design")
    visitor.type("Describe your experiment", MICE)
    visitor.press("Read it")
    visitor.sees("What was read")
    visitor.press("Use this design")
    visitor.sees("n is 12, not more")
    visitor.press("Apply: Add a random term for mouse")
    expect(visitor.page.get_by_text("n is 12, not more")).to_have_count(0)

    board = visitor.page.locator(".board")
    assert treatments(visitor) == ["dose", "diet"]
    board.locator(".card", has_text="dose").first.focus()
    visitor.page.keyboard.press("Alt+ArrowDown")
    visitor.settled()
    expect(visitor.page.get_by_text("Version 3")).to_be_visible()
    assert treatments(visitor) == ["diet", "dose"]
    focused = "() => document.activeElement.shadowRoot?.activeElement?.dataset.key"
    assert visitor.page.evaluate(focused) == "factors.dose"
    name = board.locator(".card", has_text="diet").first.locator(".name")
    name.dblclick()
    visitor.page.keyboard.type("food <b>x</b>")
    visitor.page.keyboard.press("Enter")
    expect(board.get_by_text("food <b>x</b>")).to_be_visible()
    assert board.locator("b").count() == 0

    open_tab(visitor, "Versions")
    visitor.sees("The factor diet is now called")
    visitor.page.get_by_role("button", name="Restore").nth(0).click()
    expect(visitor.page.get_by_text("Version 5")).to_be_visible()
    visitor.settled()
    assert treatments(visitor) == ["diet", "dose"]

    open_tab(visitor, "Layout")
    visitor.page.get_by_text("Form and constraints").click()
    visitor.page.get_by_role("radio", name="Plates").click()
    visitor.sees("What the layout must respect")
    expect(visitor.page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    run_sheet = download(visitor, "Run sheet (CSV)").decode("utf-8-sig")
    assert len(run_sheet.strip().splitlines()) == 1 + 48
    assert download(visitor, "Data entry (Excel)").startswith(b"PK")

    open_tab(visitor, "Export")
    assert download(visitor, "Report (PDF)").startswith(b"%PDF")
    exported = download(visitor, "Design (JSON)")
    kept = tmp_path / "design.json"
    kept.write_bytes(exported)
    visitor.press("All designs")
    visitor.page.get_by_text("Bring in a design from a file").click()
    visitor.page.locator("input[type=file]").set_input_files(kept)
    visitor.press("Open it as a new design")
    visitor.sees("Anatomy of the analysis")
    open_tab(visitor, "Export")
    assert last_hash(download(visitor, "Design (JSON)")) == last_hash(exported)
    address = visitor.page.url

    visitor.server.kill()
    visitor.server.start()
    visitor.page.goto(address)
    visitor.settled()
    expect(board).to_be_visible()
    assert treatments(visitor) == ["diet", "dose"]
    assert not visitor.outside
    assert not visitor.dialogs


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (420, "dark")], ids=str)
def test_changed_words_are_proposed_marked_and_fit_their_width(visitor_with, width, scheme):
    visitor = visitor_with(width, scheme)
    page = visitor.page

    def describe(text: str) -> None:
        unfold = page.get_by_test_id("stExpandSidebarButton")
        if unfold.is_visible():
            unfold.click()
        box = page.get_by_label("The description", exact=True)
        if not box.is_visible():
            page.get_by_text("The description", exact=True).first.click()
        box.fill(text)
        box.press("Tab")
        visitor.settled()
        if width < 600:
            page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()

    visitor.visit("/design")
    visitor.type("Describe your experiment", MICE)
    visitor.press("Read it")
    visitor.press("Use this design")
    visitor.sees("Anatomy of the analysis")
    more = MICE.replace("Twelve", "Eighteen").replace(
        "control or high", "control, high sugar or high"
    )
    describe(more)
    visitor.sees("Diet: level high sugar added.")
    changed = page.locator(".st-key-design\\.redescribed, [class*='st-key-design-redescribed']")
    expect(changed.get_by_text("Eighteen", exact=True)).to_be_visible()
    assert page.evaluate(OVERHANG) <= 0
    visitor.press("Accept all additions and changes")
    expect(page.get_by_text("The description changed")).to_have_count(0)
    visitor.press("Undo")
    visitor.sees("Diet: level high sugar added.")

    page.get_by_role("button", name="Delete: mouse").last.click()
    visitor.settled()
    visitor.sees("Does not fit the design as it is now")
    visitor.sees("Mouse: count changed from 12 to 18.")
    assert page.evaluate(OVERHANG) <= 0
    assert not visitor.outside


def test_a_finger_drags_a_card_by_its_grip(visitor_with):
    visitor = visitor_with(420, "light")
    visitor.visit("/design")
    visitor.type("Describe your experiment", MICE)
    visitor.press("Read it")
    visitor.sees("What was read")
    visitor.press("Use this design")
    visitor.sees("Anatomy of the analysis")
    group = visitor.page.locator(".group", has_text="Treatments")
    expect(group.locator(".card")).to_have_count(2)
    assert treatments(visitor) == ["dose", "diet"]
    group.locator(".card").first.evaluate("e => e.scrollIntoView({ block: 'start' })")
    visitor.settled()
    grip = group.locator(".grip").first.bounding_box()
    card = group.locator(".card").nth(1).bounding_box()
    start = (grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    end = (card["x"] + card["width"] / 2, card["y"] + card["height"] / 2)
    finger = visitor.page.context.new_cdp_session(visitor.page)

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 11):
        x, y = (a + (b - a) * step / 10 for a, b in zip(start, end, strict=True))
        touch("touchMove", (x, y))
    touch("touchEnd")
    expect(visitor.page.get_by_text("Version 2")).to_be_visible()
    assert treatments(visitor) == ["diet", "dose"]
