"""`experimentos doctor` and `experimentos audit`: whether the history is whole."""

from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experimentos.flows.encode import Json
    from experimentos.issue import Issue
    from experimentos.store.port import Diagnosis

audit = typer.Typer(help="The chained account of every change.", no_args_is_help=True)

LABELS = {
    "records": "Records",
    "in_bin": "of them in the bin",
    "runs": "Runs",
    "runs_in_bin": "of them in the bin",
    "samples": "Samples of runs",
    "artefacts": "Artefacts",
    "artefact_bytes": "Size of the artefacts",
    "orphans": "Files of no record",
    "orphan_bytes": "Size of these",
    "audit_lines": "Lines of the audit",
    "file_bytes": "Size of the history file",
    "wal_bytes": "Size of its log",
    "free_bytes": "Free on the disk",
    "schema_version": "Schema version",
    "server": "Server",
    "owner": "Opened by process",
}
AUDIT_CODES = ("audit_chain_broken", "record_altered", "record_unnoted", "samples_altered")


def doctor(as_json: AsJson = False) -> None:
    """Read the whole history: records, runs, artefacts, the account of changes, the disk.

    Exit status 1 when something is wrong.
    """
    from experimentos.cli import show
    from experimentos.cli.status import Exit

    found = _diagnosis()
    sound = found.is_sound
    report = _report("doctor", found.issues, sound=sound)
    show.answer(
        {**report, "facts": {**found.facts}}, lambda: _print(found.facts, found), as_json=as_json
    )
    raise typer.Exit(Exit.DONE if sound else Exit.NO)


@audit.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            metavar="HASH", help="The newest line must have this hash, noted elsewhere before."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow the chain of changes from its first line, and hold every record against it.

    Exit status 1 when a line or a record was altered behind the program.
    """
    from experimentos.cli import show
    from experimentos.cli.status import Exit

    found = _diagnosis()
    lines, last = found.facts.get("audit_lines", 0), str(found.facts.get("audit_head", ""))
    issues = tuple(i for i in found.issues if i.code in (*AUDIT_CODES, "history_unopened"))
    if head is not None and head.lower() != last:
        issues = (*issues, _other_head(head, last))
    report = _report("audit_verify", issues, sound=not issues)

    def people() -> None:
        console = show.output()
        show.print_issues(console, issues)
        if not issues:
            console.print(f"{lines:,} lines, unbroken. The newest has the hash\n{last}")

    show.answer({**report, "lines": lines, "head": last}, people, as_json=as_json)
    raise typer.Exit(Exit.NO if issues else Exit.DONE)


def _diagnosis() -> "Diagnosis":
    from experimentos.wiring import diagnose_workspace, settings_from_environment

    return diagnose_workspace(settings_from_environment())


def _report(name: str, issues: "tuple[Issue, ...]", *, sound: bool) -> "dict[str, Json]":
    from experimentos.flows.report import issue_report

    told: list[Json] = [issue_report(issue) for issue in issues]
    return {"schema_version": 1, "report": name, "sound": sound, "issues": told}


def _other_head(head: str, last: str) -> "Issue":
    from experimentos.issue import Issue, Severity

    return Issue(
        "audit_head_differs",
        Severity.BLOCKED,
        f"The newest line has the hash {last[:12] or 'of nothing'}, not {head[:12]}.",
        "Changes were made since that hash was noted, or lines were removed at the end.",
    )


def _print(facts: "Mapping[str, int | str]", found: "Diagnosis") -> None:
    from experimentos.cli import show

    console = show.output()
    table = show.table(console, ("What", "Found"), numeric=(1,))
    for name, label in LABELS.items():
        if name in facts:
            table.add_row(label, _value(name, facts[name]))
    console.print(table)
    console.print()
    show.print_issues(console, found.issues)
    if found.is_sound:
        console.print("Nothing is wrong.")


def _value(name: str, value: int | str) -> str:
    if isinstance(value, str) or name in ("owner", "schema_version"):
        return str(value)
    return f"{value / 2**20:,.1f} MiB" if name.endswith("_bytes") else f"{value:,}"
