"""`experimentos history` lists, shows, runs again, deletes and restores."""

from pathlib import Path

import pytest

from experimentos.cli.status import Exit
from experimentos.flows.ab_test import run

DATA = Path(__file__).resolve().parents[2] / "reference" / "datasets" / "cookie_cats_agg.csv"


@pytest.fixture
def saved(report):
    """Save one analysis; return its id."""
    _, document = report("memo", DATA, "--save", "--title", "Gate [bold]40[/bold]")
    return document["id"]


def titles(report, *arguments):
    _, document = report("history", "list", *arguments)
    return [item["title"] for item in document["analyses"]]


def test_an_empty_history_says_so(call, report):
    assert call("history", "list")[:2] == (Exit.DONE, "Nothing is saved here yet.\n")
    assert titles(report) == []


def test_what_was_saved_is_listed_and_found_by_its_words(call, report, saved):
    assert titles(report) == ["Gate [bold]40[/bold]"]
    assert titles(report, "gate") == ["Gate [bold]40[/bold]"]
    assert titles(report, "other") == []
    assert titles(report, "--verdict", "Launch") == []
    out = call("history", "list")[1]
    assert saved in out
    assert "[bold]" in out


def test_any_unique_beginning_of_an_id_will_do(call, saved):
    status, out, _ = call("history", "show", saved[:12])
    assert status == Exit.DONE
    assert "Rollback" in out


def test_a_saved_analysis_is_shown_with_everything_that_was_computed(report, saved):
    status, document = report("history", "show", saved)
    assert status == Exit.DONE
    assert document["id"] == saved
    assert document["decision"]["verdict"] == "Rollback"
    assert document["analysis"]["frequentist"]["alpha"] == 0.05


def test_running_it_again_gives_the_same_bits(call, report, saved):
    status, document = report("history", "rerun", saved)
    assert (status, document["identical"], document["differences"]) == (Exit.DONE, True, [])
    assert call("history", "rerun", saved)[1].startswith("Identical")


def test_a_result_that_is_no_longer_the_same_is_status_1(call, saved, monkeypatch):
    def stricter(content, name, charter, policy, **how):
        return run(content, name, charter.model_copy(update={"alpha": 0.01}), policy, **how)

    monkeypatch.setattr("experimentos.flows.history.ab_test.run", stricter)
    status, out, _ = call("history", "rerun", saved)
    assert status == Exit.NO
    assert "alpha: 0.05 then, 0.01 now" in out


def test_what_is_deleted_is_in_the_bin_until_it_is_restored(call, report, saved):
    status, out, _ = call("history", "delete", saved)
    assert status == Exit.DONE
    assert f"restore {saved}" in out
    assert titles(report) == []
    assert titles(report, "--deleted") == ["Gate [bold]40[/bold]"]
    assert call("history", "restore", saved)[0] == Exit.DONE
    assert titles(report) == ["Gate [bold]40[/bold]"]


@pytest.mark.parametrize("verb", ["show", "rerun", "delete", "restore"])
def test_an_unknown_id_is_status_1(call, verb):
    status, _, err = call("history", verb, "nope")
    assert status == Exit.NO
    assert "nope" in err


def test_a_workspace_that_cannot_be_made_is_status_4(call, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "file" / "workspace"))
    assert call("history", "list")[0] == Exit.FAILED
