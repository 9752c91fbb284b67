"""A description read by a model: quotes are looked up, what is made up is refused."""

import json

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.errors import LlmRefused
from experimentos.llm.completions import CallFailed
from experimentos.llm.evidence import locate
from experimentos.llm.port import Usage
from experimentos.llm.wire import DraftDesign
from tests.llm import server
from tests.llm.conftest import MICE

DIET = {
    "name": "diet", "kind": "treatment", "levels": ["control", "high fat", "high sugar"],
    "unit": None, "n_levels": None, "evidence": "three diets: control, high fat or high sugar",
    "confidence": "sure",
}  # fmt: skip
WEIGHT = {
    "name": "body weight", "family": "normal", "evidence": "body weight in g", "confidence": "sure",
}  # fmt: skip
WHOLE = {
    "factors": [DIET], "responses": [WEIGHT], "randomisation_unit": "mouse",
    "replicates_per_cell": 10, "replicate_unit": "mouse", "technical_repeats": None,
    "total_units": 30, "questions": [],
}  # fmt: skip
CANDIDATES = parse_design(MICE)


def written(**changes):
    return server.message(json.dumps({**WHOLE, **changes}))


def test_a_draft_holds_what_the_text_says_with_its_places(asking):
    asked = asking(written())
    reading = asked.model.read(MICE, CANDIDATES)
    (factor,) = reading.draft.factors
    assert factor.levels == ("control", "high fat", "high sugar")
    assert MICE[factor.evidence.start : factor.evidence.end] == DIET["evidence"]
    assert factor.confidence > 0.85
    assert reading.draft.replication.per_cell == 10
    assert (reading.source, reading.usage) == ("small-model", Usage(1, 100, 60, 20))
    sent = asked.server.requests[0]
    assert sent["response_format"]["json_schema"]["strict"] is True
    given = json.loads(sent["messages"][1]["content"])
    assert given["text"] == MICE
    assert given["candidates"]["factors"][0]["name"] == "diet"


def test_the_schema_is_what_strict_servers_take():
    schema = DraftDesign.model_json_schema()
    for part in (schema, *(d for d in schema["$defs"].values() if "properties" in d)):
        assert part["additionalProperties"] is False
        assert set(part["required"]) == set(part["properties"])
    assert "minimum" not in json.dumps(schema)


def test_a_factor_without_words_in_the_text_is_refused_and_asked_about(asking):
    light = {**DIET, "name": "light", "evidence": "under bright or dim light"}
    asked = asking(written(factors=[DIET, light]))
    reading = asked.model.read(MICE, CANDIDATES)
    assert [f.name for f in reading.draft.factors] == ["diet"]
    assert any(q.about == "light" for q in reading.draft.questions)
    assert "light" in reading.notices[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": "Mice are fed for 8 weeks", "levels": []},
        {"levels": ["control", "high fat", "low salt"]},
        {"confidence": "unsure"},
    ],
)
def test_a_quote_that_says_something_else_leaves_the_factor_in_doubt(asking, changes):
    asked = asking(written(factors=[{**DIET, **changes}]))
    assert asked.model.read(MICE, CANDIDATES).draft.factors[0].confidence == 0.5


def test_a_response_without_words_is_refused_too(asking):
    asked = asking(written(responses=[{**WEIGHT, "evidence": "survival of the animals"}]))
    reading = asked.model.read(MICE, CANDIDATES)
    assert reading.draft.responses == ()
    assert reading.notices


def test_cut_json_is_repaired_once_with_the_fault_named(asking):
    cut = server.message(json.dumps(WHOLE)[:80], reason="length")
    asked = asking(cut, written())
    reading = asked.model.read(MICE, CANDIDATES)
    assert reading.usage.calls == 2
    assert "cut off" in asked.server.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "bad", ["", "Sure! Here it is.", '{"factors": 3}', json.dumps({**WHOLE, "sql": 1})]
)
def test_what_stays_unreadable_after_one_repair_is_read_by_the_rules(asking, bad):
    asked = asking(server.message(bad))
    with pytest.raises(CallFailed, match="cannot be read"):
        asked.model.read(MICE, CANDIDATES)
    assert len(asked.server.requests) == 2
    reading = asked.safe.read(MICE, CANDIDATES)
    assert (reading.draft, reading.source) == (CANDIDATES, "rules")
    assert "could not be read" in reading.notices[0]


def test_words_around_the_object_do_not_matter(asking):
    asked = asking(server.message(f"Here you are:\n```json\n{json.dumps(WHOLE)}\n```"))
    assert asked.model.read(MICE, CANDIDATES).draft.factors


def test_a_server_without_schemas_is_asked_for_json_then_for_text(asking):
    def old(body, _number):
        if "response_format" in body:
            return server.error(400, "response_format is not supported")
        return server.uncounted(json.dumps(WHOLE))

    asked = asking(old)
    assert asked.model.read(MICE, CANDIDATES).draft.factors
    forms = [r.get("response_format", {}).get("type") for r in asked.server.requests]
    assert forms == ["json_schema", "json_object", None]
    reading = asked.model.read(MICE, CANDIDATES)
    assert len(asked.server.requests) == 4, "what was refused is not tried again"
    assert reading.usage.is_estimate


def test_a_refusal_and_a_filter_are_told_apart_from_faults(asking):
    refused = asking(server.message(None, refusal="No."))
    with pytest.raises(LlmRefused, match="declined: No"):
        refused.model.read(MICE, CANDIDATES)
    held = asking(server.message(None, reason="content_filter"))
    assert "content filter" in held.safe.read(MICE, CANDIDATES).notices[0]


def test_no_tokens_left_asks_nothing(asking):
    asked = asking(written())
    reading = asked.safe.read(MICE, CANDIDATES, allowance=0)
    assert reading.source == "rules"
    assert asked.server.requests == []


def test_three_unreadable_answers_open_the_breaker(asking):
    asked = asking(server.message("no"))
    for _ in range(3):
        asked.safe.read(MICE, CANDIDATES)
    assert "left alone" in asked.safe.read(MICE, CANDIDATES).notices[0]


def test_a_reply_of_another_protocol_is_a_fault_that_is_named(asking):
    asked = asking(server.Answer(body=b'{"hello": 1}'))
    assert "could not be read" in asked.safe.read(MICE, CANDIDATES).notices[0]


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("three  DIETS:\ncontrol", "three diets: control"),
        ("diets", "diets"),
        ("iet", None),
        ("four diets", None),
        ("", None),
        ("a", None),
        ("x" * 500, None),
    ],
)
def test_a_quote_is_found_whatever_its_white_space_and_case(quote, found):
    evidence = locate(quote, MICE)
    assert (evidence.quote if evidence else None) == found


def test_a_quote_with_other_dashes_keeps_the_texts_own_letters():
    words = "1\u201310 \u00b5M, \u2018low\u2019 and \u201chigh\u201d"
    text = f"Doses of {words}, \u0130stanbul strain."
    evidence = locate("1-10 \u03bcM, 'low' and \"high\"", text)
    assert evidence.quote == words
    assert locate("strain", text).quote == "strain"
