import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from experimentos.cli.status import Exit
from experimentos.store.port import new_record
from experimentos.wiring import open_store


def test_the_bin_is_emptied_after_saying_so(call, report):
    store = open_store(os.environ["EXPERIMENTOS_HOME"])
    saved = store.save(new_record("analysis", "One", {}))
    store.remove("analysis", saved.id)
    store.close()
    assert report("gc")[1]["records"] == []
    status, document = report("gc", "--days", "0", "--dry-run")
    assert (status, document["records"], document["dry_run"]) == (Exit.DONE, [saved.id], True)
    assert "Deleted 1 records" in call("gc", "--days", "0")[1]
    assert report("gc", "--days", "0")[1]["records"] == []
    assert report("doctor")[0] == Exit.DONE


def test_negative_days_are_wrong_usage(call):
    assert call("gc", "--days", "-1")[0] == Exit.USAGE


def test_uploaded_rows_go_when_they_are_old_and_their_sums_stay(report):
    folder = Path(os.environ["EXPERIMENTOS_HOME"]) / "uploads"
    folder.mkdir(parents=True)
    for name, age in (("old.csv", 40), ("new.csv", 1)):
        path = folder / name
        path.write_text("id,arm")
        moment = datetime.now(UTC) - timedelta(days=age)
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    assert report("gc", "--dry-run")[1]["uploads"] == 1
    assert report("gc")[1]["uploads"] == 1
    assert [path.name for path in folder.iterdir()] == ["new.csv"]
    assert report("gc")[1]["uploads"] == 0
