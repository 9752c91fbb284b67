"""`experimentos calibrate` simulates a method on the numbers given."""

import pytest


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
