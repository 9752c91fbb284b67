"""What people type after an option is understood or refused, never guessed."""

import pytest
import typer

from experimentos.cli.options import pairs, shares


@pytest.mark.parametrize(
    ("text", "found"),
    [("50,50", (50, 50)), ("1:1:2", (1, 1, 2)), ("0.9, 0.1", (0.9, 0.1)), ("50/50", (50, 50))],
)
def test_shares_are_read_in_the_ways_people_write_them(text, found):
    assert shares(text) == found


@pytest.mark.parametrize(
    "text", ["", "50", "50,", "nan,1", "1_0,2", "1e9,1", "inf,1", "\u0665,\u0665"]
)
def test_what_is_no_list_of_shares_is_refused(text):
    with pytest.raises(typer.BadParameter):
        shares(text)


def test_a_pair_maps_a_contract_name_to_a_column():
    assert pairs(["users=visitors", "conversions=a=b"], "--map") == {
        "users": "visitors",
        "conversions": "a=b",
    }


def test_an_arm_is_renamed_by_a_pair_within_a_pair():
    assert pairs(["variant=control=A", "variant=group"], "--map") == {
        "variant=control": "A",
        "variant": "group",
    }
