"""`experimentos design new|validate|diff|layout|export|power` on design documents."""

import json

import openpyxl
import pytest

from experimentos.cli.status import Exit


@pytest.fixture
def design(call, tmp_path):
    path = tmp_path / "design.json"
    status, _, _ = call("design", "new", "--template", "rcbd_field_trial", "-o", path)
    assert status == Exit.DONE
    return path


def test_a_template_becomes_a_document_that_has_no_error(report, design):
    status, found = report("design", "validate", design)
    assert status == Exit.DONE
    assert found["schema_version"] == 1
    assert found["design_class"] == "RCBD"
    assert len(found["sha256"]) == 64


def test_without_options_the_templates_are_listed(call):
    status, out, _ = call("design", "new")
    assert status == Exit.DONE
    assert "cluster_randomised" in out


def test_a_description_becomes_a_document(call):
    status, out, _ = call("design", "new", "--text", "We compare 3 diets on 24 mice at random.")
    assert status == Exit.DONE
    assert json.loads(out)["aim"].startswith("We compare")


def test_an_error_of_a_rule_is_a_no_and_shows_the_fix(call, report, tmp_path):
    path = tmp_path / "empty.json"
    call("design", "new", "--title", "Nothing yet", "-o", path)
    status, found = report("design", "validate", path)
    assert status == Exit.NO
    assert {"R01", "R02"} <= {f["rule"] for f in found["findings"]}
    status, out, _ = call("design", "validate", path)
    assert status == Exit.NO
    assert "fix: Add a response to fill in" in out


def test_a_difference_is_said_in_words(call, report, design, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(design.read_text().replace('"grain yield"', '"straw yield"'))
    status, out, _ = call("design", "diff", design, other)
    assert status == Exit.NO
    assert "The response grain yield is now called straw yield." in out
    status, found = report("design", "diff", design, design)
    assert (status, found["changes"]) == (Exit.DONE, [])


def test_the_same_seed_lays_out_the_same(call, report, design):
    first = report("design", "layout", design, "--seed", 4)
    assert first == report("design", "layout", design, "--seed", 4)
    assert len(first[1]["places"]) == 36
    _, out, _ = call("design", "layout", design, "--seed", 4)
    assert out.startswith("run,place,")


def test_a_workbook_is_written_and_needs_a_file(call, design, tmp_path):
    path = tmp_path / "entry.xlsx"
    status, _, _ = call("design", "export", design, "--seed", 4, "--format", "xlsx", "-o", path)
    assert status == Exit.DONE
    rows = list(openpyxl.load_workbook(path)["Run sheet"].iter_rows(values_only=True))
    assert len(rows) == 37
    status, _, _ = call("design", "export", design, "--seed", 4, "--format", "xlsx")
    assert status == Exit.USAGE


@pytest.mark.parametrize("form", ["csv", "json"])
def test_run_sheet_and_places_are_exported(call, design, tmp_path, form):
    path = tmp_path / f"out.{form}"
    status, _, _ = call("design", "export", design, "--seed", 4, "--format", form, "-o", path)
    assert status == Exit.DONE
    assert path.read_text()


def test_the_power_and_the_blocks_that_reach_the_goal_are_said(report, design):
    # R: with 6 varieties and b blocks, pf of the F test with 5 and 5(b - 1) d.f.
    status, found = report("design", "power", design, "--unit", "blocks")
    assert status == Exit.DONE
    assert found["method"] == "non-central F"
    assert [(f["df"], f["error_df"]) for f in found["factors"]] == [(5, 25)]
    assert found["factors"][0]["power"] >= found["goal"] - 0.1
    assert 2 <= found["needed"] <= 6


def test_simulated_power_comes_with_its_error(report, call, design):
    _, found = report("design", "power", design, "--simulate", 500)
    (simulated,) = found["simulated"]
    error = simulated["monte_carlo_error"]
    assert 0 < error < 0.03
    assert abs(simulated["power"] - found["factors"][0]["power"]) < 4 * error
    _, out, _ = call("design", "power", design, "--simulate", 500)
    assert "Monte Carlo error" in " ".join(out.split())


def test_power_for_people_says_how_many_are_needed(call, design):
    args = ("--effect", 2.2, "--sd", 0.9, "--unit", "blocks")
    status, out, _ = call("design", "power", design, *args)
    assert status == Exit.DONE
    assert "of blocks" in out


def test_a_file_that_is_no_design_is_unreadable(call, tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text('{"factors": 3}')
    status, _, err = call("design", "validate", path)
    assert status == Exit.UNREADABLE
    assert "factors" in err


def test_the_templates_are_listed_as_json(report):
    status, found = report("design", "new")
    assert status == Exit.DONE
    assert {"rcbd_field_trial", "ab_test"} <= {t["name"] for t in found["templates"]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"{", "it is not JSON"),
        (b"\x00\xff\xfe", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "should be an object"),
        (b'{"title": "x", "colour": "blue"}', "colour: is not a known field"),
        (b'{"units": [{"id": "plot", "count": 4}]}', "units.0.name: is missing"),
        (b'{"units": [{"id": "plot", "name": "plot", "count": 1e9}]}', "units.0.count: Input"),
    ],
)
def test_what_is_no_design_is_refused_in_one_sentence(call, tmp_path, content, says):
    path = tmp_path / "design.json"
    path.write_bytes(content)
    for command in (("validate",), ("layout", "--seed", 1), ("power",), ("export",)):
        status, out, err = call("design", command[0], path, *command[1:])
        assert (status, out) == (Exit.UNREADABLE, "")
        assert says in err
        assert "Traceback" not in err


def test_a_template_and_a_text_are_not_both_begun_from(call):
    status, _, err = call("design", "new", "--template", "ab_test", "--text", "Two versions.")
    assert status == Exit.USAGE
    assert "not both" in err


def test_validate_shows_the_anatomy_and_the_aliases(call, report, tmp_path):
    path = tmp_path / "screen.json"
    call("design", "new", "--template", "factorial_screening", "-o", path)
    _, found = report("design", "validate", path)
    assert (found["observations"], found["aliases"]["resolution"]) == (32, "V")
    assert sum(row["df"] for row in found["anatomy"]) == 31
    assert "Resolution V" in call("design", "validate", path)[1]


def test_a_plain_run_sheet_has_no_columns_for_places(call, tmp_path):
    path = tmp_path / "ab.json"
    call("design", "new", "--template", "factorial_screening", "-o", path)
    header = call("design", "layout", path, "--seed", 1)[1].splitlines()[0]
    assert header.startswith("run,run as listed,temperature")
    assert "control" not in header.split(",")
