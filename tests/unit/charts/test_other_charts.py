"""Traffic, posterior and power charts are JSON and say their finding in words."""

import json

import pytest

from experimentos.analysis.result import Interval
from experimentos.charts.chart import PALETTE
from experimentos.charts.posterior import Density, posterior_chart
from experimentos.charts.power import power_chart
from experimentos.charts.traffic import traffic_chart
from experimentos.health.report import SampleRatio

SRM = SampleRatio(0.0004, "chi_square", 12.5, (10_500, 10_000), (10_250.0, 10_250.0), 0.012, "b")


def test_traffic_shows_observed_beside_planned():
    chart = traffic_chart(("control", "b"), SRM)
    json.dumps(chart.spec, allow_nan=False)
    assert "p = 0.0004" in chart.alt
    assert [v["gap"] for v in chart.spec["data"]["values"]] == [250.0, -250.0]


def test_traffic_needs_a_name_for_each_arm():
    with pytest.raises(ValueError, match="zip"):
        traffic_chart(("control",), SRM)


@pytest.mark.parametrize(
    ("is_share", "said"), [(True, "+10.00 to +20.00 points"), (False, "+0.10 to")]
)
def test_a_posterior_is_told_by_probability_and_interval(is_share, said):
    density = Density("revenue", (0.0, 0.1, 0.2), (0.1, 1.0, 0.1), Interval(0.1, 0.2, 0.95), 0.97)
    chart = posterior_chart(density, title="Lift", is_share=is_share)
    json.dumps(chart.spec, allow_nan=False)
    assert "97.0%" in chart.alt
    assert said in chart.alt


def test_power_names_the_size_that_reaches_the_target_or_says_that_none_does():
    reached = power_chart((100, 200), (0.4, 0.9), target=0.8, needed=180)
    assert "180 users" in reached.alt
    missed = power_chart((100, 200), (0.1, 0.2), target=0.8, needed=None)
    assert "stays below" in missed.alt
    assert len(reached.spec["layer"]) == len(missed.spec["layer"]) + 1


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("page", ["#ffffff", "#0e1117"])
@pytest.mark.parametrize("colour", PALETTE.values())
def test_marks_have_the_contrast_of_wcag_on_light_and_dark_pages(colour, page):
    """WCAG 2.2, success criterion 1.4.11: at least 3 to 1 for graphics."""
    light, dark = sorted((luminance(colour), luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3
