"""A session of designing to its report, as Markdown, HTML or PDF."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules import findings
from experimentos.design.rules.finding import Context, context
from experimentos.errors import DesignError
from experimentos.flows.design_aliases import aliases_of
from experimentos.flows.design_layout import seed_of
from experimentos.flows.design_power import CLOSED_FORM, CLOSED_FORM_OF_SURFACE, power_view
from experimentos.flows.design_relations import graph
from experimentos.flows.design_session import DesignSession, version_rows
from experimentos.flows.design_sheet import run_sheet
from experimentos.flows.design_words import anatomy_rows, anatomy_words
from experimentos.flows.history import versions
from experimentos.memo.design_report import (
    DesignReport,
    ReportedRow,
    ReportedVersion,
    design_report,
)
from experimentos.memo.document import Document

type ReportForm = Literal["md", "html", "pdf"]
BETWEEN_SHARE = 1.0


@dataclass(frozen=True, slots=True)
class ReportWish:
    """What a report holds besides the design itself."""

    runs: bool = True
    versions: bool = True
    notes: bool = False
    conversation: bool = False


EVERYTHING_BUT_PRIVATE = ReportWish()


def report_of(
    session: DesignSession,
    wish: ReportWish = EVERYTHING_BUT_PRIVATE,
    *,
    made_at: datetime | None = None,
) -> Document:
    """Return the report of a session; `made_at` left out is now.

    Raises
    ------
    DesignError
        If there is no design yet.
    """
    document = session.document
    if document is None:
        raise DesignError("There is no design yet.", hint="Read a description first.")
    given = context(document)
    power_rows, power_note = _power(given)
    runs, runs_note = _runs(document, wanted=wish.runs)
    rows = anatomy_rows(given.anatomy) if given.anatomy else ()
    aliases = aliases_of(document)
    made = DesignReport(
        document=document,
        findings=findings(given),
        observations=given.table.n if given.table else None,
        relations=tuple(r.sentence for r in graph(document, given.table).relations),
        anatomy=anatomy_words(document, given.anatomy) if given.anatomy else (),
        anatomy_rows=tuple(
            ReportedRow((r.stratum, r.source or "left over: error", f"{r.df:,}", r.against,
                         r.replication))
            for r in rows
        ),
        alias_note=aliases.sentence if aliases else "",
        aliases=aliases.rows if aliases else (),
        power_rows=power_rows,
        power_note=power_note,
        runs=runs,
        runs_note=runs_note,
        versions=_versions(session) if wish.versions else (),
        description=session.text,
        notes=session.notes if wish.notes else "",
        said=_said(session) if wish.conversation else (),
        made_at=made_at or datetime.now(UTC),
        program=versions(),
    )  # fmt: skip
    return design_report(made)


def write_report(report: Document, form: ReportForm) -> bytes:
    """Return a report as Markdown, as one self-contained HTML page or as PDF, in UTF-8."""
    match form:
        case "md":
            from experimentos.memo.markdown import render_markdown

            return render_markdown(report).encode()
        case "html":
            from experimentos.memo.html import render_html

            return render_html(report).encode()
        case "pdf":
            from experimentos.memo.pdf import render_pdf

            return render_pdf(report)


def _power(given: Context) -> tuple[tuple[ReportedRow, ...], str]:
    try:
        view = power_view(given, BETWEEN_SHARE)
    except DesignError as failure:
        return (), f"There is no figure yet. {failure}"
    rows = tuple(
        ReportedRow((p.name, p.error, f"{p.df:,}, {p.error_df:,}", f"{p.power:.1%}"))
        for p in view.powers
    )
    goal = given.document.conduct.power_goal
    about = "" if view.is_exact else " The response is not normal, so this is an approximation."
    return rows, (
        f"To find a difference of {view.given.effect:.4g} at a standard deviation of "
        f"{view.given.sd:.4g} and alpha {view.given.alpha:g}; the goal is {goal:.0%}. "
        f"{CLOSED_FORM_OF_SURFACE if view.is_surface else CLOSED_FORM}{about}"
    )


def _runs(
    document: ExperimentDescription, *, wanted: bool
) -> tuple[tuple[tuple[str, ...], ...], str]:
    seed = seed_of(document)
    if not wanted:
        return (), f"The run sheet is drawn with seed {seed}."
    try:
        sheet = run_sheet(document, seed)
    except DesignError as failure:
        return (), f"There is no run sheet yet. {failure}"
    return (sheet.header, *sheet.rows), f"The run sheet is drawn with seed {seed}."


def _versions(session: DesignSession) -> tuple[ReportedVersion, ...]:
    return tuple(
        ReportedVersion(v.number, v.until, v.author, v.message, v.hash)
        for v in version_rows(session)
    )


def _said(session: DesignSession) -> tuple[tuple[str, str], ...]:
    return tuple(
        ("You" if turn.who == "person" else f"Assistant ({turn.source or 'rules'})", turn.text)
        for turn in session.conversation
        if turn.text
    )
