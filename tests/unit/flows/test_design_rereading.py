"""Both wordings of a description are read by the reader that its design was taken from."""

from dataclasses import replace

import pytest

from experimentos.design.parse.describe import parse_design
from experimentos.flows.design_reading import REPLICATES, kind_key, levels_key, taken_over
from experimentos.flows.design_redescribe import all_of, redescribed
from experimentos.flows.design_rereading import (
    carried,
    in_line,
    is_from_model,
    reread,
    unread,
    with_reading,
    with_text,
)
from experimentos.flows.design_session import (
    DesignSession,
    export_session,
    go_back_to,
    import_session,
    revise,
    take_over,
    undo,
)
from experimentos.flows.second_reading import draft_of, kept
from experimentos.llm.port import RULES, Reading

PLOTS = (
    "We compare two fertilisers (urea and manure) on plots, assigned at random. Each treatment has "
    "6 plots. The response is yield in t/ha."
)
MORE = PLOTS.replace(
    "two fertilisers (urea and manure)", "three fertilisers (urea, ash and manure)"
)
SEVEN = PLOTS.replace("6 plots", "7 plots")
EARLIER = f"Plots are irrigated with two water sources (rain and well). {PLOTS}"


def by_model(text, source="small-model", **names):
    """What a model reads that calls factors by names of its own."""
    draft = parse_design(text)
    factors = tuple(
        replace(f, name=names.get(f.name.replace(" ", "_"), f.name), rule="model")
        for f in draft.factors
    )
    return kept(Reading(replace(draft, factors=factors, questions=()), source), text)


def taken(text, second=None, reader="model", answers=None):
    session = DesignSession(text=text, second_reading=second, reader=reader, answers=answers or {})
    draft = draft_of(text, second, reader)
    document = taken_over(draft, session.answers, title="", text=text)
    return take_over(session, document)


def said(session):
    both = reread(session)
    found = redescribed(session.document, both.before, both.now, session.decided)
    assert found.unmatched == ()
    return [sentence for proposal in found.proposals for sentence in proposal.sentences]


def with_words(session, text):
    return session.model_copy(update={"text": text})


def test_a_design_of_the_rules_is_read_again_by_the_rules():
    session = with_words(taken(PLOTS, reader="both"), MORE)
    assert not is_from_model(session)
    assert reread(session).source == RULES
    assert "Fertiliser: level ash added." in said(session)


def test_a_design_of_words_that_no_model_read_is_one_of_the_rules():
    session = with_words(taken(MORE, by_model(PLOTS), reader="both"), PLOTS)
    assert not is_from_model(session)


def test_before_a_model_is_asked_the_rules_propose_for_the_parts_that_the_model_named():
    session = taken(PLOTS, by_model(PLOTS, fertiliser="soil amendment"))
    assert session.document.factors[0].name == "soil amendment"
    session = with_words(session, MORE)
    assert is_from_model(session)
    assert unread(session) == (MORE,)
    assert reread(session).source == RULES
    assert "Soil amendment: level ash added." in said(session)
    assert not [s for s in said(session) if "Added" in s or "Removed" in s]


@pytest.mark.parametrize("reader", ["model", "both"])
def test_once_a_model_read_the_new_words_both_wordings_are_as_it_reads_them(reader):
    session = taken(PLOTS, by_model(PLOTS, fertiliser="soil amendment"), reader)
    session = with_reading(with_words(session, MORE), by_model(MORE, fertiliser="soil amendment"))
    both = reread(session)
    assert (both.source, both.reader) == ("small-model", reader)
    assert unread(session) == ()
    names = [[f.name for f in side.document.factors] for side in (both.before, both.now)]
    assert names[0] == names[1] == [session.document.factors[0].name]
    assert [s for s in said(session) if "level ash added" in s]


def test_a_reading_that_failed_is_not_held_against_one_of_the_model():
    session = taken(PLOTS, by_model(PLOTS, fertiliser="soil amendment"))
    session = with_reading(with_words(session, MORE), by_model(MORE, source=RULES))
    assert reread(session).source == RULES
    assert "Soil amendment: level ash added." in said(session)


def test_an_earlier_wording_that_no_model_read_is_offered_too():
    session = taken(PLOTS, by_model(PLOTS))
    session = in_line(with_words(session, MORE))
    session = with_words(session, SEVEN)
    assert unread(session) == (MORE, SEVEN)
    for text in unread(session):
        session = with_reading(session, by_model(text))
    assert unread(session) == ()
    assert reread(session).source == "small-model"


def test_a_design_in_line_keeps_the_models_reading_of_its_words():
    session = taken(PLOTS, by_model(PLOTS))
    session = in_line(with_reading(with_words(session, MORE), by_model(MORE)))
    assert session.in_line_with == MORE
    assert unread(with_words(session, SEVEN)) == (SEVEN,)
    assert session.new_reading is None


def test_an_answer_stays_with_its_factor_when_another_is_named_before_it():
    answers = {kind_key("fertiliser"): "covariate"}
    session = with_words(taken(PLOTS, reader="rules", answers=answers), EARLIER)
    kinds = {f.name: f.kind for f in reread(session).now.document.factors}
    assert kinds == {"water source": "treatment", "fertiliser": "covariate"}
    assert not [s for s in said(session) if "ertiliser" in s]


def test_an_answer_about_a_factor_of_a_model_holds_for_that_of_the_rules():
    answers = {kind_key("soil amendment"): "covariate"}
    session = taken(PLOTS, by_model(PLOTS, fertiliser="soil amendment"), answers=answers)
    assert session.document.factors[0].kind == "covariate"
    session = with_words(session, SEVEN)
    assert not [s for s in said(session) if "kind" in s]
    assert in_line(session).answers == {kind_key("fertiliser"): "covariate"}


def test_an_answer_goes_with_its_factor_to_another_name_while_the_words_are_typed():
    session = DesignSession(text=PLOTS, answers={kind_key("fertiliser"): "covariate"})
    typed = with_text(session, PLOTS.replace("fertilisers", "soil fertilisers"))
    assert parse_design(typed.text).factors[0].name == "soil fertiliser"
    assert typed.answers[kind_key("soil fertiliser")] == "covariate"
    assert with_text(typed, PLOTS).answers[kind_key("fertiliser")] == "covariate"


def test_new_words_come_before_an_old_answer():
    was, now = parse_design(PLOTS), parse_design(MORE)
    answers = {
        levels_key("fertiliser"): "urea, manure, none", kind_key("fertiliser"): "nuisance",
        REPLICATES: "6",
    }  # fmt: skip
    assert carried(answers, was, now) == {kind_key("fertiliser"): "nuisance", REPLICATES: "6"}


def test_undoing_what_the_words_asked_for_proposes_it_again():
    session = with_words(taken(PLOTS, reader="rules"), SEVEN)
    both = reread(session)
    proposals = redescribed(session.document, both.before, both.now).proposals
    done = in_line(revise(session, all_of(session.document, proposals)))
    assert done.in_line_with == SEVEN
    undone = undo(done)
    assert undone.in_line_with == PLOTS
    assert said(undone) == [s for p in proposals for s in p.sentences]
    assert undo(undone) == undone
    again = go_back_to(undone, 2)
    assert again.in_line_with == SEVEN


def test_a_session_with_decisions_and_readings_goes_out_and_comes_in():
    session = with_words(taken(PLOTS, by_model(PLOTS)), MORE)
    session = with_reading(session, by_model(MORE)).model_copy(
        update={"decided": {"a": "rejected"}}
    )
    assert import_session(export_session(session)) == session
