"""Runs in what is done with a whole history: export, import, collection, examination."""

from dataclasses import replace

import pytest

from experimentos.errors import NotFound, UnreadableError
from experimentos.store.archive import reading, writing
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.port import new_record
from experimentos.store.run_port import RunQuery, RunSample
from tests.stores.test_runs_contract import run_of


def filled(store):
    """A run with samples and artefacts, an older revision of it, and one in the bin."""
    runs = store.runs
    log, transcript = runs.keep(b"the log"), runs.keep(b"said")
    run = run_of(status="running", outputs={"log": log}, inputs={"elsewhere": "0" * 64})
    runs.save_run(run)
    runs.save_run(run.model_copy(update={"status": "completed", "primary_value": 0.5}))
    samples = [
        RunSample("s", "m", 0, score=0.1 + 0.2, artefact_sha256=transcript, extra={"n": 1}),
        RunSample("s", "m", 1, passed=True),
    ]
    runs.log_samples(run.run_id, samples)
    gone = runs.save_run(run_of(title="gone"))
    runs.remove_run(gone.run_id)
    return runs.load_run(run.run_id), runs.load_run(gone.run_id), samples


def test_runs_travel_with_their_samples_and_artefacts_and_arrive_equal(store, tmp_path):
    run, gone, samples = filled(store)
    record = store.save(new_record("draft", "One", {}), {"input": b"1"})
    packed = store.pack(tmp_path / "w.zip")
    assert (packed.records, packed.runs, packed.artefacts) == (1, 2, 3)
    for other in (MemoryStore(), DuckDbStore(tmp_path / "other.duckdb")):
        dry = other.take_in(tmp_path / "w.zip", dry_run=True)
        assert other.runs.count(RunQuery()) == 0
        changes = other.take_in(tmp_path / "w.zip")
        assert dry == changes
        assert [(c.kind, c.what) for c in changes] == [
            ("draft", "added"),
            ("run", "added"),
            ("run", "added"),
        ]
        assert other.load("draft", record.id) == record
        assert other.runs.load_run(run.run_id) == run
        assert other.runs.load_run(gone.run_id) == gone
        assert other.runs.samples_of(run.run_id) == samples
        assert other.artefact(run.outputs["log"]) == b"the log"
        assert other.artefact(samples[0].artefact_sha256) == b"said"
        assert other.diagnose().is_sound
        other.pack(tmp_path / "back.zip")
        other.close()
        assert {c.what for c in store.take_in(tmp_path / "back.zip")} == {"same"}


def test_an_import_takes_the_newer_run_with_its_samples_and_never_the_older(store, tmp_path):
    run, _, samples = filled(store)
    store.pack(tmp_path / "old.zip")
    other = MemoryStore()
    other.take_in(tmp_path / "old.zip")
    other.runs.log_samples(run.run_id, [RunSample("s", "m", 2)])
    other.pack(tmp_path / "new.zip")
    assert [c.what for c in store.take_in(tmp_path / "new.zip")] == ["updated", "same"]
    assert store.runs.samples_of(run.run_id) == [*samples, RunSample("s", "m", 2)]
    assert store.runs.load_run(run.run_id).sample_count == 3
    assert [c.what for c in store.take_in(tmp_path / "old.zip")] == ["kept_newer", "same"]
    other.runs.save_run(run.model_copy(update={"title": "theirs"}))
    other.pack(tmp_path / "theirs.zip")
    store.runs.save_run(run.model_copy(update={"title": "ours"}))
    assert [c.what for c in store.take_in(tmp_path / "theirs.zip")] == ["kept_diverged", "same"]
    assert store.runs.load_run(run.run_id).title == "ours"
    assert store.diagnose().is_sound


def rewritten(source, target, name, change):
    """The archive with one member changed, and a manifest that agrees with it."""
    with reading(source, "workspace") as archive, writing(target, "workspace", {}) as made:
        for member in archive.members:
            with archive.open(member) as file:
                content = file.read()
            made.add(member, (change(content) if member == name else content,))


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("runs.jsonl", lambda text: text.replace(b'"primary_value":0.5', b'"primary_value":0.6')),
        ("runs.jsonl", lambda text: text + text),
        ("runs.jsonl", lambda text: text.replace(b'"kind":"script"', b'"kind":"other"')),
        ("runs.jsonl", lambda text: text + b"{}\n"),
        ("runs.jsonl", lambda _: b""),
        ("samples.jsonl", lambda text: text.splitlines(keepends=True)[0]),
        ("samples.jsonl", lambda text: text.replace(b'"passed":true', b'"passed":false')),
        ("samples.jsonl", lambda text: text.replace(b'"passed":true', b'"passed":7')),
        ("samples.jsonl", lambda text: text.replace(b'"sample_index":1', b'"sample_index":-1')),
        ("samples.jsonl", lambda _: b"no json\n"),
    ],
)
def test_a_file_whose_runs_are_not_what_they_say_is_refused_whole(tmp_path, member, change):
    source = MemoryStore()
    filled(source)
    source.save(new_record("draft", "One", {}))
    source.pack(tmp_path / "good.zip")
    rewritten(tmp_path / "good.zip", tmp_path / "bad.zip", member, change)
    store = MemoryStore()
    with pytest.raises(UnreadableError, match="Nothing was changed"):
        store.take_in(tmp_path / "bad.zip")
    assert store.diagnose().facts["records"] == 0


def test_a_workspace_of_before_there_were_runs_is_taken_in(store, tmp_path):
    source = MemoryStore()
    record = source.save(new_record("draft", "One", {}))
    source.pack(tmp_path / "new.zip")
    with (
        reading(tmp_path / "new.zip", "workspace") as archive,
        archive.open("records.jsonl") as file,
        writing(tmp_path / "old.zip", "workspace", {"records": 1}) as old,
    ):
        old.add("records.jsonl", (file.read(),))
    assert [change.what for change in store.take_in(tmp_path / "old.zip")] == ["added"]
    assert store.load("draft", record.id) == record


def test_runs_that_were_long_enough_in_the_bin_go_for_good(store):
    run, gone, samples = filled(store)
    assert store.collect(30).runs == ()
    assert store.collect(0, dry_run=True).runs == (gone.run_id,)
    assert store.runs.load_run(gone.run_id) == gone
    assert store.collect(0).runs == (gone.run_id,)
    with pytest.raises(NotFound):
        store.runs.load_run(gone.run_id)
    assert store.runs.load_run(run.run_id) == run
    assert store.artefact(run.outputs["log"]) == b"the log"
    store.runs.remove_run(run.run_id)
    assert store.collect(0).runs == (run.run_id,)
    found = store.diagnose()
    assert found.is_sound
    assert (found.facts["runs"], found.facts["samples"]) == (0, 0)
    assert found.facts["orphans"] == 2
    assert len(samples) == 2


def test_a_store_says_how_many_runs_and_samples_it_holds(store):
    filled(store)
    found = store.diagnose()
    assert found.is_sound
    facts = {name: found.facts[name] for name in ("runs", "runs_in_bin", "samples", "artefacts")}
    assert facts == {"runs": 2, "runs_in_bin": 1, "samples": 2, "artefacts": 2}
    assert found.facts["orphans"] == 0


def test_records_that_no_run_stands_for_are_named(store):
    first = store.save(new_record("analysis", "One", {}))
    second = store.save(new_record("analysis", "Two", {}))
    store.save(new_record("draft", "Three", {}))
    store.remove("analysis", second.id)
    assert store.runs.without_run("analysis") == (first.id, second.id)
    store.runs.save_run(run_of().model_copy(update={"run_id": first.id}))
    assert store.runs.without_run("analysis") == (second.id,)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("update run set document = replace(document, '0.5', '0.6')", "record_altered"),
        ("update run set content_sha256 = 'forged'", "record_altered"),
        ("update run_sample set score = 1", "samples_altered"),
        ("delete from run_sample where sample_index = 1", "samples_altered"),
        ("delete from run where title = 'gone'", "record_altered"),
        ("delete from audit where action = 'samples'", "audit_chain_broken"),
    ],
)
def test_runs_that_were_changed_behind_the_back_of_the_store_are_found(path, sql, code):
    store = DuckDbStore(path)
    filled(store)
    assert store.examine() == ()
    store._cursor().execute(sql)
    assert code in {issue.code for issue in store.examine()}
    store.close()


def test_a_run_of_a_record_that_is_saved_twice_follows_it(store):
    record = store.save(new_record("analysis", "One", {}))
    run = run_of(kind="ab").model_copy(update={"run_id": record.id})
    store.save(record, run=run)
    again = store.load("analysis", record.id)
    store.save(replace(again, title="Two"), run=run.model_copy(update={"title": "Two"}))
    assert store.runs.load_run(record.id).title == "Two"
    assert store.diagnose().is_sound
