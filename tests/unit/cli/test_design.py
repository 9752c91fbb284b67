"""`experimentos design parse` reads a text, a file or standard input, and shows the words."""

import io
import json
import sys
from types import SimpleNamespace

import pytest

from experimentos.cli.status import Exit
from tests.llm.server import ModelServer, message

TEXT = (
    "Three varieties (Ladak, Cossack and Ranger) in six blocks, plots randomised within each "
    "block. Yield is the response."
)


def factors(document):
    return {factor["name"]: factor["levels"] for factor in document["factors"]}


def test_a_description_on_the_command_line_becomes_a_draft(report):
    status, document = report("design", "parse", TEXT)
    assert status == Exit.DONE
    assert document["schema_version"] == 1
    assert factors(document) == {"variety": ["Ladak", "Cossack", "Ranger"], "block": []}
    assert [r["name"] for r in document["response"]] == ["yield"]
    assert document["randomisation_unit"] == "plot"
    assert document["replication"]["per_cell"] == 6


def test_every_factor_of_the_document_carries_its_quote(report):
    _, document = report("design", "parse", TEXT)
    for field in (*document["factors"], *document["response"]):
        evidence = field["evidence"]
        assert TEXT[evidence["start"] : evidence["end"]] == evidence["quote"] != ""


@pytest.mark.parametrize("content", [TEXT, json.dumps({"id": "a", "text": TEXT})])
def test_a_file_is_read_and_a_json_file_by_its_text(report, tmp_path, content):
    path = tmp_path / "described.txt"
    path.write_text(content, encoding="utf-8")
    assert report("design", "parse", path) == report("design", "parse", TEXT)


def test_standard_input_is_read(report, monkeypatch):
    stream = SimpleNamespace(buffer=io.BytesIO(TEXT.encode()))
    expected = report("design", "parse", TEXT)
    monkeypatch.setattr(sys, "stdin", stream)
    assert report("design", "parse", "-") == expected


@pytest.mark.parametrize("content", ["{not json", '{"text": 3}', '{"a": "b"}'])
def test_what_only_looks_like_json_is_a_description(report, tmp_path, content):
    path = tmp_path / "described.json"
    path.write_text(content, encoding="utf-8")
    status, document = report("design", "parse", path)
    assert status == Exit.DONE
    assert [question["about"] for question in document["questions"]][:1] == ["response"]


def test_a_text_too_long_for_a_path_and_one_with_a_null_are_texts(report):
    assert report("design", "parse", "plot " * 2000)[0] == Exit.DONE
    assert report("design", "parse", "a\0b")[0] == Exit.DONE


def test_people_see_the_levels_the_words_and_what_is_open(call):
    status, out, _ = call("design", "parse", f"{TEXT} Urea at 2 and 4 M.")
    assert status == Exit.DONE
    for expected in (
        "variety",
        "Ladak, Cossack, Ranger",
        "Urea at 2 and 4 M",
        "randomised to: plot",
    ):
        assert expected.lower() in out.lower()


def test_what_is_not_said_is_asked(call):
    out = call("design", "parse", "We will grow some plants.")[1]
    assert "not said" in out
    assert "What will be measured on each unit?" in out


MICE = (
    "Thirty mice are randomly assigned to one of three diets: control, high fat or high sugar. "
    "The primary outcome is body weight in g."
)
READ = {
    "factors": [
        {"name": "diet", "kind": "blocking", "levels": ["control", "high fat", "high sugar"],
         "unit": None, "n_levels": None, "confidence": "sure",
         "evidence": "three diets: control, high fat or high sugar"},
        {"name": "light", "kind": "treatment", "levels": [], "unit": None, "n_levels": None,
         "confidence": "sure", "evidence": "in dim light"},
    ],
    "responses": [], "randomisation_unit": "mouse", "replicates_per_cell": None,
    "replicate_unit": None, "technical_repeats": None, "total_units": 30, "questions": [],
}  # fmt: skip


def test_a_model_reads_beside_the_rules_and_disputes_become_questions(report, call, monkeypatch):
    server = ModelServer(lambda *_: message(json.dumps(READ)))
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", server.url)
    monkeypatch.setenv("EXPERIMENTOS_LLM_MODEL", "small")
    try:
        _, alone = report("design", "parse", MICE)
        assert server.requests == []
        _, draft = report("design", "parse", MICE, "--with-model")
        assert [f["name"] for f in draft["factors"]] == [f["name"] for f in alone["factors"]]
        disputed = next(q for q in draft["questions"] if q["about"] == "diet")
        assert "the model blocking" in disputed["text"]
        assert "light" in call("design", "parse", MICE, "--with-model")[2]
    finally:
        server.close()


def test_without_a_model_in_the_settings_it_says_what_to_set(call):
    status, _, err = call("design", "parse", MICE, "--with-model")
    assert status == Exit.FAILED
    assert "EXPERIMENTOS_LLM_MODEL" in err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "no description"),
        ("blank.md", b" \n\t ", "no description"),
        ("picture.txt", b"\x89PNG\0\xff\xfe\xff\xfe", "not a text"),
        ("missing.txt", None, "could not be read"),
    ],
)
def test_a_file_that_holds_no_description_is_refused_in_a_sentence(
    call, tmp_path, name, content, says
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    status, _, err = call("design", "parse", str(tmp_path / name))
    assert status == Exit.UNREADABLE
    assert says in err


def test_a_folder_and_an_empty_text_are_no_descriptions(call, tmp_path):
    assert call("design", "parse", str(tmp_path))[0] == Exit.UNREADABLE
    assert call("design", "parse", "")[0] == Exit.UNREADABLE
