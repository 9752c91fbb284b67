"""Arguments to an experiment: files are read here, bounded, and nowhere else in the commands."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from experimentos.cli.options import belief, lift_range, pairs, shares
from experimentos.errors import UnreadableError
from experimentos.flows.ab_test import AbTest, Checked, check, run
from experimentos.issue import Issue
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.plan.documents import read_charter
from experimentos.policy import DEFAULT_POLICY

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command was asked to read.

    Attributes
    ----------
    file : str
        Path, or "-" for standard input.
    charter : str | None
        Path of a YAML or JSON charter.
    split : str | None
        Shares such as "50,50"; replaces the charter's.
    mapping : list[str] | None
        "NAME=COLUMN" pairs.
    where : list[str] | None
        "COLUMN=VALUE" pairs.
    belief, rope : str | None
        Ranges of lifts such as "-2%,5%"; replace the charter's.
    """

    file: str
    charter: str | None = None
    split: str | None = None
    mapping: list[str] | None = None
    where: list[str] | None = None
    belief: str | None = None
    rope: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a command has read.

    Attributes
    ----------
    content : bytes
        Of the results file.
    name : str
        Of the results file, without its folder.
    charter : Charter
    mapping : Mapping[str, str]
        How to read it: columns, arms and rows (see `metrics.contract.read_summary`).
    """

    content: bytes
    name: str
    charter: Charter
    mapping: Mapping[str, str]

    def check(self) -> Checked:
        """Return the experiment as far as its health."""
        return check(self.content, self.name, self.charter, mapping=self.mapping or None)

    def run(self) -> AbTest:
        """Return the whole experiment."""
        return run(self.content, self.name, self.charter, mapping=self.mapping or None)


class CharterRefused(UnreadableError):  # noqa: N818 - reads as the condition
    """The charter has defects; `issues` names each."""

    def __init__(self, name: str, issues: tuple[Issue, ...]) -> None:
        super().__init__(
            f"The charter {name} cannot be used: {issues[0].message}", hint=issues[0].fix
        )
        self.issues = issues


def read(asked: Asked) -> Read:
    """Read the files and options that were asked for.

    Raises
    ------
    UnreadableError
        If a file is not there or may not be read, or the charter is not one.
    typer.BadParameter
        If an option cannot be understood.
    """
    mapping = pairs(asked.mapping, "--map")
    rows = pairs(asked.where, "--where")
    mapping |= {f"where={column}": value for column, value in rows.items()}
    plan = EMPTY_CHARTER if asked.charter is None else read_plan(asked.charter)
    plan = plan.model_copy(update=_replaced(asked))
    content = read_bytes(asked.file)
    name = "standard input" if asked.file == STANDARD_INPUT else Path(asked.file).name
    return Read(content, name, plan, mapping)


def _replaced(asked: Asked) -> dict[str, object]:
    """Return the fields of the charter that options give."""
    given: dict[str, object] = {}
    if asked.split:
        given["split"] = shares(asked.split)
    if asked.belief:
        given["belief"] = belief(asked.belief, "--belief")
    if asked.rope:
        given["rope"] = lift_range(asked.rope, "--rope")
    return given


def read_bytes(path: str, cap: int = DEFAULT_POLICY.upload_bytes) -> bytes:
    """Return the bytes of a file or of standard input, one more than the cap at most."""
    most = cap + 1
    if path == STANDARD_INPUT:
        return _standard_input().read(most)
    try:
        with Path(path).open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise UnreadableError(
            f"{path} could not be read: {reason}.", hint="Check the name and the permissions."
        ) from error


def _standard_input() -> BinaryIO:
    return sys.stdin.buffer


def read_plan(path: str) -> Charter:
    """Return the charter in a YAML or JSON file, or on standard input.

    Raises
    ------
    CharterRefused
        If it is not one.
    """
    name = Path(path).name
    found = read_charter(read_bytes(path), name)
    if isinstance(found, Charter):
        return found
    raise CharterRefused(name, found)
