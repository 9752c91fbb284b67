import pytest

from experimentos.errors import Conflict, ContractError, NotFound, StoreError
from experimentos.flows import drafts
from experimentos.flows.drafts import Draft, MemoFields
from experimentos.plan.charter import Charter
from experimentos.store.port import new_record

ID = "01M9XQ3J7C0000000000000000"


@pytest.fixture
def store(empty_store):
    return empty_store


def test_a_draft_comes_back_whole(store):
    draft = Draft(
        title="Buttons",
        file_name="a.csv",
        mapping={"n": "users"},
        charter=Charter(primary="signups", mde=0.01),
        memo=MemoFields(notes="✓"),
        page={"tab": "continuous", "open": [1, None, 2.5]},
    )
    saved = drafts.save_draft(store, draft, b"variant,users\n")
    assert drafts.load_draft(store, saved.id) == saved
    assert drafts.draft_input(store, saved) == b"variant,users\n"
    own = {"id", "revision", "input_sha256"}
    assert saved.model_dump(exclude=own) == draft.model_dump(exclude=own)


def test_a_draft_keeps_the_id_that_its_address_shows(store):
    assert drafts.save_draft(store, Draft(id=ID)).id == ID
    assert [record.id for record in drafts.list_drafts(store)] == [ID]


def test_the_input_stays_while_the_rest_changes(store):
    first = drafts.save_draft(store, Draft(id=ID), b"1")
    second = drafts.save_draft(store, first.model_copy(update={"title": "Two"}))
    assert second.revision == 2
    assert drafts.draft_input(store, second) == b"1"
    third = drafts.save_draft(store, second.model_copy(update={"input_sha256": None}))
    assert drafts.draft_input(store, third) is None


def test_two_tabs_on_one_draft_do_not_overwrite_each_other(store):
    first = drafts.save_draft(store, Draft(id=ID, title="One"))
    drafts.save_draft(store, first.model_copy(update={"title": "Theirs"}))
    with pytest.raises(Conflict):
        drafts.save_draft(store, first.model_copy(update={"title": "Mine"}))


@pytest.mark.parametrize("id_", ["", ID[:20], ID.lower(), "0" * 26])
def test_nothing_but_the_whole_id_opens_a_draft(store, id_):
    drafts.save_draft(store, Draft(id=ID))
    with pytest.raises(NotFound):
        drafts.load_draft(store, id_)


def test_an_id_that_is_none_is_refused(store):
    with pytest.raises(ContractError):
        drafts.save_draft(store, Draft(id="../../etc/passwd"))


def test_a_draft_of_another_version_is_refused_with_the_way_out(store):
    store.save(new_record("draft", "", {"of_the_future": 1}, id=ID))
    with pytest.raises(StoreError, match="version of ExperimentOS that saved it"):
        drafts.load_draft(store, ID)


def test_a_mapping_is_recalled_by_its_header_and_the_last_one_wins(store):
    header = ["group", "n", "orders"]
    assert drafts.recall_mapping(store, header) is None
    drafts.remember_mapping(store, header, {"group": "variant"})
    drafts.remember_mapping(store, header, {"group": "variant", "n": "users"})
    assert drafts.recall_mapping(store, header) == {"group": "variant", "n": "users"}
    assert drafts.recall_mapping(store, header[::-1]) is None
    assert drafts.recall_mapping(store, ["group,n", "orders"]) is None


def test_somebody_remembering_at_the_same_time_does_not_stop_us(store, monkeypatch):
    drafts.remember_mapping(store, ["a"], {"a": "users"})
    real = store.load

    def stale(kind, id_):
        monkeypatch.setattr(store, "load", real)
        record = real(kind, id_)
        drafts.remember_mapping(store, ["a"], {"a": "theirs"})
        return record

    monkeypatch.setattr(store, "load", stale)
    drafts.remember_mapping(store, ["a"], {"a": "conversions"})
    assert drafts.recall_mapping(store, ["a"]) == {"a": "conversions"}
