"""A design from its description to its run sheet, as a person sees it."""

import os
from pathlib import Path

import pytest

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
    ("width", "scheme"), [(1400, "light"), (1400, "dark"), (420, "light")], ids=str
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
    visitor.page.get_by_role("button", name="Edit").first.click()
    visitor.sees("Levels, one per line")
    picture("design_edit")
    assert not visitor.outside
