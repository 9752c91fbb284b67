"""What every store promises, adapter by adapter."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experimentos.errors import Conflict, ContractError, NotFound, UnreadableError
from experimentos.ids import ordered_id
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.port import Query, new_record

UNICODE = "Größe ✓ 実験 \U0001f9ea 'quoted\" ; drop table document; -- \\ \t%_"


def test_a_record_comes_back_as_it_was_saved(store):
    body = {"n": 1, "rate": 0.1 + 0.2, "none": None, "list": [1, [2.5]], "deep": {"a": {"b": True}}}
    saved = store.save(new_record("analysis", "First", body, facets={"verdict": "Launch"}))
    assert saved.revision == 1
    assert saved.created_at == saved.updated_at
    assert saved.created_at.tzinfo == UTC
    assert store.load("analysis", saved.id) == saved
    assert saved.body == body
    assert saved.facets == {"verdict": "Launch"}


def test_a_new_record_is_given_an_id_that_sorts_by_time(store):
    ids = [store.save(new_record("analysis", str(i), {})).id for i in range(5)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5


def test_an_id_and_a_time_that_the_caller_chose_are_kept(store):
    at = datetime(2020, 2, 29, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=2)))
    record = replace(new_record("analysis", "Old", {}), id=ordered_id(at, b"0123456789"))
    saved = store.save(replace(record, created_at=at))
    assert store.load("analysis", record.id).created_at == at
    assert saved.updated_at != at


def test_each_save_moves_the_revision_on_and_keeps_the_birthday(store):
    first = store.save(new_record("draft", "One", {"step": 1}))
    second = store.save(replace(first, title="Two", body={"step": 2}))
    assert (second.revision, second.id, second.created_at) == (2, first.id, first.created_at)
    assert second.updated_at > first.updated_at
    assert store.load("draft", first.id) == second


def test_saving_over_a_newer_revision_is_a_conflict_and_changes_nothing(store):
    first = store.save(new_record("draft", "One", {}))
    theirs = store.save(replace(first, title="Theirs"))
    with pytest.raises(Conflict, match="saved meanwhile"):
        store.save(replace(first, title="Mine"))
    assert store.load("draft", first.id) == theirs


def test_a_new_record_does_not_overwrite_one_that_has_its_id(store):
    first = store.save(new_record("draft", "One", {}))
    with pytest.raises(Conflict):
        store.save(new_record("draft", "Another", {}, id=first.id))


def test_repeating_a_save_whose_answer_was_lost_is_acknowledged_once(store):
    first = store.save(new_record("draft", "One", {"step": 1}))
    second = store.save(replace(first, title="Two"))
    again = store.save(replace(first, title="Two"))
    assert again == second


def test_an_id_belongs_to_one_kind(store):
    first = store.save(new_record("draft", "One", {}))
    with pytest.raises(ContractError, match="saved as draft"):
        store.save(new_record("analysis", "One", {}, id=first.id))
    with pytest.raises(NotFound):
        store.load("analysis", first.id)


def test_a_record_that_was_never_saved_cannot_be_saved_as_an_old_one(store):
    stranger = new_record("draft", "One", {}, id=ordered_id(datetime.now(UTC), b"0123456789"))
    with pytest.raises(NotFound):
        store.save(replace(stranger, revision=3))


def test_a_unique_beginning_of_an_id_is_enough_in_either_case(store):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    one = store.save(new_record("draft", "One", {}, id=ordered_id(at, b"a" * 10)))
    two = store.save(new_record("draft", "Two", {}, id=ordered_id(at, b"b" * 10)))
    beginning = one.id[: next(i for i in range(26) if one.id[i] != two.id[i]) + 1]
    assert store.load("draft", beginning.lower()) == one
    with pytest.raises(NotFound, match="More than one"):
        store.load("draft", one.id[:10])


def test_what_is_no_id_is_not_found(store):
    store.save(new_record("draft", "One", {}))
    for id_ in ("", "nothing", "%", "0' or 1=1", "é", "0" * 27, "../../etc"):
        with pytest.raises(NotFound):
            store.load("draft", id_)


def test_words_are_looked_up_in_the_title_and_the_facets_whatever_their_case(store):
    store.save(new_record("analysis", "Straße checkout", {}, facets={"owner": "Ana"}))
    store.save(new_record("analysis", "Checkout", {}, facets={"owner": "Bo"}))

    def titles(text):
        return [record.title for record in store.find(Query("analysis", text=text))]

    assert titles("CHECKOUT") == ["Checkout", "Straße checkout"]
    assert titles("strasse") == ["Straße checkout"]
    assert titles("ana  CheckOut") == ["Straße checkout"]
    assert titles("ana bo") == []
    assert titles("%") == []


def test_facets_match_exactly_and_all_of_them(store):
    for verdict, owner in (("Launch", "ana"), ("Launch", "bo"), ("Hold", "ana")):
        store.save(new_record("analysis", "x", {}, facets={"verdict": verdict, "owner": owner}))

    def count(**facets):
        return len(store.find(Query("analysis", facets=facets)))

    assert count() == 3
    assert count(verdict="Launch") == 2
    assert count(verdict="Launch", owner="bo") == 1
    assert count(verdict="launch") == 0
    assert count(nobody="") == 0


def test_pages_of_a_list_show_every_record_once_newest_first(store):
    saved = [store.save(new_record("analysis", str(i), {})).id for i in range(7)]
    seen, before = [], None
    while page := store.find(Query("analysis", before=before, limit=3)):
        seen += [record.id for record in page]
        before = page[-1].id
    assert seen == saved[::-1]


def test_a_list_holds_one_kind(store):
    store.save(new_record("analysis", "a", {}))
    store.save(new_record("draft", "d", {}))
    assert [record.kind for record in store.find(Query("draft"))] == ["draft"]


def test_a_list_without_bounds_is_refused(store):
    for limit in (0, -1, 501):
        with pytest.raises(ContractError):
            store.find(Query("analysis", limit=limit))


def test_a_facet_name_that_could_be_code_is_refused(store):
    with pytest.raises(ContractError):
        store.find(Query("analysis", facets={"x\"' or true --": "1"}))


def test_the_bin_takes_a_record_out_of_the_list_and_gives_it_back(store):
    saved = store.save(new_record("analysis", "One", {"kept": 1}))
    removed = store.remove("analysis", saved.id)
    assert removed.deleted_at is not None
    assert store.find(Query("analysis")) == []
    assert store.find(Query("analysis", deleted=True)) == [removed]
    assert store.load("analysis", saved.id) == removed
    restored = store.restore("analysis", saved.id)
    assert restored.deleted_at is None
    assert restored.body == {"kept": 1}
    assert store.find(Query("analysis")) == [restored]
    assert restored.revision == 3


def test_removing_twice_and_restoring_twice_change_nothing_more(store):
    saved = store.save(new_record("analysis", "One", {}))
    assert store.remove("analysis", saved.id) == store.remove("analysis", saved.id)
    assert store.restore("analysis", saved.id) == store.restore("analysis", saved.id)


def test_a_save_does_not_take_a_record_out_of_the_bin(store):
    saved = store.save(new_record("analysis", "One", {}))
    removed = store.remove("analysis", saved.id)
    renamed = store.save(replace(removed, title="Two", deleted_at=None))
    assert renamed.deleted_at == removed.deleted_at


def test_what_does_not_exist_cannot_be_removed_or_restored(store):
    for change in (store.remove, store.restore):
        with pytest.raises(NotFound):
            change("analysis", "0" * 26)


def test_artefacts_come_back_byte_by_byte_and_are_named_by_their_hash(store):
    content = bytes(range(256)) * 10
    saved = store.save(new_record("analysis", "One", {}), {"input": content, "memo.md": b""})
    assert saved.artefacts["input"] == hashlib.sha256(content).hexdigest()
    assert store.artefact(saved.artefacts["input"]) == content
    assert store.artefact(saved.artefacts["memo.md"]) == b""
    assert store.load("analysis", saved.id).artefacts == saved.artefacts


def test_ten_megabytes_are_kept(store):
    content = b"0123456789abcdef" * (10 * 2**16)
    saved = store.save(new_record("analysis", "Large", {}), {"input": content})
    assert store.artefact(saved.artefacts["input"]) == content


def test_artefacts_of_the_last_revision_stay_unless_they_are_replaced(store):
    first = store.save(new_record("draft", "One", {}), {"input": b"1", "memo.md": b"2"})
    second = store.save(replace(first, title="Two"), {"memo.md": b"3"})
    assert second.artefacts["input"] == first.artefacts["input"]
    assert store.artefact(second.artefacts["memo.md"]) == b"3"
    assert store.artefact(first.artefacts["memo.md"]) == b"2"


def test_the_same_bytes_may_be_named_by_a_second_record(store):
    first = store.save(new_record("draft", "One", {}), {"input": b"1"})
    copy = store.save(new_record("draft", "Copy", {}, artefacts=first.artefacts))
    assert copy.artefacts == first.artefacts


def test_a_record_cannot_name_an_artefact_that_was_never_stored(store):
    with pytest.raises(NotFound):
        store.save(new_record("draft", "One", {}, artefacts={"input": "0" * 64}))
    assert store.find(Query("draft")) == []


def test_what_is_no_known_hash_is_not_found(store):
    for sha256 in ("0" * 64, "", "../" * 20, "A" * 64, "0" * 63 + "\n"):
        with pytest.raises(NotFound):
            store.artefact(sha256)


def test_numbers_that_json_cannot_hold_are_refused_and_nothing_is_saved(store):
    for value in (float("nan"), float("inf"), float("-inf")):
        with pytest.raises(ContractError, match="JSON"):
            store.save(new_record("analysis", "One", {"deep": [{"p": value}]}))
    assert store.find(Query("analysis")) == []


def test_what_is_not_json_is_refused(store):
    for value in ({1, 2}, b"bytes", object()):
        with pytest.raises(ContractError, match="JSON"):
            store.save(new_record("analysis", "One", {"x": value}))


def test_text_that_is_not_unicode_is_refused(store):
    with pytest.raises(ContractError):
        store.save(new_record("analysis", "half a pair \ud83e", {}))


def test_names_outside_the_alphabet_are_refused(store):
    for name in ("", "Input", "a b", "../x", "x" * 65, "é"):
        with pytest.raises(ContractError):
            store.save(new_record(name, "One", {}))
        with pytest.raises(ContractError):
            store.save(new_record("draft", "One", {}, facets={name: "x"}))
        with pytest.raises(ContractError):
            store.save(new_record("draft", "One", {}), {name: b"x"})


def test_ids_outside_the_alphabet_are_refused(store):
    for id_ in ("short", "0" * 25 + "I", "0" * 25 + "\n"):
        with pytest.raises(ContractError):
            store.save(new_record("draft", "One", {}, id=id_))


def test_a_time_without_a_zone_is_refused(store):
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the very thing that is refused
    with pytest.raises(ContractError, match="time zone"):
        store.save(replace(new_record("draft", "One", {}), created_at=naive))


def test_every_script_survives(store):
    body = {UNICODE: [UNICODE, "\x00 null", "\u2028"]}
    saved = store.save(new_record("analysis", UNICODE, body, facets={"owner": UNICODE}))
    assert store.load("analysis", saved.id).title == UNICODE
    assert store.load("analysis", saved.id).body == body
    assert store.find(Query("analysis", text="実験", facets={"owner": UNICODE})) == [saved]


TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(title=TEXT, body=st.dictionaries(TEXT, JSON, max_size=4), owner=TEXT)
def test_any_json_document_comes_back_equal(store, title, body, owner):
    saved = store.save(new_record("draft", title, body, facets={"owner": owner}))
    loaded = store.load("draft", saved.id)
    assert (loaded.title, loaded.body, loaded.facets) == (title, body, {"owner": owner})
    assert repr(loaded.body) == repr(body)
    assert loaded in store.find(Query("draft", facets={"owner": owner}, limit=500))


def test_a_store_that_works_says_so(store):
    assert not store.state().is_read_only


def test_a_store_says_what_it_holds(store):
    first = store.save(new_record("draft", "One", {}), {"input": b"old"})
    store.save(first, {"input": b"newer"})
    gone = store.save(new_record("analysis", "Two", {}), {"input": b"newer"})
    store.remove("analysis", gone.id)
    found = store.diagnose()
    assert found.is_sound
    assert {name: found.facts[name] for name in ("records", "in_bin", "artefacts")} == {
        "records": 2,
        "in_bin": 1,
        "artefacts": 1,
    }
    assert (found.facts["artefact_bytes"], found.facts["orphan_bytes"]) == (5, 3)
    assert found.facts["orphans"] == 1


def test_what_was_long_enough_in_the_bin_goes_for_good_and_the_rest_stays(store):
    kept = store.save(new_record("draft", "kept", {}), {"input": b"shared"})
    binned = store.save(new_record("draft", "binned", {}), {"input": b"shared"})
    store.remove("draft", binned.id)
    assert store.collect(30).records == ()
    assert store.collect(0, dry_run=True).records == (binned.id,)
    assert store.load("draft", binned.id).deleted_at is not None
    assert store.collect(0).records == (binned.id,)
    with pytest.raises(NotFound):
        store.load("draft", binned.id)
    assert store.artefact(kept.artefacts["input"]) == b"shared"
    assert store.load("draft", kept.id) == kept
    assert store.diagnose().is_sound


def test_a_record_that_went_for_good_may_be_saved_again_as_a_new_one(store):
    first = store.save(new_record("draft", "One", {}))
    store.remove("draft", first.id)
    store.collect(0)
    with pytest.raises(NotFound):
        store.save(replace(first, title="Two"))
    again = store.save(new_record("draft", "One", {}, id=first.id))
    assert again.revision == 1
    assert store.diagnose().is_sound


def test_less_than_no_days_is_refused(store):
    with pytest.raises(ContractError):
        store.collect(-1)


def filled(store):
    """Two records, one in the bin, and an older revision."""
    first = store.save(new_record("draft", "One", {"x": 0.1 + 0.2}), {"input": b"older"})
    second = store.save(replace(first, title=UNICODE), {"input": b"newer"})
    gone = store.save(new_record("analysis", "Two", {"n": 2**60}), {"input": b"2"})
    return second, store.remove("analysis", gone.id)


def others(tmp_path):
    return MemoryStore(), DuckDbStore(tmp_path / "other.duckdb")


def test_a_workspace_travels_in_one_file_and_arrives_equal(store, tmp_path):
    records = filled(store)
    packed = store.pack(tmp_path / "w.zip")
    assert (packed.records, packed.artefacts) == (2, 2)
    assert packed.bytes == (tmp_path / "w.zip").stat().st_size
    for other in others(tmp_path):
        assert [change.what for change in other.take_in(tmp_path / "w.zip")] == ["added"] * 2
        for record in records:
            assert other.load(record.kind, record.id) == record
            assert other.artefact(record.artefacts["input"]) in (b"newer", b"2")
        assert other.diagnose().is_sound
        other.pack(tmp_path / "back.zip")
        other.close()
        assert {change.what for change in store.take_in(tmp_path / "back.zip")} == {"same"}


def test_a_dry_import_says_what_would_change_and_changes_nothing(store, tmp_path):
    other = MemoryStore()
    filled(other)
    other.pack(tmp_path / "w.zip")
    changes = store.take_in(tmp_path / "w.zip", dry_run=True)
    assert {(change.title, change.what) for change in changes} == {
        (UNICODE, "added"),
        ("Two", "added"),
    }
    assert store.diagnose().facts["records"] == 0


def test_an_import_brings_the_newer_revision_and_keeps_what_is_newer_here(store, tmp_path):
    second, _ = filled(store)
    store.pack(tmp_path / "old.zip")
    other = MemoryStore()
    other.take_in(tmp_path / "old.zip")
    third = other.save(replace(second, title="Three"), {"input": b"3"})
    other.pack(tmp_path / "new.zip")
    assert [c.what for c in store.take_in(tmp_path / "new.zip")] == ["updated", "same"]
    assert store.load("draft", third.id) == third
    assert store.artefact(third.artefacts["input"]) == b"3"
    assert [c.what for c in store.take_in(tmp_path / "old.zip")] == ["kept_newer", "same"]
    assert store.load("draft", third.id) == third
    assert store.diagnose().is_sound


def test_a_record_changed_on_both_sides_stays_as_it_is_here(store, tmp_path):
    second, _ = filled(store)
    store.pack(tmp_path / "old.zip")
    other = MemoryStore()
    other.take_in(tmp_path / "old.zip")
    theirs = other.save(replace(second, title="theirs"))
    other.save(replace(theirs, title="theirs again"))
    other.pack(tmp_path / "theirs.zip")
    ours = store.save(replace(second, title="ours"))
    assert [c.what for c in store.take_in(tmp_path / "theirs.zip")] == ["kept_diverged", "same"]
    assert store.load("draft", ours.id) == ours


def test_a_file_that_is_no_workspace_is_refused(store, tmp_path):
    (tmp_path / "w.zip").write_bytes(b"no archive")
    with pytest.raises(UnreadableError):
        store.take_in(tmp_path / "w.zip")
    with pytest.raises(UnreadableError):
        store.take_in(tmp_path / "nowhere.zip")
