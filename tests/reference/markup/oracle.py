"""What a rendered memo may hold, judged on the parsed tree and not on the text."""

import re

from lxml import html

TEXT = {"p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote"}
WORDS = {"strong", "em", "b", "i", "s", "del", "code", "a", "sup", "sub", "span", "img"}
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
PLACES = {"div", "section", "header", "footer", "main", "article", "figure", "figcaption"}
TAGS = TEXT | WORDS | TABLES | PLACES
ATTRIBUTES = {
    "a": {"href", "title", "rel", "target"},
    "th": {"align", "scope", "colspan", "rowspan"},
    "td": {"align", "colspan", "rowspan"},
    "ol": {"start"},
    "code": {"class"},
    "img": {"src", "alt", "width", "height"},
}
URL = re.compile(r"(?:https?:|mailto:|#)", re.IGNORECASE)


def unsafe(fragment: str) -> list[str]:
    """Return every element, attribute and address that may not be in a memo."""
    root = html.fragment_fromstring(fragment, create_parent="article")
    bad = []
    for element in root.iterdescendants():
        if not isinstance(element.tag, str):
            bad.append(f"comment or instruction {type(element).__name__}")
            continue
        if element.tag not in TAGS:
            bad.append(f"element {element.tag}")
        for name, value in element.attrib.items():
            bad += _unsafe_attribute(element.tag, name, value)
    return bad


def _unsafe_attribute(tag: str, name: str, value: str) -> list[str]:
    bad = []
    if name not in ATTRIBUTES.get(tag, set()):
        bad.append(f"attribute {tag}[{name}]")
    if name == "href" and not URL.match(re.sub(r"[\x00-\x20]", "", value)):
        bad.append(f"url {value[:40]!r}")
    if name == "src" and not value.startswith("data:image/png;base64,"):
        bad.append(f"image {value[:40]!r}")
    return bad


def text_of(fragment: str) -> str:
    """Return the text that a reader sees."""
    return html.fragment_fromstring(fragment, create_parent="article").text_content()


def csv_unsafe(cell: str) -> bool:
    """Return whether a spreadsheet would take the cell for a formula."""
    trimmed = cell.lstrip(" ")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", trimmed):
        return False
    return bool(trimmed) and trimmed[0] in "=+-@\t\r\n|%"
