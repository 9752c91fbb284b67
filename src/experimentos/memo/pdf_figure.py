"""The pictures of `charts.svg` in a PDF: the few elements that they are made of, drawn again."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

SVG = "{http://www.w3.org/2000/svg}"
BASE_SIZE = 13.0
INK = HexColor("#1a1d23")
_ROUND = 1


class Picture(Flowable):  # type: ignore[misc]  # the library has no types
    """A static SVG picture of ours.

    Parameters
    ----------
    svg
        As `charts.svg` writes it: text, line, polygon and circle.
    width
        To draw it in, points.
    regular, bold
        Names of the fonts.
    clean
        Returns words with marks for what the fonts cannot draw.
    """

    def __init__(
        self, svg: str, width: float, regular: str, bold: str, clean: Callable[[str], str]
    ) -> None:
        super().__init__()
        # Only pictures of `charts.svg` come here; its element tree did the escaping.
        self._root = ElementTree.fromstring(svg)  # noqa: S314 - our own output
        _, _, across, down = map(float, self._root.attrib["viewBox"].split())
        self._scale = width / across
        self._down = down
        self._fonts = (regular, bold)
        self._clean = clean
        self.width, self.height = width, down * self._scale

    def wrap(self, *_available: float) -> tuple[float, float]:
        """Return the size, points."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the picture; the y axis of SVG points down, that of a PDF up."""
        canvas: Canvas = self.canv
        canvas.saveState()
        canvas.scale(self._scale, self._scale)
        draw = {
            "text": self._text, "line": self._line, "polygon": self._polygon,
            "circle": self._circle,
        }  # fmt: skip
        for element in self._root:
            step = draw.get(element.tag.removeprefix(SVG))
            if step is not None:
                canvas.saveState()
                step(canvas, element)
                canvas.restoreState()
        canvas.restoreState()

    def _text(self, canvas: Canvas, element: ElementTree.Element) -> None:
        given = element.attrib
        font = self._fonts[int(given.get("font-weight", "400") in {"600", "700"})]
        canvas.setFont(font, float(given.get("font-size", BASE_SIZE)))
        canvas.setFillColor(_colour(given, "fill"))
        write = {"end": canvas.drawRightString, "middle": canvas.drawCentredString}
        words = self._clean(element.text or "")
        draw = write.get(given.get("text-anchor", ""), canvas.drawString)
        draw(float(given["x"]), self._down - float(given["y"]), words)

    def _line(self, canvas: Canvas, element: ElementTree.Element) -> None:
        given = element.attrib
        canvas.setStrokeColor(_colour(given, "stroke"))
        canvas.setLineWidth(float(given.get("stroke-width", 1)))
        if given.get("stroke-linecap") == "round":
            canvas.setLineCap(_ROUND)
        if dashes := given.get("stroke-dasharray"):
            canvas.setDash([float(d) for d in dashes.split()])
        x1, y1, x2, y2 = (float(given[name]) for name in ("x1", "y1", "x2", "y2"))
        canvas.line(x1, self._down - y1, x2, self._down - y2)

    def _polygon(self, canvas: Canvas, element: ElementTree.Element) -> None:
        canvas.setFillColor(_colour(element.attrib, "fill"))
        path = canvas.beginPath()
        corners = [tuple(map(float, c.split(","))) for c in element.attrib["points"].split()]
        for place, (x, y) in enumerate(corners):
            (path.lineTo if place else path.moveTo)(x, self._down - y)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)

    def _circle(self, canvas: Canvas, element: ElementTree.Element) -> None:
        given = element.attrib
        canvas.setFillColor(_colour(given, "fill"))
        x, y, radius = (float(given[name]) for name in ("cx", "cy", "r"))
        canvas.circle(x, self._down - y, radius, stroke=0, fill=1)


def _colour(given: Mapping[str, str], what: str) -> Any:
    name = given.get(what, "currentColor")
    base = INK if name == "currentColor" else HexColor(name)
    opacity = float(given.get(f"{what}-opacity", 1))
    return Color(base.red, base.green, base.blue, alpha=opacity)
