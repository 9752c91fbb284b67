"""The rules of the house that no linter knows: sizes, and what a page may import."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

import experimentos
from experimentos.analysis import METHODS
from experimentos.decision import RULES
from experimentos.health import CHECKS
from experimentos.metrics import KINDS
from experimentos.policy import Policy

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "src").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
DOCS = "\n".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))
TABLES = (("kind", KINDS), ("check", CHECKS), ("method", METHODS))
PARTS = [
    *(f"{kind} {name}" for kind, table in TABLES for name in table),
    *(f"rule {rule.name}" for rule in RULES),
    *(f"policy {field.name}" for field in fields(Policy)),
]
PAGE_IMPORTS = ("streamlit", "experimentos.ui", "experimentos.flows")


def imported_names(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_fits_in_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_a_page_fits_in_150_lines_and_imports_only_the_screen_and_the_flows(path):
    assert len(path.read_text().splitlines()) <= 150
    outside = [n for n in imported_names(path) if not n.startswith(PAGE_IMPORTS)]
    assert not outside


@pytest.mark.parametrize("part", PARTS)
def test_every_registered_part_and_threshold_is_written_down(part):
    assert f"`{part.split()[1]}`" in DOCS


@pytest.mark.parametrize("name", sorted(set(experimentos.__all__) - {"__version__"}))
def test_every_public_name_is_written_down(name):
    contracts = (ROOT / "docs" / "contracts.md").read_text()
    assert re.search(rf"`{name}[`(]|, {name}\b", contracts)
