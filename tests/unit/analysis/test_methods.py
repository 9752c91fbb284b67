"""Every registered method can be read about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experimentos.analysis import METHODS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "methods.md").read_text()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_a_section_of_its_own(name):
    assert f"\n### `{name}`: {METHODS[name].title}\n" in PAGE


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_how_it_works_where_it_is_from_and_what_it_assumes(name):
    method = METHODS[name]
    assert method.words.endswith(".")
    assert any(letter.isdigit() for letter in method.source)
    assert all(line.endswith(".") for line in method.assumptions)
    assert method.assumptions


def test_no_section_speaks_of_a_method_that_is_gone():
    named = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("### `")}
    assert named == set(METHODS)


def test_an_analysis_loads_no_slow_library():
    code = (
        "import sys, experimentos.analysis.analyze; "
        "print([m for m in ('scipy.stats', 'statsmodels', 'pandas') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert answer.stdout.strip() == "[]"
