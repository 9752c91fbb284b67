"""What is asked of a layout, and the map that comes of it."""

import json

import pytest

from experimentos.charts.plate_map import TINTS
from experimentos.design.document import ExperimentDescription
from experimentos.design.geometry import PLATES, plate_size
from experimentos.design.layout import arrange, violations
from experimentos.design.patch import apply
from experimentos.design.templates import template
from experimentos.errors import DesignError
from experimentos.flows import design_layout as layouts
from experimentos.flows.design_layout import ConstraintWish
from experimentos.flows.design_sheet import arranged, sheet_json
from tests.unit.design.examples import blocks_of, crd, oats, square

PLATE = template("dose_response_96").design


def on_plate(design, wells=96, **fields):
    return apply(design, layouts.layout_patch(design, "", form="plate", wells=wells, **fields))


def constrained(design, **wish):
    return apply(design, layouts.constraint_patch(design, ConstraintWish(**wish)))


def drawn(design, by="", plate=1, seed=1):
    arrangement = arranged(design, seed)
    chosen = by or next(iter(layouts.colourings(design, arrangement)))
    return layouts.layout_map(design, arrangement, chosen, plate), arrangement


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_seed_is_recorded_in_the_design():
    design = crd()
    assert layouts.seed_of(design) == layouts.FIRST_SEED
    seeded = apply(design, layouts.seed_patch(design, 42))
    assert layouts.seed_of(seeded) == 42
    assert json.loads(sheet_json(seeded, 42))["seed"] == 42


@pytest.mark.parametrize("wells", PLATES)
def test_every_place_of_a_plate_is_on_the_map_with_code_and_colour(wells):
    design = on_plate(crd(units=6, arms=2), wells)
    found, _ = drawn(design)
    values = found.chart.spec["data"]["values"]
    rows, columns = plate_size(wells)
    assert len({(v["row"], v["column"]) for v in values}) == len(values) == rows * columns
    held = [v for v in values if v["code"]]
    assert len(held) == 6
    assert len({(v["code"], v["label"], v["fill"]) for v in held}) == 2
    assert all(v["fill"] == "transparent" for v in values if not v["code"])
    assert sum(key.count for key in found.keys) == 6


def test_the_map_agrees_with_the_run_sheet():
    found, arrangement = drawn(PLATE, by="dose")
    shown = {v["place"]: v for v in found.chart.spec["data"]["values"]}
    for place in (p for p in arrangement.places if p.plate == 1):
        expected = place.control or place.levels["dose"]
        assert shown[place.name]["label"] == expected
        assert shown[place.name]["run"] == str(place.run)


def test_controls_are_told_from_the_design_by_their_code():
    found, _ = drawn(PLATE)
    controls = {key.label for key in found.keys if key.code == "ctl"}
    assert controls == set(PLATE.layout.control_levels)


def test_the_text_of_a_place_is_readable_on_every_colour():
    # WCAG 2.2, success criterion 1.4.6: 7 to 1.
    dark = luminance("#141c2b")
    assert all((luminance(tint) + 0.05) / (dark + 0.05) >= 7 for tint in TINTS)
    assert len(set(TINTS)) == len(TINTS)


def test_a_field_is_drawn_with_its_rows_and_columns():
    design = square(5)
    fielded = apply(design, layouts.layout_patch(design, "", form="field", rows=5, columns=5))
    found, _ = drawn(fielded, by=fielded.treatments[0].id)
    values = found.chart.spec["data"]["values"]
    for line in ("row", "column"):
        for number in {v[line] for v in values}:
            assert len({v["code"] for v in values if v[line] == number}) == 5


def test_treatments_together_and_units_can_be_shown():
    design = oats()
    fielded = apply(design, layouts.layout_patch(design, "", form="field", rows=9, columns=8))
    arrangement = arranged(fielded, 1)
    options = layouts.colourings(fielded, arrangement)
    assert next(iter(options)) == layouts.TREATMENTS
    together, _ = drawn(fielded, by=layouts.TREATMENTS)
    assert len(together.keys) == 12
    block = next(key for key in options if key.startswith("unit:"))
    by_block, _ = drawn(fielded, by=block)
    assert sum(key.count for key in by_block.keys) == 72


def test_combinations_stand_in_the_order_of_the_levels():
    design = template("split_plot_process").design
    first, second = design.treatments[:2]
    fielded = apply(design, layouts.layout_patch(design, "", form="field", rows=12, columns=8))
    found, _ = drawn(fielded, by=layouts.TREATMENTS)
    labels = [key.label for key in found.keys]
    assert labels[0].startswith(f"{first.levels[0].label}, {second.levels[0].label}")
    assert labels[-1].startswith(f"{first.levels[-1].label}, {second.levels[-1].label}")


def test_more_than_twenty_six_codes_stay_different():
    design = on_plate(crd(units=60, arms=30))
    found, _ = drawn(design)
    codes = [key.code for key in found.keys]
    assert len(set(codes)) == 30
    assert "AA" in codes


def test_a_run_sheet_has_no_map():
    assert drawn(crd())[0] is None


@pytest.mark.parametrize(
    ("design", "wish"),
    [
        (on_plate(crd(units=24, arms=4)), {"kind": "max_adjacent", "limit": 2}),
        (on_plate(crd(units=24, arms=4)), {"kind": "no_edge"}),
        (oats(), {"kind": "keep_together", "unit_id": oats().units[0].id}),
        (oats(), {"kind": "balance", "unit_id": oats().units[0].id}),
        (
            on_plate(crd(units=24, arms=4)),
            {"kind": "fixed", "factor_id": crd().treatments[0].id,
             "level": crd().treatments[0].levels[0].label, "positions": "a02, b3"},
        ),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_constraint_is_added_once_kept_and_taken_away(design, wish):
    if wish["kind"] == "fixed":
        wish = {**wish, "positions": "A02, B03"}
    once = constrained(design, **wish)
    twice = constrained(once, **wish)
    assert len(twice.constraints) == len(once.constraints) == 1
    assert layouts.sentence(once, once.constraints[0])
    for seed in range(3):
        assert violations(once, arranged(once, seed)) == ()
    bare = apply(once, layouts.drop_patch(once, once.constraints[0]))
    assert bare == design


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"kind": "keep_together", "unit_id": "gone"}, "unit"),
        ({"kind": "fixed", "factor_id": "gone"}, "level"),
        ({"kind": "fixed", "factor_id": crd().treatments[0].id,
          "level": crd().treatments[0].levels[0].label, "positions": " , "}, "place"),
    ],
)  # fmt: skip
def test_a_constraint_about_nothing_is_refused_in_words(wish, says):
    with pytest.raises(DesignError, match=says):
        constrained(crd(), **wish)


def test_a_control_that_is_no_well_is_refused():
    with pytest.raises(DesignError, match="not a well"):
        layouts.layout_patch(PLATE, "", controls=("Z",))


def test_the_same_seed_gives_the_same_layout():
    assert sheet_json(PLATE, 7) == sheet_json(PLATE, 7) != sheet_json(PLATE, 8)


def test_names_are_read_with_any_mark_between_them():
    assert layouts.listed_names("A01, B02;C03\nA01 ") == ("A01", "B02", "C03")
    assert len(layouts.spread(384)) == 4


@pytest.mark.parametrize(
    ("design", "grid"),
    [
        (square(5), (5, 5)),
        (blocks_of(4, 6, 4), (6, 4)),
        (oats(), (6, 12)),
        (crd(36, 3), (6, 6)),
        (crd(12, 3), (3, 4)),
        (ExperimentDescription(), None),
    ],
)
def test_a_field_is_proposed_that_the_units_just_fill(design, grid):
    assert layouts.suggested_grid(design) == grid
    if grid is not None:
        patch = layouts.layout_patch(design, "", form="field", rows=grid[0], columns=grid[1])
        laid = arrange(apply(design, patch), 1)
        assert {(p.row, p.column) for p in laid.places} == {
            (r, c) for r in range(grid[0]) for c in range(grid[1])
        }
