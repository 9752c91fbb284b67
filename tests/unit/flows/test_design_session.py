"""The flows behind the design session."""

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.design.parse.describe import parse_design
from experimentos.design.patch import apply
from experimentos.errors import Conflict, DesignError, NotFound, StoreError
from experimentos.flows import design_edits, design_reading, design_session
from experimentos.flows.design_session import EMPTY_SESSION, DesignSession
from experimentos.flows.design_sheet import run_sheet, sheet_csv, sheet_workbook

TRIAL = (
    "We compare four wheat varieties (Axis, Bolt, Cedar and Delta) in a field trial with six "
    "blocks. Within each block the varieties are randomly assigned to plots. "
    "The response is grain yield in t/ha, measured on each plot."
)
OPEN = "Mice are randomly assigned to two diets: control or high fat."


def designed(text: str = TRIAL, answers: dict[str, str] | None = None) -> DesignSession:
    draft = parse_design(text)
    document = design_reading.taken_over(draft, answers or {}, title="Trial", text=text)
    session = DesignSession(title="Trial", text=text)
    return design_session.take_over(session, document)


def factor(session: DesignSession, name: str):
    return next(f for f in session.document.factors if f.name == name)


def test_what_is_saved_is_loaded_by_its_whole_id_only(empty_store):
    store = empty_store
    saved = design_session.save_session(store, designed())
    assert design_session.load_session(store, saved.id) == saved
    with pytest.raises(NotFound):
        design_session.load_session(store, saved.id[:10])


def test_a_deleted_design_is_not_opened(empty_store):
    store = empty_store
    saved = design_session.save_session(store, designed())
    store.remove("design", saved.id)
    with pytest.raises(NotFound):
        design_session.load_session(store, saved.id)


def test_an_older_revision_is_a_conflict_and_overwrites_nothing(empty_store):
    store = empty_store
    first = design_session.save_session(store, designed())
    newer = design_session.save_session(store, first.model_copy(update={"title": "Newer"}))
    with pytest.raises(Conflict):
        design_session.save_session(store, first.model_copy(update={"title": "Older"}))
    assert design_session.load_session(store, first.id) == newer


def test_a_design_of_a_later_version_is_told(empty_store):
    store = empty_store
    saved = design_session.save_session(store, designed())
    record = store.load("design", saved.id)
    store.save(replace(record, body={**record.body, "schema_version": 2}))
    with pytest.raises(StoreError, match="cannot read"):
        design_session.load_session(store, saved.id)


def test_a_copy_has_all_versions_and_its_own_name(empty_store):
    store = empty_store
    saved = design_session.save_session(store, designed())
    copy = design_session.duplicate(store, saved.id)
    assert copy.id != saved.id
    assert copy.title == copy.document.title == "Copy of Trial"
    assert copy.history.versions[0] == saved.history.versions[0]


def test_a_session_is_called_by_its_title_else_by_its_first_words():
    assert EMPTY_SESSION.name == "Untitled design"
    assert DesignSession(text="word " * 40).name.endswith("...")
    assert designed().name == "Trial"


def test_undo_takes_back_one_change_after_the_other():
    session = designed()
    start = session.document.hash()
    for name in ("water", "light"):
        session = design_session.revise(
            session, design_edits.add(session.document, "treatment", name)
        )
    for _ in range(2):
        session = design_session.undo(session)
    assert session.document.hash() == start
    assert len(session.history.versions) == 5
    assert design_session.undo(session) == session


def test_a_change_after_an_undo_is_the_one_undone_next():
    session = designed()
    first = design_edits.add(session.document, "treatment", "water")
    session = design_session.undo(design_session.revise(session, first))
    before = session.document.hash()
    session = design_session.revise(session, design_edits.rename("Other"))
    assert session.title == "Other"
    assert design_session.undo(session).document.hash() == before


def test_a_description_alone_cannot_be_revised():
    with pytest.raises(DesignError, match="no design yet"):
        design_session.revise(EMPTY_SESSION, design_edits.rename("x"))


def test_an_exported_session_comes_in_with_the_same_versions():
    session = design_session.revise(designed(), design_edits.rename("Wheat"))
    again = design_session.import_session(design_session.export_session(session))
    assert again.history == session.history
    assert (again.id, again.revision) == ("", 0)


def test_a_bare_document_comes_in_with_the_same_hash():
    document = designed().document
    again = design_session.import_session(document.canonical())
    assert again.document.hash() == document.hash()
    assert again.history.last.author == "import"


def test_a_version_that_was_changed_by_hand_is_refused():
    body = json.loads(design_session.export_session(designed()))
    body["history"]["versions"][0]["content"]["title"] = "Forged"
    with pytest.raises(DesignError, match="does not match its hash"):
        design_session.import_session(json.dumps(body).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b'{"versions": 1}', b"\xff", b"[" * 5000])
def test_what_is_no_design_is_refused(content):
    with pytest.raises(DesignError):
        design_session.import_session(content)


def test_a_file_beyond_the_limit_is_not_read(monkeypatch):
    monkeypatch.setattr(design_session, "IMPORT_LIMIT_BYTES", 10)
    with pytest.raises(DesignError, match="larger"):
        design_session.import_session(b"x" * 11)


def test_answers_change_what_is_taken_over():
    answers = {
        "replication": "6",
        "response.name": "weight",
        "response.form": "a count",
        design_reading.kind_key("diet"): "blocking",
    }
    document = designed(OPEN, answers).document
    assert document.factors[0].kind == "blocking"
    assert (document.responses[0].name, document.responses[0].family) == ("weight", "poisson")
    asked = {q.about for q in document.open_questions}
    assert not asked & {"response", "replication"}


def test_levels_that_were_asked_for_are_listed():
    draft = parse_design(TRIAL)
    bare = replace(draft, factors=(replace(draft.factors[0], levels=(), n_levels=None),))
    got = design_reading.answered(bare, {design_reading.levels_key("wheat variety"): "A, B, A"})
    assert (got.factors[0].levels, got.factors[0].n_levels) == (("A", "B"), 2)


@given(st.text(max_size=400))
def test_the_passages_of_a_description_are_the_description(text):
    draft = parse_design(text)
    assert "".join(p.text for p in design_reading.passages(text, draft, {})) == text


def test_passages_are_marked_by_the_kind_that_was_answered():
    draft = parse_design(TRIAL)
    answers = {design_reading.kind_key("wheat variety"): "nuisance"}
    kinds = [p.kind for p in design_reading.passages(TRIAL, draft, answers)]
    assert kinds == ["", "nuisance", "", "blocking", "", "response", ""]


def test_a_level_that_keeps_its_label_keeps_what_it_holds():
    doses = designed("We test a compound at 0, 1 and 10 uM on wells, wells are randomised.")
    old = factor(doses, "compound")
    patch = design_edits.edit_factor(
        doses.document, old, {"name": "dose"}, labels=("0", "5", "high"), control="0"
    )
    new = design_session.revise(doses, patch).document.factors[0]
    assert [(x.label, x.value, x.is_control) for x in new.levels] == [
        ("0", 0.0, True), ("5", 5.0, False), ("high", None, False),
    ]  # fmt: skip
    assert (new.id, new.name, new.unit) == (old.id, "dose", "uM")


def test_there_is_one_primary_response():
    session = design_session.revise(
        designed(), design_edits.add(designed().document, "response", "protein")
    )
    second = session.document.responses[1]
    patch = design_edits.edit_response(session.document, second, {"primary": True})
    document = design_session.revise(session, patch).document
    assert [r.primary for r in document.responses] == [False, True]


def test_a_part_needs_a_name_and_a_warning_a_reason():
    document = designed().document
    with pytest.raises(DesignError, match="name"):
        design_edits.add(document, "unit", "  ")
    with pytest.raises(DesignError, match="reason"):
        design_edits.accept(document, "R05", ("wheat_variety",), " ")


def test_a_count_answers_its_question_once():
    session = designed(OPEN)
    asked = next(q for q in session.document.open_questions if q.id.startswith("count_"))
    document = design_session.revise(
        session, design_edits.answer_count(session.document, asked.id, 12)
    ).document
    assert document.units[-1].count == 12
    assert asked.id not in {q.id for q in document.open_questions}
    with pytest.raises(DesignError, match="closed"):
        design_edits.answer_count(document, asked.id, 12)


def test_a_factor_is_applied_to_other_units_and_taken_off_them():
    document = designed().document
    variety = factor(designed(), "wheat variety")

    def applied(document, unit, rule):
        patch = design_edits.edit_factor(
            document, variety, {}, labels=[x.label for x in variety.levels], applied=(unit, rule)
        )
        return apply(document, patch)

    moved = applied(document, "block", "complete").allotment(variety.id)
    assert (moved.unit_id, moved.rule, moved.within) == ("block", "complete", ())
    bare = applied(document, "", "none")
    assert bare.allotment(variety.id) is None
    assert applied(bare, "", "none") == bare
    assert applied(bare, "plot", "complete").allotment(variety.id).unit_id == "plot"


def test_an_interaction_of_the_same_factors_is_said_once():
    session = designed()
    for name in ("water", "light"):
        added = design_edits.add(session.document, "treatment", name)
        session = design_session.revise(session, added)
    for ids, status in ((("water", "light"), "to_test"), (("light", "water"), "expected")):
        stated = design_edits.interact(session.document, ids, status)
        session = design_session.revise(session, stated)
    assert [i.status for i in session.document.interactions] == ["expected"]


def test_what_a_design_is_for_is_no_version_when_it_is_the_same():
    session = designed()
    same = design_edits.state(
        session.document, aim=session.document.aim, hypothesis="", purpose="compare"
    )
    assert design_session.revise(session, same) == session


def test_a_run_sheet_holds_every_plot_once_and_follows_its_seed():
    document = designed().document
    sheet = run_sheet(document, 1)
    plots = [row[sheet.header.index("plot")] for row in sheet.rows]
    assert sorted(map(int, plots)) == list(range(1, 25))
    assert run_sheet(document, 1) == sheet != run_sheet(document, 2)
    assert "place" not in sheet.header


def test_no_cell_of_a_downloaded_sheet_is_a_formula():
    session = designed()
    patch = design_edits.edit_factor(
        session.document, factor(session, "wheat variety"), {"name": "=HYPERLINK(1)"},
        labels=("@SUM(1)", "-cmd", "a", "b"),
    )  # fmt: skip
    document = design_session.revise(session, patch).document
    content = sheet_csv(run_sheet(document, 3)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "-", "+"))]
    assert "'=HYPERLINK(1)" in cells
    assert sheet_workbook(document, 3).startswith(b"PK")


def test_answers_of_an_older_session_are_kept_by_the_name_of_their_factor(empty_store):
    store = empty_store
    text = "We compare two fertilisers (urea, manure) on plots at random. We measure yield in t/ha."
    old = DesignSession(text=text, answers={"kind.0": "covariate", "replication": "6"})
    saved = design_session.load_session(store, design_session.save_session(store, old).id)
    named = {design_reading.kind_key("fertiliser"): "covariate", "replication": "6"}
    assert saved.answers == named
    assert design_session.import_session(design_session.export_session(old)).answers == named
