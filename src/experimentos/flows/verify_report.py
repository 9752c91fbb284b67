"""What `verify` reports: as JSON values, and as a document that a laboratory can file."""

from experimentos.flows.encode import Json, encode
from experimentos.flows.verify import Verification, Verified
from experimentos.memo.document import Callout, Document, Paragraph, Section, Table

SCHEMA_VERSION = 1


def verify_report(verification: Verification) -> dict[str, Json]:
    """Return the outcome of every case, the counts, the table's hash and the versions."""
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "verify",
        "cases": [encode(case) for case in verification.cases],
        "passed": verification.passed,
        "failed": verification.failed,
        "table_sha256": verification.table_sha256,
        "versions": dict(verification.versions),
    }


def verify_document(verification: Verification, date: str) -> Document:
    """Return the installation report: versions, table, result per kind and every failure.

    Parameters
    ----------
    verification
        The outcome.
    date
        Of the run, as it will be printed.
    """
    count = len(verification.cases)
    verdict = (
        Callout(f"All {count} reference cases agree.", "good")
        if verification.failed == 0
        else Callout(f"{verification.failed} of {count} reference cases disagree.", "bad")
    )
    kinds = Table(
        ("Kind", "Cases", "Passed", "Largest deviation", "Of its tolerance"),
        tuple((k, str(n), str(p), *worst(verification, k)) for k, n, p in verification.by_kind()),
        numeric=(1, 2, 3, 4),
    )
    failures = tuple((c.id, c.field, c.why) for c in verification.cases if not c.passed)
    blocks = (Table(("Case", "Field", "What happened"), failures),) if failures else ()
    rule = Paragraph(
        "A case passes when every expected number is met within the tolerance that its table "
        "states; a refusal passes where a refusal is expected."
    )
    facts = {"table sha256": verification.table_sha256, **dict(verification.versions)}
    return Document(
        "Verification of this installation",
        date,
        (
            Section("Result", (verdict, rule, *blocks)),
            Section("By kind of calculation", (kinds,)),
            Section("Installation", (Table(("What", "Which"), tuple(facts.items())),)),
        ),
        facts,
    )


def worst(verification: Verification, kind: str) -> tuple[str, str]:
    """Return the largest deviation of a kind, and the largest share of a tolerance, as text."""
    cases = [case for case in verification.cases if case.kind == kind]
    deviations = [case.max_deviation for case in cases if case.max_deviation is not None]
    if not deviations:
        return "not comparable", ""
    largest = max(deviations)
    return f"{largest:.1e}" if largest else "0", _used(cases)


def _used(cases: list[Verified]) -> str:
    found = [case.tolerance_used for case in cases if case.tolerance_used is not None]
    if not found:
        return ""
    share = max(found)
    if share == 0:
        return "0%"
    return "< 0.1%" if share < 0.001 else f"{share:.1%}"
