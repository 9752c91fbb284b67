"""`design report`, `design import`, `design export --format session`, `design list`."""

import json

import pytest
from pypdf import PdfReader

from experimentos.cli.status import Exit

MICE = (
    "Thirty mice are randomly assigned to one of three diets: control, high fat or high sugar. "
    "Mice are fed for 8 weeks. The primary outcome is body weight in g."
)


@pytest.fixture
def design(call, tmp_path):
    """A design document in a file."""
    path = tmp_path / "design.json"
    assert call("design", "new", "--text", MICE, "--title", "Diets", "-o", path)[0] == Exit.DONE
    return path


@pytest.mark.parametrize(
    ("ending", "start"), [("md", b"# Diets"), ("html", b"<!"), ("pdf", b"%PDF")]
)
def test_the_ending_chooses_the_form_of_the_report(call, design, tmp_path, ending, start):
    target = tmp_path / f"report.{ending}"
    status, out, _ = call("design", "report", design, "-o", target)
    assert (status, "Written" in out) == (Exit.DONE, True)
    assert target.read_bytes().lower().startswith(start.lower())


def test_a_report_on_standard_output_is_markdown(call, design):
    status, out, _ = call("design", "report", design, "--no-runs")
    assert status == Exit.DONE
    assert "high sugar" in out
    assert "## Run sheet" not in out


def test_a_report_of_another_ending_is_wrong_usage(call, design, tmp_path):
    assert call("design", "report", design, "-o", tmp_path / "x.docx")[0] == Exit.USAGE


def test_a_report_of_no_design_names_what_is_missing(call, tmp_path):
    session = tmp_path / "described.json"
    session.write_text(json.dumps({"text": "We compare two diets.", "schema_version": 1}))
    status, _, err = call("design", "report", session)
    assert status == Exit.UNREADABLE
    assert "no design yet" in err
    assert call("design", "validate", session)[0] == Exit.UNREADABLE


def test_what_was_exported_and_imported_has_the_same_hash(call, report, design, tmp_path):
    status, first = report("design", "import", design)
    assert status == Exit.DONE
    exported = tmp_path / "session.json"
    call("design", "export", first["id"], "--format", "session", "-o", exported)
    _, again = report("design", "import", exported)
    assert again["hash"] == first["hash"]
    assert again["id"] != first["id"]
    _, listed = report("design", "list")
    assert {d["id"] for d in listed["designs"]} == {first["id"], again["id"]}
    assert "Diets" in call("design", "list", "diets")[1]


def test_a_dry_run_says_what_would_change_and_saves_nothing(call, report, design, tmp_path):
    _, saved = report("design", "import", design)
    document = json.loads(design.read_text())
    document["factors"][0]["name"] = "feed"
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document))
    status, out, _ = call("design", "import", changed, "--into", saved["id"], "--dry-run")
    assert status == Exit.DONE
    assert "is now called feed" in out
    assert "Nothing was saved" in out
    _, same = report("design", "import", design, "--into", saved["id"])
    assert same["is_same"] is True
    _, taken = report("design", "import", changed, "--into", saved["id"])
    assert taken["hash"] != saved["hash"]
    assert "feed" in call("design", "report", saved["id"])[1]
    assert "nothing changes" in call("design", "import", changed, "--into", saved["id"])[1]


def test_a_file_that_is_no_design_is_not_taken(call, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    assert call("design", "import", bad)[0] == Exit.UNREADABLE


def test_the_run_sheet_takes_the_seed_of_the_design_when_none_is_given(call, design):
    assert call("design", "export", design)[1] == call("design", "export", design, "--seed", "1")[1]


def test_a_pdf_needs_a_file_and_names_its_title(call, design, tmp_path):
    target = tmp_path / "r.pdf"
    call("design", "report", design, "-o", target)
    assert PdfReader(target, strict=True).metadata.title == "Diets"
