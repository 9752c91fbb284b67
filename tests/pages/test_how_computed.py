"""Every number on Results says how it was computed: formula in words, source, assumptions."""

import pytest

from experimentos.analysis import METHODS

TABS = {
    "Continuous": ":material/query_stats: Continuous",
    "Bayesian view": ":material/blur_on: Bayesian view",
    "Segments": ":material/donut_small: Segments",
    "Over time": ":material/calendar_month: Over time",
}


def opened(tab, sample, label):
    screen = tab().open().press(sample)
    screen.at.session_state["results.tabs"] = TABS[label]
    return screen.run()


def described(text, name):
    method = METHODS[name]
    parts = [method.title, method.words, method.source, *method.assumptions]
    return all(part.replace("\\", "")[:40] in text for part in parts)


@pytest.mark.parametrize(
    ("sample", "label", "expected"),
    [
        ("Revenue and order value", "Continuous", ("score", "welch")),
        ("A clear win", "Continuous", ("score", "holm")),
        ("Three arms", "Bayesian view", ("score", "dunnett", "beta_binomial")),
        (
            "Two weeks, two devices",
            "Segments",
            ("score", "holm", "interaction", "poststratification"),
        ),
        ("Two weeks, two devices", "Over time", ("score",)),
    ],
)
def test_methods_are_described_where_their_numbers_stand(tab, sample, label, expected):
    text = opened(tab, sample, label).words
    assert [name for name in expected if not described(text, name)] == []


def test_a_planned_monitoring_describes_its_boundary(tab):
    screen = opened(tab, "Two weeks, two devices", "Over time")
    work = screen.at.session_state["session"]
    charter = work.draft.charter.model_validate(
        work.draft.charter.model_dump()
        | {"planned_users": 40_000, "monitoring": {"kind": "group_sequential"}}
    )
    work.draft = work.draft.model_copy(update={"charter": charter})
    screen.run()
    assert described(screen.words, "group_sequential")
    assert "Adjusted for the looks:" in screen.words
