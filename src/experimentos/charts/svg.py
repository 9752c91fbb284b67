"""Static pictures for documents: SVG written with the standard library.

Text and rules take the colour of the page (`currentColor`), so a picture reads on light, dark and
paper; an element tree does the escaping.
"""

from collections.abc import Sequence
from xml.etree import ElementTree

from experimentos.charts.chart import PALETTE
from experimentos.charts.forest import forest_alt
from experimentos.charts.posterior import Density, posterior_alt
from experimentos.charts.rows import ForestRow, Span, drawn_range
from experimentos.charts.visible import one_line

_WIDTH = 480.0
_MARGIN = 10.0
_ROW = 46.0
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
_SYMBOL = {"better": "▲", "worse": "▼", "unclear": "●"}
_STATE = {"better": "better", "worse": "worse", "unclear": "no clear difference"}
_TICKS = 6
_TITLE = "Change relative to the control, with its confidence interval"
_SMALL = {"font_size": "11.5", "fill_opacity": "0.75"}
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LONGEST_LABEL = 28
_LONGEST_TEXT = 34


class Drawing:
    """An SVG picture under construction, in units of CSS pixels."""

    def __init__(self, height: float, title: str, description: str) -> None:
        self.root = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_WIDTH:g} {height:g}",
                "role": "img",
                "font-family": _FONT,
                "font-size": "13",
                "fill": "currentColor",
            },
        )
        ElementTree.SubElement(self.root, "title").text = title
        ElementTree.SubElement(self.root, "desc").text = description

    def text(self, x: float, y: float, words: str, **attributes: str) -> None:
        """Write words with their baseline at (x, y)."""
        self._add("text", {"x": _n(x), "y": _n(y)}, attributes).text = words

    def line(self, x1: float, y1: float, x2: float, y2: float, **attributes: str) -> None:
        """Draw a straight line."""
        ends = {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2)}
        self._add("line", ends, {"stroke": "currentColor"} | attributes)

    def shape(self, corners: Sequence[tuple[float, float]], **attributes: str) -> None:
        """Fill a polygon."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)
        self._add("polygon", {"points": path}, attributes)

    def dot(self, x: float, y: float, radius: float, **attributes: str) -> None:
        """Fill a circle."""
        self._add("circle", {"cx": _n(x), "cy": _n(y), "r": _n(radius)}, attributes)

    def render(self) -> str:
        """Return the complete `<svg>` element."""
        return ElementTree.tostring(self.root, encoding="unicode")

    def _add(self, tag: str, place: dict[str, str], more: dict[str, str]) -> ElementTree.Element:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return ElementTree.SubElement(self.root, tag, place | named)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Axis:
    """A linear scale from values to horizontal places."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def at(self, value: float) -> float:
        """Return the place of a value; values outside stand at the edge."""
        inside = max(self.low, min(self.high, value))
        share = (inside - self.low) / (self.high - self.low)
        return _MARGIN + share * (_WIDTH - 2 * _MARGIN)

    def ticks(self) -> list[float]:
        """Return round values inside the axis, zero among them when it is inside."""
        rough = (self.high - self.low) / _TICKS
        magnitude = 10.0 ** _floor_log10(rough)
        step = next(s * magnitude for s in _STEPS if s * magnitude >= rough * 0.999)
        first = -int(-self.low // step) if self.low < 0 else int(self.low // step)
        values = (step * k for k in range(first - 1, first + 2 * _TICKS + 4))
        return [0.0 if abs(v) < step / 1e6 else v for v in values if self.low <= v <= self.high]


def _floor_log10(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def forest_svg(rows: tuple[ForestRow, ...]) -> str:
    """Return the forest plot of a document: two lines a row, words above the interval."""
    height = 34 + _ROW * len(rows) + 42
    drawing = Drawing(height, _TITLE, forest_alt(rows))
    axis = Axis(*drawn_range(rows))
    for number, row in enumerate(rows):
        top = 34 + _ROW * number
        if row.span is not None:
            _grid(drawing, axis, top + 17, top + 40)
        _row(drawing, axis, row, top)
    _labels(drawing, axis, height - 28, unit="%")
    drawing.text(_WIDTH / 2, height - 6, _TITLE, **_SMALL, text_anchor="middle")
    _key(drawing, rows)
    return drawing.render()


def _grid(drawing: Drawing, axis: Axis, top: float, bottom: float) -> None:
    for value in axis.ticks():
        x, strong = axis.at(value), value == 0
        drawing.line(x, top, x, bottom, stroke_opacity="0.6" if strong else "0.14")


def _labels(
    drawing: Drawing, axis: Axis, y: float, *, scale: float = 100.0, unit: str = ""
) -> None:
    for value in axis.ticks():
        label = f"{scale * value:+.4g}{unit}".replace("-", "\N{MINUS SIGN}") if value else "0"
        drawing.text(axis.at(value), y, label, text_anchor="middle", fill_opacity="0.75")


def _row(drawing: Drawing, axis: Axis, row: ForestRow, top: float) -> None:
    label, result = _short(row.label, _LONGEST_LABEL), _short(row.brief, _LONGEST_TEXT)
    drawing.text(0, top + 12, label, font_weight="600")
    right = {"text_anchor": "end", "font_size": "12", "fill_opacity": "0.85"}
    drawing.text(_WIDTH, top + 12, result, **right)
    if row.span is None:
        return
    y, colour = top + 28, PALETTE[row.state]
    _limit(drawing, axis, row, y)
    low, high = axis.at(row.span.low), axis.at(row.span.high)
    drawing.line(low, y, high, y, stroke=colour, stroke_width="3", stroke_linecap="round")
    _ends(drawing, axis, row.span, y, colour)
    _mark(drawing, axis.at(row.span.estimate), y, row.state)


def _short(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def _limit(drawing: Drawing, axis: Axis, row: ForestRow, y: float) -> None:
    if row.harm is None or not axis.low <= row.harm <= axis.high:
        return
    x = axis.at(row.harm)
    style = {"stroke": PALETTE["worse"], "stroke_width": "2", "stroke_dasharray": "3 2"}
    drawing.line(x, y - 9, x, y + 9, **style)


def _ends(drawing: Drawing, axis: Axis, span: Span, y: float, colour: str) -> None:
    for end, side in ((span.low, -1), (span.high, 1)):
        x = axis.at(end)
        if axis.low <= end <= axis.high:
            drawing.line(x, y - 5, x, y + 5, stroke=colour, stroke_width="2")
        else:
            tip = ((x + 8 * side, y), (x, y - 6), (x, y + 6))
            drawing.shape(tip, fill=colour)


def _mark(drawing: Drawing, x: float, y: float, state: str) -> None:
    colour = PALETTE[state]
    match state:
        case "better":
            drawing.shape(((x, y - 8), (x - 7.5, y + 6), (x + 7.5, y + 6)), fill=colour)
        case "worse":
            drawing.shape(((x, y + 8), (x - 7.5, y - 6), (x + 7.5, y - 6)), fill=colour)
        case _:
            drawing.dot(x, y, 6, fill=colour)


def _key(drawing: Drawing, rows: tuple[ForestRow, ...]) -> None:
    x = 0.0
    for state in dict.fromkeys(row.state for row in rows if row.span is not None):
        drawing.text(x, 14, _SYMBOL[state], fill=PALETTE[state])
        drawing.text(x + 16, 14, _STATE[state], font_size="12", fill_opacity="0.75")
        x += 34 + 6.4 * len(_STATE[state])
    if any(row.harm is not None and row.span is not None for row in rows):
        drawing.text(x, 14, "┆", fill=PALETTE["worse"], font_weight="700")
        drawing.text(x + 12, 14, "harm limit", font_size="12", fill_opacity="0.75")


def density_svg(posterior: Density, *, title: str, is_share: bool) -> str:
    """Return the posterior density of a document, its credible interval darker."""
    drawing = Drawing(190, one_line(title), posterior_alt(posterior, is_share=is_share))
    low, high = min(0.0, posterior.grid[0]), max(0.0, posterior.grid[-1])
    axis = Axis(low, high)
    peak = max(posterior.density) or 1.0
    points = list(zip(posterior.grid, posterior.density, strict=True))
    drawing.shape(_area(points, axis, peak), fill=PALETTE["better"], fill_opacity="0.3")
    ends = posterior.interval
    inside = [(x, d) for x, d in points if ends.low <= x <= ends.high]
    if inside:
        drawing.shape(_area(inside, axis, peak), fill=PALETTE["better"], fill_opacity="0.55")
    _grid(drawing, axis, 26, 150)
    _labels(drawing, axis, 167, scale=100.0 if is_share else 1.0)
    unit = " (points)" if is_share else ""
    drawing.text(0, 14, f"{one_line(title)}{unit}", font_weight="600")
    return drawing.render()


def _area(
    points: Sequence[tuple[float, float]], axis: Axis, peak: float
) -> list[tuple[float, float]]:
    top = [(axis.at(x), 150 - 115 * density / peak) for x, density in points]
    return [(top[0][0], 150.0), *top, (top[-1][0], 150.0)]
