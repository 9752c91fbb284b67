"""Raw rows that a page may reach: files of one folder, uploads, databases that the server names."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from experimentos.engine.files import ENDINGS, Form, find, fingerprint
from experimentos.engine.opening import open_engine
from experimentos.errors import ContractError, ExperimentOSError, StoreError, UnreadableError
from experimentos.ids import content_hash
from experimentos.metrics.reading.names import safe_name
from experimentos.metrics.summary import Source

MOST_LISTED = 500
MOST_WALKED = 20_000
DEEPEST = 4
MOST_UPLOADED = 50 * 2**20
# What the bytes of a form begin with, and at which place.
MAGIC = {Form.PARQUET: (b"PAR1", 0), Form.ARROW: (b"ARROW1", 0), Form.DUCKDB: (b"DUCK", 8)}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a page may read rows from.

    Attributes
    ----------
    data : Path
        The only folder whose files are offered; it need not exist.
    uploads : Path
        Where uploaded files are kept, each by the hash of its content.
    databases : tuple[str, ...]
        Variables of the environment that hold the URL of a database; the URL itself never leaves
        the environment.
    """

    data: Path
    uploads: Path
    databases: tuple[str, ...] = ()


class Place(BaseModel):
    """Where rows are: a choice among what is offered, never something that is opened as typed.

    Attributes
    ----------
    kind : str
        "file" of the data folder, "upload", "database", or "command" for an address that was
        given on the command line, which no page opens.
    at : str
        Path inside the data folder; hash and ending of an upload; variable of the environment.
    name : str
        For people.
    table : str
        Of a DuckDB file or a database; "" where there is one only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["file", "upload", "database", "command"]
    at: str = Field(min_length=1, max_length=1_000)
    name: str = Field(max_length=200)
    table: str = Field(default="", max_length=300)

    @property
    def shown(self) -> str:
        """Return the name for people, with the table."""
        return f"{self.name}: {self.table}" if self.table else self.name


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the data folder, or all files of one form in a folder of it.

    Attributes
    ----------
    at : str
        Path inside the data folder, or a pattern such as `raw/*.parquet`.
    bytes : int
    files : int
    """

    at: str
    bytes: int
    files: int = 1


def database_title(variable: str, prefix: str) -> str:
    """Return what a configured database is called: `EXPERIMENTOS_SOURCE_SHOP` is "shop"."""
    return variable.removeprefix(prefix).lower().replace("_", " ")


def list_files(reach: Reach) -> tuple[Listed, ...]:
    """Return the files that can be read as raw rows, by name; at most 500, at most 4 folders deep.

    A folder with several files of one form is offered as one source, too. Hidden files and links
    that lead out of the folder are not.
    """
    if not reach.data.is_dir():
        return ()
    base = reach.data.resolve()
    found: list[Listed] = []
    groups: dict[tuple[Path, str], list[int]] = {}
    for path in islice(_walk(base, DEEPEST), MOST_WALKED):
        ending = _ending(path.name)
        if ending is None or not path.resolve().is_relative_to(base):
            continue
        size = path.stat().st_size
        found.append(Listed(path.relative_to(base).as_posix(), size))
        if ENDINGS[ending] is not Form.DUCKDB:
            groups.setdefault((path.parent, ending), []).append(size)
        if len(found) == MOST_LISTED:
            break
    wholes = (
        Listed((folder / f"*{ending}").relative_to(base).as_posix(), sum(sizes), len(sizes))
        for (folder, ending), sizes in groups.items()
        if len(sizes) > 1 and folder != base
    )
    return tuple(sorted((*found, *wholes), key=lambda one: one.at.casefold()))


def keep_upload(reach: Reach, content: bytes, name: str) -> Place:
    """Keep an uploaded file, readable by its owner alone, and return where it is.

    The name is for people: the file is called by the hash of its content.

    Raises
    ------
    UnreadableError
        If it is empty, too large, or not of the form that its name claims.
    StoreError
        If it cannot be written.
    """
    shown = safe_name(name)
    ending = _ending(shown.lower())
    if ending is None:
        raise UnreadableError(
            f"{shown} is of no form that is read as raw rows.",
            hint="Use .parquet, .csv, .csv.gz, .tsv, .arrow, .feather or .duckdb.",
        )
    if not content or len(content) > MOST_UPLOADED:
        raise UnreadableError(
            f"{shown} is empty." if not content else f"{shown} is larger than 50 MB.",
            hint="Export it again." if not content else "Put it into the data folder instead.",
        )
    magic, place = MAGIC.get(ENDINGS[ending], (b"", 0))
    if content[place : place + len(magic)] != magic or (not magic and _is_other(content, ending)):
        raise UnreadableError(
            f"{shown} is not what its name says: its bytes are not those of a {ending} file.",
            hint="Export it again, or give it the name of what it is.",
        )
    kept = f"{content_hash(content)}{ending}"
    try:
        _write(reach.uploads, kept, content)
    except OSError as exc:
        raise StoreError(
            f"{shown} could not be kept: {exc.strerror}.", hint="Free some disk space."
        ) from exc
    return Place(kind="upload", at=kept, name=shown)


def remove_upload(reach: Reach, place: Place) -> None:
    """Remove an uploaded file; nothing happens when it is gone already."""
    _, inside = address_of(place, reach)
    if place.kind == "upload" and inside is not None:
        with suppress(FileNotFoundError):
            (inside / Path(place.at).name).unlink()


def drop_uploads(reach: Reach, before: datetime, *, dry_run: bool = False) -> tuple[int, int]:
    """Remove uploaded rows that came before a moment; return how many files, and their bytes.

    The sums that were made of them stay; a draft that names one says that it is gone.
    """
    files = [path for path in _walk(reach.uploads, 1) if path.is_file()]
    old = [path for path in files if path.stat().st_mtime <= before.timestamp()]
    size = sum(path.stat().st_size for path in old)
    for path in old if not dry_run else ():
        path.unlink(missing_ok=True)
    return len(old), size


def address_of(place: Place, reach: Reach) -> tuple[str, Path | None]:
    """Return the address that an engine opens, and the only folder that it may lie in.

    Raises
    ------
    ContractError
        If the place is not one of those that are offered here.
    """
    table = f"#{place.table}" if place.table else ""
    match place.kind:
        case "file":
            return place.at + table, reach.data
        case "upload":
            if Path(place.at).name != place.at:
                raise _not_offered(place)
            return place.at + table, reach.uploads
        case "database" if place.at in reach.databases:
            has_table = "#" in os.environ.get(place.at, "")
            return f"env:{place.at}" + ("" if has_table else table), None
    raise _not_offered(place)


def beside(place: Place, exposures: Place | None, reach: Reach) -> str | None:
    """Return the address of an exposure table beside the rows, None where there is none.

    Raises
    ------
    ContractError
        If it is not in the same database, or not a file of the folder that the rows are in.
    """
    if exposures is None:
        return None
    if (exposures.kind, exposures.at) == (place.kind, place.at) and exposures.table:
        return f"#{exposures.table}"
    if (place.kind, exposures.kind) != ("file", "file"):
        raise _not_offered(exposures)
    return address_of(exposures, reach)[0]


def is_there(place: Place, reach: Reach) -> bool:
    """Return whether the place can still be opened, as far as that is seen without opening it."""
    try:
        address, inside = address_of(place, reach)
        return inside is None or bool(find(address, inside=inside).paths)
    except ExperimentOSError:
        return False


def source_now(place: Place, sha256: str, reach: Reach, exposures: Place | None = None) -> str:
    """Return what has become of the rows that a summary was made from, in a sentence.

    Parameters
    ----------
    place
        Where the rows were.
    sha256
        The fingerprint of the files at that time.
    reach
    exposures
        The table of exposures that was read with them.
    """
    if place.kind == "command":
        return (
            "The rows were read on the command line; name them to see whether they changed: "
            "experimentos history rerun ID --source SOURCE."
        )
    if place.kind == "database":
        return f"What {place.shown} holds now is not known; sum it up again on Health check to see."
    try:
        paths = tuple(
            path for one in (place, exposures) if one is not None for path in _files(one, reach)
        )
        now = fingerprint(tuple(dict.fromkeys(paths)))
        newest = max(path.stat().st_mtime for path in paths)
    except (ExperimentOSError, OSError):
        return f"The source {place.shown} is no longer there; the sums are kept."
    if now == sha256:
        return f"The source {place.shown} is unchanged."
    return (
        f"The source {place.shown} has changed since then ({_moment(newest)}): sum it up again on "
        "Health check to see what it says now."
    )


def source_at(address: str, exposures: str | None, source: Source) -> str:
    """Return whether rows at an address that a person names are those of a summary.

    Raises
    ------
    ExperimentOSError
        As `engine.opening.open_engine`.
    """
    engine = open_engine(address, exposures)
    try:
        now = engine.fingerprint()
    finally:
        engine.close()
    if now is None:
        return "A database tells no change by itself: sum the rows up again and compare."
    if now == source.sha256:
        return f"The source {source.name} is unchanged."
    then = f" ({source.scan.at:%Y-%m-%d %H:%M} UTC)" if source.scan else ""
    return (
        f"The source {source.name} is not what was summed up then{then}: sum it up again to see "
        "what it says now."
    )


def _files(place: Place, reach: Reach) -> tuple[Path, ...]:
    address, inside = address_of(place, reach)
    return find(address, inside=inside).paths


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _walk(folder: Path, deep: int) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return
    for path in inside:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if deep > 1 and not path.is_symlink():
                yield from _walk(path, deep - 1)
        elif path.is_file():
            yield path


def _ending(name: str) -> str | None:
    lower = name.lower()
    fitting = [ending for ending in ENDINGS if lower.endswith(ending) and lower != ending]
    return max(fitting, key=len, default=None)


def _is_other(content: bytes, ending: str) -> bool:
    """Return whether bytes that should be text (or its gzip) are not."""
    if ending.endswith(".gz"):
        return not content.startswith(b"\x1f\x8b")
    return b"\x00" in content[:4_096]


def _write(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / name).exists():
        return
    handle, made = tempfile.mkstemp(prefix=".new-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(made).replace(folder / name)
    except BaseException:
        with suppress(OSError):
            Path(made).unlink()
        raise


def _not_offered(place: Place) -> ContractError:
    return ContractError(
        f"The source {place.shown} is not offered here.",
        hint="Choose one of those that the page lists.",
    )
