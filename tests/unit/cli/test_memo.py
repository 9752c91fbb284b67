"""`experimentos memo` writes the decision down, whole or not at all."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from experimentos.cli.status import Exit

DATA = Path(__file__).resolve().parents[2] / "reference" / "datasets" / "cookie_cats_agg.csv"


@pytest.mark.parametrize(
    ("name", "start"), [("memo.md", "# Gate"), ("memo.html", "<!doctype html>"), ("M.HTM", "<!")]
)
def test_the_name_of_the_output_chooses_the_format(call, tmp_path, name, start):
    status, out, _ = call("memo", DATA, "-o", tmp_path / name, "--title", "Gate at 40")
    assert status == Exit.DONE
    text = (tmp_path / name).read_text()
    assert text.lower().startswith(start.lower())
    assert "Gate at 40" in text
    assert out.startswith("Rollback: written to ")


@pytest.mark.parametrize("name", ["memo.docx", "memo", "memo.exe"])
def test_another_format_is_wrong_usage(call, tmp_path, name):
    assert call("memo", DATA, "-o", tmp_path / name)[0] == Exit.USAGE
    assert not list(tmp_path.glob("*"))


def test_without_an_output_the_memo_is_printed(call):
    status, out, _ = call("memo", DATA, "--owner", "Ada")
    assert status == Exit.DONE
    assert out.startswith("# Untitled experiment")
    assert "Ada" in out


def test_a_blocked_file_gets_a_memo_that_says_so(call, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("variant,users,conversions\ncontrol,10,20\ntreatment,10,5\n")
    status, out, _ = call("memo", path)
    assert status == Exit.NO
    assert "Hold" in out


def test_a_file_that_cannot_be_read_gets_no_memo(call, tmp_path):
    path = tmp_path / "bad.parquet"
    path.write_bytes(b"nothing")
    status, _, _ = call("memo", path, "-o", tmp_path / "memo.md")
    assert status == Exit.UNREADABLE
    assert not (tmp_path / "memo.md").exists()


def test_an_output_that_cannot_be_written_is_status_4_and_leaves_nothing(call, tmp_path):
    status, _, err = call("memo", DATA, "-o", tmp_path / "missing" / "memo.md")
    assert status == Exit.FAILED
    assert "could not be written" in err
    assert not list(tmp_path.glob("**/memo*"))


def test_the_report_says_where_the_memo_went(report, tmp_path):
    status, document = report("memo", DATA, "-o", tmp_path / "memo.md")
    assert status == Exit.DONE
    assert document["verdict"] == "Rollback"
    assert document["output"] == str(tmp_path / "memo.md")
    assert document["id"] is None


def test_a_saved_memo_is_the_one_in_the_history(call, report, tmp_path):
    _, document = report("memo", DATA, "-o", tmp_path / "memo.md", "--save")
    _, kept, _ = call("history", "show", document["id"], "--memo", "md")
    assert kept == (tmp_path / "memo.md").read_text() + "\n"
    assert document["id"] in kept


def test_the_command_in_the_memo_makes_the_same_decision(call, report, monkeypatch):
    monkeypatch.chdir(DATA.parent)
    arguments = (DATA.name, "--split", "44700,45489", "--map", "conversions=retention_1")
    _, out, _ = call("memo", *arguments)
    [line] = [line for line in out.splitlines() if line.startswith("`experimentos ")]
    words = line.strip("`").split()[1:]
    assert words[0] == "analyze"
    assert report(*words)[1]["decision"] == report("analyze", *arguments)[1]["decision"]


@pytest.mark.parametrize("extra", [(), ("--save",)])
def test_a_pdf_is_written_with_its_title(call, tmp_path, extra):
    target = tmp_path / "memo.pdf"
    assert call("memo", DATA, "-o", target, "--title", "Gate", *extra)[0] == Exit.DONE
    assert PdfReader(target, strict=True).metadata.title == "Gate"
