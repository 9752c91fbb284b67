"""Any sequence of edits leaves a design that can be judged: the rules are total."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experimentos.design.derive import design_class
from experimentos.design.layout import arrange, violations
from experimentos.design.patch import Patch, Remove, SetDocument, SetLevels, Update, apply
from experimentos.design.rules import findings
from experimentos.design.rules.finding import context
from experimentos.design.templates import templates
from experimentos.errors import DesignError
from tests.unit.design.rules.cases import PAIRS

DESIGNS = [
    *(t.design for t in templates() if t.category != "online"),
    *(design for pairs in PAIRS.values() for pair in pairs for design in pair),
]
RULE_NAMES = ("complete", "within_block", "latin", "systematic", "observed", "none")
FORMS = ("fraction", "plackett_burman", "ccd", "box_behnken", "runs")


@st.composite
def edited(draw):
    design = draw(st.sampled_from(DESIGNS))
    for _ in range(draw(st.integers(0, 4))):
        edits = list(_edits(draw, design))
        if not edits:
            break
        try:
            design = apply(design, Patch(edits=(draw(st.sampled_from(edits)),)))
        except DesignError:
            continue
    return design


def _edits(draw, design):
    units = [u.id for u in design.units]
    for unit in units:
        count = draw(st.sampled_from([None, 1, 2, 3, 7, (1, 2), (2, 2, 1)]))
        yield Update(part="units", id=unit, fields={"count": count})
        yield Update(part="units", id=unit, fields={"parent": None})
        yield Update(part="units", id=unit, fields={"is_ordered": True})
        yield Remove(part="units", id=unit)
    for factor in design.factors:
        yield Remove(part="factors", id=factor.id)
        yield SetLevels(factor_id=factor.id, levels=factor.levels[:1])
        yield SetLevels(factor_id=factor.id, levels=())
        kind = draw(st.sampled_from(["treatment", "nuisance", "blocking", "covariate"]))
        yield Update(part="factors", id=factor.id, fields={"kind": kind})
    for allotment in design.allotments:
        rule = draw(st.sampled_from(RULE_NAMES))
        within = draw(st.lists(st.sampled_from(units), max_size=2, unique=True))
        fields = {"rule": rule, "within": within}
        yield Update(part="allotments", id=allotment.id, fields=fields)
    for response in design.responses:
        yield Remove(part="responses", id=response.id)
        yield Update(part="responses", id=response.id, fields={"measured_on": units[0]}
                     if units else {"repeats": 2})  # fmt: skip
    ids = tuple(f.id for f in design.treatments)
    form = draw(st.sampled_from(FORMS))
    yield SetDocument(fields={"matrix": {"form": form, "factor_ids": ids, "generators": "a b ab"}})
    yield SetDocument(fields={"layout": {"form": "plate", "wells": 24, "edge": "guard"}})
    yield SetDocument(fields={"layout": {"form": "field", "rows": 4, "columns": 6}})


@given(edited())
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_any_edited_design_is_judged_and_either_laid_out_or_refused(design):
    given_design = context(design)
    for finding in findings(given_design):
        assert finding.message
        for patch in finding.fixes:
            apply(design, patch)
    assert design_class(design)
    try:
        arrangement = arrange(design, 1)
    except DesignError:
        return
    broken = violations(design, arrangement)
    assert "two units share a place" not in broken
