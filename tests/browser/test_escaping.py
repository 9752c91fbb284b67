"""A person's text is text: the markup payloads, shown as the screens show names and titles."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
MADE = "a, img, script, svg, iframe, table, blockquote, code, pre, em, strong, del, input, details"


@pytest.mark.parametrize("server", ["tests/browser/escaping_page.py"], indirect=True)
def test_every_payload_is_shown_as_it_was_typed_and_makes_nothing(visitor, server):
    file = ROOT / "tests" / "reference" / "markup" / "payloads.json"
    assert server.process is not None
    visitor.visit("/")
    visitor.sees("All shown")
    for payload in json.loads(file.read_text())["payloads"]:
        shown = visitor.page.locator(f".st-key-payload-{payload['id']}")
        typed = " ".join(payload["payload"].split())
        expect(shown.locator(MADE)).to_have_count(0)
        if typed:
            assert " ".join(shown.inner_text().replace("\u2060", "").split()) == typed
    assert not visitor.dialogs
    assert not visitor.outside
