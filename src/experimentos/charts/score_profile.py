"""Performance profiles: the share of samples above each score, scenarios counted alike."""

import numpy as np

from experimentos.charts.chart import LEGEND, Chart, Spec, layered
from experimentos.charts.visible import one_line
from experimentos.runs.samples import Samples, Scores

POINTS = 101
MOST_MODELS = 10


def score_profile(samples: Samples, metric: str) -> Chart:
    """Return one falling line per model; a line above another everywhere is better everywhere.

    References
    ----------
    Agarwal et al. (2021), score distributions.
    """
    score = samples.scores[metric]
    given = score[np.isfinite(score)]
    thresholds = np.unique(np.linspace(given.min(), given.max(), POINTS))
    shown = samples.models[:MOST_MODELS]
    values = []
    for code, name in enumerate(shown):
        shares = profile_of(samples, score, code, thresholds)
        label = one_line(name)
        values += [
            {"model": label, "score": float(t), "share": float(s)}
            for t, s in zip(thresholds, shares, strict=True)
        ]
    color: Spec = {"field": "model", "type": "nominal", "legend": LEGEND}
    share: Spec = {"field": "share", "type": "quantitative", "title": "Share of samples above"}
    share |= {"axis": {"format": ".0%"}, "scale": {"domain": [0, 1]}}
    layer: Spec = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": {"field": "score", "type": "quantitative", "title": one_line(metric)},
            "y": share,
            "color": color,
            "tooltip": [
                {"field": "model", "title": "Model"},
                {"field": "score", "title": "Score", "format": ".4~g"},
                {"field": "share", "title": "Samples above", "format": ".1%"},
            ],
        },
    }
    names = ", ".join(one_line(name) for name in shown)
    alt = f"Share of samples above each {one_line(metric)}, scenarios counted alike: {names}."
    chart = layered(values, [layer], alt)
    chart.spec["height"] = 260
    return chart


def profile_of(samples: Samples, score: Scores, code: int, thresholds: Scores) -> Scores:
    """Return the share above each threshold, averaged over scenarios, shape (thresholds,)."""
    use = (samples.model == code) & np.isfinite(score)
    x, scenario = score[use], samples.scenario[use]
    if not x.size:
        return np.full(thresholds.size, np.nan)
    sizes = np.bincount(scenario)
    weight = 1 / sizes[scenario] / np.count_nonzero(sizes)
    order = np.argsort(x, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(weight[order])])
    shares: Scores = np.clip(1 - below[np.searchsorted(x[order], thresholds, side="right")], 0, 1)
    return shares
