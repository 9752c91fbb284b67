"""Repeated samples as files: the tidy table, the whole analysis, a report."""

import json

from experimentos.errors import ContractError
from experimentos.flows.sample_report import samples_csv, samples_report
from experimentos.flows.samples import SampleAnalysis

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
        case _:
            raise ContractError(
                f"Samples are not written as .{form[:20]}.",
                hint=f"Use one of {', '.join('.' + one for one in FORMS)}.",
            )
