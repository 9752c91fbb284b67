from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from experimentos.design.diff import changes
from experimentos.design.parts import Factor, Interaction, Layout, Level
from experimentos.design.patch import (
    AddFactor,
    AddInteraction,
    Patch,
    Remove,
    Rename,
    Reorder,
    SetDocument,
    SetLevels,
    Update,
    apply,
)
from experimentos.design.versions import History, Made, begin, commit, label, restore
from experimentos.errors import Conflict, DesignError, NotFound
from tests.unit.design.examples import crd, oats, square

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def made(seconds: float = 0, **fields) -> Made:
    return Made(at=NOON + timedelta(seconds=seconds), **fields)


def renamed(name: str, id_: str = "nitrogen") -> Patch:
    return Patch(title=f"call it {name}", edits=(Rename(part="factors", id=id_, name=name),))


def test_a_version_keeps_its_content_its_hash_and_its_parent():
    history = commit(begin(oats(), made()), renamed("N"), made(5))
    assert [v.number for v in history.versions] == [1, 2]
    assert history.last.parent == 1
    assert history.last.hash == history.last.content.hash() != history.versions[0].hash
    assert apply(history.versions[0].content, history.last.patch) == history.last.content


def test_autosaves_of_one_card_within_a_minute_are_one_version():
    history = begin(oats(), made())
    for second, name in ((10, "N"), (30, "N rate"), (65, "N supply")):
        history = commit(history, renamed(name), made(second, is_autosave=True))
    assert [v.number for v in history.versions] == [1, 2]
    assert history.last.content.factor("nitrogen").name == "N supply"
    assert apply(history.versions[0].content, history.last.patch) == history.last.content
    history = commit(history, renamed("late"), made(75, is_autosave=True))
    assert history.last.number == 3


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        (renamed("V", "variety"), {"is_autosave": True}),
        (renamed("N2"), {"is_autosave": False}),
        (renamed("N2"), {"is_autosave": True, "author": "assistant"}),
    ],
)
def test_another_card_author_or_a_saved_version_starts_a_new_one(patch, changed):
    history = commit(begin(oats(), made()), renamed("N"), made(1, is_autosave=True))
    assert commit(history, patch, made(2, **changed)).last.number == 3


def test_restoring_is_a_new_version_with_the_old_content():
    history = commit(begin(oats(), made()), renamed("N"), made(1))
    back = restore(history, 1, made(2))
    assert back.last.number == 3
    assert back.last.content == oats()
    assert back.last.hash == back.versions[0].hash
    assert back.last.message == "Restore version 1"
    assert back.versions[:2] == history.versions


def test_a_history_survives_its_json_and_a_changed_snapshot_is_noticed():
    history = commit(begin(oats(), made()), renamed("N"), made(1))
    text = history.model_dump_json()
    assert History.model_validate_json(text) == history
    with pytest.raises(ValidationError, match="does not match its hash"):
        History.model_validate_json(text.replace("Marvellous", "Marvelous"))


def test_a_change_on_top_of_an_unseen_one_is_a_conflict():
    start = begin(oats(), made())
    history = commit(start, renamed("N"), made(1, base=start.last.hash))
    with pytest.raises(Conflict, match="changed elsewhere"):
        commit(history, renamed("M"), made(2, base=start.last.hash))


def test_a_patch_that_changes_nothing_makes_no_version():
    history = begin(oats(), made())
    assert commit(history, renamed("nitrogen"), made(1)) is history


def test_a_clock_that_runs_backwards_is_refused():
    with pytest.raises(DesignError, match="older than the newest"):
        commit(begin(oats(), made(10)), renamed("N"), made(1))


def test_a_named_version_takes_no_further_edits():
    history = commit(begin(oats(), made()), renamed("N"), made(1, is_autosave=True))
    history = label(history, 2, "as discussed")
    assert commit(history, renamed("M"), made(2, is_autosave=True)).last.number == 3
    with pytest.raises(NotFound):
        label(history, 9, "no")


def sentences(old, *edits):
    return [c.sentence for c in changes(old, apply(old, Patch(edits=edits)))]


def test_a_rename_is_a_rename():
    found = changes(oats(), apply(oats(), renamed("N rate")))
    assert [(c.kind, c.sentence) for c in found] == [
        ("renamed", "The factor nitrogen is now called N rate.")
    ]


def test_every_kind_of_change_is_said_in_words():
    lab = Factor(id="lab", name="lab", kind="nuisance", levels=(Level(label="A"),))
    assert sentences(oats(), AddFactor(factor=lab)) == ["Added the factor lab (nuisance: A)."]
    assert sentences(oats(), Remove(part="factors", id="variety")) == [
        "Removed the factor variety.",
        "Removed the allotment of variety.",
    ]
    assert sentences(
        oats(), SetLevels(factor_id="nitrogen", levels=(Level(label="0.0"), Level(label="9")))
    ) == ["Nitrogen: level 9 added; levels 0.2, 0.4 and 0.6 removed; no reference any more."]
    assert sentences(oats(), Update(part="units", id="blocks", fields={"count": 8})) == [
        "Block: count changed from 6 to 8."
    ]
    assert sentences(oats(), Reorder(part="factors", ids=("nitrogen",))) == [
        "The factors are now in order: nitrogen, block, variety."
    ]
    assert sentences(oats(), SetDocument(fields={"aim": "more oats"})) == ["Aim set to more oats."]
    assert sentences(oats(), SetDocument(fields={"layout": Layout()})) == ["The layout was added."]
    assert sentences(oats(), SetDocument(fields={"conduct": {"alpha": 0.01}})) == [
        "Conduct: alpha changed from 0.05 to 0.01."
    ]
    assert sentences(
        oats(), AddInteraction(interaction=Interaction(id="i", factor_ids=("variety", "nitrogen")))
    ) == ["Added the interaction of variety x nitrogen."]


def test_equal_designs_have_no_changes_and_different_ones_have_some():
    assert changes(oats(), oats()) == ()
    assert {c.kind for c in changes(crd(), square())} >= {"added", "removed"}


def test_a_long_text_is_rewritten_and_a_short_one_is_shown():
    long = crd().model_copy(update={"aim": "Find out which diet is best. " * 4})
    short = crd().model_copy(update={"aim": "Find the best diet."})
    assert [c.sentence for c in changes(long, short)] == ["Aim rewritten."]
    named = crd().model_copy(update={"aim": "Find the worst diet."})
    assert [c.sentence for c in changes(short, named)] == [
        "Aim changed from Find the best diet. to Find the worst diet."
    ]
