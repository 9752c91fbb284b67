"""The memo says the decision first, hides no limitation, and tells how to make it again."""

from dataclasses import replace

import pytest

from experimentos.analysis.result import Frequentist, Unavailable
from experimentos.charts.visible import one_line
from experimentos.decision.decision import Verdict
from experimentos.issue import Issue, Severity, Where
from experimentos.memo.decision_memo import decision_memo
from experimentos.memo.document import Bullets, Callout, Code, Document, FreeText, Highlights, Table
from experimentos.memo.html import CONTENT_SECURITY_POLICY, render_body, render_html
from experimentos.memo.markdown import render_markdown
from experimentos.memo.risks import risks
from experimentos.memo.subject import MemoFields
from experimentos.metrics.moments import Moments
from experimentos.metrics.summary import Metric
from experimentos.plan.charter import Charter, GuardrailPlan
from experimentos.policy import Policy
from tests.reference.markup.oracle import text_of
from tests.unit.charts.cases import CONVERSION, ERRORS, GUARDRAIL, NO_REVENUE, PRIMARY
from tests.unit.memo.cases import ANALYSIS, BLOCKED, FACTS, LAUNCH, SUBJECT, reading, summary


def memo(subject=SUBJECT, fields=None) -> Document:
    return decision_memo(subject, facts=FACTS, fields=fields)


def section(document, heading):
    return next(s for s in document.sections if s.heading == heading)


def table(document, heading, at=0):
    return [b for b in section(document, heading).blocks if isinstance(b, Table)][at]


def test_the_decision_and_its_reason_stand_first():
    first = memo().sections[0]
    assert first.heading == "Decision"
    assert first.blocks[0] == Callout(
        LAUNCH.sentence.removeprefix("Launch treatment: ").replace("the primary", "The primary", 1),
        "good",
        "Launch treatment",
    )


@pytest.mark.parametrize(
    ("verdict", "tone"),
    [(Verdict.LAUNCH, "good"), (Verdict.HOLD, "caution"), (Verdict.ROLLBACK, "bad")],
)
def test_the_callout_speaks_the_verdict_in_words_and_in_tone(verdict, tone):
    decision = replace(LAUNCH, verdict=verdict, sentence="Something happened.")
    callout = memo(replace(SUBJECT, decision=decision)).sections[0].blocks[0]
    assert callout == Callout("Something happened.", tone, f"{verdict.value} treatment")


def test_every_part_of_the_memo_is_there_in_its_order():
    assert [s.heading for s in memo(fields=MemoFields(notes="n")).sections] == [
        "Decision",
        "Evidence",
        "Risks and limitations",
        "Next actions",
        "Bayesian view (informational)",
        "Charter",
        "Notes",
        "Appendix",
    ]


def test_the_numbers_at_the_top_are_those_of_the_primary():
    (top,) = (b for b in memo().sections[0].blocks if isinstance(b, Highlights))
    values = [value for _, value, _ in top.items]
    assert values == ["+1.20 points", "+12.0%", "p = 0.0016", "Warning"]


def test_the_arm_of_the_decision_is_the_one_shown_at_the_top():
    other = replace(CONVERSION, arm="b", difference=0.02)
    primary = replace(PRIMARY, outcomes=(("treatment", CONVERSION), ("b", other)))
    analysis = replace(ANALYSIS, frequentist=Frequentist(0.05, primary, (), ()))
    subject = replace(SUBJECT, analysis=analysis, decision=replace(LAUNCH, arm="b"))
    (top,) = (b for b in memo(subject).sections[0].blocks if isinstance(b, Highlights))
    assert top.items[0][1] == "+2.00 points"


def test_the_bayesian_view_is_two_lines_and_calls_itself_informational():
    (lines,) = section(memo(), "Bayesian view (informational)").blocks
    assert isinstance(lines, Bullets)
    assert len(lines.items) == 2
    assert "99.9" in lines.items[0]
    assert "never moves the decision" in lines.items[1]


def test_a_posterior_that_could_not_be_computed_says_why():
    subject = replace(SUBJECT, analysis=replace(ANALYSIS, posteriors=(NO_REVENUE,)))
    (line,) = section(memo(subject), "Bayesian view (informational)").blocks
    assert NO_REVENUE.why in line.text


def test_an_empty_charter_reads_not_applicable_and_not_blank():
    rows = dict(table(memo(), "Charter").rows)
    assert rows["Guardrails"] == rows["Planned users"] == rows["Planned days"] == "N/A"


def test_a_charter_is_shown_as_it_was_planned():
    charter = Charter(
        primary="revenue",
        guardrails=(GuardrailPlan(name="errors", direction="lower"),),
        split=(3, 1),
        mde=0.5,
        start="2026-01-01",
        planned_users=20_000,
    )
    rows = dict(table(memo(replace(SUBJECT, charter=charter)), "Charter").rows)
    assert rows["Guardrails"] == "errors (lower is better)"
    assert rows["Planned split"] == "3 : 1"
    assert rows["Planned days"] == "2026-01-01 to open"
    assert rows["Effect worth finding"] == "0.5"


def test_fields_left_empty_take_the_text_of_the_charter():
    subject = replace(SUBJECT, charter=Charter(title="Planned title", notes="Planned notes"))
    document = memo(subject, MemoFields(title=" ", owner="Ada"))
    assert document.title == "Planned title"
    assert "Ada" in document.subtitle
    assert section(document, "Notes").blocks == (FreeText("Planned notes"),)


def test_a_guardrail_is_read_by_its_limits_and_not_by_significance_alone():
    worse = replace(ERRORS, difference=0.002, p_value=0.3)
    severe = replace(ERRORS, difference=0.004, p_value=0.001)
    for outcome, said in (
        (ERRORS, "within its limit"),
        (worse, "worse"),
        (severe, "severely worse"),
    ):
        guardrail = replace(GUARDRAIL, outcomes=(("treatment", outcome),))
        frequentist = replace(ANALYSIS.frequentist, guardrails=(guardrail,))
        subject = replace(SUBJECT, analysis=replace(ANALYSIS, frequentist=frequentist))
        assert table(memo(subject), "Evidence", at=1).rows[0][-1] == said


def test_what_is_not_available_is_said_with_its_reason_and_no_number():
    rows = table(memo(), "Evidence").rows
    assert rows[1][1:6] == ("",) * 5
    assert rows[1][6] == "not available: All values of revenue are equal."


def test_a_blocked_experiment_still_has_a_memo_that_says_what_to_repair():
    document = memo(BLOCKED)
    text = one_line(text_of(render_body(document)))
    assert "Hold" in text
    assert "Row 3, column conversions: treatment: conversions 12,000 exceed users 10,000." in text
    assert "Count converting users" in text
    assert "<svg" not in render_body(document)


class TestRisks:
    def test_every_issue_and_note_and_assumption_is_repeated(self):
        said = " ".join(risks(SUBJECT))
        assert "The direction of errors was guessed. Name it in the charter." in said
        assert "Semicolons were read" in said
        assert "errors: lower is better." in said

    def test_the_size_that_could_have_been_found_is_told(self):
        assert any("1.19 points" in risk and "80" in risk for risk in risks(SUBJECT))

    def test_an_experiment_without_a_plan_is_called_exploratory(self):
        assert any("exploratory" in risk for risk in risks(SUBJECT))
        planned = replace(SUBJECT, charter=Charter(primary="conversion", mde=0.01))
        assert not any("exploratory" in risk for risk in risks(planned))

    def test_an_exact_test_and_an_adjustment_are_named(self):
        exact = replace(CONVERSION, method="fisher", adjustment="dunnett")
        primary = replace(PRIMARY, outcomes=(("a", exact), ("b", exact)))
        analysis = replace(ANALYSIS, frequentist=Frequentist(0.05, primary, (), ()))
        said = " ".join(risks(replace(SUBJECT, analysis=analysis)))
        assert "exact test" in said
        assert "Dunnett" in said
        assert "No guardrail was measured" in said

    def test_a_lift_without_a_number_is_told(self):
        bare = replace(CONVERSION, lift=Unavailable("log_ratio", "zero", "Nobody converted."))
        primary = replace(PRIMARY, outcomes=(("a", bare),))
        analysis = replace(ANALYSIS, frequentist=Frequentist(0.05, primary, (), ()))
        said = " ".join(risks(replace(SUBJECT, analysis=analysis)))
        assert "relative change of conversion is not available: Nobody converted." in said

    def test_orders_are_called_dependent(self):
        made = summary()
        value = Metric("aov", "mean", ("aov_sum",), unit="order")
        moments = Moments(10, 1.0, 1.0)
        cells = tuple(replace(c, statistics={**c.statistics, "aov": moments}) for c in made.cells)
        subject = replace(
            SUBJECT, reading=reading(replace(made, cells=cells, metrics=(*made.metrics, value)))
        )
        assert any("orders of one user are not independent" in risk for risk in risks(subject))

    def test_a_changed_threshold_is_told(self):
        said = " ".join(risks(replace(SUBJECT, policy=Policy(guardrail_harm=0.01))))
        assert "guardrail_harm 0.01 (default 0.001)" in said

    def test_a_place_is_told_once(self):
        message = "Row 3: conversions 12 exceeds users 10."
        issue = Issue("x", Severity.BLOCKED, message, "Count users.", Where(3, "conversions"))
        health = replace(SUBJECT.health, issues=(issue,))
        assert risks(replace(SUBJECT, health=health))[0] == f"{message} Count users."

    def test_nothing_is_said_twice(self):
        found = risks(SUBJECT)
        assert len(found) == len(set(found))


def test_the_appendix_holds_what_makes_the_memo_again():
    document = memo()
    rows = dict(table(document, "Appendix", at=1).rows)
    assert rows["Run"] == FACTS.run_id
    assert rows["Input SHA-256"] == SUBJECT.reading.sha256
    assert rows["Made"] == "2026-03-02 09:30 UTC"
    assert "scipy 1.18.0" in rows["Versions"]
    assert Code(FACTS.command) in section(document, "Appendix").blocks
    assert document.facts["Run"] == FACTS.run_id


def test_every_method_is_named():
    rows = table(memo(), "Appendix").rows
    assert "Miettinen-Nurminen" in rows[0][1]
    assert rows[2][1] == "N/A"


def test_both_forms_carry_the_same_text():
    document = memo(fields=MemoFields("Title", "Because **so**.", "Ada", "Note."))
    page, text = text_of(render_body(document)), render_markdown(document)
    for block in (b for s in document.sections for b in s.blocks if isinstance(b, Bullets)):
        for item in block.items:
            assert one_line(item) in one_line(page)
    for words in ("Title", "Ada", "Because", "Note.", "01JNB3Q8ZKQ0W0000000000000"):
        assert words in page
        assert words in text


def test_the_page_forbids_everything_but_its_own_style_and_pictures():
    page = render_html(memo())
    assert f'http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}"' in page
    for way_out in ("<script", "<link", "<iframe", "<form", "@import", "url(", " src=", "onload"):
        assert way_out not in page


def test_the_policy_of_the_page_is_the_one_that_was_decided():
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_same_memo_is_made_byte_for_byte():
    assert render_html(memo()) == render_html(memo())
    assert render_markdown(memo()) == render_markdown(memo())


def test_a_field_beyond_the_limit_is_shown_as_typed_and_whole():
    text = "[*_`" * 5_000 + " end"
    page = render_body(memo(fields=MemoFields(notes=text, hypothesis=text)))
    assert text_of(page).count("[*_`") == 2 * 5_000
    assert "<em>" not in page


@pytest.mark.parametrize(
    ("monitoring", "words"),
    [
        (None, "one, at the end"),
        ({"kind": "always_valid"}, "at any time"),
        ({"kind": "group_sequential", "spending": "pocock"}, "early ones, spending alpha (pocock)"),
    ],
)
def test_the_charter_says_how_the_results_were_to_be_looked_at(monitoring, words):
    charter = Charter(
        monitoring=monitoring,
        segments=("mobile", "desktop"),
        sides=1,
        correction="all_metrics",
        belief={"low": -0.02, "high": 0.05},
        rope={"low": -0.01, "high": 0.01},
    )
    rows = dict(table(memo(replace(SUBJECT, charter=charter)), "Charter").rows)
    text = "\n".join((*rows, *rows.values()))
    assert words in text
    assert "mobile, desktop" in text
    assert "held against 0.1" in text
    assert "all metrics" in text
    assert "Lift expected" in text
