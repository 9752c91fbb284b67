import os

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
