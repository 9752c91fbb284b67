import pytest

from experimentos.design.derive import design_class
from experimentos.design.layout import arrange, run_sheet_csv, violations
from experimentos.design.rules import Severity, validate_design
from experimentos.design.templates import read_template, template, templates
from experimentos.errors import DesignError, NotFound

WANTED = {
    "rcbd_field_trial": "RCBD", "dose_response_96": "RCBD", "qpcr_stimulation": "RCBD",
    "split_plot_process": "split_plot", "factorial_screening": "fractional_factorial",
    "ccd_optimisation": "response_surface", "crossover_trial": "crossover",
    "cluster_randomised": "cluster_randomised", "repeated_measures_animals": "repeated_measures",
    "latin_square": "latin_square", "graeco_latin_square": "latin_square",
    "nested_gauge_study": "nested", "ab_test": "ab_test",
    "three_arm_ab": "CRD", "switchback": "repeated_measures",
    "tasting_blocks": "incomplete_block",
}  # fmt: skip


def test_every_field_of_use_has_its_template():
    assert {t.name: design_class(t.design) for t in templates()} == WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_template_has_no_error(name):
    found = validate_design(template(name).design)
    assert not [f.message for f in found if f.severity is Severity.ERROR]


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_template_can_be_laid_out(name):
    design = template(name).design
    arrangement = arrange(design, 1)
    assert violations(design, arrangement) == ()
    lines = run_sheet_csv(design, arrangement).splitlines()
    assert len(lines) == len(arrangement.places) + 1


def test_a_template_that_does_not_exist_names_those_that_do():
    with pytest.raises(NotFound, match="rcbd_field_trial"):
        template("none")


def test_a_broken_template_is_refused():
    with pytest.raises(DesignError, match="cannot be read"):
        read_template('{"name": "x"}')
