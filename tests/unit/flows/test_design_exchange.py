"""Sessions as files by choice, what a file would change, and reports of any design."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch, Rename
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.describe import parse_design
from experimentos.design.parts import Factor, Level, OpenQuestion, Response, UnitLevel
from experimentos.design.templates import templates
from experimentos.errors import DesignError
from experimentos.flows.design_exchange import ExportWish, exported, incoming, taken_into
from experimentos.flows.design_report import ReportWish, report_of, write_report
from experimentos.flows.design_rereading import in_line
from experimentos.flows.design_session import (
    DesignSession,
    duplicate,
    load_session,
    revise,
    save_session,
    take_over,
)
from experimentos.flows.design_turn import Turn, TurnTokens
from experimentos.memo.html import render_body
from tests.reference.markup.oracle import unsafe
from tests.unit.cli.test_design_exchange import MICE

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = json.loads((ROOT / "reference" / "markup" / "payloads.json").read_text())["payloads"]
NOW = datetime(2026, 11, 28, tzinfo=UTC)
ALL = ReportWish(runs=True, versions=True, notes=True, conversation=True)


@pytest.fixture
def session() -> DesignSession:
    """Two versions, notes, a conversation and an agreement."""
    begun = take_over(
        DesignSession(
            text=MICE, notes="Ask the vet.", sent_to="large at api.openai.com",
            reading_tokens=TurnTokens(calls=1, prompt=10),
            conversation=(Turn(at=NOW, who="person", text="How many?"),),
        ),
        from_draft(parse_design(MICE), text=MICE),
    )  # fmt: skip
    return revise(begun, Patch(edits=(Rename(part="factors", id="diet", name="feed"),)))


@pytest.mark.parametrize("versions", [True, False])
def test_an_export_comes_back_with_the_same_hash(session, versions):
    found = incoming(exported(session, ExportWish(versions=versions)))
    assert found.session.document.hash() == session.document.hash()
    assert found.versions == (2 if versions else 1)
    assert revise(found.session, Patch(edits=(Rename(part="factors", id="diet", name="x"),)))


def test_what_is_not_wished_for_stays_behind(session):
    found = incoming(exported(session, ExportWish(notes=False, conversation=False)))
    assert (found.has_notes, found.messages) == (False, 0)
    whole = incoming(exported(session, ExportWish()))
    assert (whole.has_notes, whole.messages) == (True, 1)


def test_older_wordings_stay_behind_with_older_versions(session):
    spoken = in_line(session.model_copy(update={"text": f"{MICE} Secret."}))
    again = in_line(spoken.model_copy(update={"text": MICE}))
    assert b"Secret" in exported(again, ExportWish())
    assert b"Secret" not in exported(again, ExportWish(versions=False))


def test_an_agreement_to_send_texts_never_travels(session):
    content = exported(session, ExportWish())
    assert b"api.openai.com" not in content
    forged = content.replace(b'"sent_to":""', b'"sent_to":"large at api.openai.com"')
    assert forged != content
    assert incoming(forged).session.sent_to == ""


def test_what_a_file_says_a_model_read_is_not_taken(session):
    forged = json.loads(exported(session, ExportWish()))
    forged["second_reading"] = {
        "text_hash": "0" * 64, "source": "x", "notices": [],
        "draft": {
            "factors": [{"name": "f", "kind": "bomb", "levels": [], "unit": None, "n_levels": None,
                         "evidence": {"start": -5, "end": 9**9, "quote": "x"}, "confidence": 2,
                         "rule": "x"}],
            "responses": [], "design_class": "", "randomisation_unit": None, "questions": [],
            "replication": {"per_cell": None, "unit": None, "technical": None,
                            "total_units": None},
        },
    }  # fmt: skip
    forged["new_reading"] = forged["second_reading"]
    taken = incoming(json.dumps(forged).encode()).session
    assert (taken.second_reading, taken.new_reading) == (None, None)


def test_a_message_with_proposals_without_end_is_refused(session):
    forged = json.loads(exported(session, ExportWish()))
    forged["conversation"][0]["proposals"] = [{"patch": {"edits": []}}] * 50
    with pytest.raises(DesignError, match="proposals"):
        incoming(json.dumps(forged).encode())


def test_a_copy_asks_again_before_anything_is_sent(session, empty_store):
    store = empty_store
    saved = save_session(store, session)
    assert load_session(store, saved.id).sent_to
    assert duplicate(store, saved.id).sent_to == ""


def test_a_file_says_what_it_would_change_before_it_is_taken(session):
    other = revise(session, Patch(edits=(Rename(part="factors", id="diet", name="chow"),)))
    content = exported(other, ExportWish())
    found = incoming(content, session.document)
    assert found.changes == ("The factor feed is now called chow.",)
    assert not found.is_same
    taken = taken_into(session, found)
    assert taken.document.hash() == other.document.hash()
    assert taken.history.last.author == "import"
    assert taken_into(taken, found) is taken
    assert incoming(content, taken.document).is_same


def test_a_description_alone_can_be_brought_in_but_not_taken_over(session):
    found = incoming(exported(DesignSession(text=MICE), ExportWish()), session.document)
    assert (found.about, found.standing, found.changes) == ("", None, ())
    with pytest.raises(DesignError, match="no design to take over"):
        taken_into(session, found)


# The tables of the online templates are long, and their reports hold nothing of their own.
@pytest.mark.parametrize(
    "template", [t for t in templates() if "ab" not in t.name.split("_")], ids=lambda t: t.name
)
def test_every_template_has_a_report(template):
    text = write_report(report_of(take_over(DesignSession(), template.design), ALL), "md").decode()
    assert template.design.title in text
    assert template.design.hash() in text


def test_a_report_holds_what_is_wished_for(session):
    whole = write_report(report_of(session, ALL), "md").decode()
    for words in ("Ask the vet", "How many?", "## Versions", "## Run sheet", "Thirty mice"):
        assert words in whole
    bare = write_report(report_of(session, ReportWish(runs=False, versions=False)), "md").decode()
    for words in ("Ask the vet", "How many?", "## Versions", "## Run sheet"):
        assert words not in bare


def test_the_same_moment_gives_the_same_bytes(session):
    for form in ("md", "html", "pdf"):
        assert write_report(report_of(session, ALL, made_at=NOW), form) == write_report(
            report_of(session, ALL, made_at=NOW), form
        )


@pytest.mark.parametrize("text", ["", "We taste beer."])
def test_an_unfinished_design_says_what_is_not_known(text):
    begun = take_over(DesignSession(), from_draft(parse_design(text), text=text))
    words = write_report(report_of(begun, ALL), "md").decode()
    assert "All rules pass" not in words
    assert "There is no figure yet" in words


def test_no_design_has_no_report():
    with pytest.raises(DesignError, match="no design yet"):
        report_of(DesignSession())


def hostile(text: str) -> DesignSession:
    """Return a session with a text in every name and field that a person fills."""
    name = text[:200]
    document = ExperimentDescription(
        title=name, aim=text[:4000], hypothesis=text[:4000],
        factors=(Factor(id="f", name=name, kind="treatment", unit=name,
                        levels=(Level(label=name), Level(label="b", is_control=True))),),
        units=(UnitLevel(id="u", name=name, plural=name, count=4),),
        responses=(Response(id="r", name=name, unit=name, primary=True),),
        open_questions=(OpenQuestion(id="q", about="r", text=text[:4000]),),
    )  # fmt: skip
    turn = Turn(at=NOW, who="assistant", text=text, source=name)
    given = DesignSession(text=text, notes=text, conversation=(turn,))
    return take_over(given, document, message=text[:4000])


@pytest.mark.parametrize("start", range(0, len(PAYLOADS), 15))
def test_hostile_text_is_safe_in_every_form(start):
    for entry in PAYLOADS[start : start + 15]:
        report = report_of(hostile(entry["payload"]), ALL)
        assert unsafe(render_body(report)) == []
        assert "<script" not in write_report(report, "md").decode().lower()
        assert write_report(report, "pdf").startswith(b"%PDF")
