import csv
import io
import json

import openpyxl
import pytest

from experimentos.design.aliases import alias_table, resolution
from experimentos.design.layout import arrange, entry_workbook, layout_json, run_sheet_csv
from experimentos.design.layout.sheet import guarded
from experimentos.design.parts import Matrix, Response
from experimentos.errors import DesignError
from tests.unit.design.examples import crd, oats


def hostile():
    design = crd(units=6, arms=2)
    levels = tuple(
        level.model_copy(update={"label": label})
        for level, label in zip(
            design.factors[0].levels, ('=HYPERLINK("http://x")', "-5"), strict=True
        )
    )
    factor = design.factors[0].model_copy(update={"levels": levels, "name": "+diet"})
    measured = (
        Response(id="y", name="@y", family="ordered", cutpoints=5, primary=True),
        Response(id="z", name="z", unit="g", bounds=(0.5, 9)),
    )
    return design.model_copy(update={"factors": (factor,), "responses": measured})


def test_no_cell_of_a_run_sheet_starts_a_formula_and_numbers_stay_numbers():
    text = run_sheet_csv(hostile(), arrange(hostile(), 1))
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["run", "animal", "'+diet", "'@y", "z (g)"]
    assert {row[2] for row in rows[1:]} == {'\'=HYPERLINK("http://x")', "-5"}
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1+1", "'=1+1"), ("-1", "-1"), ("-x", "'-x"), ("+0.5", "+0.5"), ("@a", "'@a"), ("a=", "a="),
     ("\tx", "'\tx"), ("", "")],
)  # fmt: skip
def test_a_cell_is_guarded_only_where_a_spreadsheet_would_run_it(cell, safe):
    assert guarded(cell) == safe


def test_the_workbook_holds_the_run_sheet_as_text_and_numbers():
    design = hostile()
    book = openpyxl.load_workbook(io.BytesIO(entry_workbook(design, arrange(design, 1))))
    assert book.sheetnames == ["Run sheet", "About"]
    rows = list(book["Run sheet"].iter_rows(values_only=True))
    assert rows[0][2] == "+diet"
    assert {row[2] for row in rows[1:]} == {'=HYPERLINK("http://x")', -5.0}
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert about["design"] == design.hash()
    assert about["@y"] == "@y lies between 1 and 5."


def test_the_workbook_refuses_impossible_values_at_entry():
    import zipfile

    design = hostile()
    with zipfile.ZipFile(io.BytesIO(entry_workbook(design, arrange(design, 1)))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet.replace("<formula1>", "")
    assert 'type="whole"' in sheet
    assert "<formula1>0.5</formula1><formula2>9.0</formula2>" in sheet
    assert "D2:D7" in sheet


def test_the_json_names_the_design_and_the_seed():
    found = json.loads(layout_json(oats(), arrange(oats(), 9)))
    assert (found["design"], found["seed"]) == (oats().hash(), 9)
    assert len(found["places"]) == 72


def fraction(generators):
    names = tuple(f"f{k}" for k in range(len(generators.split())))
    return Matrix(form="fraction", factor_ids=names, generators=generators)


# Montgomery (2017), Design and Analysis of Experiments, table 8.14.
@pytest.mark.parametrize(
    ("generators", "found"),
    [("a b ab", 3), ("a b c abc", 4), ("a b c d abcd", 5), ("a b c ab ac bc abc", 3),
     ("a b c d abc bcd", 4), ("a b c", None), ("a b c ab ac", 3), ("a b c d e abcde", 6),
     ("a b c d abc bcd acd", 4), ("a b c d e abcd abde", 4), ("a b c d e f abcdef", 7),
     ("a b c d bcd acd abc abd", 4), ("a b c d e abc abd bcde", 4),
     ("a b c d e f abcd abef", 5), ("a b c d abc bcd acd abd abcd", 3)],
)  # fmt: skip
def test_the_resolution_of_a_fraction_is_the_published_one(generators, found):
    assert resolution(fraction(generators)) == found


def test_the_half_fraction_of_four_factors_pairs_its_two_factor_interactions():
    # Montgomery (2017), example 8.1: 2^(4-1) with D = ABC: AB = CD, AC = BD, AD = BC.
    pairs = {alias.effects for alias in alias_table(fraction("a b c abc"))}
    assert pairs == {
        (("f0", "f1"), ("f2", "f3")),
        (("f0", "f2"), ("f1", "f3")),
        (("f0", "f3"), ("f1", "f2")),
    }


def test_the_saturated_fraction_of_seven_factors_has_the_published_aliases():
    # Montgomery (2017), table 8.13: 2^(7-4), D = AB, E = AC, F = BC, G = ABC.
    published = ["A BD CE FG", "B AD CF EG", "C AE BF DG", "D AB CG EF", "E AC BG DF",
                 "F BC AG DE", "G CD BE AF"]  # fmt: skip
    named = {
        frozenset("".join("ABCDEFG"[int(f[1:])] for f in effect) for effect in alias.effects)
        for alias in alias_table(fraction("a b c ab ac bc abc"))
    }
    assert named == {frozenset(row.split()) for row in published}


def test_a_full_factorial_has_no_aliases():
    assert alias_table(fraction("a b c")) == ()


def test_resolution_is_asked_of_fractions_only():
    with pytest.raises(DesignError, match="two-level fractions"):
        resolution(Matrix(form="ccd", factor_ids=("a", "b")))
