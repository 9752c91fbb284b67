"""The Python interface is complete, typed, lazy and written down."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import experimentos

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "src" / "experimentos" / "__init__.pyi"


def stub_names():
    tree = ast.parse(STUB.read_text())
    return {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", experimentos.__all__)
def test_every_public_name_is_there(name):
    assert getattr(experimentos, name)
    assert name in dir(experimentos)


@pytest.mark.parametrize("name", sorted(set(experimentos.__all__) - {"__version__"}))
def test_every_public_name_is_documented(name):
    assert getattr(experimentos, name).__doc__


def test_the_types_name_the_same_things():
    assert stub_names() | {"__version__"} == set(experimentos.__all__)


def test_the_types_point_at_the_same_objects():
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            module = __import__(node.module, fromlist=["_"])
            for alias in node.names:
                assert getattr(module, alias.name) is getattr(experimentos, alias.asname)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = experimentos.analyse


def test_importing_the_package_loads_nothing_else():
    script = (
        "import sys\nbefore = set(sys.modules)\nimport experimentos\n"
        "print(len(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    assert int(done.stdout) <= 5
