"""The evaluations of a workspace, each in a folder of its own: its plan and its journal."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experimentos.errors import NotFound, StoreError
from experimentos.store.artefacts import sync_folder
from experimentos.store.journal import Journal, read_journal

FOLDER = "evaluations"
PLAN = "plan.json"
JOURNAL = "journal.jsonl"
NUMBER = re.compile(r"^[0-9a-f]{16}-(\d{3})$")
HASH_LETTERS = 16


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """One evaluation on the disk.

    Attributes
    ----------
    id : str
        The first 16 letters of the plan's hash and a number: the same plan may run again.
    folder : Path
    plan : Mapping[str, object]
    """

    id: str
    folder: Path
    plan: Mapping[str, object]

    @property
    def last_written(self) -> float:
        """Return when its journal or its plan was last written, in seconds since 1970."""
        paths = [path for path in (self.folder / JOURNAL, self.folder / PLAN) if path.exists()]
        return max((path.stat().st_mtime for path in paths), default=0.0)

    def entries(self) -> list[dict[str, object]]:
        """Return what its journal holds."""
        return read_journal(self.folder / JOURNAL)

    def journal(self) -> Journal:
        """Open its journal for writing; StoreError if somebody has it open."""
        return Journal(self.folder / JOURNAL)


class Evaluations:
    """The folder of a workspace that evaluations write to while they run."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._folder = workspace / FOLDER

    def begin(self, plan: Mapping[str, object], sha256: str) -> StoredEvaluation:
        """Make a new evaluation of a plan.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        number = len(self.of_plan(sha256)) + 1
        made = self._folder / f"{sha256[:HASH_LETTERS]}-{number:03d}"
        part = made / f"{PLAN}.part"
        try:
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part.open("w") as file:
                json.dump(plan, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(made / PLAN)
            sync_folder(made)
        except OSError as exc:
            raise StoreError(
                f"The evaluation cannot be kept: {exc.strerror or exc}.",
                hint="Make room on the disk, or set EXPERIMENTOS_HOME to another folder.",
            ) from exc
        return StoredEvaluation(made.name, made, plan)

    def of_plan(self, sha256: str) -> list[StoredEvaluation]:
        """Return the evaluations of a plan, the first one first."""
        return [one for one in self.all() if one.id.startswith(sha256[:HASH_LETTERS])]

    def all(self) -> list[StoredEvaluation]:
        """Return every evaluation of the workspace, by id."""
        if not self._folder.is_dir():
            return []
        names = sorted(path.name for path in self._folder.iterdir() if NUMBER.match(path.name))
        return [one for name in names if (one := self._read(name)) is not None]

    def find(self, beginning: str) -> StoredEvaluation:
        """Return the one evaluation whose id begins so.

        Raises
        ------
        NotFound
            If none or several do.
        """
        found = [one for one in self.all() if beginning and one.id.startswith(beginning)]
        if len(found) != 1:
            raise NotFound(
                f"{len(found) or 'No'} evaluations begin with {beginning[:40]!r}.",
                hint="experimentos samples evaluations lists them.",
            )
        return found[0]

    def _read(self, name: str) -> StoredEvaluation | None:
        """Return an evaluation; None for a folder whose plan was never acknowledged."""
        folder = self._folder / name
        try:
            plan = json.loads((folder / PLAN).read_text())
        except (OSError, ValueError):
            return None
        return StoredEvaluation(name, folder, plan) if isinstance(plan, dict) else None
