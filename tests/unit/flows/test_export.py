"""The memo and the history get the same words from every door."""

import shlex
from datetime import UTC, datetime

import pytest

from experimentos.errors import ContractError
from experimentos.flows import ab_test, export
from experimentos.memo.subject import MemoFields
from experimentos.plan.charter import Charter

CONTENT = b"variant,users,conversions\ncontrol,10000,1200\ntreatment,10000,1320\n"


def outcome(charter=None, name="results.csv"):
    return ab_test.run(CONTENT, name, charter or Charter())


def test_both_forms_tell_the_same_decision():
    test = outcome()
    for form in ("md", "html"):
        assert test.decision.verdict.value in export.write_memo(test, form)


def test_a_form_that_does_not_exist_is_refused():
    with pytest.raises(ContractError, match="pdf"):
        export.write_memo(outcome(), "pdf")


def test_a_memo_of_the_same_moment_is_the_same_memo():
    test = outcome()
    facts = export.memo_facts(test, made_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert export.write_memo(test, "html", facts=facts) == export.write_memo(
        test, "html", facts=facts
    )


@pytest.mark.parametrize(
    ("charter", "mapping", "words"),
    [
        (Charter(), {}, []),
        (Charter(split=(1, 3)), {}, ["--split", "1,3"]),
        (Charter(alpha=0.1, split=(1, 3)), {}, ["--charter", "charter.yaml"]),
        (Charter(), {"users": "all visitors"}, ["--map", "users=all visitors"]),
        (Charter(), {"where=id": "a"}, ["--where", "id=a"]),
    ],
)
def test_the_command_repeats_how_the_file_was_read(charter, mapping, words):
    command = export.command(outcome(charter), mapping)
    assert shlex.split(command) == ["experimentos", "analyze", "results.csv", *words]


def test_a_hostile_file_name_is_one_word_of_the_command():
    command = export.command(outcome(name="a; rm -rf ~ $(x).csv"))
    assert len(shlex.split(command)) == 3


def test_a_saved_analysis_is_repeated_by_its_id():
    facts = export.memo_facts(outcome(), run_id="01ABC")
    assert facts.command == "experimentos history rerun 01ABC"


def test_the_title_of_the_memo_is_the_title_in_the_history(tmp_path):
    from experimentos.wiring import open_store

    store = open_store(tmp_path)
    try:
        named = export.keep(store, outcome(), CONTENT, fields=MemoFields(title="Named"))
        unnamed = export.keep(store, outcome(), CONTENT)
        memo = store.artefact(named.artefacts["memo.md"]).decode()
    finally:
        store.close()
    assert (named.title, unnamed.title) == ("Named", export.UNTITLED)
    assert named.id in memo
