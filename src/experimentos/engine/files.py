"""Addresses of sources: what they name, whether they may be read, and a fingerprint of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath

from experimentos.errors import ContractError, UnreadableError

# Larger files are told apart by size, time of change and their two ends: a hash of all bytes
# would be a second pass over them.
HASHED_WHOLE = 2**24
END = 2**18
MOST_FILES = 10_000


class Form(StrEnum):
    """How a file is read."""

    PARQUET = "parquet"
    CSV = "csv"
    ARROW = "arrow"
    DUCKDB = "duckdb"


ENDINGS = {
    ".parquet": Form.PARQUET,
    ".pq": Form.PARQUET,
    ".csv": Form.CSV,
    ".tsv": Form.CSV,
    ".csv.gz": Form.CSV,
    ".tsv.gz": Form.CSV,
    ".arrow": Form.ARROW,
    ".feather": Form.ARROW,
    ".duckdb": Form.DUCKDB,
    ".db": Form.DUCKDB,
}


@dataclass(frozen=True, slots=True)
class Files:
    """Local files of one form.

    Attributes
    ----------
    paths : tuple[Path, ...]
        Resolved, in the order of their names; they exist.
    form : Form
    table : str | None
        Of a DuckDB file.
    name : str
        For people: no folder.
    """

    paths: tuple[Path, ...]
    form: Form
    table: str | None
    name: str


def find(address: str, *, inside: Path | None = None) -> Files:
    """Return the files that an address names: a path, a pattern, or `file.duckdb#table`.

    Parameters
    ----------
    address
        As typed.
    inside
        The only folder whose files may be read; the address is then relative to it. None on the
        command line, where the person's own rights are the limit.

    Raises
    ------
    ContractError
        If the address leads outside, or its ending is not one that is read.
    UnreadableError
        If no file is there.
    """
    written, _, table = address.partition("#") if "#" in address else (address, "", "")
    form = _form(written)
    if table and form is not Form.DUCKDB:
        raise ContractError(
            f"{address!r} names a table, and only a DuckDB file has tables.",
            hint="Leave out what follows the #.",
        )
    if inside is not None:
        _refuse_climbing(written)
    base = inside.resolve() if inside else Path()
    paths = tuple(sorted(path.resolve() for path in _matching(base, written)))
    for path in paths:
        if inside is not None and not path.is_relative_to(base):
            raise ContractError(
                f"{written!r} leads out of the workspace.", hint="Copy the file into it."
            )
    if not paths:
        raise UnreadableError(
            f"{written} could not be read: no such file.", hint="Check the name and the folder."
        )
    if len(paths) > MOST_FILES:
        raise ContractError(
            f"{written} names {len(paths):,} files; at most {MOST_FILES:,} are read.",
            hint="Name a folder of larger files.",
        )
    name = (
        paths[0].name if len(paths) == 1 else f"{PurePosixPath(written).name} ({len(paths)} files)"
    )
    return Files(paths, form, table or None, name)


def fingerprint(paths: tuple[Path, ...]) -> str:
    """Return a SHA-256 that changes when the files do.

    Of all bytes up to 16 MiB a file; beyond, of its size, time of change and both ends.
    """
    if len(paths) == 1 and paths[0].stat().st_size <= HASHED_WHOLE:
        with paths[0].open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    total = hashlib.sha256()
    for path in paths:
        total.update(_mark(path))
    return total.hexdigest()


def is_marked(paths: tuple[Path, ...]) -> bool:
    """Return whether the fingerprint is of the ends of a file only."""
    return any(path.stat().st_size > HASHED_WHOLE for path in paths)


def _mark(path: Path) -> bytes:
    seen = path.stat()
    with path.open("rb") as file:
        if seen.st_size <= HASHED_WHOLE:
            return hashlib.file_digest(file, "sha256").digest()
        mark = hashlib.sha256(f"{seen.st_size} {seen.st_mtime_ns} ".encode())
        mark.update(file.read(END))
        file.seek(-END, 2)
        mark.update(file.read(END))
    return mark.digest()


def _form(written: str) -> Form:
    suffixes = PurePosixPath(written.lower()).suffixes
    for count in (2, 1):
        form = ENDINGS.get("".join(suffixes[-count:]))
        if form is not None:
            return form
    raise ContractError(
        f"{written!r} is of no form that is read as raw rows.",
        hint="Use .parquet, .csv, .csv.gz, .tsv, .arrow, .feather, .duckdb, or a database URL.",
    )


def _refuse_climbing(written: str) -> None:
    posix, windows = PurePosixPath(written), PureWindowsPath(written)
    climbs = ".." in posix.parts or ".." in windows.parts
    rooted = posix.is_absolute() or windows.drive or windows.root
    if climbs or rooted or "\\" in written or "\x00" in written:
        raise ContractError(
            f"{written!r} is not a path inside the workspace.",
            hint="Name a file relative to the workspace, such as raw/users.parquet.",
        )


def _matching(base: Path, written: str) -> list[Path]:
    try:
        if not any(mark in written for mark in "*?["):
            path = base / written
            return [path] if path.is_file() else []
        pattern = Path(written)
        folder = Path(pattern.anchor) if pattern.is_absolute() else base
        relative = pattern.relative_to(pattern.anchor) if pattern.is_absolute() else pattern
        return [path for path in folder.glob(str(relative)) if path.is_file()]
    except (OSError, ValueError) as exc:
        raise UnreadableError(
            f"{written!r} could not be looked up.", hint="Check the name."
        ) from exc
