"""Repeated samples as files: the tidy table, the whole analysis, a report."""

import json

from experimentos import __version__
from experimentos.errors import ContractError
from experimentos.flows.sample_report import samples_csv, samples_report
from experimentos.flows.samples import SampleAnalysis
from experimentos.memo.comparison_report import Findings, comparison_report
from experimentos.memo.document import Document

FORMS = ("csv", "json", "md", "html")


def exported(analysis: SampleAnalysis, form: str) -> str:
    """Return the analysis as the text of a file.

    Parameters
    ----------
    form
        One of `FORMS`.

    Raises
    ------
    ContractError
        If the form is not known.
    """
    match form:
        case "csv":
            return samples_csv(analysis.samples).decode()
        case "json":
            return json.dumps(samples_report(analysis), indent=2, allow_nan=False) + "\n"
        case "md":
            from experimentos.memo.markdown import render_markdown

            return render_markdown(report_document(analysis))
        case "html":
            from experimentos.memo.html import render_html

            return render_html(report_document(analysis))
        case _:
            raise ContractError(
                f"Samples are not written as .{form[:20]}.",
                hint=f"Use one of {', '.join('.' + one for one in FORMS)}.",
            )


def report_document(analysis: SampleAnalysis) -> Document:
    """Return the comparison report before it has a format."""
    question = analysis.question
    facts = {
        "file": analysis.file.name,
        "sha256": analysis.file.sha256,
        "read as": analysis.file.form,
        "metric": f"{analysis.table.metric}, {question.direction.value} is better",
        "alpha": f"{question.alpha:g}",
        "correction": question.adjustment,
        "ExperimentOS": __version__,
    }
    findings = Findings(
        analysis.file.name,
        analysis.samples,
        analysis.table,
        analysis.leaderboard,
        analysis.most_variable,
        analysis.baseline,
        analysis.of_metric,
        analysis.file.issues,
    )
    return comparison_report(findings, facts)
