"""A document as one HTML file that asks nobody for anything."""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from experimentos.charts.visible import one_line
from experimentos.memo.document import Callout, Document
from experimentos.memo.free_text import free_text_html

if TYPE_CHECKING:
    from jinja2 import Environment, Template

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_TONES = {"good": "--good", "caution": "--caution", "bad": "--bad", "neutral": "--neutral"}


def render_html(document: Document) -> str:
    """Return a complete page: style and pictures inside, no script, no request, no class of ours.

    The frame is escaped by the template; free text comes from the sanitiser and is not touched
    after it. The page reads on light and dark screens, on a phone and on paper.
    """
    from markupsafe import Markup

    style = Markup(_resource("memo.css") + _tones(document))  # noqa: S704 - both are our own
    policy = Markup(CONTENT_SECURITY_POLICY)  # noqa: S704 - our own constant
    return _template("page.html").render(document=document, policy=policy, style=style)


def render_body(document: Document) -> str:
    """Return the same document without head and style, to place into a page of another."""
    return _template("body.html").render(document=document)


def _tones(document: Document) -> str:
    """Return the colour of each callout by its place: the markup itself carries no class."""
    rules = []
    for at, section in enumerate(document.sections, start=1):
        callouts = (block for block in section.blocks if isinstance(block, Callout))
        for nth, callout in enumerate(callouts, start=1):
            place = f"main>section:nth-of-type({at})>div:nth-of-type({nth})"
            rules.append(f"{place}{{--tone:var({_TONES.get(callout.tone, '--neutral')})}}")
    return "\n".join(rules)


def _resource(name: str) -> str:
    return (resources.files("experimentos.memo") / name).read_text(encoding="utf-8")


def _template(name: str) -> "Template":
    return _environment().get_template(name)


@cache
def _environment() -> "Environment":
    from jinja2 import DictLoader, Environment, StrictUndefined
    from markupsafe import Markup

    templates = {name: _resource(name) for name in ("page.html", "body.html")}
    environment = Environment(
        loader=DictLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = one_line
    environment.filters["lines"] = _visible_lines
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["clean"] = lambda text: Markup(free_text_html(text))  # noqa: S704 - nh3
    environment.filters["own_svg"] = Markup
    return environment


def _visible_lines(text: str) -> str:
    return "\n".join(one_line(line) for line in text.split("\n"))
