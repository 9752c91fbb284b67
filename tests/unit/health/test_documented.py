"""docs/checks.md names what the code does."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from experimentos.decision import RULES
from experimentos.health import CHECKS
from experimentos.policy import Policy

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "checks.md").read_text()
NAMED = set(re.findall(r"`(\w+)`", TEXT))
HEALTH = sorted((ROOT / "src" / "experimentos" / "health").glob("*.py"))
CODES = sorted(
    {
        node.args[0].value
        for path in HEALTH
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Issue"
        and isinstance(node.args[0], ast.Constant)
    }
)


@pytest.mark.parametrize("name", [*CHECKS, *CODES, *(rule.name for rule in RULES)])
def test_every_check_finding_and_rule_is_documented(name):
    assert name in NAMED or f"`{name}" in TEXT


def test_the_findings_were_found():
    assert {"no_control", "zero_variance", "nothing_read"} <= set(CODES)


def test_rules_are_documented_in_their_order():
    table = TEXT.split("| rule |")[1]
    places = [table.index(f"| `{rule.name}` |") for rule in RULES]
    assert places == sorted(places)


def test_every_limit_that_is_named_exists():
    known = {field.name for field in fields(Policy)}
    limits = {name for name in NAMED if name.startswith(("srm_", "guardrail_", "usual_"))}
    rules = {rule.name for rule in RULES}
    assert limits - known - rules - set(CODES) - set(CHECKS) == {"guardrail_missing"}
