"""What `verify` reports: as JSON values, and as a document that a laboratory can file."""

from experimentos.flows.encode import Json, encode
from experimentos.flows.verify import Verification
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
    worst = {kind: _worst(verification, kind) for kind, _, _ in verification.by_kind()}
    kinds = Table(
        ("Kind", "Cases", "Passed", "Largest deviation"),
        tuple((k, str(n), str(p), worst[k]) for k, n, p in verification.by_kind()),
        numeric=(1, 2, 3),
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


def _worst(verification: Verification, kind: str) -> str:
    found = [c.max_deviation for c in verification.cases if c.kind == kind]
    numbers = [value for value in found if value is not None]
    return f"{max(numbers):.1e}" if numbers else "not comparable"
