"""The static pictures are well formed, describe themselves and keep everything inside."""

import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.result import Interval
from experimentos.charts.posterior import Density
from experimentos.charts.rows import Span, forest_rows
from experimentos.charts.svg import Axis, density_svg, forest_svg
from tests.unit.charts.cases import FREQUENTIST

NAME = "{http://www.w3.org/2000/svg}"
ROWS = forest_rows(FREQUENTIST)


def places(svg):
    for element in ElementTree.fromstring(svg).iter():
        for name in ("x", "x1", "x2", "cx"):
            if name in element.attrib:
                yield float(element.attrib[name])
        for corner in element.attrib.get("points", "").split():
            yield float(corner.split(",")[0])


def test_the_forest_describes_itself_first():
    root = ElementTree.fromstring(forest_svg(ROWS))
    assert [child.tag for child in root][:2] == [f"{NAME}title", f"{NAME}desc"]
    assert "errors" in root[1].text
    assert root.attrib["role"] == "img"


def test_every_row_is_named_in_the_picture():
    words = "".join(ElementTree.fromstring(forest_svg(ROWS)).itertext())
    for row in ROWS:
        assert row.label in words


finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(st.tuples(finite, finite, finite), min_size=1, max_size=6))
def test_nothing_is_drawn_outside_whatever_the_numbers(spans):
    rows = tuple(replace(ROWS[0], span=Span(*sorted(s, key=float))) for s in spans)
    rows = tuple(replace(r, span=Span(r.span.low, r.span.estimate, r.span.high)) for r in rows)
    assert all(-8 <= x <= 488 for x in places(forest_svg(rows)))


def test_an_endless_interval_is_drawn_to_the_edges():
    row = replace(ROWS[0], span=Span(0.1, -math.inf, math.inf))
    assert forest_svg((row,)).count("<polygon") >= 2


def test_names_are_escaped():
    row = replace(ROWS[0], label="<script>alert(1)</script>", text='"><img src=x>')
    svg = forest_svg((row,))
    assert "<script" not in svg
    assert "<img" not in svg


@given(st.floats(-1e3, 0), st.floats(1e-6, 1e3))
def test_ticks_are_few_inside_and_hold_zero(low, width):
    high = low + width
    ticks = Axis(low, high).ticks()
    assert len(ticks) <= 8
    assert all(low <= tick <= high for tick in ticks)
    if low < 0 < high:
        assert 0.0 in ticks


@pytest.mark.parametrize("is_share", [True, False])
def test_a_density_is_a_picture_with_its_probability_in_words(is_share):
    density = Density("m", (0.0, 0.1, 0.2), (0.1, 1.0, 0.1), Interval(0.05, 0.15, 0.95), 0.97)
    root = ElementTree.fromstring(density_svg(density, title="Difference", is_share=is_share))
    assert "97.0" in root[1].text
    assert len(root.findall(f"{NAME}polygon")) == 2
