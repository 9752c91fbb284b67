"""File to `Summary`; breaks of the contract come back as issues."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.issue import Issue
from experimentos.metrics.summary import Summary
from experimentos.policy import DEFAULT_POLICY, Policy


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file said.

    Attributes
    ----------
    summary : Summary | None
        None when the file could not be understood; the issues then say why.
    issues : tuple[Issue, ...]
        Everything found while reading: notes on harmless variety, breaks of the contract.
    columns : tuple[str, ...]
        The header as found, for the "map your columns" step.
    rows : tuple[tuple[str, ...], ...]
        The cells as found (text), at most the policy's number of rows: "data as read".
    name, sha256, form : str
        See `summary.Source`; there also when the summary is None.
    """

    summary: Summary | None
    issues: tuple[Issue, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    name: str
    sha256: str
    form: str


def read_summary(
    content: bytes,
    name: str,
    *,
    mapping: Mapping[str, str] | None = None,
    control: str | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> Reading:
    """Read an aggregated experiment; never raises for what the bytes hold.

    Parameters
    ----------
    content
        The bytes of a CSV, TSV, XLSX, Parquet or JSON file, or of pasted text.
    name
        File name, for its extension and for people.
    mapping
        Contract name to the file's own column name ({"users": "visitors"}), and
        "variant=NAME" keys to rename arms ({"variant=control": "A"}).
    control
        Name of the control arm when it is not called "control".
    """
    raise NotImplementedError
