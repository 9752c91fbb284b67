"""What is written is true: the examples run, the lists are complete, the versions agree."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

import experimentos
from experimentos.cli.app import app
from experimentos.cli.guard import run
from experimentos.plan.charter import Charter
from experimentos.plan.documents import read_charter

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
DOCS = "\n".join(path.read_text() for path in PAGES)
README = (ROOT / "README.md").read_text()
CONTRACTS = (ROOT / "docs" / "contracts.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
# A heading or a comment in requirements*.in ends the name; so does a version.
REQUIREMENT = re.compile(r"^([a-z][a-z0-9-]*)", re.MULTILINE)
EXPLAINED = re.findall(
    r"^\| ([a-z][a-z0-9-]*) \| (?!what for)\S",
    (ROOT / "docs" / "dependencies.md").read_text(),
    re.MULTILINE,
)


def blocks(text, language):
    return [code for found, code in BLOCK.findall(text) if found == language]


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """Stand in a copy of the repository's samples, with an empty history."""
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "samples").symlink_to(ROOT / ".tmp" / "samples")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "workspace"))
    return tmp_path


def test_the_python_of_the_readme_runs(at_home, capsys):
    [code] = blocks(README, "python")
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    assert "Launch" in capsys.readouterr().out
    assert at_home


def test_the_commands_of_the_readme_run(at_home, capsys):
    lines = [
        line
        for block in blocks(README, "console")
        for line in block.splitlines()
        if line.startswith("experimentos ")
    ]
    assert len(lines) >= 4
    for line in lines:
        assert run(shlex.split(line)[1:]) == 0, line
    assert "Shorter checkout" in capsys.readouterr().out
    assert "<title>Shorter checkout" in (at_home / "memo.html").read_text()


def test_the_make_commands_of_the_readme_exist():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)\b", DOCS, re.MULTILINE)) <= set(targets)


@pytest.mark.parametrize("code", blocks(README + CONTRACTS, "csv"))
def test_a_results_file_in_the_docs_is_healthy(code):
    test = experimentos.run(code.encode(), "docs.csv")
    assert test.health.status == "healthy"


def test_the_charter_in_the_docs_shows_every_field():
    [text] = blocks(CONTRACTS, "yaml")
    charter = read_charter(text.encode(), "charter.yaml")
    assert isinstance(charter, Charter)
    # `frozen` is written by `plan freeze`, never by hand.
    assert charter.model_fields_set == set(Charter.model_fields) - {"frozen"}


def test_the_sign_in_in_the_docs_is_toml_that_serve_accepts():
    [text] = blocks((ROOT / "docs" / "deploy.md").read_text(), "toml")
    assert {"redirect_uri", "cookie_secret"} <= set(tomllib.loads(text)["auth"])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    missing = [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()]
    assert not missing


def test_every_direct_dependency_and_no_other_has_its_line():
    names = {
        name
        for kind in ("requirements.in", "requirements-dev.in", "requirements-slow.in")
        for name in REQUIREMENT.findall((ROOT / kind).read_text())
    }
    assert set(EXPLAINED) == names


def test_the_changelog_the_project_and_the_package_have_one_version():
    changelog = (ROOT / "docs" / "changelog.md").read_text()
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert newest
    assert newest[1] == project["version"] == experimentos.__version__


def test_every_command_is_written_down():
    names = [command.name for command in app.registered_commands]
    names += [group.name for group in app.registered_groups]
    assert [name for name in names if not re.search(rf"`{name}[ `]", CONTRACTS)] == []


def test_the_workflow_pins_actions_and_may_only_read():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow["jobs"]) == {"test", "lowest", "slow"}
    used = re.findall(r"uses: \S+@(\S+)", text)
    assert used
    assert all(re.fullmatch(r"[0-9a-f]{40}", pin) for pin in used)


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-slow.txt"]
)
def test_the_pins_are_exact_and_name_no_host(name):
    lines = (ROOT / name).read_text().splitlines()
    assert all("==" in line for line in lines if line and not line.startswith(("#", " ")))
    assert not re.search(r"://|--index|--extra-index|--find-links", "\n".join(lines))
