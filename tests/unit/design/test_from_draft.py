import pytest

from experimentos.design.derive import design_class, fixed_or_random, replicates
from experimentos.design.from_draft import from_draft
from experimentos.design.names import slug
from experimentos.design.parse.describe import parse_design
from experimentos.design.rules import validate_design
from experimentos.design.table import expand
from tests.unit.design.examples import blocks_of, crd, oats, square, strip_plot
from tests.unit.design.parse.corpus import SHARED, texts

TEXT = (
    "We test three diets (control, high fat, high sugar) on 24 mice, assigned at random, eight "
    "mice per diet. Body weight gain in grams after six weeks is the response."
)


@pytest.mark.parametrize(
    ("design", "name"),
    [
        (oats(), "split_plot"),
        (square(), "latin_square"),
        (strip_plot(), "strip_plot"),
        (blocks_of(7, 7, 3), "incomplete_block"),
        (crd(), "CRD"),
    ],
)
def test_the_class_of_a_design_is_computed_from_its_structure(design, name):
    assert design_class(design) == name


def test_a_described_experiment_becomes_a_design_that_expands():
    design = from_draft(parse_design(TEXT), title="Diets", text=TEXT)
    assert [f.name for f in design.treatments] == ["diet"]
    assert [level.is_control for level in design.treatments[0].levels] == [True, False, False]
    assert replicates(design, design.treatments[0]) == 8
    assert expand(design, 1).n == 24
    assert design_class(design) == "CRD"


@pytest.mark.parametrize("case", texts(SHARED), ids=lambda c: c["id"])
def test_every_description_of_the_corpus_becomes_a_document(case):
    design = from_draft(parse_design(case["text"]), text=case["text"])
    assert design.responses
    assert all(0 <= a.confidence <= 1 for a in design.assumptions)
    assert design.hash() == from_draft(parse_design(case["text"]), text=case["text"]).hash()


def test_an_empty_text_becomes_an_empty_design_with_questions():
    design = from_draft(parse_design(""))
    assert design.factors == ()
    assert any(q.about == "unit" for q in design.open_questions)


def test_ids_are_stable_slugs_that_do_not_collide():
    assert slug("Δ Temperature (°C)") == "temperature_c"
    assert slug("Dose", ["dose", "dose_2"]) == "dose_3"


def test_few_blocks_are_fixed_and_many_are_random():
    block = oats().factors[0]
    assert fixed_or_random(oats(), block) == "random"
    assert fixed_or_random(oats().model_copy(update={"units": ()}), block) == "fixed"
    assert fixed_or_random(oats(), oats().factors[1]) == "fixed"


def test_a_text_without_a_factor_is_no_study_of_variance_but_a_design_that_lacks_a_treatment():
    text = "Rats get something and we look at their weight."
    draft = parse_design(text)
    assert draft.factors == ()
    design = from_draft(draft, text=text)
    assert design.purpose == "compare"
    assert ("R02", "error") in {(f.rule, f.severity) for f in validate_design(design)}
