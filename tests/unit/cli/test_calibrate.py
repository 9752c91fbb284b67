"""`experimentos calibrate` simulates a method on the numbers given."""

import pytest

from experimentos.cli.calibrate import _progress


def test_a_method_that_keeps_its_level_has_status_zero(report):
    status, found = report(
        *("calibrate", "--rate", "0.1", "--n", "500,500", "--effect", "0.05"),
        *("--simulations", "1000"),
    )
    assert status == 0
    assert found["size"]["value"] == pytest.approx(0.05, abs=0.025)
    assert found["power"]["value"] == pytest.approx(found["stated_power"], abs=0.06)


def test_a_method_that_does_not_has_status_one_and_says_so(call):
    status, out, _ = call(
        *("calibrate", "--method", "peeking", "--looks", "5", "--mean", "5", "--sd", "2"),
        *("--simulations", "1000"),
    )
    assert status == 1
    assert "not to be trusted" in " ".join(out.split())


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--rate", "0.1", "--n", "100"),
        ("--rate", "0.1", "--mean", "3", "--sd", "1"),
        ("--rate", "0.1", "--method", "magic"),
    ],
)
def test_what_cannot_be_simulated_is_wrong_usage(call, options):
    assert call("calibrate", *options)[0] == 2


def test_progress_is_told_on_standard_error(capsys):
    assert _progress(2_000, 4_000)
    assert _progress(4_000, 4_000)
    assert capsys.readouterr().err.endswith("4,000 of 4,000\n")


def test_power_and_coverage_are_printed_with_their_errors(call):
    _, out, _ = call(
        *("calibrate", "--rate", "0.1", "--n", "500,500", "--effect", "0.05"),
        *("--simulations", "200"),
    )
    assert "Power as planned" in out
    assert "Interval held the effect" in out
