"""From a decided experiment to the memo that an executive reads."""

from collections.abc import Iterator
from datetime import UTC, datetime

from experimentos.analysis import METHODS, numbers
from experimentos.analysis.informational import believed
from experimentos.analysis.result import Compared, Frequentist, Lift
from experimentos.decision.decision import Decision, Verdict
from experimentos.memo.document import (
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    FreeText,
    Paragraph,
    Section,
    Table,
)
from experimentos.memo.evidence import (
    NOT_GIVEN,
    bayesian_blocks,
    health_blocks,
    highlights,
    result_blocks,
    summary_text,
)
from experimentos.memo.risks import risks
from experimentos.memo.subject import MemoFacts, MemoFields, Subject
from experimentos.metrics.summary import Scan
from experimentos.plan.charter import Charter, GuardrailPlan, Monitoring
from experimentos.plan.deviations import deviations

_SHARING = {"guardrails": "the guardrails", "all_metrics": "all metrics", "none": "none"}
_UNTITLED = "Untitled experiment"
_TONE = {Verdict.LAUNCH: "good", Verdict.HOLD: "caution", Verdict.ROLLBACK: "bad"}


def decision_memo(
    subject: Subject, *, facts: MemoFacts, fields: MemoFields | None = None
) -> Document:
    """Return the memo of an experiment: decision first, then evidence, risks and actions.

    Parameters
    ----------
    subject
        A decided experiment: `flows.ab_test.AbTest`, or anything with its six attributes.
    facts
        Moment, run id, versions and the command that makes the same memo again.
    fields
        What a person wrote; empty fields take the charter's text.
    """
    written = (fields or MemoFields()).over(subject.charter)
    sections = [
        Section("Decision", _decision(subject)),
        Section("Evidence", _evidence(subject)),
        Section("Risks and limitations", (Bullets(risks(subject)),)),
        Section("Next actions", (Bullets(subject.decision.next_actions, numbered=True),)),
        Section("Bayesian view (informational)", bayesian_blocks(subject)),
        Section("Charter", (*_charter(subject.charter, written), *_deviations(subject))),
    ]
    if written.notes:
        sections.append(Section("Notes", (FreeText(written.notes),)))
    sections.append(Section("Appendix", _appendix(subject, facts)))
    return Document(
        title=written.title or _UNTITLED,
        subtitle=_subtitle(written, facts),
        sections=tuple(sections),
        facts=dict(_facts(subject, facts)),
    )


def _subtitle(written: MemoFields, facts: MemoFacts) -> str:
    parts = ["Decision memo", written.owner, _moment(facts.made_at)[:10]]
    return " · ".join(part for part in parts if part)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _decision(subject: Subject) -> tuple[Block, ...]:
    decision = subject.decision
    title, reason = _headline(decision)
    blocks: list[Block] = [Callout(reason, _TONE[decision.verdict], title)]
    blocks += [*highlights(subject), Paragraph(summary_text(subject))]
    if decision.reasons:
        blocks.append(Bullets(decision.reasons))
    return tuple(blocks)


def _headline(decision: Decision) -> tuple[str, str]:
    """Return the verdict and its reason; a sentence that opens with the verdict is split there."""
    verdict = decision.verdict.value
    opening = f"{verdict} {decision.arm}".strip()
    for title in (opening, verdict):
        for mark in (": ", ". "):
            reason = decision.sentence.removeprefix(title + mark)
            if reason and reason != decision.sentence:
                return title, reason[0].upper() + reason[1:]
    return opening, decision.sentence


def _evidence(subject: Subject) -> tuple[Block, ...]:
    if subject.analysis is None:
        return health_blocks(subject)
    return (*result_blocks(subject.analysis.frequentist, subject.policy), *health_blocks(subject))


def _charter(charter: Charter, written: MemoFields) -> tuple[Block, ...]:
    rows = (
        ("Primary metric", f"{charter.primary} ({charter.direction} is better)"),
        ("Guardrails", _guardrail_plans(charter.guardrails)),
        ("Secondary metrics", _guardrail_plans(charter.secondary or None)),
        ("Significance level", f"{charter.alpha:g} ({_sides(charter)})"),
        ("Metrics that share it", _SHARING[charter.correction]),
        ("Effect worth finding", _effect_size(charter)),
        ("Planned split", _split(charter.split)),
        ("Planned users", _or_not_given(charter.planned_users)),
        ("Planned days", _days(charter)),
        ("Looks at the results", _looks(charter.monitoring)),
        ("Segments named in advance", ", ".join(charter.segments) or NOT_GIVEN),
        *_expected(charter),
    )
    hypothesis: tuple[Block, ...] = (Paragraph(f"Hypothesis: {NOT_GIVEN}"),)
    if written.hypothesis:
        hypothesis = (Paragraph("Hypothesis:"), FreeText(written.hypothesis))
    return (*hypothesis, Table(("Item", "Plan"), rows))


def _deviations(subject: Subject) -> tuple[Block, ...]:
    """Return when the plan was frozen, and in plain words what the analysis does otherwise."""
    stamp, summary = subject.charter.frozen, subject.reading.summary
    if stamp is None:
        return (Paragraph("The plan was not frozen, so it may have been written after the data."),)
    frozen = f"Frozen {_moment(stamp.frozen_at)}, SHA-256 {stamp.sha256}."
    found = deviations(summary, subject.charter) if summary is not None else ()
    if not found:
        return (Paragraph(f"{frozen} The analysis follows it."),)
    return (Paragraph(f"{frozen} Deviations of the analysis from the plan:"), Bullets(found))


def _guardrail_plans(plans: tuple[GuardrailPlan, ...] | None) -> str:
    if not plans:
        return NOT_GIVEN if plans is None else "none"
    return ", ".join(_guardrail_plan(plan) for plan in plans)


def _guardrail_plan(plan: GuardrailPlan) -> str:
    margin = "" if plan.margin is None else f", margin {plan.margin:g}"
    return f"{plan.name} ({plan.direction} is better{margin})"


def _sides(charter: Charter) -> str:
    if charter.sides == 2:
        return "two-sided"
    return f"one-sided: two-sided p-values are held against {charter.two_sided_alpha:g}"


def _effect_size(charter: Charter) -> str:
    if charter.mde is None:
        return NOT_GIVEN
    is_rate = charter.primary == numbers.RATE
    return numbers.plain_points(charter.mde) if is_rate else f"{charter.mde:g}"


def _looks(plan: Monitoring | None) -> str:
    if plan is None:
        return "one, at the end"
    if plan.kind == "always_valid":
        return "at any time (always-valid intervals)"
    return f"early ones, spending alpha ({plan.spending.replace('_', ' ')})"


def _expected(charter: Charter) -> Iterator[tuple[str, str]]:
    """Yield what was stated for the Bayesian view, where it was."""
    if charter.belief is not None:
        yield "Lift expected (Bayesian view only)", believed(charter.belief)
    if charter.rope is not None:
        low, high = (numbers.signed_percent(end) for end in (charter.rope.low, charter.rope.high))
        yield "Too small to matter (Bayesian view only)", f"{low} to {high}"


def _split(split: tuple[float, ...] | None) -> str:
    return (
        "N/A (equal shares assumed)"
        if split is None
        else " : ".join(f"{share:g}" for share in split)
    )


def _or_not_given(users: int | None) -> str:
    return NOT_GIVEN if users is None else numbers.count(users)


def _days(charter: Charter) -> str:
    if charter.start is None and charter.stop is None:
        return NOT_GIVEN
    return " to ".join("open" if day is None else f"{day}" for day in (charter.start, charter.stop))


def _appendix(subject: Subject, facts: MemoFacts) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if subject.analysis is not None:
        methods = tuple(_methods(subject.analysis.frequentist))
        blocks.append(Table(("Metric", "Method", "Shown beside it"), methods, (), "Methods"))
    again = tuple(_facts(subject, facts))
    blocks.append(Table(("Fact", "Value"), again, (), "How to make this again"))
    if facts.command:
        blocks.append(Code(facts.command))
    scan = _scan(subject)
    if scan is not None:
        blocks += [Paragraph("Statements that summed the rows up:"), Code(scan.sql)]
    return tuple(blocks)


def _scan(subject: Subject) -> Scan | None:
    summary = subject.reading.summary
    return None if summary is None else summary.source.scan


def _methods(frequentist: Frequentist) -> Iterator[tuple[str, str, str]]:
    for result in frequentist.metrics:
        compared = [o for _, o in result.outcomes if isinstance(o, Compared)]
        main = dict.fromkeys(method_title(o.method) for o in compared)
        lifts = dict.fromkeys(
            method_title(o.lift.method) for o in compared if isinstance(o.lift, Lift)
        )
        beside = dict.fromkeys(method_title(a.method) for o in compared for a in o.alongside)
        yield result.metric, "; ".join((*main, *lifts)) or NOT_GIVEN, "; ".join(beside)


def method_title(key: str) -> str:
    """Return the name of a method for people."""
    method = METHODS.get(key)
    return key.replace("_", " ") if method is None else method.title


def _facts(subject: Subject, facts: MemoFacts) -> Iterator[tuple[str, str]]:
    yield "Run", facts.run_id or "not saved"
    yield "Made", _moment(facts.made_at)
    yield "Input", subject.reading.name or NOT_GIVEN
    scan = _scan(subject)
    yield "Input SHA-256" if scan is None else "Source fingerprint", subject.reading.sha256
    if scan is not None:
        yield "Engine", f"{scan.engine}; {'; '.join(scan.passes)}"
        yield "Rows read at", _moment(scan.at)
        yield (
            "Rows and units",
            f"{numbers.count(scan.rows)} rows, {numbers.count(scan.units)} units in an arm",
        )
    yield "Decision rule", subject.decision.rule
    versions = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    yield "Versions", versions or NOT_GIVEN
