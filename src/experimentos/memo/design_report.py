"""A design as a report: what is compared on what, how it is randomised, what the rules found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from experimentos.design.derive import design_class, level_count, observation_unit, unit_total
from experimentos.design.document import ExperimentDescription
from experimentos.design.names import family_words
from experimentos.design.parts import Factor, Interval, Response, UnitLevel
from experimentos.design.rules.finding import Finding, Severity
from experimentos.memo.document import (
    Block,
    Bullets,
    Callout,
    Code,
    Document,
    FreeText,
    Highlights,
    Paragraph,
    Section,
    Table,
)

UNTITLED = "Untitled design"
LEVELS_SHOWN = 24
RUNS_SHOWN = 400
_SEVERITIES = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.INFO: "Advice"}


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """One row of the anatomy or of the power, as text."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportedVersion:
    """A version as the report names it."""

    number: int
    at: datetime
    author: str
    message: str
    hash: str


@dataclass(frozen=True, slots=True)
class DesignReport:
    """What a report is written from.

    Attributes
    ----------
    document : ExperimentDescription
    findings : tuple[Finding, ...]
    observations : int | None
    relations : tuple[str, ...]
        How the parts hang together, in sentences.
    anatomy : tuple[str, ...]
        What is compared between what, in sentences.
    anatomy_rows : tuple[ReportedRow, ...]
        Stratum, source, degrees of freedom, what it is tested against, units per level.
    alias_note : str
        What the resolution of a fraction means; "" for other designs.
    aliases : tuple[tuple[str, str], ...]
        Effects of a fraction that share a column.
    power_rows : tuple[ReportedRow, ...]
        Treatment, tested against, degrees of freedom, power.
    power_note : str
        What the power rests on, or why there is none.
    runs : tuple[tuple[str, ...], ...]
        The run sheet with its header first; empty when it is left out or cannot be drawn.
    runs_note : str
    versions : tuple[ReportedVersion, ...]
        Newest first; empty when they are left out.
    description, notes : str
    said : tuple[tuple[str, str], ...]
        Who said what; empty when the conversation is left out.
    made_at : datetime
    program : Mapping[str, str]
        Versions of what computed it.
    """

    document: ExperimentDescription
    findings: tuple[Finding, ...]
    observations: int | None
    relations: tuple[str, ...]
    anatomy: tuple[str, ...]
    anatomy_rows: tuple[ReportedRow, ...]
    alias_note: str
    aliases: tuple[tuple[str, str], ...]
    power_rows: tuple[ReportedRow, ...]
    power_note: str
    runs: tuple[tuple[str, ...], ...]
    runs_note: str
    versions: tuple[ReportedVersion, ...]
    description: str
    notes: str
    said: tuple[tuple[str, str], ...]
    made_at: datetime
    program: Mapping[str, str]


def design_report(report: DesignReport) -> Document:
    """Return the report of a design as a document."""
    document = report.document
    sections = [
        Section("Summary", tuple(_summary(report))),
        Section("Factors, units and responses", tuple(_parts(document))),
        Section("How it is randomised", tuple(_randomised(report))),
        Section("Anatomy of the analysis", tuple(_anatomy(report))),
        Section("Power", tuple(_power(report))),
        Section("Checks", tuple(_checks(report))),
        *_optional(report),
        Section("Appendix", tuple(_appendix(report))),
    ]
    return Document(
        title=document.title or UNTITLED,
        subtitle=f"Design report · {report.made_at.astimezone(UTC):%Y-%m-%d}",
        sections=tuple(sections),
        facts={"design_hash": document.hash(), **report.program},
    )


def _summary(report: DesignReport) -> Iterator[Block]:
    document = report.document
    errors = sum(f.severity is Severity.ERROR for f in report.findings)
    warnings = sum(f.severity is Severity.WARNING for f in report.findings)
    if errors:
        yield Callout(f"{_count(errors, 'error')} must be settled first.", "bad", "Not ready")
    elif warnings:
        text = f"No error; {_count(warnings, 'warning')} neither settled nor accepted."
        yield Callout(text, "caution", "Open warnings")
    else:
        yield Callout("All rules pass, or their warnings were accepted.", "good", "Ready")
    size = f"{report.observations:,}" if report.observations else "not known yet"
    primary = document.primary
    yield Highlights(
        (
            ("Design", design_class(document).replace("_", " "), "computed from its structure"),
            ("Observations", size, ""),
            ("Treatments", f"{len(document.treatments)}", ""),
            ("Primary response", primary.name if primary else "none yet", ""),
        )
    )
    if document.hypothesis:
        yield Paragraph(f"Hypothesis: {document.hypothesis}")
    for line in (report.description or document.aim).split("\n"):
        if line.strip():
            yield Paragraph(line)


def _parts(document: ExperimentDescription) -> Iterator[Block]:
    if document.factors:
        heads = ("Factor", "Kind", "Levels", "Unit", "Reference")
        factors = tuple(_factor(document, f) for f in document.factors)
        yield Table(heads, factors, caption="Factors")
    if document.units:
        columns = ("Unit", "In each", "Lies in", "In all")
        units = tuple(_unit(document, u) for u in document.units)
        yield Table(columns, units, numeric=(1, 3), caption="Units, outermost first")
    if document.responses:
        header = ("Response", "Modelled as", "Measured on", "90 % expected in", "Effect to find")
        responses = tuple(_response(document, r) for r in document.responses)
        yield Table(header, responses, caption="Responses")
    if not (document.factors or document.units or document.responses):
        yield Paragraph("Nothing is set, grouped or measured yet.")


def _factor(document: ExperimentDescription, factor: Factor) -> tuple[str, ...]:
    labels = [level.label for level in factor.levels[:LEVELS_SHOWN]]
    left = len(factor.levels) - len(labels)
    listed = ", ".join(labels) + (f" and {left} more" if left else "")
    controls = ", ".join(level.label for level in factor.levels if level.is_control)
    size = level_count(document, factor)
    levels = listed or _span(factor.range) or (f"{size:,} levels" if size else "")
    return (factor.name, factor.kind, levels, factor.unit or "", controls)


def _unit(document: ExperimentDescription, unit: UnitLevel) -> tuple[str, ...]:
    total = unit_total(document, unit)
    parent = document.unit(unit.parent)
    count = "differs" if isinstance(unit.count, tuple) else f"{unit.count:,}" if unit.count else "?"
    return (unit.name, count, parent.name if parent else "", f"{total:,}" if total else "?")


def _response(document: ExperimentDescription, response: Response) -> tuple[str, ...]:
    unit = f" in {response.unit}" if response.unit else ""
    mark = " (primary)" if response is document.primary else ""
    measured = document.unit(response.measured_on) or observation_unit(document)
    effect = f"{response.smallest_effect:g}" if response.smallest_effect else ""
    family = family_words(response.family)
    on = measured.name if measured else ""
    return (f"{response.name}{unit}{mark}", family, on, _span(response.expected_range), effect)


def _randomised(report: DesignReport) -> Iterator[Block]:
    if report.relations:
        yield Bullets(report.relations)
    yield Paragraph(report.runs_note)


def _anatomy(report: DesignReport) -> Iterator[Block]:
    if report.anatomy:
        yield Bullets(report.anatomy)
    if report.anatomy_rows:
        header = ("Stratum", "Source", "d.f.", "Tested against", "Units per level")
        rows = tuple(row.cells for row in report.anatomy_rows)
        yield Table(header, rows, numeric=(2, 4), caption="Strata and sources")
    else:
        yield Paragraph("The degrees of freedom are not known before all counts are.")
    if report.alias_note:
        yield Paragraph(report.alias_note)
    if report.aliases:
        yield Table(("Effect", "Cannot be told apart from"), report.aliases, caption="Aliases")


def _power(report: DesignReport) -> Iterator[Block]:
    if report.power_rows:
        header = ("Treatment", "Tested against", "d.f.", "Power")
        yield Table(header, tuple(row.cells for row in report.power_rows), numeric=(2, 3))
    yield Paragraph(report.power_note)


def _checks(report: DesignReport) -> Iterator[Block]:
    if report.findings:
        rows = tuple((f.rule, _SEVERITIES[f.severity], f.message, f.why) for f in report.findings)
        yield Table(("Rule", "Kind", "Found", "The idea behind"), rows)
    else:
        yield Paragraph("No rule finds anything.")
    accepted = tuple((a.rule, a.reason) for a in report.document.acknowledged)
    if accepted:
        yield Table(("Rule", "Reason"), accepted, caption="Warnings accepted with a reason")
    assumed = tuple(a.text for a in report.document.assumptions if a.text)
    if assumed:
        yield Paragraph("Assumed, with the words it came from:")
        yield Bullets(assumed)
    asked = tuple(q.text for q in report.document.open_questions if q.text)
    if asked:
        yield Paragraph("Still open:")
        yield Bullets(asked)


def _optional(report: DesignReport) -> Iterator[Section]:
    if report.notes.strip():
        yield Section("Notes", (FreeText(report.notes),))
    if report.said:
        # What was said, by people and models, is plain text.
        lines = tuple(Paragraph(f"{who}: {text}") for who, text in report.said)
        yield Section("Conversation", lines)
    if report.versions:
        rows = tuple(
            (f"{v.number}", f"{v.at.astimezone(UTC):%Y-%m-%d %H:%M}", v.author, v.message,
             v.hash[:12])
            for v in report.versions
        )  # fmt: skip
        header = ("Version", "When (UTC)", "By", "What", "Hash")
        yield Section("Versions", (Table(header, rows, numeric=(0,)),))
    if len(report.runs) > 1:
        yield Section("Run sheet", tuple(_runs(report.runs)))


def _runs(runs: tuple[tuple[str, ...], ...]) -> Iterator[Block]:
    header, *rows = runs
    yield Table(header, tuple(rows[:RUNS_SHOWN]))
    if len(rows) > RUNS_SHOWN:
        left = len(rows) - RUNS_SHOWN
        yield Paragraph(f"{left:,} further runs are in the run sheet of the same seed.")


def _appendix(report: DesignReport) -> Iterator[Block]:
    made = f"{report.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    programs = ", ".join(f"{name} {number}" for name, number in report.program.items())
    facts = (("Design SHA-256", report.document.hash()), ("Made", made), ("Versions", programs))
    yield Table(("Fact", "Value"), facts, caption="How to make this again")
    yield Code("experimentos design report DESIGN.json -o report.html")


def _span(interval: Interval) -> str:
    return f"{interval[0]:g} to {interval[1]:g}" if interval else ""


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"
