"""Markdown that a person typed, for two readers: a browser, and any viewer of Markdown.

Nothing that was typed is dropped: markup, images and links that may not act are shown as the
characters they are. Work is linear in the length of the text, and text beyond `MARKDOWN_LIMIT`
characters is shown as typed, because the renderer's own time grows with the square of it.
"""

import html
import re
from collections.abc import Callable

from experimentos.charts.visible import visible

MARKDOWN_LIMIT = 2_000

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {"p", "br", "hr", "ul", "ol", "li", "pre", "blockquote"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_WORDS = {"strong", "em", "b", "i", "s", "del", "code", "a", "sup", "sub"}
TAGS = frozenset(_HEADINGS | _BLOCKS | _TABLES | _WORDS)
ATTRIBUTES = {"a": {"href", "title"}, "th": {"align"}, "td": {"align"}, "ol": {"start"}}
SCHEMES = frozenset({"http", "https", "mailto"})
LINK_START = re.compile(r"(?:https?:|mailto:|#)", re.IGNORECASE)

# A label without brackets, a destination of URL characters only: nothing here can be read in two
# ways, and a failed match stops at the next bracket.
_LINK = re.compile(
    r"\[(?P<label>[^\[\]\\`<>\n]{1,300})\]"
    r"\((?P<url>(?:https?://|mailto:)[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]{1,1000})\)"
)
# Browsers and parsers drop what is nested some hundreds deep; nobody reads a ninth level.
_TOO_DEEP = re.compile(r"^[ \t]*(?:>[ \t]*|[-+*][ \t]+|\d{1,9}[.)][ \t]+){9}", re.MULTILINE)
_SPECIAL = re.compile(r"[\[<&]")

# Private-use characters cannot be typed into a field: `visible` has turned them into marks.
_HELD = {"[": "\ue000", "<": "\ue001", "&": "\ue002"}
_RELEASED = str.maketrans({"\ue000": "[", "\ue001": "&lt;", "\ue002": "&amp;"})

_UNUSED = {
    "preprocessors": ("html_block",),
    "parser.blockprocessors": ("reference",),
    "inlinePatterns": (
        "reference",
        "image_link",
        "image_reference",
        "short_reference",
        "short_image_ref",
        "autolink",
        "automail",
        "html",
        "entity",
    ),
}


def free_text_html(text: str) -> str:
    """Return a person's Markdown as a fragment of clean HTML.

    Tags, attributes and schemes are those of `TAGS`, `ATTRIBUTES` and `SCHEMES`; headings become
    h4. The sanitiser runs last and its output is not touched again.
    """
    import nh3

    seen = visible(text).strip()
    if not seen:
        return ""
    return nh3.clean(
        _to_html(seen),
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style"},
        strip_comments=True,
        attribute_filter=_only_links,
    )


def _only_links(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href" and not LINK_START.match(value):
        return None
    return value


def _to_html(text: str) -> str:
    if len(text) > MARKDOWN_LIMIT or _TOO_DEEP.search(text):
        return _as_typed(text)
    try:
        return _rendered(_each_special(text, _HELD.__getitem__)).translate(_RELEASED)
    except RecursionError:
        return _as_typed(text)


def _as_typed(text: str) -> str:
    blocks = (html.escape(block.strip("\n")) for block in re.split(r"\n[ \t]*\n", text))
    return "".join(f"<p>{block}</p>".replace("\n", "<br>") for block in blocks if block)


def _rendered(text: str) -> str:
    from markdown import Markdown
    from markdown.treeprocessors import Treeprocessor

    class LowHeadings(Treeprocessor):
        def run(self, root: object) -> None:
            for element in root.iter():  # type: ignore[attr-defined]  # ElementTree
                if element.tag in _HEADINGS:
                    element.tag = "h4"

    renderer = Markdown(extensions=["tables", "fenced_code", "sane_lists", "nl2br"])
    for names, registry in (
        (_UNUSED["preprocessors"], renderer.preprocessors),
        (_UNUSED["parser.blockprocessors"], renderer.parser.blockprocessors),
        (_UNUSED["inlinePatterns"], renderer.inlinePatterns),
    ):
        for name in names:
            registry.deregister(name)
    renderer.treeprocessors.register(LowHeadings(renderer), "low_headings", 5)
    return renderer.convert(text)


def _each_special(text: str, replace: Callable[[str], str]) -> str:
    """Replace `[`, `<` and `&` one by one, leaving the bracket that opens a plain link."""
    parts, at = [], 0
    for match in _SPECIAL.finditer(text):
        start = match.start()
        if start < at:
            continue
        parts.append(text[at:start])
        link = _LINK.match(text, start)
        if link is None or text[start - 1 : start] in {"!", "\\"}:
            parts.append(replace(match[0]))
            at = start + 1
        else:
            parts.append(_held_link(link, replace))
            at = link.end()
    parts.append(text[at:])
    return "".join(parts)


def _held_link(link: re.Match[str], replace: Callable[[str], str]) -> str:
    label, url = (link[part].replace("&", replace("&")) for part in ("label", "url"))
    return f"[{label}]({url})"


_ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "\\`*_{}[]#"}
    | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "~": "&#126;", "$": "&#36;"}
)
_FREE_ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "\\`{}[]"}
    | {"<": "&lt;", "&": "&amp;", "|": "&#124;", "~": "&#126;", "$": "&#36;"}
)
_OPENERS = {":": "&#58;", "=": "&#61;", "!": "\\!", "#": "\\#", "-": "\\-", "+": "\\+"}
_OPENING = re.compile(r"[:=!#]|[-+](?![\w.])")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_UNDERLINE = re.compile(r"-[- ]*$")
_DEEPEST_INDENT = 3


def escape_markdown(line: str) -> str:
    """Return one line of plain text so that every viewer of Markdown shows just that text."""
    # A less-than before a space opens nothing anywhere, and "p < 0.01" stays readable.
    escaped = line.translate(_ESCAPES).replace("&lt; ", "< ")
    numbered = _NUMBERED.match(escaped)
    if numbered:
        return f"{numbered[1]}\\{numbered[2]}{escaped[numbered.end() :]}"
    if _OPENING.match(escaped):
        return _OPENERS[escaped[0]] + escaped[1:]
    return escaped


def free_text_markdown(text: str) -> list[str]:
    """Return a person's Markdown as lines of a quotation that is safe in any viewer.

    Emphasis, lists and plain http, https and mailto links stay; markup, images, code, tables and
    headings are shown as the characters they are.
    """
    seen = visible(text).strip()
    if not seen:
        return []
    escape = _free_line if len(seen) <= MARKDOWN_LIMIT else _plain_line
    lines = [escape(line) for line in seen.split("\n")]
    followers = [*lines[1:], ""]
    return [
        f"> {line}  " if line and follower else f"> {line}".rstrip()
        for line, follower in zip(lines, followers, strict=True)
    ]


def _plain_line(line: str) -> str:
    return escape_markdown(" ".join(line.split()))


def _free_line(line: str) -> str:
    words = " ".join(line.split())
    indent = min(len(line) - len(line.lstrip()), _DEEPEST_INDENT)
    return " " * indent + _guarded_start(_with_links(words), words) if words else ""


def _with_links(words: str) -> str:
    parts, at = [], 0
    for link in _LINK.finditer(words):
        image = words[link.start() - 1 : link.start()] in {"!", "\\"}
        parts.append(words[at : link.start()].translate(_FREE_ESCAPES))
        parts.append(link[0].translate(_FREE_ESCAPES) if image else _linked(link))
        at = link.end()
    parts.append(words[at:].translate(_FREE_ESCAPES))
    return "".join(parts)


def _linked(link: re.Match[str]) -> str:
    url = link["url"].replace("&", "&amp;")
    return f"[{link['label'].translate(_FREE_ESCAPES)}]({url})"


def _guarded_start(escaped: str, words: str) -> str:
    """Keep list markers; let no line become a heading, a definition or an admonition."""
    if words[0] in "-+" and not _UNDERLINE.match(words) and words[1:2] in {"", " "}:
        return escaped
    if _OPENING.match(escaped):
        return _OPENERS[escaped[0]] + escaped[1:]
    return escaped
