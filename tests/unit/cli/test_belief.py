"""A belief and a region of equivalence on the command line: for the Bayesian view alone."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from experimentos.cli.app import app
from experimentos.cli.status import Exit

LAUNCH = Path(__file__).resolve().parents[3] / ".tmp" / "samples" / "launch.csv"


def test_both_ranges_are_reported_and_leave_the_decision(report):
    _, plain = report("analyze", LAUNCH)
    status, stated = report("analyze", LAUNCH, "--belief=-2%,5%@90%", "--rope=-0.01,0.01")
    assert status == Exit.DONE
    assert stated["charter"]["belief"] == {"low": -0.02, "high": 0.05, "level": 0.9}
    [informed] = stated["informed"]
    assert informed["lift"]["level"] == 0.95
    assert informed["rope"]["source"] == "charter"
    assert stated["posteriors"][0]["rope"]["low"] == -0.01
    assert (plain["decision"], plain["analysis"]) == (stated["decision"], stated["analysis"])
    assert plain["informed"] == []
    assert plain["posteriors"][0]["rope"]["source"] == "policy"


def test_people_read_the_belief_beside_the_flat_view():
    shown = CliRunner().invoke(app, ["analyze", str(LAUNCH), "--belief=-2%,5%"])
    words = " ".join(shown.stdout.replace("\N{MINUS SIGN}", "-").split())
    assert "the lift was held to lie between -2.0% and +5.0% with 95% probability" in words
    assert "lift within -1.0% to +1.0% with probability under 0.1%" in words


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--belief=5%,2%", "low must be below high"),
        ("--belief=abc", "not a range of lifts"),
        ("--belief=1%", "not a range of lifts"),
        ("--belief=-2%,5%@20%", "between 50% and 99.9%"),
        ("--belief=-2%,5%@sure", "between 50% and 99.9%"),
        ("--rope=-1%,1%,2%", "not a range of lifts"),
        ("--rope=-1e9,1", "not a range of lifts"),
        ("--rope=-99999,1", "greater than or equal to"),
    ],
)
def test_a_range_that_is_none_is_refused_with_a_sentence(option, said):
    refused = CliRunner().invoke(app, ["analyze", str(LAUNCH), option])
    assert refused.exit_code == Exit.USAGE
    assert said in " ".join(refused.stderr.split())
