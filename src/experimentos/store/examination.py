"""Whether the files of a history are what its documents say."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from experimentos.errors import NotFound, StoreError
from experimentos.issue import Issue, Severity
from experimentos.store.artefacts import ArtefactFolder
from experimentos.store.port import Diagnosis, State

MOST_ISSUES = 100


def worst_first(issue: Issue) -> int:
    """Return what to sort issues by."""
    return -issue.severity.rank


def of_artefacts(folder: ArtefactFolder, named: Mapping[str, str]) -> Diagnosis:
    """Read every artefact that a document names, and count the files that none names.

    Parameters
    ----------
    folder
    named
        Hash to the place that names it, as "input of analysis 01J…".
    """
    orphans = [path for path in folder.files() if path.name not in named]
    orphan_bytes = sum(_size(path) for path in orphans)
    issues = list(_defects(folder, named))[:MOST_ISSUES]
    if orphans:
        issues.append(
            Issue(
                "artefacts_orphaned",
                Severity.NOTE,
                f"{len(orphans):,} files ({orphan_bytes / 2**20:,.1f} MiB) belong to no record: "
                "older revisions, or a save that was interrupted.",
                "Run experimentos gc to free their room.",
            )
        )
    kept = [path for path in folder.files() if path.name in named]
    facts = {
        "artefacts": len(kept),
        "artefact_bytes": sum(_size(path) for path in kept),
        "orphans": len(orphans),
        "orphan_bytes": orphan_bytes,
    }
    return Diagnosis(facts, tuple(issues))


def of_room(state: State) -> tuple[Issue, ...]:
    """Return the issue of a history that takes nothing just now."""
    if not state.is_read_only:
        return ()
    return (
        Issue(
            "history_read_only",
            Severity.BLOCKED,
            state.reason,
            "Free some disk space, or close the app and open it again.",
        ),
    )


def _defects(folder: ArtefactFolder, named: Mapping[str, str]) -> Iterator[Issue]:
    fix = "Save the same content again, or restore a backup made before."
    for sha256, place in named.items():
        try:
            folder.get(sha256)
        except NotFound:
            yield Issue(
                "artefact_missing",
                Severity.BLOCKED,
                f"The bytes of {place} ({sha256[:12]}) are gone.",
                fix,
            )
        except StoreError as exc:
            yield Issue("artefact_altered", Severity.BLOCKED, f"The {place}: {exc.message}", fix)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
