"""Every page in light, dark and on a phone: drawn whole, nothing beside the edge."""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PAGES = ("Home", "Health check", "Results", "Decision memo", "Design session", "Runs")
OVERHANG = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  return main.scrollWidth - main.clientWidth;
}"""


@pytest.mark.parametrize(
    ("width", "scheme"), [(1400, "light"), (1400, "dark"), (420, "light")], ids=str
)
def test_every_page_fits_its_width(visitor_with, tmp_path, width, scheme):
    folder = Path(os.environ.get("EXPERIMENTOS_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    visitor = visitor_with(width, scheme)
    visitor.visit("/")
    visitor.press("A clear win")
    visitor.sees("Launch treatment")
    for name in PAGES:
        visitor.go(name)
        assert visitor.page.evaluate(OVERHANG) <= 0, name
        picture = folder / f"{name.lower().replace(' ', '_')}_{scheme}_{width}.png"
        visitor.page.screenshot(path=picture)
    assert not visitor.outside
